@provisioning
Feature: Terms begin and end when the school's do

  Canvas opens and closes courses by their term. A term with a wrong date locks a whole school out of
  its courses, or leaves last term's open.

  @night:opening @req:PRV-TRM-01
  Scenario Outline: An academic session that classes use is a term
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "<session>" is a term under its own name

    Examples:
      | session     |
      | Fall 2026   |
      | Spring 2027 |

  @night:opening @req:PRV-TRM-02
  Scenario Outline: A term has the dates of its session
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "<session>" begins and ends in Canvas when it does in Focus

    Examples:
      | session     |
      | Fall 2026   |
      | Spring 2027 |

  @night:opening @req:PRV-TRM-03
  Scenario: A class of the whole year is in the year's term
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "2026-2027" is a term with the dates that Focus gives
    And "Concert Band" is taught in the school and term that Focus gives

  @night:staffing @req:PRV-TRM-04
  Scenario: A term that was renamed and extended in Focus follows in Canvas
    Given the district lived through "the term of staff changes"
    When it is the morning after "the night of the corrections"
    Then the term "Fall 2026" is now named "First Semester 2026" and has its new dates
