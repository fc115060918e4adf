@provisioning
Feature: Every pupil has one account, under their own name and login

  A pupil with a wrong login cannot sign in; a pupil with a wrong name does not answer when called.
  Two pupils in one account read each other's grades.

  @night:opening @req:PRV-USR-01
  Scenario Outline: A pupil has an account
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "<pupil>" has an account, named as in Focus

    Examples: one of the other school, one without a grade, a sister, one without a class, the last
      | pupil       |
      | Ana Ruiz    |
      | Noor Aziz   |
      | Nia Brooks  |
      | Pia Salas   |
      | Quin Abbott |
      | Yusuf Zidan |

  @night:opening @req:PRV-USR-01
  Scenario: Two pupils of one name are two people
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "Ana Ruiz" and "Ana Ruiz of Riverbend" have an account each
    And "Ana Ruiz of Riverbend" is a student in "Science 7 Period 1"
    And "Ana Ruiz" is a student in "English 9 Period 2"

  @night:opening @req:PRV-USR-03
  Scenario Outline: Names arrive unaltered
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "<pupil>" has an account named "<shown>"

    Examples:
      | pupil                | shown                |
      | Chloé Dubois         | Chloé Dubois         |
      | D'Angelo Brown       | D'Angelo Brown       |
      | DeShawn McKay        | deShawn McKay        |
      | Pieter van der Berg  | Pieter van der Berg  |
      | Keisha Jean-Baptiste | Keisha Jean-Baptiste |
      | Liam King            | Liam "Lee" King, Jr. |
      | Li Na Ng             | Li Na Ng             |
      | Minh Nguyễn          | Minh Nguyễn          |
      | María Castellanos    | María Fernanda Castellanos-Villanueva y Montenegro |

  @night:opening @req:PRV-USR-04
  Scenario Outline: A pupil signs in as the district's single sign-on knows them
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "<pupil>" signs in as "<login>"

    Examples:
      | pupil      | login      |
      | Ana Ruiz   | aruiz      |
      | Ben Okafor | Ben.Okafor |
      | Zora Hale  | 0004711    |

  @night:opening @req:PRV-USR-05
  Scenario: Canvas writes to the address that Focus has
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "Ana Ruiz" can be reached at "aruiz@lakeside.example"

  @night:opening @req:PRV-USR-10
  Scenario: Ids that differ by leading zeros are two pupils
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "Zora Hale" and "Abel Hale" have an account each
    And "Zora Hale" is a student in "English 9 Period 2"
    And "Abel Hale" has no seat in "English 9 Period 2"

  @night:opening @req:PRV-USR-11
  Scenario: A parent gets no account where the district did not ask for observers
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then no account was made for "Rosa Ruiz"

  @night:opening @req:PRV-USR-15
  Scenario: A parent looks on where their child sits, where the district asked for observers
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "Rosa Ruiz" can look on where "Ana Ruiz" sits in "Algebra 1 Period 1"
    And "Rosa Ruiz" can look on where "Ana Ruiz" sits in "English 9 Period 2"

  @night:opening @req:PRV-USR-15
  Scenario: A mother of two sees both, a guardian counts as a parent does
    Given the district lived through "the first nights of school"
    When it is the morning after "the first night"
    Then "Marta Salas" can look on where "Hugo Salas" sits in "Science 7 Period 1"
    And "Marta Salas" can look on where "Pia Salas" sits in "Riverbend's English 9"
    And "Gil Whitlock" can look on where "Sam Whitlock" sits in "Algebra 1 Period 3"

  @night:staffing @req:PRV-USR-12
  Scenario: A pupil's new name reaches Canvas
    Given the district lived through "the term of staff changes"
    When it is the morning after "the night of the corrections"
    Then "Ana Ruiz" has an account named "Ana Ruiz-Castillo"

  @night:staffing @req:PRV-USR-12
  Scenario: A pupil's new login reaches Canvas
    Given the district lived through "the term of staff changes"
    When it is the morning after "the night of the corrections"
    Then "Ben Okafor" now signs in as "bokafor27"

  @night:staffing @req:PRV-USR-12
  Scenario: A pupil's new address reaches Canvas
    Given the district lived through "the term of staff changes"
    When it is the morning after "the night of the corrections"
    Then "Chloé Dubois" can now be reached at "chloe.dubois@lakeside.example"
