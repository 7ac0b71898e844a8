"""How alike two records of persons are: the probability that they are one person.

After Fellegi and Sunter (1969, doi 10.1080/01621459.1969.10501049): for each field the two records
agree in some level ``l``; with ``m_l`` the probability of that level for one person written down
twice and ``u_l`` for two different persons, the evidence is ``sum(log2(m_l / u_l))`` over the fields
that both records hold, and with prior odds ``o``::

    P(same person) = 1 / (1 + 2 ** -(log2(o) + evidence))

Every ``m``, ``u``, the prior and the thresholds stand in ``reference/station/match_rules.csv``. All pairs
are compared at once, in arrays.
"""

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from types import MappingProxyType

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from tongchou import reference
from tongchou.vocabulary.text import Text, text_of

SHORTEST_DOCUMENT, SHORTEST_PHONE = 6, 7
"""Shorter entries are fillers such as ``0`` or ``无``; they tell nobody apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What a record says of a person; anything may be blank.

    ``row`` is the record's own number or pseudonym; ``path`` the place of residence; ``birth_year``
    is taken from ``birth_date`` where that is known, or reckoned from age.
    """

    row: str
    name: str = ""
    sex: str = ""
    birth_date: date | None = None
    birth_year: int | None = None
    document: str = ""
    phone: str = ""
    path: str = ""

    @property
    def year(self) -> int | None:
        """The year of birth."""
        return self.birth_date.year if self.birth_date else self.birth_year


@dataclass(frozen=True, slots=True)
class Level:
    """How two values of a field agree, with the probabilities for one and for two persons."""

    m: float
    u: float
    label: Text

    @property
    def weight(self) -> float:
        """The evidence in bits."""
        return math.log2(self.m / self.u)


@cache
def levels() -> Mapping[tuple[str, str], Level]:
    """Give the table of levels by field and level."""
    with reference.path("station/match_rules.csv").open(encoding="utf-8", newline="") as handle:
        return MappingProxyType(
            {
                (r["field"], r["level"]): Level(
                    float(r["same_person"]), float(r["other_person"] or 1), text_of(r, "label")
                )
                for r in csv.DictReader(handle)
            }
        )


def number(field: str, level: str) -> float:
    """Give a single number of the table: a threshold, the prior, a limit."""
    return levels()[field, level].m


@lru_cache(maxsize=20_000)
def _sound(character: str) -> str:
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(character)).lower()


@lru_cache(maxsize=50_000)
def spoken(name: str) -> str:
    """Give a name in plain letters, syllables joined: characters in pinyin, letters as they are.

    >>> spoken("张 伟"), spoken("Zhang Wei")
    ('zhangwei', 'zhangwei')
    """
    return re.sub(r"[^a-z]", "", "".join(_sound(c) for c in name))


def initials(name: str) -> str:
    """Give the sorted first letters of a name's characters or words, so that order does not matter.

    >>> initials("张伟"), initials("Wei Zhang")
    ('wz', 'wz')
    """
    words = name.split() if name.isascii() else list(name.replace(" ", ""))
    return "".join(sorted(s[0] for w in words if (s := re.sub(r"[^a-z]", "", _sound(w)))))


def plain_document(document: str) -> str:
    """Give a document number without spaces and strokes, in capitals; fillers become blank.

    >>> plain_document("6401 0419-8001010018 "), plain_document("0")
    ('640104198001010018', '')
    """
    kept = re.sub(r"[^0-9A-Z]", "", document.upper())
    return kept if len(kept) >= SHORTEST_DOCUMENT and len(set(kept)) > 1 else ""


def plain_phone(phone: str) -> str:
    """Give the digits of a telephone number without the country's prefix; fillers become blank.

    >>> plain_phone("+86 138-0000-1234"), plain_phone("无")
    ('13800001234', '')
    """
    digits = re.sub(r"\D", "", phone)
    digits = digits.removeprefix("00")
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    return digits if len(digits) >= SHORTEST_PHONE and len(set(digits)) > 1 else ""


