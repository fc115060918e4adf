@provisioning @night:byhand
Feature: What people do in Canvas by hand survives the night

  Half of all trouble comes from what people do in Canvas while the SIS knows nothing of it. A night
  that undoes it takes a teacher's work apart; one that is confused by it loses pupils.

  Background:
    Given the district lived through "the week people worked in Canvas"

  @req:PRV-SEC-04
  Scenario: A section that was cross-listed by hand stays in the shared course
    When it is the morning after "the night after"
    Then "English 9 Period 2" is in the course into which a person moved it

  @req:PRV-SEC-04
  Scenario: A pupil added in Focus reaches a cross-listed section, a dropped one leaves it
    When it is the morning after "the night after"
    Then "Eva Lind" is a student in "English 9 Period 2"
    And the seat of "Dion Price" in "English 9 Period 2" was removed as the district chose
    And "English 9 Period 2" is in the course into which a person moved it

  @req:PRV-SEC-05
  Scenario: A section that a person renamed keeps that name
    When it is the morning after "the night after"
    Then the section of "Algebra 1 Period 2" still has the name a person gave it

  @req:PRV-USR-13
  Scenario: A pupil whom a person renamed keeps that name
    When it is the morning after "the night after"
    Then "Ana Ruiz" still has the name a person gave them

  @req:PRV-ENR-19
  Scenario: A seat that was concluded by hand is not lost
    When it is the morning after "the night after"
    Then the seat of "Ben Okafor" in "Algebra 1 Period 1" is concluded or active

  @req:PRV-ENR-16
  Scenario: People and seats that no SIS sent are none of its business
    When it is the morning after "the second night after"
    Then the account that a person made by hand is untouched
    And the seats that people made by hand are untouched

  @req:PRV-RUN-05
  Scenario Outline: Everything else is as Focus has it
    When it is the morning after "<night>"
    Then all of Canvas is as Focus has it

    Examples:
      | night                  |
      | the night after        |
      | the second night after |
