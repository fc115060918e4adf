@provider
Feature: Every record is what the standard says it is

  A class without a name, a role that nobody knows or a day that is none stops a sync in the middle of
  the night, or is skipped, and then somebody is not in class.

  Background:
    When a partner reads the lists of the roster

  @req:PVD-REC-01
  Scenario: Every record says what it is and whether it still counts
    Then each record has its id, its status and when it was last changed

  @req:PVD-REC-02
  Scenario: Every record is complete
    Then each record has what its kind must have

  @req:PVD-REC-03
  Scenario: Words come from the standard's lists
    Then each record uses the words of the standard

  @req:PVD-REC-04
  Scenario: Texts are texts and lists are lists
    Then each record has texts, lists and numbers where they belong

  @req:PVD-REC-05
  Scenario: Days are days
    Then each record has real days and instants, in order

  @req:PVD-REC-06
  Scenario: What has no value is left out
    Then each record leaves out what has no value

  @req:PVD-REC-07
  Scenario: True and false are words
    Then each record says true and false in lower-case words

  @req:PVD-REC-08
  Scenario: A record comes once
    Then each record comes once in its page
    And each record has an id of bearable length

  @req:PVD-REC-09
  Scenario: The school year is named by its end
    Then each session names the year in which its school year ends

  @req:PVD-REC-10
  Scenario: Letters with accents arrive whole
    Then no text is damaged

  @req:PVD-PRI-01
  Scenario: An id tells nobody who somebody is
    Then no id tells who somebody is
