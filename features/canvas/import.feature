@canvas
Feature: A small import into a test instance goes through

  Imports exist at the root account alone and touch everybody there. One is made only where the owner said
  that the instance is one for tests, and said so twice; everything in it is deleted again.

  @req:CNV-IMP-01
  Scenario: A small roster is imported
    When a small roster is imported
    Then the import ends without a warning
    And the pupil is found by SIS id, in the course, once

  @req:CNV-IMP-02
  Scenario: The same roster again changes nothing
    When the same roster is imported again
    Then the import ends without a warning
    And the pupil is found by SIS id, in the course, once
