@resilience @night:shrink
Feature: A night that would empty classrooms waits for a person

  An errant export, a scheduling wizard, a patch: districts have lost whole rosters overnight and
  spent days restoring them. Instructure documents no brake; administrators ask for one. A night that
  is held must be held whole, and a night that is not must be applied whole.

  Background:
    Given the district lived through "the nights of mass removals"

  @req:RES-BRK-02
  Scenario Outline: Such a night is held whole or applied whole
    When it is the morning after "<night>", however it ended
    Then the night was held or applied whole

    Examples:
      | night                                  |
      | the night a section emptied            |
      | the night half the school was missing  |

  @req:RES-BRK-01
  Scenario Outline: A careful service holds it
    When it is the morning after "<night>", however it ended
    Then the night is held until a person releases it

    Examples:
      | night                                  |
      | the night a section emptied            |
      | the night half the school was missing  |

  @req:RES-BRK-03
  Scenario: When the school is whole again an ordinary night follows
    When it is the morning after "the night it was whole again", however it ended
    Then the night is not held
    And all of Canvas is as Focus has it

  @req:RES-BRK-04
  Scenario: What a person released is applied
    When it is the morning after "the night a person released"
    Then all of Canvas is as Focus has it
