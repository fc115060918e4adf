@passback @night:gradeweeks
Feature: Graded work in Canvas is in the SIS gradebook, once for each class

  Parents and report cards read the SIS. An assignment that is missing there, or stands there twice,
  makes a wrong average that a family sees before the teacher does.

  Background:
    Given the district lived through "the weeks of grading"

  @req:GPB-LIN-01
  Scenario Outline: An assignment of two classes is one line item in each
    When grades have been synced in "the first sync"
    Then Focus has "Chapter 1 Homework" for "<class>", once

    Examples:
      | class              |
      | Algebra 1 Period 1 |
      | Algebra 1 Period 2 |

  @req:GPB-LIN-12
  Scenario: A quiz is passed back
    When grades have been synced in "the first sync"
    Then Focus has "Unit 1 Quiz" for "Algebra 1 Period 1", once
    And "Ana Ruiz" has 18.5 of 20 for "Unit 1 Quiz" in "Algebra 1 Period 1"

  @req:GPB-LIN-12
  Scenario: A New Quiz is passed back
    When grades have been synced in "the first sync"
    Then Focus has "Number Lab" for "Algebra 1 Period 2", once
    And "Priya Raman" has 7.5 of 12 for "Number Lab" in "Algebra 1 Period 2"

  @req:GPB-LIN-01
  Scenario: Work on paper is passed back
    When grades have been synced in "the first sync"
    Then Focus has "On Paper" for "Algebra 1 Period 1", once
    And "Omar Haddad" has 9 of 10 for "On Paper" in "Algebra 1 Period 2"

  @req:GPB-LIN-01
  Scenario: Work that Canvas leaves out of the course grade is passed back like any other
    When grades have been synced in "the first sync"
    Then Focus has "Trial Run" for "Algebra 1 Period 1", once
    And "Ana Ruiz" has 5 of 10 for "Trial Run" in "Algebra 1 Period 1"

  @req:GPB-LIN-01
  Scenario: A title arrives sign by sign
    When grades have been synced in "the first sync"
    Then Focus has "Q&A: ½ of Ana's <pie>, 50 %, x < y?" for "Algebra 1 Period 1", once

  @req:GPB-LIN-13
  Scenario: A graded discussion is passed back
    When grades have been synced in "the first sync"
    Then Focus has "Why do we need zero?" for "Algebra 1 Period 1", once
    And "Omar Haddad" has 5 of 5 for "Why do we need zero?" in "Algebra 1 Period 2"

  @req:GPB-LIN-03
  Scenario: A minute to midnight is still today
    When grades have been synced in "the first sync"
    Then Focus has "Evening Deadline" for "Algebra 1 Period 1", once

  @req:GPB-LIN-03
  Scenario Outline: A day is the school's day, in summer and in winter
    When grades have been synced in "the first sync"
    Then Focus has "<assignment>" for "<class>", once

    Examples: due half an hour after midnight, and a minute before it when summer time is over
      | assignment     | class              |
      | Noël, by Night | English 9 Period 2 |
      | Harvest Report | Biology Period 5   |

  @req:GPB-LIN-01
  Scenario: Work that is graded before it is due is passed back
    When grades have been synced in "the first sync"
    Then "Finn Hale" has 18 of 20 for "Harvest Report" in "Biology Period 5"

  @req:GPB-LIN-11
  Scenario: Two assignments of one title are two
    When grades have been synced in "the first sync"
    Then Focus has 2 assignments "Warm-up" for "Algebra 1 Period 1", each with its own grades

  @req:GPB-LIN-01
  Scenario: An assignment of another class has the same title
    When grades have been synced in "the first sync"
    Then Focus has 1 assignments "Warm-up" for "Biology Period 5", each with its own grades

  @req:GPB-LIN-04
  Scenario: More time for one pupil is no more time for the class
    When grades have been synced in "the first sync"
    Then if "Herbarium" reached Focus for "Biology Period 5", it is due when the class has it due

  @req:GPB-LIN-04
  Scenario: A section with a due date of its own has it in the SIS too
    When grades have been synced in "the first sync"
    Then Focus has "Two Deadlines" for "Algebra 1 Period 1", once
    And Focus has "Two Deadlines" for "Algebra 1 Period 2", once

  @req:GPB-LIN-04
  Scenario: Work for one section only is no line item of the other
    When grades have been synced in "the first sync"
    Then Focus has "Only Period 2" for "Algebra 1 Period 2", once
    And nothing of "Only Period 2" reached Focus for "Algebra 1 Period 1"

  @req:GPB-LIN-05
  Scenario: A fractional maximum is passed whole
    When grades have been synced in "the first sync"
    Then Focus has "Fractional Maximum" for "Algebra 1 Period 1", once
    And "Ben Okafor" has 10.25 of 10.5 for "Fractional Maximum" in "Algebra 1 Period 1"

  @req:GPB-LIN-07
  Scenario: Of two categories of one name the class's own is taken
    When grades have been synced in "the first sync"
    Then Focus has "Essay on Beloved" for "English 9 Period 2", once
    And Focus has "Pond Water" for "Biology Period 5", once

  @req:GPB-LIN-07
  Scenario: Of two categories of one name that are everybody's the first is taken
    When grades have been synced in "the first sync"
    Then Focus has "Harvest Report" for "Biology Period 5", once

  @req:GPB-LIN-06
  Scenario: Work that is moved to another group is filed under that one's category
    When grades have been synced in "the sync after changes"
    Then Focus has "Fractional Maximum" for "Algebra 1 Period 1", once

  @req:GPB-LIN-14
  Scenario: A cross-listed section's grades go to its own class
    When grades have been synced in "the first sync"
    Then Focus has "Essay on Beloved" for "English 9 Period 2", once
    And "Eva Lind" has 30 of 30 for "Essay on Beloved" in "English 9 Period 2"
    And "Ana Ruiz" has 27.5 of 30 for "Essay on Beloved" in "English 9 Period 2"

  @req:GPB-LIN-09
  Scenario: An assignment that Focus already has, by name and due date, is taken over
    When grades have been synced in "the first sync"
    Then "Adopted Worksheet" for "Algebra 1 Period 1" is the one that Focus had
    And "Ben Okafor" has 34 of 40 for "Adopted Worksheet" in "Algebra 1 Period 1"

  @req:GPB-LIN-09
  Scenario: One of the same name and due date in another class is left alone
    When grades have been synced in "the first sync"
    Then Focus has "Pond Water" for "Biology Period 5", once
    And Focus's own "Pond Water in English" and its grades are untouched

  @req:GPB-LIN-11
  Scenario: One of the same name and another due date is left alone
    When grades have been synced in "the first sync"
    Then Focus has "Same Name" for "Algebra 1 Period 1", once
    And Focus's own "Same Name" and its grades are untouched

  @req:GPB-LIN-10
  Scenario: Where Focus has two that fit, neither is touched and no third is made
    When grades have been synced in "the first sync"
    Then nothing of "Twins" reached Focus for "Algebra 1 Period 1"
    And Focus's own "Twins one" and its grades are untouched
    And Focus's own "Twins two" and its grades are untouched

  @req:GPB-LIN-02
  Scenario: A renamed assignment is the same line item, renamed
    When grades have been synced in "the sync after changes"
    Then Focus has "Chapter 1 Homework, revised" for "Algebra 1 Period 1", once
    And Focus has "Chapter 1 Homework, revised" for "Algebra 1 Period 2", once

  @req:GPB-LIN-02
  Scenario: A changed maximum is the same line item with the new maximum
    When grades have been synced in "the sync after changes"
    Then Focus has "Essay on Beloved" for "English 9 Period 2", once
    And "Eva Lind" has 30 of 40 for "Essay on Beloved" in "English 9 Period 2"

  @req:GPB-LIN-02
  Scenario: A moved deadline is the same line item, moved
    When grades have been synced in "the sync after changes"
    Then Focus has "Evening Deadline" for "Algebra 1 Period 1", once

  @req:GPB-LIN-02 @req:GPB-LIN-08
  Scenario: A renamed group neither doubles its work nor files it elsewhere
    When grades have been synced in "the sync after changes"
    Then "Harvest Report" for "Biology Period 5" stands once in Focus, under its old category

  @req:GPB-LIN-15
  Scenario: What was deleted in Focus is back after a remaster
    When grades have been synced in "the remaster"
    Then Focus has "Deleted in Focus" for "Algebra 1 Period 1", once
    And "Ana Ruiz" has 7 of 10 for "Deleted in Focus" in "Algebra 1 Period 1"

  @req:GPB-LIN-16
  Scenario: What reached the SIS stays there when Canvas no longer syncs it
    When grades have been synced in "the sync after changes"
    Then nothing that Focus had was taken away
