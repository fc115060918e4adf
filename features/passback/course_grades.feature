@passback @night:coursegrades
Feature: The course grade of a grading period is on the report card

  The report card prints the period's grade. If Canvas says 90 and the SIS 88, the school has to
  explain the difference to a family; if a teacher's override is lost, it cannot.

  Background:
    Given the district lived through "the first grading period"

  @req:GPB-CRS-01
  Scenario Outline: A class has one course grade for the period
    When grades have been synced in "the first sync"
    Then there is one course grade for "<class>" and "Quarter 1"

    Examples:
      | class              |
      | Algebra 1 Period 1 |
      | Civics Period 3    |
      | Economics Period 4 |
      | Economics Period 5 |

  @req:GPB-CRS-01
  Scenario: A pupil's course grade is the one Canvas computes
    When grades have been synced in "the first sync"
    Then the course grade of "Ana Ruiz" in "Algebra 1 Period 1" for "Quarter 1" comes to 88
    And the course grade of "Dana Price" in "Civics Period 3" for "Quarter 1" comes to 70

  @req:GPB-CRS-01
  Scenario: A pupil's course grade is of the period, and in the pupil's own class
    When grades have been synced in "the first sync"
    Then the course grade of "Eli Stone" in "Economics Period 4" for "Quarter 1" is in Focus
    And the course grade of "Fay Winter" in "Economics Period 5" for "Quarter 1" is in Focus

  @req:GPB-RES-06
  Scenario: Hidden work counts in a course grade, or does not, as the district chose
    When grades have been synced in "the first sync"
    Then the course grade of "Eli Stone" in "Economics Period 4" for "Quarter 1" is in Focus

  @req:GPB-ELG-04
  Scenario: A grade sync of which nothing was refused says so
    When grades have been synced in "the first sync"
    Then the run says that all of it was done

  @req:GPB-CRS-02
  Scenario: A teacher's override wins
    When grades have been synced in "the first sync"
    Then the course grade of "Ben Okafor" in "Algebra 1 Period 1" for "Quarter 1" comes to 75

  @req:GPB-CRS-03
  Scenario: Final and current grades differ where work is missing
    When grades have been synced in "the first sync"
    Then the course grade of "Chloé Dubois" in "Algebra 1 Period 1" for "Quarter 1" is in Focus

  @req:GPB-CRS-01
  Scenario: A quarter that has just begun has course grades of its own
    When grades have been synced in "the sync after a change"
    Then there is one course grade for "Economics Period 4" and "Quarter 2"

  @req:GPB-CRS-04
  Scenario: A course grade that changed replaces the old one
    When grades have been synced in "the sync after a change"
    Then the course grade of "Ana Ruiz" in "Algebra 1 Period 1" for "Quarter 1" comes to 97
    And there is one course grade for "Algebra 1 Period 1" and "Quarter 1"
    And all of Focus's gradebook is as Canvas has it
