@canvas
Feature: Canvas is read in pages and within its allowance

  A sync asks Canvas thousands of things in a night. It relies on links that lead to the end, on an
  allowance that lasts for who asks patiently, and on answers that say what was wrong.

  @req:CNV-PAG-01
  Scenario: Pages fit together
    When the account's terms are read to the end, one a page
    Then each term comes once

  @req:CNV-PAG-02
  Scenario: Links stay with this Canvas
    When the account's terms are read to the end, one a page
    Then each link stays with this Canvas

  @req:CNV-THR-01
  Scenario: Canvas says what is left of the allowance
    When one page is read after the other
    Then Canvas says what is left of the allowance

  @req:CNV-THR-02
  Scenario: The allowance lasts for who asks patiently
    When one page is read after the other
    Then the allowance lasts

  @req:CNV-SEC-01
  Scenario: Nobody reads without a token
    When somebody without a token reads the account
    Then it is refused as unknown
    And it is told how to come in

  @req:CNV-SEC-02
  Scenario: Nobody listens on the way
    When the account's settings are read
    Then Canvas is reached by an encrypted connection

  @req:CNV-ERR-01
  Scenario: What is not there is told as such
    When somebody asks Canvas for what is not there
    Then each is answered as not there
    And it is JSON and gives nothing away
