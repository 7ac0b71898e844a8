"""The field dictionary: every field already held, and what a new one is like (M100).

It holds the columns of the data contract and the fields of the station's own forms. A new field
counts as already held when its name is like one of theirs, in Chinese or in English.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz

from tongchou.situation.contract import contracts
from tongchou.station.incident.rules.tables import table
from tongchou.vocabulary.text import Text

GENERAL = frozenset(
    {"人数", "数量", "日期", "时间", "名称", "地区", "地址", "单位", "情况", "备注", "编号"}
)
"""Words that say what sort of answer a field takes, not what it asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A field that is already held: where, what it means, under which names it is known."""

    held: str
    meaning: Text
    names: tuple[str, ...]
    model: str = ""
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A field already held, and how like a new name it is, of 100."""

    known: Known
    likeness: float


@cache
def dictionary() -> tuple[Known, ...]:
    """Give every field that is already held, the station's own forms first."""
    own = [
        Known(
            held=row["held"],
            meaning=Text(zh=row["zh"], en=row["en"]),
            names=(row["zh"], row["en"], *row["aliases"].split("|")),
            model=row["model"],
            clock=row["clock"],
        )
        for row in table("fields")
    ]
    contract = [
        Known(
            held=f"{name}.{column.name}",
            meaning=column.meaning,
            names=(column.meaning.zh, column.meaning.en, column.name.replace("_", " ")),
        )
        for name, promised in contracts().items()
        for column in promised.columns
        if column.name != "known"
    ]
    return (*own, *contract)


def plain(name: str) -> str:
    """Give a name without case, marks, numbering and words of asking.

    >>> plain("3、请填写 身份证号码："), plain("Please enter your Phone No.")
    ('身份证号码', 'phone')
    """
    name = re.sub(r"^\s*[(（]?\d+[)）.、．]\s*", "", name.lower())
    name = re.sub(r"近?\d+[天日]内?", "", name)
    name = re.sub(r"请(填写|输入|选择)?|您的|本人的?|^是否有?|居民|群众", "", name)
    name = re.sub(r"\b(please|enter|your|the|of|no|number)\b", " ", name)
    return re.sub(r"[\W_]+", " ", name).strip()


@cache
def _plain_names() -> tuple[tuple[Known, tuple[str, ...]], ...]:
    return tuple((k, tuple(p for n in k.names if (p := plain(n)))) for k in dictionary())


def likeness(one: str, other: str) -> float:
    """Give how like two plain names are, 0 to 100.

    English names may have their words in any order; a Chinese name is compared character by
    character, and one that ends with the other whole counts nine tenths at least, if it is not
    longer than twice: in Chinese the thing asked for stands last. A word that says only what sort
    of answer it is, such as 人数, makes no two names alike.

    >>> likeness("temperature of body", "body temperature of") > 99, likeness("体温", "物资") < 50
    (True, True)
    """
    score = max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))
    short, long = sorted((one, other), key=len)
    whole = long.endswith(short) or (len(short) > 3 and short in long)
    if whole and short not in GENERAL and len(short) > 1 and len(long) <= 2 * len(short):
        score = max(score, 0.0 if short.isascii() else 90.0)
    return float(score)


def nearest(name: str) -> Match | None:
    """Give the field already held that a name is most like; None for an empty name.

    >>> nearest("身份证号").known.held, nearest("Symptom onset date").known.held
    ('persons.document', 'cases.onset')
    """
    wanted = plain(name)
    if not wanted:
        return None
    best = max(
        ((known, max(likeness(wanted, n) for n in names)) for known, names in _plain_names()),
        key=lambda found: found[1],
    )
    return Match(best[0], round(best[1], 1))


def doubled(names: Sequence[str]) -> list[str]:
    """Give the names that a form asks twice."""
    seen: set[str] = set()
    return [n for n in names if (p := plain(n)) in seen or seen.add(p)]  # type: ignore[func-returns-value]
