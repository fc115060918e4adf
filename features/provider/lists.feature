@provider
Feature: A partner finds every list of the school

  A sync reads schools, terms, courses, classes, people and their places in classes, and nothing else
  tells it who belongs where. A list that is missing, or that comes in another envelope, is taken for
  an empty one, and an empty list removes everybody.

  @req:PVD-END-01 @req:NCV-END-01
  Scenario Outline: The list of <list> is there
    When a partner reads the list of "<list>"
    Then the list is answered

    Examples:
      | list             |
      | orgs             |
      | schools          |
      | academicSessions |
      | terms            |
      | gradingPeriods   |
      | courses          |
      | classes          |
      | users            |
      | students         |
      | teachers         |
      | enrollments      |

  @req:PVD-END-02
  Scenario Outline: One of <list> can be read by its id
    When a partner reads one of "<list>" by its id
    Then the record is answered

    Examples:
      | list             |
      | orgs             |
      | schools          |
      | academicSessions |
      | terms            |
      | gradingPeriods   |
      | courses          |
      | classes          |
      | users            |
      | students         |
      | teachers         |
      | enrollments      |

  @req:PVD-ENV-03
  Scenario Outline: One of <list> comes as one record of its kind
    When a partner reads one of "<list>" by its id
    Then it is that record, under the key of its kind

    Examples:
      | list             |
      | orgs             |
      | schools          |
      | terms            |
      | courses          |
      | classes          |
      | students         |
      | enrollments      |

  @req:PVD-ENV-01
  Scenario: Each list comes under the key of its kind
    When a partner reads each list of the roster, whatever comes
    Then each comes under the key of its kind

  @req:PVD-ENV-02
  Scenario: Each answer is whole
    When a partner reads each list of the roster, whatever comes
    Then each answer is whole JSON in UTF-8

  @req:PVD-ENV-04
  Scenario: Nothing found is an empty list
    When a partner looks for somebody who is not there
    Then an empty list is answered under its key
