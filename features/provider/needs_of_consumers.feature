@provider
Feature: A consumer finds what it needs beyond the standard

  A provider may be right by the standard and still of no use to one consumer: Canvas wants a first and a
  last day for every place in a class, School Data Sync moments in one form. Whoever plans to connect both
  wants to know before.

  @req:NCV-ENR-01
  Scenario: Nobody has two places in one class
    When a partner reads everybody's places in classes
    Then nobody has two places in one class

  @req:NCV-ENR-02
  Scenario: Every place in a class has its first and last day
    When a partner reads everybody's places in classes
    Then each has its first and last day

  @req:NCV-DAT-01
  Scenario: The whole school year is there
    When a partner reads the lists of the roster
    Then the present school year is there with its terms

  @req:NSD-END-01
  Scenario: School Data Sync finds its lists
    When a partner reads what School Data Sync reads
    Then each list is answered

  @req:NSD-REC-01
  Scenario: Moments have one form
    When a partner reads the lists of the roster
    Then every moment is told to the thousandth of a second, in UTC

  @req:NSD-REF-01
  Scenario: References have types that are read
    When a partner reads the lists of the roster
    Then references have the types that School Data Sync reads
