@provisioning
Feature: Every class is a section, and none once it is gone

  The section is what a pupil is enrolled in and what grades are passed back for. A section that is
  missing locks a class out; one that stays behind keeps a class open that the school has closed.

  @night:opening @req:PRV-SEC-01
  Scenario Outline: A class is a section that carries the class's name
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "<class>" is a section

    Examples: of a term, with a dash, of the whole year, without a pupil, of another school's title, with commas and quotes
      | class                        |
      | Algebra 1 Period 3           |
      | Biology – Period 5 (Spring)  |
      | Concert Band                 |
      | Science 7 Period 3           |
      | Riverbend's English 9        |
      | Homeroom 9, "Grade Nine" Wing |

  @night:staffing @req:PRV-SEC-02
  Scenario: A renamed class is a renamed section
    Given the district lived through "the term of staff changes"
    When it is the morning after "the night of the corrections"
    Then the section of "English 9 Period 2" is now named after "ELA 9 Honors Period 2"

  @night:adddrop @req:PRV-SEC-01
  Scenario: A class that opens in the second week is a section the next morning
    Given the district lived through "the week of adds and drops"
    When it is the morning after "Tuesday night"
    Then "Art Period 6" is a section
    And "Rita Voss" teaches "Art Period 6"

  @night:adddrop @req:PRV-SEC-01
  Scenario: A class that was closed by mistake is a section again
    Given the district lived through "the week of adds and drops"
    When it is the morning after "Wednesday night"
    Then "Drama Club" is a section
    And "Leo Marsh" is a student in "Drama Club"
    And "Tom Becker" teaches "Drama Club"

  @night:adddrop @req:PRV-SEC-03
  Scenario Outline: A class that is gone from Focus is gone from Canvas
    Given the district lived through "the week of adds and drops"
    When it is the morning after "Tuesday night"
    Then there is no section "<class>" any more
    And "<member>" has no seat in "<class>"

    Examples: deleted with a word, and without one
      | class      | member     |
      | Chess Club | Jack Doyle |
      | Drama Club | Leo Marsh  |

  @night:adddrop @req:PRV-SEC-03
  Scenario: A class that closes takes no other of its course along
    Given the district lived through "the week of adds and drops"
    When it is the morning after "Tuesday night"
    Then "Debate Club" is a section
    And "Debate Club" is still in the course where it was
    And "Nell Orr" is a student in "Debate Club"
    And "Tom Becker" teaches "Debate Club"
