@provider
Feature: A partner gets what it asks for, and no others

  A nightly sync asks for what changed, for one class, for the active ones. A filter that finds too few
  leaves pupils behind; one that is ignored brings the whole district, every night.

  @req:PVD-FLT-01
  Scenario: People are found by name
    When a partner asks for "users" by "family name"
    Then it gets those and no others

  @req:PVD-FLT-02
  Scenario Outline: Sessions are found by comparing (<field> <predicate>)
    When a partner asks for sessions whose "<field>" is "<predicate>" a known one
    Then it gets those and no others

    Examples:
      | field     | predicate |
      | startDate | =         |
      | startDate | !=        |
      | startDate | >         |
      | startDate | >=        |
      | startDate | <         |
      | startDate | <=        |
      | title     | ~         |

  @req:PVD-FLT-03
  Scenario Outline: Two conditions are joined (<question>)
    When a partner asks for "users" by "<question>"
    Then it gets those and no others

    Examples:
      | question             |
      | role and family name |
      | role or family name  |

  @req:PVD-FLT-04
  Scenario: Places in a class are found by the class
    When a partner asks for "enrollments" by "their class"
    Then it gets those and no others

  @req:PVD-FLT-05
  Scenario: An unknown field is refused
    When a partner makes the mistake "a filter by an unknown field"
    Then it is refused with 400 and "invalid_filter_field", without data

  @req:PVD-FLT-06
  Scenario: A filter that is no sentence is refused
    When a partner makes the mistake "a filter that is no sentence"
    Then it is refused with 400, without data

  @req:PVD-FLT-07 @req:NSD-FLT-02
  Scenario Outline: What changed is found (<question>)
    When a partner asks for "classes" by "<question>"
    Then it gets those and no others

    Examples:
      | question             |
      | when they changed    |
      | the day they changed |

  @req:PVD-FLT-08 @req:NSD-FLT-01
  Scenario: Active records are found
    When a partner asks for "classes" by "status"
    Then it gets those and no others

  @req:PVD-FLT-09
  Scenario: A value may hold blanks
    When a partner asks for "classes" by "a title with blanks"
    Then it gets those and no others

  @req:PVD-FLT-10
  Scenario: Large and small letters are alike
    When a partner asks for "users" by "a name in other letters"
    Then it gets those and no others

  @req:PVD-FLT-11
  Scenario: The announced number is that of what was found
    When a partner asks for "users" by "family name"
    Then the announced number is that of what was found

  @req:PVD-FLT-12
  Scenario: A word that nobody has finds nobody
    When a partner makes the mistake "a word that the standard does not know"
    Then nobody is found, without an error

  @req:PVD-SRT-01
  Scenario Outline: People come in the order that was asked for (<direction>)
    When a partner asks for people in the order of their ids, "<direction>"
    Then they come in that order

    Examples:
      | direction |
      | asc       |
      | desc      |

  @req:PVD-SRT-02
  Scenario: An order by an unknown field loses nobody
    When a partner makes the mistake "an order by an unknown field"
    Then the records come all the same, with the warning "invalid_sort_field"

  @req:PVD-FLD-01
  Scenario: Only what was asked for is told
    When a partner asks for ids and roles only
    Then it gets these fields and no others

  @req:PVD-FLD-02
  Scenario: An unknown field among others loses nothing
    When a partner makes the mistake "an unknown field among others"
    Then the records come all the same, with the warning "invalid_selection_field"

  @req:PVD-FLD-03
  Scenario: A blank list of fields is refused
    When a partner makes the mistake "a blank list of fields"
    Then it is refused with 400 and "invalid_blank_selection_field", without data
