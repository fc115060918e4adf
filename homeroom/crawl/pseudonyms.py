"""Keyed pseudonyms: the same text becomes the same pseudonym in every crawl, and keeps its shape.

Ids are permuted within their shape (length, case, digits and letters by place, leading zeros,
punctuation), so that two never become one and none stays itself. Names become words that no
language has, of the same length, accents, capitals, hyphens and apostrophes. Without the key
nothing leads back; nothing about anybody is stored to make it so.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from math import prod

_ROUNDS = 8
_SMALL = 4096
_LOWER, _UPPER, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
_GUID = r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
_PARTS = re.compile(rf"(?P<guid>\b{_GUID}\b)|(?P<run>[^\W_]+)")
_WORDS = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*")

# No name in use has one of these pairs: that is how a pseudonym is told from a name.
_PAIRS = ("xq", "qx", "qz", "zq", "qk", "vq", "qv", "zx")
_RARE, _CONSONANTS, _VOWELS = "qxz", "bdfgklmnprtvz", "aeiou"
_GENERAL_LABELS = frozenset({"k12", "student", "students", "staff", "mail", "edu", "schools"})

# Words of school life that name nobody: they stay, so that a class can still be recognised.
_NEUTRAL = frozenset(
    """
    a academy adult advanced algebra american and ap arts art band biology calculus center charter
    chemistry chinese chorus civics class college comprehensive computer county course creative
    culinary dance
    design digital district drama earth economics education elementary ell english environmental
    ese europe exploring fine first for french general geography geometry german government grade
    guitar health high history home homeroom honors hope in instrumental intensive international
    introduction j jazz journalism junior k keyboard kindergarten lab language latin law library
    life literature m marine math mathematics media middle music of orchestra period personal
    physical physics pre precalculus preschool primary probability program psychology public
    reading research room s school schools science section secondary semester senior service
    skills social sociology spanish sports statistics studies study technology term the theatre
    theory to training u us video virtual visual vocational web weight with
    world writing year yearbook
    """.split()  # noqa: SIM905 -- a list of this length is read as text
)


class Pseudonyms:
    """Makes pseudonyms under one key."""

    def __init__(self, key: str) -> None:
        if len(key) < 16:
            raise ValueError("the key is too short: give at least 16 characters")
        self._key = hashlib.sha256(key.encode()).digest()
        self.id = lru_cache(maxsize=400_000)(self._id)
        self.name = lru_cache(maxsize=100_000)(self._name)

    @property
    def fingerprint(self) -> str:
        """Tell two keys apart without telling either."""
        return self._mac("fingerprint", b"").hex()[:16]

    def text(self, value: str) -> str:
        """Replace every word of a title or note that is no neutral word of school life."""
        return _WORDS.sub(
            lambda match: match[0] if match[0].casefold() in _NEUTRAL else self._word(match[0]),
            value,
        )

    def email(self, value: str) -> str:
        """Replace an address; no mail can ever reach the new one."""
        local, at, domain = value.rpartition("@")
        if not at:
            return self.id(value)
        *labels, _ = domain.split(".")
        kept = [each if each.lower() in _GENERAL_LABELS else self.id(each) for each in labels]
        return f"{self.id(local)}@{'.'.join([*kept, 'example'])}"

    def day_of_year(self, day: str, person: str) -> str:
        """Move a day within its year, by person."""
        year, dash, _ = day.partition("-")
        if not dash or not year.isdigit():
            return self.id(day)
        number = int.from_bytes(self._mac("day", person.encode())[:4], "big")
        return f"{year}-{number % 12 + 1:02d}-{number // 12 % 28 + 1:02d}{day[10:]}"

    def _name(self, value: str) -> str:
        return _WORDS.sub(lambda match: self._word(match[0]), value)

    def _id(self, value: str) -> str:
        return _PARTS.sub(
            lambda match: self._guid(match[0]) if match["guid"] else self._run(match[0]), value
        )

    def _mac(self, purpose: str, message: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + message, "sha256")

    def _stream(self, purpose: str, message: bytes) -> Iterator[int]:
        block = 0
        while True:
            yield from self._mac(f"{purpose}{block}", message)
            block += 1

    def _guid(self, value: str) -> str:
        digits = self._mac("guid", value.lower().encode()).hex()
        places = iter(digits)
        # Version and variant stay: some readers look at them.
        new = "".join(
            char if char == "-" or at in (14, 19) else next(places) for at, char in enumerate(value)
        )
        return new.upper() if value.upper() == value and value.lower() != value else new.lower()

    def _run(self, value: str) -> str:
        """Permute a run of letters and digits among all runs of its shape."""
        places = [_alphabet(char) for char in value]
        for at, char in enumerate(value):
            if char == "0":
                places[at] = "0"  # A leading zero is shape.
                continue
            if char.isascii() and char.isdigit():
                places[at] = _DIGITS[1:]
            break
        sizes = [len(place) for place in places]
        if prod(sizes) < 2:
            return value
        digits = [place.index(char) for place, char in zip(places, value, strict=True)]
        moved = self._permuted(digits, sizes)
        return "".join(place[digit] for place, digit in zip(places, moved, strict=True))

    def _permuted(self, digits: Sequence[int], sizes: Sequence[int]) -> list[int]:
        """Move a number to the next one in a secret order: everything moves, nothing meets."""
        half = len(sizes) // 2
        left, right = prod(sizes[:half]), prod(sizes[half:])
        total = left * right
        number = 0
        for digit, size in zip(digits, sizes, strict=True):
            number = number * size + digit
        shape = ",".join(map(str, sizes)).encode()
        if total <= _SMALL:
            number = self._next_in_table(shape, total)[number]
        else:
            number = self._turned(number, left, right, shape)
            number = self._turned((number + 1) % total, left, right, shape, back=True)
        moved: list[int] = []
        for size in reversed(sizes):
            number, digit = divmod(number, size)
            moved.append(digit)
        return moved[::-1]

    @cache  # noqa: B019 -- a crawl has one of these objects
    def _next_in_table(self, shape: bytes, total: int) -> dict[int, int]:
        order = sorted(range(total), key=lambda at: self._mac("order", shape + b"\0%d" % at))
        return dict(zip(order, [*order[1:], order[0]], strict=True))

    def _turned(
        self, number: int, left: int, right: int, shape: bytes, *, back: bool = False
    ) -> int:
        """Encipher a number below left * right as a Feistel network does, or decipher it."""
        high, low = divmod(number, right)
        sign = -1 if back else 1
        for turn in reversed(range(_ROUNDS)) if back else range(_ROUNDS):
            if turn % 2:
                high = (high + sign * self._round(turn, low, shape)) % left
            else:
                low = (low + sign * self._round(turn, high, shape)) % right
        return high * right + low

    def _round(self, turn: int, half: int, shape: bytes) -> int:
        return int.from_bytes(self._mac("round", b"%d,%d," % (turn, half) + shape), "big")

    def _word(self, word: str) -> str:
        """Make a word that is nobody's name, of the same length and marks."""
        folded = word.casefold()
        stream = self._stream("name", unicodedata.normalize("NFC", folded).encode())
        plain = [at for at, char in enumerate(word) if char.isascii()]
        start = next((at for at in plain if at + 1 in plain), None)
        long = start is not None and len(plain) >= 4
        vowel = next(stream) % 2
        made: list[str] = []
        for at, char in enumerate(word):
            drawn = next(stream)
            if at not in plain:
                others = [each for each in _alphabet(char) if each != char]
                made.append(others[drawn % len(others)] if others else char)
                continue
            letters = (_VOWELS if (at + vowel) % 2 else _CONSONANTS) if long else _RARE
            new = letters[drawn % len(letters)]
            if long and start is not None and at in (start, start + 1):
                pair = _PAIRS[self._mac("pair", folded.encode())[0] % len(_PAIRS)]
                new = pair[at - start]
            made.append(new.upper() if char.isupper() else new)
        return "".join(made)


@cache
def _alphabet(char: str) -> str:
    """Return the characters that a character may become: those of its kind, itself among them."""
    for letters in (_DIGITS, _LOWER, _UPPER):
        if char in letters:
            return letters
    if marks := _marks(char):
        # Consonants keep theirs: there is but one n with a tilde in most alphabets.
        latin = (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
        alike = [each for each in map(chr, latin) if _marks(each) == marks]
        return "".join(alike) if char in alike else char
    if unicodedata.category(char).startswith("L"):
        block = ord(char) & ~0x7F
        kind = unicodedata.category(char)
        alike = [each for each in map(chr, range(block, block + 128)) if _kind(each) == kind]
        return "".join(alike)
    return char


def _kind(char: str) -> str:
    return "" if _marks(char) else unicodedata.category(char)


def _marks(char: str) -> str:
    """Return the accents on a Latin vowel with its case; an accented consonant as a whole."""
    base, *marks = list(unicodedata.normalize("NFD", char))
    if not marks or not base.isascii() or not base.isalpha():
        return ""
    if base.lower() not in "aeiouy":
        return f"{base}{''.join(marks)}"
    return ("U" if base.isupper() else "l") + "".join(marks)
