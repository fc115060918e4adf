@provisioning
Feature: Every school has a sub-account of its own

  A principal manages courses and people in the sub-account of the school. If a school is missing or
  is made twice, its courses land where nobody of that school can see or help them.

  @night:opening @req:PRV-ORG-01
  Scenario Outline: A school is a sub-account under its own name
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "<school>" is a sub-account of its own

    Examples:
      | school           |
      | Lakeside High    |
      | Riverbend Middle |

  @night:staffing @req:PRV-ORG-02
  Scenario: A school that was renamed in Focus is renamed in Canvas
    Given the district lived through "the term of staff changes"
    When it is the morning after "the night of the corrections"
    Then the sub-account of "Lakeside High" is now named "Lakeside Senior High"
