@provider
Feature: A long list is read in pages, and nobody slips between two of them

  A school's places in classes fill hundreds of pages. A pupil on the page that comes twice or not at all
  is taken for withdrawn.

  Background:
    When a partner reads a long list in pages

  @req:PVD-PAG-01
  Scenario: A page holds as many as were asked for
    Then it gets as many records as it asked for

  @req:PVD-PAG-02
  Scenario: Pages fit together
    Then small pages hold the same records as a large one, each once

  @req:PVD-PAG-03
  Scenario: A page is a hundred by itself
    Then without a limit a hundred come at most

  @req:PVD-PAG-04
  Scenario: A page says how many records there are
    Then each page says how many records there are

  @req:PVD-PAG-05 @req:NSD-PAG-01
  Scenario: So many records there are as were announced
    Then so many there are

  @req:NSD-PAG-02
  Scenario: School Data Sync is told how many records there are
    Then each page says how many records there are

  @req:PVD-PAG-06
  Scenario: A page leads to the next
    Then each page leads to its neighbours

  @req:PVD-PAG-07
  Scenario: Links lead to the end and no further
    Then following the links ends at the end

  @req:PVD-PAG-08
  Scenario: A list has one order
    Then the order stays the same

  @req:PVD-PAG-09
  Scenario: Beyond the end there is nothing
    Then beyond the end there is nothing

  @req:PVD-PAG-10
  Scenario: A limit that is none is refused
    Then a limit that is none is refused

  @req:PVD-PAG-11 @req:NSD-PAG-03
  Scenario: A large page is not cut short
    Then a large page is not cut short
