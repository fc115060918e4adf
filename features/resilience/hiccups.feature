@resilience
Feature: A hiccup of a peer costs nobody their class or their grade

  Servers are busy, tokens expire, rows move while a reader turns the page, lines break after a write
  has taken effect. Whether a service tries again or gives up for the night is its own affair. What no
  school can live with is half a night, and a grade that stands twice.

  @night:hiccups @req:RES-RTY-01
  Scenario Outline: A night in which Focus stumbles is done whole or not at all
    Given the district lived through "the week of hiccups"
    When it is the morning after "<night>", however it ended
    Then the night was done whole, or it changed nothing and said so

    Examples:
      | night                            |
      | the night Focus was busy         |
      | the night the token was revoked  |

  @night:hiccups @req:RES-PAG-03
  Scenario Outline: Rows that move while they are read lose nobody
    Given the district lived through "the week of hiccups"
    When it is the morning after "<night>", however it ended
    Then the night was done whole, or it changed nothing and said so

    Examples:
      | night                        |
      | the night a page came twice  |
      | the night the rows moved     |

  @night:hiccups @req:RES-IMP-01
  Scenario: An import that Canvas gave up is not reported as done
    Given the district lived through "the week of hiccups"
    When it is the morning after "the night Canvas gave up the import", however it ended
    Then the run does not say that it was done

  @night:hiccups @req:RES-FEED-03
  Scenario: The first good night makes up for all of them
    Given the district lived through "the week of hiccups"
    When it is the morning after "the night after"
    Then "Newcomer1 Example" is a student in "Algebra 1 Period 1"
    And "Newcomer5 Example" is a student in "Algebra 1 Period 1"
    And all of Canvas is as Focus has it

  @night:stumbles @req:RES-RTY-02
  Scenario: Grades that Canvas has no time to show are not taken for none
    Given the district lived through "the week grades stumbled"
    When grades were to be synced in "the sync with a refused grade"
    Then the gradebook is as Canvas has it, or the run says that it is not

  @night:stumbles @req:RES-WRT-01
  Scenario: A write that took effect before the line broke is not made twice
    Given the district lived through "the week grades stumbled"
    When grades were to be synced in "the sync after"
    Then Focus has "Chapter 1" for "Algebra 1 Period 1", once
    And no grade of "Chapter 1" stands twice in "Algebra 1 Period 1"

  @night:stumbles @req:RES-WRT-02
  Scenario: A grade that was refused is not reported as delivered
    Given the district lived through "the week grades stumbled"
    When grades were to be synced in "the sync with a refused grade"
    Then the run does not say that it was done

  @night:stumbles @req:RES-WRT-02
  Scenario: A grade that was refused once is delivered by the next sync
    Given the district lived through "the week grades stumbled"
    When grades have been synced in "the sync after"
    Then all of Focus's gradebook is as Canvas has it
