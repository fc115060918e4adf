@passback @night:gradeweeks
Feature: A grade in the SIS is the grade the teacher gave

  A rounded half point, a zero for an excused pupil, an extra point cut off: each is a wrong report
  card, and a family that no longer trusts either book.

  Background:
    Given the district lived through "the weeks of grading"

  @req:GPB-RES-01
  Scenario: A grade arrives as it was given
    When grades have been synced in "the first sync"
    Then "Ben Okafor" has 20 of 20 for "Unit 1 Quiz" in "Algebra 1 Period 1"
    And "Priya Raman" has 11 of 20 for "Unit 1 Quiz" in "Algebra 1 Period 2"

  @req:GPB-RES-01
  Scenario: Points that were taken off for lateness are off
    When grades have been synced in "the first sync"
    Then "Finn Hale" has 8 of 10 for "Late Lab" in "Biology Period 5"

  @req:GPB-RES-01
  Scenario: Work that was handed in again keeps its grade until it has another
    When grades have been synced in "the first sync"
    Then "Ana Ruiz" has 4 of 10 for "Second Try" in "Algebra 1 Period 1"
    And "Omar Haddad" has 5.5 of 10 for "Second Try" in "Algebra 1 Period 2"

  @req:GPB-RES-02
  Scenario: Decimals arrive in full
    When grades have been synced in "the first sync"
    Then "Ana Ruiz" has 9.25 of 10 for "Chapter 1 Homework" in "Algebra 1 Period 1"

  @req:GPB-RES-02
  Scenario: A third of a point arrives as Canvas has it
    When grades have been synced in "the first sync"
    Then "Finn Hale" has 21.333 of 25 for "Pond Water" in "Biology Period 5"

  @req:GPB-RES-03
  Scenario: A zero is a grade
    When grades have been synced in "the first sync"
    Then "Ben Okafor" has 0 of 10 for "Chapter 1 Homework" in "Algebra 1 Period 1"

  @req:GPB-RES-04
  Scenario: An excused pupil is exempt, not at zero
    When grades have been synced in "the first sync"
    Then "Chloé Dubois" is exempt from "Chapter 1 Homework" in "Algebra 1 Period 1"

  @req:GPB-RES-05
  Scenario: Extra credit is not cut off
    When grades have been synced in "the first sync"
    Then "Dana Price" has 12 of 10 for "Chapter 1 Homework" in "Algebra 1 Period 1"

  @req:GPB-RES-06
  Scenario: Hidden grades are held or sent, as the district chose
    When grades have been synced in "the first sync"
    Then the hidden grades of "Hidden Test" in "Algebra 1 Period 1" are as the district chose

  @req:GPB-RES-06
  Scenario: Grades that are shown later arrive later
    When grades have been synced in "the sync after changes"
    Then "Finn Hale" has 8 of 10 for "Shown Later" in "Biology Period 5"

  @req:GPB-RES-08
  Scenario: Each pupil's grade is in their own class and no other
    When grades have been synced in "the first sync"
    Then "Omar Haddad" has 7 of 10 for "Chapter 1 Homework" in "Algebra 1 Period 2"
    And "Omar Haddad" has no grade for "Chapter 1 Homework" in "Algebra 1 Period 1"

  @req:GPB-RES-08
  Scenario: Two pupils of one name have each their own grade
    When grades have been synced in "the first sync"
    Then "Namesake of Ana" has 3 of 10 for "Chapter 1 Homework" in "Algebra 1 Period 2"
    And "Ana Ruiz" has 9.25 of 10 for "Chapter 1 Homework" in "Algebra 1 Period 1"

  @req:GPB-RES-08
  Scenario: A pupil who moved has new grades in the new class
    When grades have been synced in "the sync after changes"
    Then "Dana Price" has 4.5 of 5 for "Why do we need zero?" in "Algebra 1 Period 2"

  @req:GPB-RES-08
  Scenario: Somebody whom no SIS sent has no grade there
    When grades have been synced in "the first sync"
    Then only pupils of "Algebra 1 Period 1" have grades for "Chapter 1 Homework"

  @req:GPB-RES-09
  Scenario: What is not graded yet is no grade
    When grades have been synced in "the first sync"
    Then "Chloé Dubois" has no grade for "Unit 1 Quiz" in "Algebra 1 Period 1"
    And "Omar Haddad" has no grade for "Unit 1 Quiz" in "Algebra 1 Period 2"

  @req:GPB-RES-09
  Scenario: What was handed in and is not graded yet is no grade
    When grades have been synced in "the first sync"
    Then "Ben Okafor" has no grade for "Second Try" in "Algebra 1 Period 1"

  @req:GPB-RES-12
  Scenario: A grade that Focus had is replaced by Canvas's
    When grades have been synced in "the first sync"
    Then "Ana Ruiz" has 33 of 40 for "Adopted Worksheet" in "Algebra 1 Period 1"
    And no grade of "Adopted Worksheet" stands twice in "Algebra 1 Period 1"

  @req:GPB-RES-13
  Scenario: A percentage arrives as points
    When grades have been synced in "the first sync"
    Then "Ana Ruiz" has 45 of 50 for "In Percent" in "Algebra 1 Period 1"

  @req:GPB-RES-10
  Scenario: A sync with nothing new writes no grade again
    When grades have been synced in "the sync with nothing new"
    Then no grade was written again

  @req:GPB-RES-11
  Scenario: A changed grade replaces the old one
    When grades have been synced in "the sync after changes"
    Then "Ana Ruiz" has 19 of 20 for "Unit 1 Quiz" in "Algebra 1 Period 1"
    And no grade of "Unit 1 Quiz" stands twice in "Algebra 1 Period 1"

  @req:GPB-RES-11
  Scenario: A grade that was corrected downwards goes down
    When grades have been synced in "the sync after changes"
    Then "Priya Raman" has 9.5 of 20 for "Unit 1 Quiz" in "Algebra 1 Period 2"

  @req:GPB-RES-11
  Scenario: A pupil who is no longer excused has a grade, one who is now excused has none
    When grades have been synced in "the sync after changes"
    Then "Chloé Dubois" has 6 of 10 for "Chapter 1 Homework, revised" in "Algebra 1 Period 1"
    And "Ana Ruiz" is exempt from "Two Deadlines" in "Algebra 1 Period 1"

  @req:GPB-RES-11
  Scenario: A grade entered later arrives later
    When grades have been synced in "the sync after changes"
    Then "Ben Okafor" has 3.5 of 5 for "Why do we need zero?" in "Algebra 1 Period 1"

  @req:GPB-RES-14
  Scenario: A grade that was cleared in Canvas is cleared by a remaster
    When grades have been synced in "the remaster"
    Then "Ben Okafor" has no grade for "Fractional Maximum" in "Algebra 1 Period 1"

  @req:GPB-RUN-02
  Scenario Outline: Passback changes nothing in Canvas but the time of the sync
    When grades have been synced in "<sync>"
    Then nothing in Canvas changed but the time of the sync

    Examples:
      | sync                   |
      | the first sync         |
      | the sync after changes |
