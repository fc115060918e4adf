@canvas
Feature: Canvas is ready for a sync

  A token without a right, or a switch that is off, shows itself on the first night, when nobody is there
  to mend it, and pupils come to a school without courses.

  @req:CNV-RGT-01
  Scenario: The token may import
    When the token's right to import is tried
    Then the token has it

  @req:CNV-RGT-02
  Scenario: The token may see imports
    When the token's right to see imports is tried
    Then the token has it

  @req:CNV-RGT-03
  Scenario: The token may see SIS ids
    When the token's right to see SIS ids is tried
    Then the token has it

  @req:CNV-RGT-04
  Scenario: The token may read all grades
    When the token's right to read all grades is tried
    Then the token has it

  @req:CNV-SET-01
  Scenario: SIS imports are switched on
    When the account's settings are read
    Then SIS imports are switched on

  @req:CNV-SET-02
  Scenario: SIS syncing is switched on
    When the account's settings are read
    Then SIS syncing is switched on

  @req:CNV-SET-03
  Scenario: Grades may be sent to the SIS
    When the account's settings are read
    Then grades may be sent to the SIS

  @req:CNV-SET-04
  Scenario: The account has a time zone
    When the account's settings are read
    Then the account has a time zone

  @req:CNV-TRM-01
  Scenario: There is a default term
    When the account's terms are read to the end, one a page
    Then there is a default term

  @req:CNV-IDS-01
  Scenario: SIS ids are whole
    When the account's settings are read
    Then either everybody has a SIS id or nobody
