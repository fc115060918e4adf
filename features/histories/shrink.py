"""Nights on which the SIS's answer lacks much of the school: cut off, or a scheduling accident."""

from homeroom.features.histories.story import Story

HIGH = "Lakeside High"
PUPILS = 60


def live(story: Story) -> None:
    """Live an ordinary night, one that empties a section, and one that loses half the school."""
    school = story.school
    school.open(HIGH)
    school.teachers("Maria Delgado", "Tom Becker", school=HIGH)
    school.course("Algebra 1", "1200310", HIGH)
    classes = [f"Algebra 1 Period {period}" for period in range(1, 7)]
    for title in classes:
        school.class_(title, course="Algebra 1", school=HIGH)
    school.teach("Maria Delgado", *classes)
    pupils = school.pupils(PUPILS, school=HIGH)
    for number, pupil in enumerate(pupils):
        school.seat(pupil, classes[number % len(classes)])
    story.night("the first night", day=0)

    last = [pupil for number, pupil in enumerate(pupils) if number % len(classes) == 5]
    for pupil in last[:7]:
        school.vanish("enrollments", f"{pupil} in {classes[5]}")
    story.night("the night a section emptied", day=1)
    for pupil in last[:7]:
        school.seat(pupil, classes[5])
    story.night("the night it was whole again", day=2)

    for number, pupil in enumerate(pupils):
        if number % 2 == 0:
            school.vanish("enrollments", f"{pupil} in {classes[number % len(classes)]}")
            school.vanish("users", pupil)
    story.night("the night half the school was missing", day=3)
    released = "the night a person released"
    if not story.nights["the night half the school was missing"].run.held:
        story.notes[released] = "the subject held nothing that could be released"
    elif not story.has("release"):
        story.notes[released] = "the subject declares no release command"
    else:
        story.night(released, day=3, minutes=40, command="release")
