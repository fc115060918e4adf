@provider
Feature: Who belongs where is told once and completely

  A place in a class names a person, a class and a school. When one of them is missing, or the class has
  no term, the pupil is in no course on the first day, and nobody is told.

  @req:PVD-VIW-01 @req:NCV-END-02
  Scenario: What belongs to a school can be read by school
    When a partner reads what belongs to one of "schools"
    Then each view is answered as a list of its kind

  @req:PVD-VIW-02
  Scenario Outline: What belongs to one of <owner> can be read
    When a partner reads what belongs to one of "<owner>"
    Then each view is answered as a list of its kind

    Examples:
      | owner    |
      | terms    |
      | courses  |
      | classes  |
      | students |
      | teachers |

  @req:PVD-VIW-03
  Scenario Outline: <view> are those whose <field> is <word>
    When a partner compares the views of the roster
    Then "<view>" are those whose <field> is <word>

    Examples:
      | view           | field | word          |
      | schools        | type  | school        |
      | gradingPeriods | type  | gradingPeriod |
      | students       | role  | student       |
      | teachers       | role  | teacher       |

  @req:PVD-VIW-04
  Scenario: Terms are of the kind term
    When a partner compares the views of the roster
    Then "terms" are those whose type is term

  @req:PVD-VIW-05
  Scenario: A class's students are those who have a place in it
    When a partner compares the views of the roster
    Then the students of a class are those who have a place in it

  @req:PVD-VIW-06
  Scenario: Who teaches is a teacher
    When a partner compares the views of the roster
    Then whoever teaches a class is found among the teachers

  @req:PVD-REF-01
  Scenario: A record names the others it belongs to
    When a partner reads the lists of the roster
    Then each record names every record it must, by id, address and type

  @req:PVD-REF-02
  Scenario: Every record that another names is there
    When a partner reads the lists of the roster
    Then every record that another names is there

  @req:PVD-REF-03
  Scenario: Addresses lead where they say
    When a partner reads the lists of the roster
    Then every address leads to the record that it names

  @req:PVD-REF-04
  Scenario: Every class has a term
    When a partner reads the lists of the roster
    Then every class has a term

  @req:PVD-REF-05
  Scenario: Nobody has a place in a class outside of its terms
    When a partner reads the lists of the roster
    Then every place in a class lies within the class's terms

  @req:PVD-REF-06
  Scenario: A class has one primary teacher at a time
    When a partner reads the lists of the roster
    Then a class has one primary teacher at a time

  @req:PVD-REF-07
  Scenario: A family is told from both sides
    When a partner reads the lists of the roster
    Then a family is told from both sides
