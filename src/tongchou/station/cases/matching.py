"""Duplicates: which records already held may be the same person as new ones.

Records are compared only within blocks, groups that share a key: the document number, the telephone
number, the sound of the name with the year of birth, or initials with sex and county. The keys are
stored in indexed columns of the table of identities, so that 10,000 new rows meet 300,000 persons in seconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.apps import apps

from tongchou.station.cases.likeness import (
    Candidate,
    compare,
    county_of,
    initials,
    number,
    plain_document,
    plain_phone,
    spoken,
)
from tongchou.vocabulary.text import Text

KEY_LENGTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """The keys of a record; a blank key groups it with nobody."""

    document: str
    phone: str
    name: str
    near: str

    def columns(self) -> dict[str, str]:
        """Give the keys by the columns of the table of identities that hold them."""
        return {f"block_{key}": getattr(self, key) for key in KEYS}


KEYS = ("document", "phone", "name", "near")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A record that may be a person already held, or another record of the same file.

    ``person`` is a pseudonym, blank where ``other_row`` names a record of the same file.
    """

    row: str
    person: str = ""
    other_row: str = ""
    score: float
    reasons: list[Text] = field(default_factory=list)

    @property
    def likely(self) -> bool:
        """Whether it is called very likely."""
        return self.score >= number("threshold", "likely")


def blocks(
    *,
    name: str = "",
    document: str = "",
    phone: str = "",
    birth_year: int | None = None,
    sex: str = "",
    path: str = "",
) -> Blocks:
    """Give the keys under which a person is compared.

    The sound of a name is kept as its sorted letters, so that neither the order of family and
    given name nor the joining of syllables matters.

    >>> blocks(name="张伟", birth_year=1980, sex="m", path="100000/640000/640100/640104/")
    Blocks(document='', phone='', name='aeghinwz|1980', near='wz|m|640104|198')
    """
    letters = "".join(sorted(spoken(name)))
    county = county_of(path)
    return Blocks(
        document=plain_document(document)[:KEY_LENGTH],
        phone=plain_phone(phone)[:KEY_LENGTH],
        name=f"{letters[: KEY_LENGTH - 6]}|{birth_year or ''}" if letters else "",
        near=_near(initials(name), sex, county, birth_year) if letters and county else "",
    )


def _near(first: str, sex: str, county: str, year: int | None) -> str:
    decade = year // 10 if year else ""
    return f"{first[:30]}|{sex}|{county}|{decade}"


def blocks_of(record: Candidate) -> Blocks:
    """Give the keys of a record."""
    return blocks(
        name=record.name, document=record.document, phone=record.phone,
        birth_year=record.year, sex=record.sex, path=record.path,
    )  # fmt: skip


DECADES = range(188, 206)
"""Decades of birth that a record without a year of birth is looked for in."""


def asked(record: Candidate) -> dict[str, list[str]]:
    """Give the keys that a record looks under: its own, and those of a year of birth beside its own.

    A record without a year of birth looks under every decade; one without is looked at by all.
    """
    own = blocks_of(record)
    letters = own.name.partition("|")[0]
    years = [record.year + n for n in (-1, 0, 1)] if record.year else []
    decades = sorted({y // 10 for y in years}) or list(DECADES)
    stem = own.near.rpartition("|")[0]
    return {
        "document": [own.document],
        "phone": [own.phone],
        "name": [f"{letters}|{y}" for y in [*years, ""]] if letters else [],
        "near": [f"{stem}|{d}" for d in [*decades, ""]] if stem else [],
    }


def find_among(
    rows: Sequence[Candidate],
    held: Sequence[Candidate],
    *,
    keys: Sequence[Blocks] | None = None,
    within: bool = False,
) -> list[Match]:
    """Compare records with records held in memory; pure.

    Parameters
    ----------
    rows
        New records.
    held
        Records they may repeat.
    keys
        Their keys, where they are at hand; made here where not given.
    within
        Whether both are one file: each pair once, and no record with itself.
    """
    keys = [blocks_of(record) for record in held] if keys is None else keys
    pairs = _pairs(rows, keys, within=within)
    if not len(pairs):
        return []
    found = compare([rows[a] for a, _ in pairs], [held[b] for _, b in pairs])
    kept = np.flatnonzero(found.probability >= number("threshold", "suspect"))
    matches = [
        Match(
            row=rows[pairs[i][0]].row,
            person="" if within else held[pairs[i][1]].row,
            other_row=held[pairs[i][1]].row if within else "",
            score=round(float(found.probability[i]), 4),
            reasons=found.reasons(int(i)),
        )
        for i in kept
    ]
    order = {record.row: n for n, record in enumerate(rows)}
    return sorted(matches, key=lambda m: (order[m.row], -m.score, m.person, m.other_row))


def _pairs(
    rows: Sequence[Candidate], keys: Sequence[Blocks], *, within: bool
) -> list[tuple[int, int]]:
    """Give the pairs that share a key; a key shared by too many is passed over."""
    groups: dict[str, dict[str, list[int]]] = {key: defaultdict(list) for key in KEYS}
    for n, own in enumerate(keys):
        for key in KEYS:
            if value := getattr(own, key):
                groups[key][value].append(n)
    most = number("limit", "block")
    pairs: set[tuple[int, int]] = set()
    for n, record in enumerate(rows):
        for key, values in asked(record).items():
            for value in values:
                others = groups[key].get(value, []) if value else []
                if len(others) <= most:
                    pairs.update((n, m) for m in others if not within or m < n)
    return sorted(pairs)


def find_duplicates(rows: Sequence[Candidate]) -> list[Match]:
    """Find which records may be persons already held; within the reach of whoever acts.

    Parameters
    ----------
    rows
        New records; each with a ``row`` of its own.

    Returns
    -------
    list of Match
        In the order of the rows, most likely first; nothing is merged.
    """
    held = list(_held(rows))
    return find_among(rows, [record for record, _ in held], keys=[keys for _, keys in held])


def find_repeats(rows: Sequence[Candidate]) -> list[Match]:
    """Find records of one file that may be one person written twice."""
    return find_among(rows, rows, within=True)


FIELDS = (
    "person_id", "person__pseudonym", "name", "person__sex", "person__birth_year",
    "document_number", "phone", "residence_path", *(f"block_{key}" for key in KEYS),
)  # fmt: skip
CHUNK = 2_000


def _held(rows: Sequence[Candidate]) -> Iterator[tuple[Candidate, Blocks]]:
    """Give the identities that share a key with any of the rows, each once, with their keys."""
    identities = apps.get_model("cases", "Identity").objects
    wanted: dict[str, set[str]] = {key: set() for key in KEYS}
    for record in rows:
        for key, values in asked(record).items():
            wanted[key].update(v for v in values if v)
    seen: set[int] = set()
    for key in KEYS:
        for some in _chunks(sorted(wanted[key])):
            found = identities.filter(
                **{f"block_{key}__in": some}, person__merged_into=None
            ).values_list(*FIELDS)
            for person, pseudonym, *values in found.iterator(chunk_size=CHUNK):
                if person not in seen:
                    seen.add(person)
                    keys = dict(zip(KEYS, values[-len(KEYS) :], strict=True))
                    yield _candidate(pseudonym, *values[: -len(KEYS)]), Blocks(**keys)


def _candidate(
    pseudonym: str, name: str, sex: str, year: int | None, document: str, phone: str, path: str
) -> Candidate:
    return Candidate(
        row=pseudonym, name=name, sex=sex, birth_year=year,
        document=document, phone=phone, path=path,
    )  # fmt: skip


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[n : n + CHUNK] for n in range(0, len(values), CHUNK))
