@provisioning @night:opening
Feature: Every pupil sits where the timetable says

  A pupil without a seat sees no assignment and misses the first deadline. A pupil in a class that is
  not theirs sees what is none of their business.

  Background:
    Given the district lived through "the first nights of school"

  @req:PRV-ENR-01
  Scenario Outline: A pupil is a student in their class
    When it is the morning after "the first night"
    Then "<pupil>" is a student in "<class>"

    Examples: the first rows of the feed, and its very last
      | pupil       | class              |
      | Ana Ruiz    | Algebra 1 Period 1 |
      | Hugo Salas  | Science 7 Period 1 |
      | Yusuf Zidan | Jazz Band          |

  @req:PRV-ENR-01
  Scenario: A pupil with several classes sits in all of them and in no other
    When it is the morning after "the first night"
    Then "Ana Ruiz" is a student in "Algebra 1 Period 1"
    And "Ana Ruiz" is a student in "English 9 Period 2"
    And "Ana Ruiz" is a student in "Biology – Period 5 (Spring)"
    And "Ana Ruiz" has no seat in "Algebra 1 Period 2"

  @req:PRV-ENR-01
  Scenario: A pupil in two sections of one course sits in both
    When it is the morning after "the first night"
    Then "Ben Okafor" is a student in "Algebra 1 Period 1"
    And "Ben Okafor" is a student in "Algebra 1 Period 2"

  @req:PRV-ENR-04
  Scenario: A seat has the dates that Focus gives
    When it is the morning after "the first night"
    Then "Priya Raman" has one seat in "Algebra 1 Period 2" with the dates that Focus gives
    And "Ben Okafor" has one seat in "Concert Band" with the dates that Focus gives

  @req:PRV-ENR-13
  Scenario: A class of next term is there already
    When it is the morning after "the first night"
    Then "Sam Whitlock" is a student in "Biology – Period 5 (Spring)"

  @req:PRV-RUN-05
  Scenario: The whole district is in Canvas, and nothing besides
    When it is the morning after "the first night"
    Then all of Canvas is as Focus has it
    And the run says that all of it was done
