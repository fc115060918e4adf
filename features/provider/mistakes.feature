@provider
Feature: A mistake is told, in words that help

  Canvas shows a provider's description to the teacher whose grade was refused. An error that looks like
  an empty answer hides a broken night; a page of HTML hides what was wrong.

  @req:PVD-ERR-01
  Scenario: A record that does not exist is told as such
    When a partner asks for records that do not exist
    Then each is answered as not there

  @req:PVD-ERR-02
  Scenario: A refusal explains itself
    When a partner asks for records that do not exist
    Then the refusal explains itself

  @req:PVD-ERR-03 @req:NCV-ERR-01
  Scenario: A refusal explains itself in the standard's names
    When a partner asks for records that do not exist
    Then it does so in the standard's names

  @req:PVD-ERR-04
  Scenario: What belongs to a school that does not exist is told as such
    When a partner asks what belongs to a school that does not exist
    Then each is answered as not there

  @req:PVD-ERR-05
  Scenario: A refusal is JSON and gives nothing away
    When a partner asks for records that do not exist
    Then it is JSON and gives nothing away

  @req:PVD-ERR-06
  Scenario: A method that is not there is told as such
    When a partner posts to a list that is only read
    Then it is told that this is not done here

  @req:PVD-PRF-01
  Scenario: A page comes while a night is still young
    When the pages that were read are looked at
    Then none took longer than 3 s

  @req:NSD-PRF-01
  Scenario: School Data Sync gets a page before it gives up
    When the pages that were read are looked at
    Then none took longer than 30 s
