@provider
Feature: Only who may reads pupils' records

  A roster is names, addresses and birthdays of children. A provider that lets anybody in, or keeps a
  token alive for good, gives them away; one that ends a partner's other tokens stops its sync half-way.

  @req:PVD-SEC-01
  Scenario: Without a key nothing is read
    When somebody without a key reads the roster
    Then it is refused as unknown

  @req:PVD-SEC-02
  Scenario: A token that nobody gave opens nothing
    When somebody with a token that nobody gave reads the roster
    Then it is refused as unknown

  @req:PVD-SEC-03
  Scenario: A refusal tells how to come in
    When somebody without a key reads the roster
    Then it is told how to come in

  @req:PVD-SEC-04
  Scenario: A wrong secret opens nothing
    When a partner asks for a token with a wrong secret
    Then no token is given

  @req:PVD-SEC-05 @req:NSD-AUT-01
  Scenario: A token comes with its lifetime
    When a partner asks for a token
    Then it gets a bearer token and its lifetime

  @req:PVD-SEC-06 @req:NCV-AUT-01
  Scenario: A new token does not end an older one
    When two threads of a partner ask for a token each
    Then both may read

  @req:PVD-SEC-07
  Scenario: A token that has lived its life opens nothing
    When a token has lived its life
    Then it is refused as unknown

  @req:PVD-SEC-08
  Scenario: A token reads what it was given for
    When a token for the gradebook alone reads people
    Then it is refused as not permitted

  @req:PVD-SEC-09
  Scenario: A token in an address opens nothing
    When a token is sent in an address
    Then it is refused as unknown

  @req:PVD-SEC-10
  Scenario: Nobody listens on the way
    When a partner reads the lists of the roster
    Then the connection is encrypted and its certificate trusted

  @req:PVD-SEC-11
  Scenario Outline: A signed request is let in (<method>)
    When a request is signed by <method>
    Then it is let in

    Examples:
      | method      |
      | HMAC-SHA256 |
      | HMAC-SHA1   |

  @req:PVD-SEC-12
  Scenario: A wrong signature opens nothing
    When a request is signed with a wrong secret
    Then it is refused as unknown

  @req:PVD-SEC-13
  Scenario: A signed request counts once
    When a signed request is sent twice
    Then it is refused as unknown

  @req:PVD-SEC-14
  Scenario: An old signature opens nothing
    When a request was signed an hour ago
    Then it is refused as unknown

  @req:PVD-SEC-15 @req:NCV-AUT-02
  Scenario: A clock that is somewhat off is borne with
    When a partner's clock is somewhat off
    Then it is let in