def county_of(path: str) -> str:
    """Give the county's part of a path of places, or as much as there is.

    >>> county_of("100000/640000/640100/640104/640104-G01/")
    '640104'
    """
    codes = [c for c in path.split("/") if c][:4]
    return codes[-1] if codes else ""


@dataclass(frozen=True, slots=True)
class Compared:
    """The probability of each pair and the level of each field, in the order of the pairs."""

    probability: np.ndarray
    levels: Mapping[str, np.ndarray]

    def reasons(self, pair: int) -> list[Text]:
        """Give in words how the two records of a pair agree."""
        table = levels()
        return [
            table[field, level].label
            for field, found in self.levels.items()
            if (level := str(found[pair])) and (field, level) in table
        ]


def compare(one: Sequence[Candidate], other: Sequence[Candidate]) -> Compared:
    """Compare records pair by pair: the first with the first, the second with the second."""
    if not one:
        return Compared(np.empty(0), {})
    found = {
        "document": _documents(one, other),
        "phone": _equal([plain_phone(c.phone) for c in one], [plain_phone(c.phone) for c in other]),
        "name": _names(one, other),
        "birth": _births(one, other),
        "sex": _equal([_sex(c.sex) for c in one], [_sex(c.sex) for c in other]),
        "place": _equal([county_of(c.path) for c in one], [county_of(c.path) for c in other]),
    }
    bits = np.full(len(one), math.log2(number("prior", "odds")))
    for field, level in found.items():
        for (name, kind), rule in levels().items():
            if name == field:
                bits[level == kind] += rule.weight
    return Compared(1 / (1 + np.exp2(-bits)), found)


def _sex(value: str) -> str:
    return "" if value == "unknown" else value


def _equal(one: list[str], other: list[str]) -> np.ndarray:
    a, b = np.array(one, dtype=object), np.array(other, dtype=object)
    return np.where((a == "") | (b == ""), "", np.where(a == b, "same", "different"))


def _documents(one: Sequence[Candidate], other: Sequence[Candidate]) -> np.ndarray:
    a = [plain_document(c.document) for c in one]
    b = [plain_document(c.document) for c in other]
    level = _equal(a, b)
    apart = process.cpdist(a, b, scorer=Levenshtein.distance, score_cutoff=2)
    return np.where((level == "different") & (apart <= 2), "near", level)


def _names(one: Sequence[Candidate], other: Sequence[Candidate]) -> np.ndarray:
    """Give the levels of names: same, alike in sound, or near.

    Near is at most two letters apart in six or more, or one character apart in three or more.
    """
    a, b = [c.name.replace(" ", "") for c in one], [c.name.replace(" ", "") for c in other]
    level = _equal(a, b)
    sound_a, sound_b = [spoken(n) for n in a], [spoken(n) for n in b]
    sound = _equal(["".join(sorted(s)) for s in sound_a], ["".join(sorted(s)) for s in sound_b])
    letters = process.cpdist(sound_a, sound_b, scorer=Levenshtein.distance, score_cutoff=2)
    strokes = process.cpdist(a, b, scorer=Levenshtein.distance, score_cutoff=1)
    shorter = np.minimum([len(s) for s in sound_a], [len(s) for s in sound_b])
    characters = np.minimum([len(s) for s in a], [len(s) for s in b])
    near = ((letters <= 2) & (shorter >= 6)) | ((strokes <= 1) & (characters >= 3))
    level = np.where((level == "different") & (sound == "same"), "sound", level)
    return np.where((level == "different") & near, "near", level)


def _births(one: Sequence[Candidate], other: Sequence[Candidate]) -> np.ndarray:
    a = np.array([c.year or 0 for c in one])
    b = np.array([c.year or 0 for c in other])
    known = (a > 0) & (b > 0)
    days = [(x.birth_date, y.birth_date) for x, y in zip(one, other, strict=True)]
    equal = np.array([x is not None and x == y for x, y in days])
    dated = np.array([x is not None and y is not None for x, y in days])
    apart = np.abs(a - b)
    year = np.where(dated, "year", "only_year")
    level = np.where(apart == 0, year, np.where(apart == 1, "near", "different"))
    return np.where(~known, "", np.where(equal, "same", level))
