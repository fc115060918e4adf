"""Courses, in the manner of Florida's Course Code Directory, and names of places."""

from dataclasses import dataclass
from functools import cache

from homeroom.mocks.district.plan import Level


@dataclass(frozen=True)
class Offer:
    """A course on offer: state course code, SCED subject name and code."""

    title: str
    code: str
    subject: str
    subject_code: str


def _grade_word(grade: int) -> str:
    return "Kindergarten" if grade == 0 else f"Grade {grade}"


def _elementary(grade: int) -> tuple[Offer, ...]:
    word = _grade_word(grade)
    return (
        Offer(f"Language Arts {word}", f"50100{41 + grade}", "Language Arts", f"5103{grade}"),
        Offer(f"Mathematics {word}", f"5012{20 + grade * 10:03d}", "Mathematics", f"5203{grade}"),
        Offer(f"Science {word}", f"5020{10 + grade * 10:03d}", "Science", f"5323{grade}"),
        Offer(
            f"Social Studies {word}", f"5021{20 + grade * 10:03d}", "Social Studies", f"5443{grade}"
        ),
        Offer(
            f"Physical Education {word}",
            f"5015{20 + grade * 10:03d}",
            "Physical Education",
            f"5803{grade}",
        ),
        Offer(f"Art {word}", f"5001{10 + grade * 10:03d}", "Art", f"5518{grade}"),
        Offer(f"Music {word}", f"5013{60 + grade * 10:03d}", "Music", f"5513{grade}"),
    )


_ART_AND_CHORUS = (
    Offer("M/J Two-Dimensional Studio Art 1", "0101010", "Art", "55188"),
    Offer("M/J Chorus 1", "1303000", "Music", "55138"),
)
_MIDDLE: tuple[tuple[Offer, ...], ...] = (
    (
        Offer("M/J Language Arts 1", "1001010", "Language Arts", "51036"),
        Offer("M/J Mathematics 1", "1205010", "Mathematics", "52036"),
        Offer("M/J Comprehensive Science 1", "2002040", "Science", "53236"),
        Offer("M/J World History", "2109010", "Social Studies", "54436"),
        Offer("M/J Fitness - Grade 6", "1508000", "Physical Education", "58036"),
        *_ART_AND_CHORUS,
    ),
    (
        Offer("M/J Language Arts 2", "1001040", "Language Arts", "51037"),
        Offer("M/J Mathematics 2", "1205040", "Mathematics", "52037"),
        Offer("M/J Comprehensive Science 2", "2002070", "Science", "53237"),
        Offer("M/J Civics", "2106015", "Social Studies", "54437"),
        Offer("M/J Fitness - Grade 7", "1508200", "Physical Education", "58037"),
        *_ART_AND_CHORUS,
    ),
    (
        Offer("M/J Language Arts 3", "1001070", "Language Arts", "51038"),
        Offer("M/J Pre-Algebra", "1205070", "Mathematics", "52038"),
        Offer("M/J Comprehensive Science 3", "2002100", "Science", "53238"),
        Offer("M/J United States History", "2100010", "Social Studies", "54438"),
        Offer("M/J Spanish, Beginning", "0708000", "World Languages", "56008"),
        *_ART_AND_CHORUS,
    ),
)
_HIGH: tuple[tuple[Offer, ...], ...] = (
    (
        Offer("English 1", "1001310", "English Language and Literature", "01001"),
        Offer("Algebra 1", "1200310", "Mathematics", "02052"),
        Offer("Biology 1", "2000310", "Life and Physical Sciences", "03051"),
        Offer("World History", "2109310", "Social Sciences and History", "04051"),
        Offer("Spanish 1", "0708340", "World Languages", "06101"),
        Offer("HOPE-Physical Education", "3026010", "Physical Education", "08016"),
        Offer("Creating Two-Dimensional Art", "0101355", "Visual Arts", "05154"),
    ),
    (
        Offer("English 2", "1001340", "English Language and Literature", "01002"),
        Offer("Geometry", "1206310", "Mathematics", "02072"),
        Offer("Chemistry 1", "2003340", "Life and Physical Sciences", "03101"),
        Offer("Psychology 1", "2107300", "Social Sciences and History", "04254"),
        Offer("Spanish 2", "0708350", "World Languages", "06102"),
        Offer("Theatre 1", "0400310", "Performing Arts", "05052"),
        Offer("Ceramics/Pottery 1", "0102300", "Visual Arts", "05159"),
    ),
    (
        Offer("English 3", "1001370", "English Language and Literature", "01003"),
        Offer("Algebra 2", "1200330", "Mathematics", "02056"),
        Offer("Physics 1", "2003380", "Life and Physical Sciences", "03151"),
        Offer("United States History", "2100310", "Social Sciences and History", "04101"),
        Offer("French 1", "0701320", "World Languages", "06121"),
        Offer("Speech 1", "1007305", "English Language and Literature", "01151"),
        Offer("Creative Photography 1", "0108310", "Visual Arts", "05167"),
    ),
    (
        Offer("English 4", "1001405", "English Language and Literature", "01004"),
        Offer("Precalculus", "1202340", "Mathematics", "02110"),
        Offer("Marine Science 1", "2002500", "Life and Physical Sciences", "03005"),
        Offer("Economics with Financial Literacy", "2102335", "Social Sciences", "04201"),
        Offer("Guitar 1", "1301320", "Performing Arts", "05108"),
        Offer("United States Government", "2106310", "Social Sciences", "04151"),
        Offer("Personal Financial Literacy", "2102372", "Business", "19262"),
    ),
)


@cache
def offers(grade: int, slots: int) -> tuple[Offer, ...]:
    """Return a grade's courses, one a slot; the last two are the semester courses."""
    if grade < 6:
        all_offers = _elementary(grade)
    elif grade < 9:
        all_offers = _MIDDLE[grade - 6]
    else:
        all_offers = _HIGH[grade - 9]
    return (
        all_offers if slots >= 7 else (*all_offers[: max(0, slots - 2)], *all_offers[-2:])[:slots]
    )


LEVEL_WORD = {
    Level.ELEMENTARY: "Elementary School",
    Level.MIDDLE: "Middle School",
    Level.HIGH: "High School",
}
_TREES = (
    *("Cypress", "Live Oak", "Palmetto", "Magnolia", "Sabal", "Tupelo", "Mangrove", "Longleaf"),
    *("Sandhill", "Heron", "Osprey", "Ibis", "Pelican", "Egret", "Manatee", "Panther"),
    *("Coquina", "Sawgrass", "Seminole", "Okefenokee", "Hibiscus", "Jasmine", "Citrus", "Grove"),
    *("Coral", "Lighthouse", "Sunrise", "St. John's", "San José", "Santa Fe", "Ponce", "Osceola"),
)
_PLACES = (
    *("Creek", "Lake", "Point", "Springs", "Ridge", "Bay", "Hammock", "Trail"),
    *("Landing", "Park", "Prairie", "Bluff", "Key", "Shores", "Glades", "Meadows"),
    *("Island", "Crossing", "Woods", "River", "Cove", "Pines", "Harbor", "Bend"),
)
PLACE_NAMES = len(_TREES) * len(_PLACES)


def place_name(number: int) -> str:
    """Return one of PLACE_NAMES names of places, a different one for each number below."""
    return f"{_TREES[number % len(_TREES)]} {_PLACES[number // len(_TREES)]}"


CITIES = ("Crawfordville", "Tallahassee", "Jacksonville", "Fort Lauderdale", "Ocala", "Miami")
CATEGORY_TITLES = ("Homework", "Classwork", "Quizzes", "Tests", "Projects")
