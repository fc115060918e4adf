@performance
Feature: A service asks no more and no sooner than it must

  A district's Focus serves teachers by day and partners by night. A service that asks at once again when
  it is told to wait, or reads every page over and over, is the reason why it is busy.

  @night:hiccups @req:PRF-RTY-01
  Scenario: Whoever is busy is given time
    Given the district lived through "the week of hiccups"
    When it is the morning after "the night Focus was busy", however it ended
    Then whoever was busy was given the time it asked for

  @night:hiccups @req:PRF-RDS-01
  Scenario: No page is read again and again
    Given the district lived through "the week of hiccups"
    When it is the morning after "the good night"
    Then no page was asked for again and again
