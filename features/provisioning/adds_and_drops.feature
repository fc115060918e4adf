@provisioning @night:adddrop
Feature: Adds and drops reach Canvas the next morning

  In the first weeks pupils change classes every day. A pupil who was dropped and still sits in the
  class reads what is no longer for them; one who was added and has no seat falls behind. What becomes
  of a seat is the district's choice, since it decides who can still read old grades.

  Background:
    Given the district lived through "the week of adds and drops"

  @req:PRV-ENR-21
  Scenario: A new pupil has an account and all seats
    When it is the morning after "Tuesday night"
    Then "Eva Lind" has an account, named as in Focus
    And "Eva Lind" is a student in "Algebra 1 Period 1"
    And "Eva Lind" is a student in "English 9 Period 2"
    And "Eva Lind" is a student in "Art Period 6"

  @req:PRV-ENR-07
  Scenario: A dropped pupil loses the seat and keeps the others
    When it is the morning after "Tuesday night"
    Then the seat of "Ana Ruiz" in "Algebra 1 Period 1" was removed as the district chose
    And "Ana Ruiz" is a student in "English 9 Period 2"

  @req:PRV-ENR-07
  Scenario: A dropped pupil does not come back when Focus purges the row
    When it is the morning after "Wednesday night"
    Then the seat of "Ana Ruiz" in "Algebra 1 Period 1" was removed as the district chose

  @req:PRV-ENR-08
  Scenario: A pupil whose row is simply gone is dropped as well
    When it is the morning after "Tuesday night"
    Then the seat of "Ben Okafor" in "Algebra 1 Period 1" was removed as the district chose
    And "Ben Okafor" is a student in "English 9 Period 2"

  @req:PRV-ENR-18
  Scenario: A pupil who changed periods sits in the new one alone
    When it is the morning after "Tuesday night"
    Then "Carla Mendes" is a student in "Algebra 1 Period 3"
    And the seat of "Carla Mendes" in "Algebra 1 Period 1" was removed as the district chose

  @req:PRV-ENR-18
  Scenario: A pupil whose row was edited to name another class sits in that one alone
    When it is the morning after "Tuesday night"
    Then "Olga Petrov" is a student in "Algebra 1 Period 3"
    And the seat of "Olga Petrov" in "Algebra 1 Period 1" was removed as the district chose

  @req:PRV-ENR-17
  Scenario: A teacher whose row was edited to say aide teaches the class no more
    When it is the morning after "Tuesday night"
    Then the teaching of "Hal Jensen" in "Debate Club" was removed as the district chose

  @req:PRV-ENR-06
  Scenario: A pupil whose time in a class is over keeps what the district decided to leave them
    When it is the morning after "Tuesday night"
    Then the seat of "Dion Price" in "Algebra 1 Period 1" ended as the district chose
    And "Dion Price" is a student in "English 9 Period 2"

  @req:PRV-ENR-06
  Scenario: A teacher whose time in a class is over leaves it as the district chose
    When it is the morning after "Tuesday night"
    Then the teaching of "Hal Jensen" in "English 9 Period 2" ended as the district chose

  @req:PRV-ENR-06
  Scenario: A seat that ended and then left the feed does not come back
    When it is the morning after "Wednesday night"
    Then the seat of "Ivy Chen" in "Algebra 1 Period 1" stays ended or removed

  @req:PRV-ENR-07
  Scenario: A co-teacher who was taken off a class is removed from it
    When it is the morning after "Tuesday night"
    Then the teaching of "Tom Becker" in "English 9 Period 2" was removed as the district chose
    And "Grace O'Neil" teaches "English 9 Period 2"

  @req:PRV-ENR-09
  Scenario Outline: A pupil who was dropped and added again sits in the class again
    When it is the morning after "Wednesday night"
    Then "<pupil>" is a student in "Algebra 1 Period 1"

    Examples: dropped with a word, and without one
      | pupil      |
      | Gus Moreno |
      | Ben Okafor |

  @req:PRV-ENR-10
  Scenario: An ended row beside a current one takes nothing away
    When it is the morning after "Tuesday night"
    Then "Hana Sato" is a student in "Algebra 1 Period 1"

  @req:PRV-ENR-10
  Scenario: A row that Focus writes anew takes nothing away
    When it is the morning after "Tuesday night"
    Then "Nell Orr" is a student in "Algebra 1 Period 1"

  @req:PRV-ENR-10
  Scenario: A second stint that is booked ahead does not end the first
    When it is the morning after "Tuesday night"
    Then "Leo Marsh" has one seat in "Algebra 1 Period 1" with the dates that Focus gives

  @req:PRV-ENR-04
  Scenario: A pupil who is to leave earlier than planned will leave earlier
    When it is the morning after "Tuesday night"
    Then "Mina Farah" has one seat in "Algebra 1 Period 1" with the dates that Focus gives

  @req:PRV-ENR-09
  Scenario: A seat that was ended by mistake is open again
    When it is the morning after "Wednesday night"
    Then "Dion Price" is a student in "Algebra 1 Period 1"

  @req:PRV-ENR-13
  Scenario: A seat that begins next week is there already
    When it is the morning after "the first night"
    Then "Finn Hale" is a student in "Algebra 1 Period 3"

  @req:PRV-RUN-05
  Scenario Outline: Nobody else is touched
    When it is the morning after "<night>"
    Then all of Canvas is as Focus has it

    Examples:
      | night           |
      | the first night |
      | Tuesday night   |
      | Wednesday night |
