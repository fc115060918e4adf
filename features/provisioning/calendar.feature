@provisioning @night:yearend
Feature: The calendar ends seats, and only those whose time is over

  When a term ends, pupils must still reach their grades; when a year-long class passes the middle of
  the year, nothing ends at all.

  Background:
    Given the district lived through "the school year"

  @req:PRV-ENR-14
  Scenario: A seat that was for one quarter ends with it, though nothing in Focus changed
    When it is the morning after "the night in the second quarter"
    Then the seat of "Dion Price" in "Algebra 1 Period 1" ended as the district chose
    And the teaching of "Tom Becker" in "Algebra 1 Period 1" ended as the district chose
    And "Ana Ruiz" is a student in "Algebra 1 Period 1"

  @req:PRV-ENR-14
  Scenario: After the term a seat is left to the calendar or concluded, never lost
    When it is the morning after "the night in the second term"
    Then "Ana Ruiz" is in "Algebra 1 Period 1" until the calendar ends it

  @req:PRV-ENR-20
  Scenario: A class of the whole year goes on after the first term
    When it is the morning after "the night in the second term"
    Then "Ana Ruiz" is a student in "Concert Band"
    And "Dion Price" is a student in "Concert Band"
    And "Tom Becker" teaches "Concert Band"

  @req:PRV-ENR-13
  Scenario: The second term's class is there when the second term begins
    When it is the morning after "the night in the second term"
    Then "Ben Okafor" is a student in "Economics Period 1"
    And all of Canvas is as Focus has it
