@provisioning
Feature: Sections share a course exactly as the district keys its courses

  A teacher with four sections of Algebra prepares one course, or four, as the district decided.
  Sections merged by mistake show pupils another teacher's work; sections split by mistake leave the
  teacher with an empty shell on the first day of school.

  @night:opening @req:PRV-CRS-01
  Scenario: Two sections of one teacher
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "Algebra 1 Period 1" and "Algebra 1 Period 2" are taught in courses as the district keys them

  @night:opening @req:PRV-CRS-01
  Scenario: Sections of different courses
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "Algebra 1 Period 1" and "English 9 Period 2" are taught in courses as the district keys them

  @night:opening @req:PRV-CRS-02
  Scenario: The primary teacher decides, not the co-teacher who comes first
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "Algebra 1 Period 1" and "Algebra 1 Period 3" are taught in courses as the district keys them
    And "Algebra 1 Period 2" and "Algebra 1 Period 4" are taught in courses as the district keys them

  @night:opening @req:PRV-CRS-02
  Scenario: Who taught a class before the timetable was made anew decides nothing
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "Algebra 1 Period 1" and "Algebra 1 Period 5" are taught in courses as the district keys them
    And "Algebra 1 Period 3" and "Algebra 1 Period 5" are taught in courses as the district keys them

  @night:opening @req:PRV-CRS-03
  Scenario Outline: A course is in its school's sub-account and in its term
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "<class>" is taught in the school and term that Focus gives

    Examples:
      | class                        |
      | Algebra 1 Period 1           |
      | Science 7 Period 1           |
      | Biology – Period 5 (Spring)  |

  @night:opening @req:PRV-CRS-04
  Scenario: Classes without a teacher share no course
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "Concert Band" and "Jazz Band" are taught in courses as the district keys them

  @night:staffing @req:PRV-CRS-05
  Scenario: A corrected course code or title moves nobody
    Given the district lived through "the term of staff changes"
    When it is the morning after "the night of the corrections"
    Then "English 9 Period 2" is still in the course where it was
    And "Algebra 1 Period 2" is still in the course where it was

  @night:staffing @req:PRV-CRS-06
  Scenario: A new primary teacher does not move a section behind everybody's back
    Given the district lived through "the term of staff changes"
    When it is the morning after "the night of the new teacher"
    Then "Algebra 1 Period 1" was not moved without a person's word

  @night:staffing @req:PRV-CRS-07
  Scenario: After a change of teacher both sections are where their keys permit
    Given the district lived through "the term of staff changes"
    When it is the morning after "the night of the new teacher"
    Then "Algebra 1 Period 1" is in a course that its key permits
    And "Algebra 1 Period 2" is in a course that its key permits
    And "Algebra 1 Period 2" is still in the course where it was

  @night:dirty @req:PRV-CRS-08
  Scenario: Two primary teachers are one class still
    Given the district lived through "the nights on dirty data"
    When it is the morning after "the first night"
    Then "Algebra 1 Period 2" is in a course that its key permits
    And "Tom Becker" teaches "Algebra 1 Period 2"
    And "Grace O'Neil" teaches "Algebra 1 Period 2"
