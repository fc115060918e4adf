@passback @night:gradeweeks
Feature: What is not for the SIS stays in Canvas

  Drafts, practice and work without a deadline are not for the report card. What reaches the SIS by
  mistake is read by parents as a grade.

  Background:
    Given the district lived through "the weeks of grading"

  @req:GPB-ELG-01
  Scenario: Work that is not marked for the SIS
    When grades have been synced in "the first sync"
    Then nothing of "Kept in Canvas" reached Focus for "Algebra 1 Period 1"

  @req:GPB-ELG-01
  Scenario: Work that was marked for the SIS later
    When grades have been synced in "the sync after changes"
    Then Focus has "Kept in Canvas" for "Algebra 1 Period 1", once
    And "Ana Ruiz" has 50 of 100 for "Kept in Canvas" in "Algebra 1 Period 1"

  @req:GPB-ELG-01
  Scenario: Work that is no longer marked for the SIS
    When grades have been synced in "the sync after changes"
    Then nothing of "Leaf Shapes" reached Focus for "Biology Period 5"

  @req:GPB-ELG-02
  Scenario: The work of a course that is not published
    When grades have been synced in "the first sync"
    Then nothing at all reached Focus for "Civics Period 3"

  @req:GPB-ELG-02
  Scenario: A draft
    When grades have been synced in "the first sync"
    Then nothing of "Still a Draft" reached Focus for "Algebra 1 Period 1"

  @req:GPB-ELG-03
  Scenario: Work without a due date
    When grades have been synced in "the first sync"
    Then nothing of "No Deadline" reached Focus for "Algebra 1 Period 1"

  @req:GPB-LIN-08
  Scenario: Work in a group that is no SIS category
    When grades have been synced in "the first sync"
    Then nothing of "Extra Practice" reached Focus for "Algebra 1 Period 1"

  @req:GPB-LIN-06
  Scenario: A group that is a category but for its case
    When grades have been synced in "the first sync"
    Then nothing of "Lower Case Group" reached Focus for "Algebra 1 Period 1"

  @req:GPB-ELG-04
  Scenario: A deadline outside the term stops nothing else
    When grades have been synced in "the first sync"
    Then Focus has "Unit 1 Quiz" for "Algebra 1 Period 1", once
    And Focus has "Chapter 1 Homework" for "Algebra 1 Period 1", once
    And Focus has "Adopted Worksheet" for "Algebra 1 Period 1", once
    And "Ben Okafor" has 34 of 40 for "Adopted Worksheet" in "Algebra 1 Period 1"
    And the run says that a part of it was refused

  @req:GPB-RES-07
  Scenario: Letters never travel
    When grades have been synced in "the first sync"
    Then if "By Letter" reached Focus for "Algebra 1 Period 1", its grades are numbers

  @req:GPB-RUN-01
  Scenario Outline: Focus's gradebook holds what Canvas asks for, and nothing besides
    When grades have been synced in "<sync>"
    Then all of Focus's gradebook is as Canvas has it

    Examples:
      | sync                       |
      | the first sync             |
      | the sync with nothing new  |
      | the sync after changes     |
      | the remaster               |
