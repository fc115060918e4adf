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

  @req:PRV-RUN-06
  Scenario: The new school year is there on its first night
    When it is the morning after "the first night of the new year"
    Then "Fall 2027" is a term with the dates that Focus gives
    And "Ana Ruiz" is a student in "Geometry Period 1"
    And "Maria Delgado" teaches "Geometry Period 1"
    And "Eva Lind" is a student in "Next year's Concert Band"
    And all of Canvas is as Focus has it

  @req:PRV-RUN-06
  Scenario: Who goes on is the same person in the new year
    When it is the morning after "the first night of the new year"
    Then "Ana Ruiz" is the same person in Canvas as before, and can sign in
    And "Ben Okafor" is the same person in Canvas as before, and can sign in

  @req:PRV-CRS-09
  Scenario: Band is taught on by the same teacher, in a course of its own year
    When it is the morning after "the first night of the new year"
    Then "Next year's Concert Band" is taught in a course of its own year

  @req:PRV-USR-06
  Scenario: Who graduated has left
    When it is the morning after "the first night of the new year"
    Then the account of "Carla Mendes" is as the district chose for those who left
