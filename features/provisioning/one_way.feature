@provisioning @night:opening
Feature: Provisioning goes one way, and does nothing when there is nothing to do

  The SIS is the school's record. A sync that writes into it, or that touches a quiet Canvas, changes
  what nobody asked it to change, and nobody will look for the cause there.

  Background:
    Given the district lived through "the first nights of school"

  @req:PRV-RUN-01
  Scenario: A night on which nothing changed changes nothing
    When it is the morning after "the quiet night"
    Then Canvas is as the night before left it
    And all of Canvas is as Focus has it

  @req:PRV-RUN-04
  Scenario: A night of which nothing was refused says so
    When it is the morning after "the quiet night"
    Then the run says that all of it was done

  @req:PRV-RUN-02
  Scenario Outline: Nothing is written into Focus
    When it is the morning after "<night>"
    Then nothing was written into Focus

    Examples:
      | night           |
      | the first night |
      | the quiet night |
