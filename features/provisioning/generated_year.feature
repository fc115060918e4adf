@provisioning @night:evolved
Feature: A year that nobody designed

  Designed weeks hold the cases that their designers thought of. Here a generated school of 120 pupils
  lives on by itself, more restless than most, and every pupil, class and seat of it is judged.

  Background:
    Given the district lived through "the year of a generated school"

  @req:PRV-RUN-05
  Scenario Outline: Canvas is what Focus asks for, whatever the days brought
    When it is the morning after "<night>"
    Then all of Canvas is as Focus has it

    Examples: a first night, a week of adds and drops, a quarter's and semester's end, a new year
      | night                           |
      | the first night                 |
      | the night after a week          |
      | the night after the quarter     |
      | the first night of the new year |

  @req:PRV-ENR-21
  Scenario: Somebody who came during the week has an account and the whole timetable
    When it is the morning after "the night after a week"
    Then "the newcomer" has an account, named as in Focus
    And "the newcomer" is a student in "the newcomer's class 1"
    And "the newcomer" is a student in "the newcomer's class 2"

  @req:PRV-ENR-18
  Scenario: Somebody who changed classes sits in the new one alone
    When it is the morning after "the night after a week"
    Then "the pupil who moved" is a student in "the class they went to"
    And the seat of "the pupil who moved" in "the class they left" ended as the district chose

  @req:PRV-USR-08
  Scenario: Somebody who withdrew has left
    When it is the morning after "the night after a week"
    Then the account of "the pupil who withdrew" is as the district chose for those who left

  @req:PRV-CRS-07
  Scenario: A class that was handed over stays where its work is
    When it is the morning after "the night after a week"
    Then "the teacher who took it" teaches "the class that was handed over"
    And the teaching of "the teacher who gave it away" in "the class that was handed over" was removed as the district chose
    And "the class that was handed over" is in a course that its key permits

  @req:PRV-USR-12
  Scenario: Somebody who was renamed is called by the new name
    When it is the morning after "the night after a week"
    Then "somebody renamed" has an account, named as in Focus

  @req:RES-BRK-02
  Scenario: A night on which the whole year is another is held or applied whole
    When it is the morning after "the night after the rollover", however it ended
    Then the night was held or applied whole

  @req:PRV-RUN-06
  Scenario: Those who go on sit in their new classes
    When it is the morning after "the first night of the new year"
    Then "a pupil who goes on" is a student in "their class of this year"
    And "a pupil who goes on" is the same person in Canvas as before, and can sign in

  @req:PRV-RUN-06
  Scenario: Those who are new have an account and sit in their classes
    When it is the morning after "the first night of the new year"
    Then "a pupil who is new" has an account, named as in Focus
    And "a pupil who is new" is a student in "the class of a pupil who is new"

  @req:PRV-USR-06
  Scenario: Those who left school have left
    When it is the morning after "the first night of the new year"
    Then the account of "a pupil who left school" is as the district chose for those who left

  @req:PRV-CRS-09
  Scenario: This year's class is no guest in last year's course
    When it is the morning after "the first night of the new year"
    Then "their class of this year" is taught in a course of its own year
