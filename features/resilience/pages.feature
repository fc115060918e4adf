@resilience
Feature: Every page is read, wherever the provider tells of the next

  OneRoster tells of its pages in headers, Focus in the answer's body. A reader that looks in one place
  only takes the first page for the whole school, and removes the rest.

  @night:pages-headers @req:RES-PAG-01
  Scenario: A provider that tells of its pages in headers alone
    Given the district lived through "a provider with pages in headers"
    When it is the morning after "the first night"
    Then "Pupil00 Example" is a student in "Algebra 1 Period 1"
    And "Pupil23 Example" is a student in "Algebra 1 Period 1"
    And all of Canvas is as Focus has it

  @night:hiccups @req:RES-PAG-02
  Scenario: A provider that tells of its pages in bodies alone
    Given the district lived through "the week of hiccups"
    When it is the morning after "the night after"
    Then "Pupil00 Example" is a student in "Algebra 1 Period 1"
    And "Pupil13 Example" is a student in "Algebra 1 Period 1"
    And all of Canvas is as Focus has it
