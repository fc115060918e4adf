@provisioning @night:dirty
Feature: Real Focus data is dirty, and no pupil pays for it

  Focus leaves end dates open, serves rows twice, and names people and classes that are not there. A
  night that takes such rows at their word drops pupils; one that stumbles over them drops everybody.

  Background:
    Given the district lived through "the nights on dirty data"

  @req:PRV-ENR-05
  Scenario Outline: A seat without an end is a seat until the term ends
    When it is the morning after "the first night"
    Then "<pupil>" has one seat in "<class>" with the dates that Focus gives

    Examples: no end, neither date, no end in a class of the whole year
      | pupil      | class              |
      | Ana Ruiz   | Algebra 1 Period 1 |
      | Ben Okafor | Algebra 1 Period 1 |
      | Finn Hale  | Concert Band       |

  @req:PRV-ENR-10
  Scenario: Two rows for one seat are one seat
    When it is the morning after "the first night"
    Then "Carla Mendes" has one seat in "Algebra 1 Period 1" with the dates that Focus gives

  @req:PRV-ENR-10
  Scenario: A deleted row beside a live one takes nothing away
    When it is the morning after "the first night"
    Then "Dion Price" is a student in "Algebra 1 Period 1"

  @req:PRV-ENR-15
  Scenario: A row that arrives deleted seats nobody
    When it is the morning after "the first night"
    Then "Eva Lind" has no seat in "Algebra 1 Period 1"

  @req:PRV-ENR-11
  Scenario: Rows that name nobody or nothing are left out, and only they
    When it is the morning after "the first night"
    Then rows without person or class seat nobody
    And "Hana Sato" is a student in "Algebra 1 Period 2"

  @req:PRV-ENR-12
  Scenario: A pupil of another school sits where the timetable says
    When it is the morning after "the first night"
    Then "Ivy Chen" is a student in "Algebra 1 Period 1"

  @req:PRV-TRM-03
  Scenario: A class that names no term is not lost without a word
    When it is the morning after "the first night"
    Then "Marching Band" is taught in the school and term that Focus gives, or was refused

  @req:PRV-RUN-01
  Scenario: The same dirty data changes nothing on the second night
    When it is the morning after "the night after"
    Then Canvas is as the night before left it

  @req:PRV-RUN-03
  Scenario: A pupil whom Canvas refuses stops nobody else
    When it is the morning after "the night of the claimed login"
    Then "Omar Haddad" has an account, named as in Focus
    And "Omar Haddad" is a student in "Algebra 1 Period 1"
    And all of Canvas is as Focus has it

  @req:PRV-ENR-16
  Scenario: Somebody whom another system brought is none of its business
    When it is the morning after "the night of the claimed login"
    Then the account that another system made is untouched

  @req:PRV-RUN-04
  Scenario: The operator is told that a pupil was refused
    When it is the morning after "the night of the claimed login"
    Then the run says that a part of it was refused

  @req:PRV-RUN-05
  Scenario: All that can be read of it is in Canvas, and nothing besides
    When it is the morning after "the first night"
    Then all of Canvas is as Focus has it
