@resilience @night:hiccups
Feature: A broken answer is no empty school

  When Focus is unwell its answers lack their list, or break off in the middle. Taken at its word such
  an answer removes everybody from every class, one night before a test.

  Background:
    Given the district lived through "the week of hiccups"

  @req:RES-FEED-01
  Scenario: An answer without its list is no empty list
    When it is the morning after "the night without a list", however it ended
    Then Canvas is as it was before
    And the run does not say that it was done

  @req:RES-FEED-02
  Scenario: An answer that breaks off is no short list
    When it is the morning after "the night that broke off", however it ended
    Then Canvas is as it was before
    And the run does not say that it was done

  @req:RES-FEED-03
  Scenario: The night after makes up for what was missed
    When it is the morning after "the night after"
    Then "Newcomer6 Example" is a student in "Algebra 1 Period 1"
    And "Newcomer7 Example" is a student in "Algebra 1 Period 1"
    And all of Canvas is as Focus has it
