@provisioning @night:departures
Feature: Those who leave the district are let go, and found again when they return

  A pupil who has left and can still sign in is a breach; a pupil who returns to an empty account has
  lost a year's work. What becomes of an account is the district's choice.

  Background:
    Given the district lived through "the week of departures"

  @req:PRV-USR-06
  Scenario Outline: Somebody whom Focus deleted has left
    When it is the morning after "the night of departures"
    Then the account of "<person>" is as the district chose for those who left

    Examples: two pupils and a teacher
      | person     |
      | Ana Ruiz   |
      | Vic Tanner |
      | Hal Jensen |

  @req:PRV-USR-07
  Scenario Outline: Somebody who is gone from Focus without a word has left
    When it is the morning after "the night of departures"
    Then the account of "<pupil>" is as the district chose for those who left

    Examples:
      | pupil      |
      | Ben Okafor |
      | Wes Lund   |

  @req:PRV-USR-08
  Scenario: Somebody whom Focus has locked out is locked out of Canvas
    When it is the morning after "the night of departures"
    Then the account of "Carla Mendes" is as the district chose for those who left

  @req:PRV-USR-08
  Scenario: Somebody who arrives locked out gets no open account
    When it is the morning after "the night of departures"
    Then "Dion Price" cannot sign in

  @req:PRV-USR-01
  Scenario: Those who stayed are untouched
    When it is the morning after "the night of departures"
    Then "Eva Lind" has an account, named as in Focus
    And "Eva Lind" is a student in "Algebra 1 Period 1"
    And all of Canvas is as Focus has it

  @req:PRV-USR-09
  Scenario Outline: Somebody who returns is the same person again
    When it is the morning after "the night of returns"
    Then "<pupil>" is the same person in Canvas as before, and can sign in
    And "<pupil>" is a student in "Algebra 1 Period 1"

    Examples: after a deletion, after silence, after being locked out
      | pupil        |
      | Ana Ruiz     |
      | Ben Okafor   |
      | Carla Mendes |

  @req:PRV-USR-06
  Scenario: Those who did not return stay away
    When it is the morning after "the night of returns"
    Then the account of "Vic Tanner" is as the district chose for those who left
    And all of Canvas is as Focus has it

  @req:PRV-USR-14
  Scenario: Somebody whose id was edited in Focus is nobody else
    When it is the morning after "the night of departures"
    Then "Jack Doyle" is still one person in Canvas, or the operator is told

  @req:PRV-USR-15
  Scenario: Who is no longer a pupil's parent sees nothing more of them
    When it is the morning after "the night of departures"
    Then "Rosa Lind" can no longer look on in "Algebra 1 Period 1"
    And "Paul Hale" can look on where "Finn Hale" sits in "Algebra 1 Period 1"
