"""Which column fills which field: found by name, by likeness, by what the column holds; a person confirms."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from tongchou.situation.files.cells import NO, YES, choice_word
from tongchou.situation.files.headers import plain_header
from tongchou.station.exchange.importable import Importable, ImportField
from tongchou.station.exchange.limits import limit
from tongchou.vocabulary.text import Text

How = Literal["remembered", "name", "alias", "like", "values", "none"]
HOW: Mapping[str, Text] = {
    "remembered": Text(zh="上次确认过", en="confirmed last time"),
    "name": Text(zh="同名", en="same name"),
    "alias": Text(zh="常用别名", en="known by another name"),
    "like": Text(zh="名称相近，请确认", en="similar name, please confirm"),
    "values": Text(zh="按内容推测，请确认", en="guessed from its content, please confirm"),
    "none": Text(zh="未对应", en="not assigned"),
}
VALUES_LOOKED_AT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """The field that a column probably fills, how it was found, and how sure that is (0 to 100)."""

    field: str | None
    how: How
    score: float = 0.0


def fingerprint(header: Sequence[str]) -> str:
    """Give what a set of column names is remembered by."""
    joined = "\x1f".join(plain_header(h) for h in header)
    return hashlib.sha256(joined.encode()).hexdigest()


def guess(
    importable: Importable, header: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[Guess, ...]:
    """Give the most probable field of every column; each field is given to one column only.

    Names come before likeness, likeness before content; among equals the better score wins.
    """
    found: list[tuple[float, int, Guess]] = []
    for at, name in enumerate(header):
        cells = [r[at].strip() for r in rows[:VALUES_LOOKED_AT] if at < len(r) and r[at].strip()]
        for into in importable.fields:
            best = _by_name(name, into) or _by_likeness(name, into) or _by_values(cells, into)
            if best:
                found.append((_rank(best), at, best))
    taken: dict[int, Guess] = {}
    used: set[str] = set()
    for _, at, best in sorted(found, key=lambda f: (-f[0], f[1])):
        if at not in taken and best.field not in used:
            taken[at] = best
            used.add(str(best.field))
    none = Guess(field=None, how="none")
    return tuple(taken.get(at, none) for at in range(len(header)))


def _rank(found: Guess) -> float:
    return {"name": 300, "alias": 200, "like": 100, "values": 0}[found.how] + found.score


def _names(into: ImportField) -> tuple[str, ...]:
    return (into.key, into.label.zh, into.label.en)


def _by_name(name: str, into: ImportField) -> Guess | None:
    plain = plain_header(name)
    if plain in map(plain_header, _names(into)):
        return Guess(field=into.key, how="name", score=100)
    if plain in map(plain_header, into.aliases):
        return Guess(field=into.key, how="alias", score=100)
    return None


def _by_likeness(name: str, into: ImportField) -> Guess | None:
    plain = plain_header(name)
    if len(plain) < 2:
        return None
    spelled = _pinyin(plain)
    score = 0.0
    for other in map(plain_header, (*_names(into), *into.aliases)):
        score = max(score, fuzz.ratio(plain, other))
        if len(other) >= 2 and (plain.startswith(other) or plain.endswith(other)):
            score = max(score, 72 + 20 * len(other) / len(plain))
        if plain.isascii() and not other.isascii() and len(plain) > 3:
            score = max(score, fuzz.ratio(plain, _pinyin(other)))
        elif not plain.isascii() and not other.isascii():
            score = max(score, fuzz.ratio(spelled, _pinyin(other)) - 8)
    if score < limit("likely_mapping"):
        return None
    return Guess(field=into.key, how="like", score=round(score, 1))


def _pinyin(word: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(word, style=Style.NORMAL))


_DOCUMENT = re.compile(r"^\d{17}[\dXx]$")
_PHONE = re.compile(r"^(?:\+?86)?1[3-9]\d{9}$")


def _by_values(cells: Sequence[str], into: ImportField) -> Guess | None:
    """Judge by content: only kinds whose values cannot be mistaken for another's."""
    if len(cells) < 2:
        return None
    plain = [unicodedata.normalize("NFKC", c) for c in cells]
    if into.kind == "document":
        fits = sum(1 for c in plain if _DOCUMENT.match(c))
    elif into.kind == "phone":
        fits = sum(1 for c in plain if _PHONE.match(re.sub(r"[\s-]", "", c)))
    elif into.kind == "choice" and into.choices:
        words = {choice_word(w) for v, ws in into.choices.items() for w in (v, *ws)}
        words -= {choice_word(w) for w in YES | NO}
        fits = sum(1 for c in plain if choice_word(c) in words)
    else:
        return None
    share = 100 * fits / len(plain)
    return Guess(field=into.key, how="values", score=round(share, 1)) if share >= 80 else None
