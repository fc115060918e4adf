@provider
Feature: Who asks what changed is told

  A sync of a large district asks every night only for what changed since the last. A pupil who moved and
  is not told of sits in the old class for good; one who left and is not told of keeps an account.

  Background:
    Given a person has come to the school

  @req:PVD-DLT-01
  Scenario: Somebody who comes is there, under an id that stays
    When a partner reads that person
    Then that person is there under the same id

  @req:PVD-REC-11
  Scenario: A name is told as it is written
    When a partner reads that person
    Then their name is as it was written

  @req:PVD-DLT-02
  Scenario: A change is dated
    When that person is changed
    Then their record says that it changed

  @req:PVD-DLT-03
  Scenario: A change is told to who asks for it
    When that person is changed
    Then whoever asks what changed is told

  @req:PVD-DLT-04
  Scenario: Somebody who left is not active
    When that person is taken out of the school
    Then whoever asks for active people does not find them

  @req:PVD-DLT-05 @req:NSD-DLT-01
  Scenario: That somebody left is told to who asks what changed
    When that person is taken out of the school
    Then whoever asks what changed is told that they left
