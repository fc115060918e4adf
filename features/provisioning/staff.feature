@provisioning @night:opening
Feature: Everybody who teaches a class can teach it in Canvas

  A teacher who is not in the course on the first morning has a room full of pupils and nothing to
  show them. A co-teacher who was dropped cannot help the pupils who are there because of them.

  Background:
    Given the district lived through "the first nights of school"

  @req:PRV-USR-02
  Scenario Outline: A teacher has an account under their own name
    When it is the morning after "the first night"
    Then "<teacher>" has an account, named as in Focus

    Examples:
      | teacher               |
      | Maria Delgado         |
      | Grace O'Neil          |
      | José Núñez            |
      | Ann-Marie Smith-Jones |
      | Lena Ortiz            |

  @req:PRV-ENR-02
  Scenario: The primary teacher teaches the class
    When it is the morning after "the first night"
    Then "Tom Becker" teaches "Algebra 1 Period 3"
    And "Maria Delgado" teaches "Algebra 1 Period 1"

  @req:PRV-ENR-02
  Scenario: A teacher of two schools teaches in both
    When it is the morning after "the first night"
    Then "Ida Moss" teaches "Science 7 Period 2"
    And "Ida Moss" teaches "Homeroom 9, "Grade Nine" Wing"

  @req:PRV-ENR-03
  Scenario Outline: Co-teachers teach it as well
    When it is the morning after "the first night"
    Then "<co-teacher>" teaches "English 9 Period 2"

    Examples:
      | co-teacher            |
      | José Núñez            |
      | Ann-Marie Smith-Jones |

  @req:PRV-ENR-17
  Scenario: An administrator who teaches a class is its teacher
    When it is the morning after "the first night"
    Then "Paula Stone" teaches "Biology – Period 5 (Spring)"

  @req:PRV-ENR-17
  Scenario: Who watches over a class's tests does not teach it
    When it is the morning after "the first night"
    Then "Wanda Fitch" is neither student nor teacher in "Biology – Period 5 (Spring)"

  @req:PRV-ENR-17
  Scenario: A pupil who helps out in another class is no student and no teacher there
    When it is the morning after "the first night"
    Then "Keisha Jean-Baptiste" is neither student nor teacher in "Science 7 Period 1"
    And "Keisha Jean-Baptiste" is a student in "Algebra 1 Period 4"
