@security
Feature: A service keeps to itself what is not for others

  A service holds a key to every pupil's record and a token to all of Canvas. Both end up where they do not
  belong by the dullest ways: in an address, in a log, in a file that is mailed to support.

  @night:hiccups @req:SEC-TOK-01
  Scenario: No address holds a secret
    Given the district lived through "the week of hiccups"
    When its nights and grade syncs are looked at
    Then no address held a secret

  @night:stumbles @req:SEC-TOK-01
  Scenario: No address of a grade sync holds a secret
    Given the district lived through "the week grades stumbled"
    When its nights and grade syncs are looked at
    Then no address held a secret

  @night:stumbles @req:SEC-LOG-01
  Scenario: Nothing it says holds a secret
    Given the district lived through "the week grades stumbled"
    When its nights and grade syncs are looked at
    Then nothing it said held a secret

  @night:stumbles @req:SEC-KEEP-01
  Scenario: Nothing it remembers holds a secret
    Given the district lived through "the week grades stumbled"
    When its nights and grade syncs are looked at
    Then nothing it remembers holds a secret

  @night:hiccups @req:PRI-MIN-01
  Scenario: Nobody's birthday is read
    Given the district lived through "the week of hiccups"
    When its nights and grade syncs are looked at
    Then nobody's birthday was read

  @req:SEC-TLS-01
  Scenario: A server that nobody vouches for gets nothing
    Given both peers show a certificate that nobody vouches for
    When the roster is to be synced with them
    Then neither got a word from the service
    And the night does not count as done
