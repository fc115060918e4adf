@onboarding
Feature: A connection that cannot work says so and touches nothing

  On the day a district connects, something is always wrong: a mistyped secret, a token of the wrong
  person. A sync that half works with half its rights leaves half a school behind.

  @night:credentials @req:ONB-CON-01
  Scenario: A wrong Focus secret
    Given the district lived through "the night of wrong credentials"
    When it is the morning after "the night with a wrong secret", however it ended
    Then the run says that it cannot work with what it was given
    And Canvas is as it was before

  @night:credentials @req:ONB-CON-02
  Scenario: A wrong Canvas token
    Given the district lived through "the night of wrong credentials"
    When it is the morning after "the night with a wrong token", however it ended
    Then the run says that it cannot work with what it was given
    And Canvas is as it was before

  @night:credentials @req:ONB-CON-03
  Scenario: A Canvas token without the right to import
    Given the district lived through "the night of wrong credentials"
    When it is the morning after "the night without rights", however it ended
    Then the run says that it cannot work with what it was given
    And Canvas is as it was before

  @night:credentials @req:ONB-CON-04
  Scenario: With the right ones it works, as if nothing had been
    Given the district lived through "the night of wrong credentials"
    When it is the morning after "the night with the right ones"
    Then all of Canvas is as Focus has it

  @night:stranger @req:ONB-GPB-01
  Scenario: Grades are not synced for a connection that was never provisioned
    Given the district lived through "a connection never provisioned"
    When grades were to be synced in "the sync before any night"
    Then the run says that it cannot work with what it was given
    And Focus's gradebook is untouched
    And nothing was written into Focus
