@provider
Feature: A grade that was sent is in the gradebook, once

  Teachers enter a grade in Canvas and believe that the official gradebook has it. A grade that is refused
  in silence, stands twice or comes back as zero is on the report card before anybody notices.

  Everything written here is taken out again, and nothing is written without the owner's consent.

  @req:PVG-END-01
  Scenario: The lists of the gradebook are there
    When a partner compares the views of the roster
    Then each list of the gradebook is answered under its key

  @req:PVG-END-02 @req:NCV-GPB-01
  Scenario: A class's gradebook can be read
    When a class's gradebook is read
    Then each view is answered as a list of its kind

  @req:PVG-REC-01
  Scenario: Categories, line items and results are what the standard says
    When a partner reads the lists of the gradebook
    Then each record has its id, its status and when it was last changed
    And each record has what its kind must have
    And each record uses the words of the standard

  @req:PVG-PUT-01
  Scenario Outline: What is written is there, under its id (<kind>)
    When a partner writes one of "<kind>" anew
    Then it is there as it was written, under its id

    Examples:
      | kind       |
      | categories |
      | lineItems  |
      | results    |

  @req:PVG-PUT-02
  Scenario Outline: What is new is told as made (<kind>)
    When a partner writes one of "<kind>" anew
    Then it is told that it was made

    Examples:
      | kind       |
      | categories |
      | lineItems  |
      | results    |

  @req:PVG-PUT-03
  Scenario: Writing again replaces
    When a partner writes a line item, and again with another title
    Then it is there once, as it was written last

  @req:PVG-PUT-04
  Scenario: A replacement is a whole one
    When a partner writes a line item, and again with another title
    Then what was left out is gone

  @req:PVG-PUT-05
  Scenario: Every state of grading is kept
    When a partner writes a result in every state of grading
    Then each is kept

  @req:PVG-PUT-06
  Scenario: A line item for no class is refused
    When a partner writes a line item for a class that does not exist
    Then it is refused as unfit

  @req:PVG-PUT-07
  Scenario: The provider says when something changed
    When a partner writes a line item dated by itself
    Then the provider's own date counts

  @req:PVG-DEL-01
  Scenario Outline: What is taken out is gone (<kind>)
    When a partner takes one of "<kind>" out again
    Then it is gone

    Examples:
      | kind       |
      | categories |
      | lineItems  |
      | results    |

  @req:PVG-DEL-02
  Scenario: What was never there is told as such
    When a partner takes out what was never there
    Then each is answered as not there

  @req:PVG-DEL-03
  Scenario: A result goes with its line item
    When a partner takes a line item with a result out
    Then its result goes with it

  @req:NCV-GPB-02
  Scenario: A grade is taken as Canvas sends it
    When Canvas sends a grade in its own short form
    Then both are taken

  @req:NCV-ERR-02
  Scenario: A refused grade tells who refuses it
    When a partner writes a line item for a class that does not exist
    Then its description begins with the system's name
