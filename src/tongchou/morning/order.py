"""The order of the day as content: what stands on the two pages, before any ink.

Everything a document shows is here, in both languages, with the evidence behind each number: the
formula it comes from and the rows it was made of. Renderers (`html`, `word`, `bulletin`, JSON)
add looks, never numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

import polars as pl

from tongchou.vocabulary.text import Text

Flag = Literal["synthetic", "assumed", "revised", "partial"]
"""What a reader must know of a figure before using it."""

FLAG_WORDS: Mapping[Flag, Text] = {
    "synthetic": Text(zh="演练数据", en="synthetic"),
    "assumed": Text(zh="含假设", en="assumed"),
    "revised": Text(zh="已修订", en="revised"),
    "partial": Text(zh="不完整", en="partial"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What stands behind a number: one click from every figure.

    ``method`` is the page under ``docs/methods/`` (without ending); ``rows`` the rows it was made
    of, as a frame whose columns are shown as they are; ``total_rows`` how many there were when
    only the latest are carried; ``parameters`` the parameters used as (name, value, source).
    """

    id: str
    title: Text
    method: str
    formula: Text
    rows: pl.DataFrame
    total_rows: int
    parameters: tuple[tuple[Text, Text, Text], ...] = ()
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of the strip.

    ``shown`` is the number as printed, ``low`` and ``high`` its range as printed; ``day_change`` and
    ``week_change`` are signed and printed; ``trend`` the last 28 days (None where unknown);
    ``small`` is small print beside it; ``missing`` replaces the number where a table is not there.
    """

    id: str
    label: Text
    unit: Text
    value: float | None
    shown: str
    low: str | None = None
    high: str | None = None
    day_change: str | None = None
    week_change: str | None = None
    trend: tuple[float | None, ...] = ()
    better: Literal["up", "down", "neither"] = "neither"
    small: Text | None = None
    flags: tuple[Flag, ...] = ()
    was: str | None = None
    missing: Text | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRow:
    """One unit on the tier map."""

    place: str
    name: Text
    path: str
    tier: Literal["low", "medium", "high"]
    before: Literal["low", "medium", "high"] | None
    reason: Text
    change_possible: Text
    population: int | None
    confirmed: int
    new_14: int
    days_since_last: int | None
    resurgence: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierBoard:
    """The map and the small table beside it."""

    unit_level: Text
    coarse: Text | None
    rows: tuple[TierRow, ...]
    counts: Mapping[str, int]
    population: Mapping[str, int | None]
    moved_up: tuple[str, ...]
    moved_down: tuple[str, ...]
    evidence: Evidence


NO_NOWCAST = pl.DataFrame(
    schema={"date": pl.Date, **dict.fromkeys(("estimate", "q025", "q975"), pl.Float64)}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Reported, adjusted, nowcast, forecast fan, and yesterday's forecast beside what happened.

    ``history``: date, reported, adjusted (persons a day). ``fan``: date, q025, q25, median, q75,
    q975. ``yesterday``: date, median, as forecast the night before. ``nowcast``: date of onset,
    estimate, q025, q975; no row without a line list.
    """

    history: pl.DataFrame
    fan: pl.DataFrame
    yesterday: pl.DataFrame
    sentence: Text
    evidence: Evidence
    nowcast: pl.DataFrame = field(default_factory=lambda: NO_NOWCAST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One line of "gaps now": how many, worst three places, the clock of the oldest."""

    id: str
    label: Text
    count: int | None
    worst: tuple[tuple[Text, int], ...] = ()
    oldest: Text | None = None
    missing: Text | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to decide: its effect with range, cost and burden, in words that carry numbers.

    An empty cost or burden is one that this option does not change, and is not printed.
    """

    name: Text
    recommended: bool
    effect: Text
    cost: Text
    burden: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision put before the commander; it is a proposal until a person signs it.

    ``harm_per_day`` ranks it: expected harm avoided per day of delay, in the unit ``harm_unit``
    (infection-equivalents; see the method page ``decisions``).
    """

    id: str
    sentence: Text
    where: Text
    places: tuple[str, ...]
    mechanisms: tuple[str, ...]
    options: tuple[Option, ...]
    harm_per_day: float
    legal_basis: Text
    start: date
    expiry: date
    owner: Text
    due: Text
    would_change: Text
    takes_freedom: bool
    evidence: Evidence
    due_by: datetime | None = None
    """The moment in ``due``, for machines, in the time of the place; None where the words give none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """One entry of the next fourteen days."""

    kind: Literal["beds", "stock", "tier", "imports", "restart", "deadline", "level"]
    on: date
    until: date | None
    where: Text
    text: Text
    probability: float | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Yesterday:
    """What became of yesterday: orders, forecast score, corrections published."""

    orders: Text
    scores: pl.DataFrame
    score_sentence: Text
    corrections: tuple[Text, ...]
    evidence: Evidence


Kind = Literal["text", "count", "estimate", "share", "date", "code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The head of an annex column: name, unit and how its cells are written."""

    key: str
    label: Text
    kind: Kind = "text"
    unit: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of an annex. A cell of kind ``text`` may hold a Text; rows are mappings by key.

    ``evidence`` is what the whole table came from; ``proofs`` what single rows came from: a row
    names its own in the key ``evidence``.
    """

    id: str
    title: Text
    headings: tuple[Heading, ...]
    rows: tuple[Mapping[str, object], ...]
    note: Text | None = None
    missing: Text | None = None
    evidence: Evidence | None = None
    proofs: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Annex:
    """One annex, A to K, of one or more tables."""

    letter: str
    title: Text
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of the order."""

    place: str
    name: Text
    path: tuple[Text, ...]
    period: Text
    edition: Text
    level: Text
    level_basis: Text
    level_review: Text
    cut: date
    reported_units: int
    expected_units: int
    flags: tuple[Flag, ...]
    notices: tuple[Text, ...]
    contact: Text | None = None
    """Where the public may ask; None where the pack names nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question the public asked this week, with its answer, for the bulletin."""

    question: Text
    answer: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """Who signs, and what makes the same document again."""

    digest: str
    inputs: Mapping[str, str]
    version: str
    seed: int
    pack: str
    parameters: tuple[tuple[Text, Text, Text], ...]
    handover: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The whole order of the day."""

    head: Head
    headline: tuple[Text, Text, Text]
    figures: tuple[Figure, ...]
    tiers: TierBoard
    curve: Curve
    gaps: tuple[Gap, ...]
    decisions: tuple[Decision, ...]
    ahead: tuple[Ahead, ...]
    yesterday: Yesterday
    signoff: SignOff
    annexes: tuple[Annex, ...]
    corrections: tuple[Text, ...]
    evidence: Mapping[str, Evidence]
    questions: tuple[Question, ...] = ()
    names: Mapping[str, Text] = field(default_factory=dict)
