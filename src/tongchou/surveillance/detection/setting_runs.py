"""Runs of cases at one setting: who was where, and which of them fall within the window of each other."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

FEWEST = int(parameter("cluster_cases").value)
DAYS = int(parameter("cluster_days").value)
FIRST_KNOWN = (
    "onset_on", "sampled_on", "result_on", "confirmed_on", "reported_on", "known_on"
)  # fmt: skip
"""The day of a case: of onset, else the first that says the infection was found."""
ATTENDED = {"case": pl.String, "on": pl.Date, "kind": pl.String, "setting": pl.String}


@dataclass(frozen=True, slots=True, order=True)
class Visit:
    """A case at a shared setting; ``on`` is the day of onset, or of report where onset is not known."""

    setting: str
    on: date
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Cases that share a setting within the window."""

    setting: str
    cases: tuple[str, ...]
    first_on: date
    last_on: date


def find_runs(visits: Iterable[Visit], *, fewest: int = FEWEST, days: int = DAYS) -> list[Found]:
    """Give the clusters of each setting: runs of cases in which each falls within the window of the one before.

    A case that was at a setting twice counts once, on its first day there. A run goes on as long
    as the next case falls at most ``days`` days after the last: a long outbreak in one place is one
    cluster, two outbreaks a month apart are two.

    >>> at = [Visit("mill", date(2020, 2, d), f"C{d}") for d in (1, 10, 27)]
    >>> [(f.setting, f.cases) for f in find_runs(at)]
    [('mill', ('C1', 'C10'))]
    """
    window = timedelta(days=days)
    by_setting: dict[str, dict[str, date]] = defaultdict(dict)
    for visit in sorted(visits):
        by_setting[visit.setting].setdefault(visit.case, visit.on)
    found = []
    for setting, cases in sorted(by_setting.items()):
        run: list[tuple[str, date]] = []
        for case, on in [*cases.items(), ("", date.max)]:
            if run and on - run[-1][1] > window:
                if len(run) >= fewest:
                    found.append(
                        Found(
                            setting=setting,
                            cases=tuple(c for c, _ in run),
                            first_on=run[0][1],
                            last_on=run[-1][1],
                        )
                    )
                run = []
            run.append((case, on))
    return found


def attendances(cases: pl.DataFrame, settings: Sequence[str] = ()) -> pl.DataFrame:
    """Give who was where out of a line list: ``case, on, kind, setting``.

    Households by ``household_id``; named clusters by ``cluster_id``, with the commonest ``exposed_at``
    of their cases as kind; and each further column of ``settings`` (a venue, a school, a flight), in
    which several names stand apart by ``;``. A case that was excluded is none.

    Parameters
    ----------
    cases
        Line list in the column names of table ``cases``.
    settings
        Further columns that name settings.

    Examples
    --------
    >>> listed = pl.DataFrame({
    ...     "case_id": ["1", "2"], "onset_on": [date(2020, 2, 1), None],
    ...     "confirmed_on": [date(2020, 2, 3), date(2020, 2, 4)], "household_id": ["H1", None],
    ...     "venue": ["gym; choir", "choir"]})
    >>> attendances(listed, ["venue"]).sort("case", "setting").rows()[1:3]
    [('1', datetime.date(2020, 2, 1), 'venue', 'choir'), ('1', datetime.date(2020, 2, 1), 'venue', 'gym')]
    """
    missing = [c for c in settings if c not in cases.columns]
    if missing:
        raise BadParameter("settings", ", ".join(missing), _NO_COLUMN)
    known = dated(cases)
    parts = [
        _named(known, column, pl.lit(column if column != "household_id" else "household"))
        for column in ("household_id", *settings)
        if column in known.columns
    ]
    if "cluster_id" in known.columns:
        parts.append(_named(known, "cluster_id", _kind_of_cluster(known)))
    return pl.concat([pl.DataFrame(schema=ATTENDED), *parts])


def dated(cases: pl.DataFrame) -> pl.DataFrame:
    """Give the cases that were not excluded with ``on``, their day, null where none is known."""
    days = [pl.col(c) for c in FIRST_KNOWN if c in cases.columns]
    on = pl.coalesce(days) if days else pl.lit(None)
    kept = (
        cases.filter(pl.col("excluded_on").is_null()) if "excluded_on" in cases.columns else cases
    )
    return kept.with_columns(on=on.cast(pl.Date), case_id=pl.col("case_id").cast(pl.String))


def _named(cases: pl.DataFrame, column: str, kind: pl.Expr) -> pl.DataFrame:
    named = pl.col(column).cast(pl.String).str.split(";").alias("setting")
    return (
        cases.select(case="case_id", on="on", kind=kind.cast(pl.String), setting=named)
        .explode("setting")
        .with_columns(pl.col("setting").str.strip_chars())
        .filter(pl.col("setting").is_not_null() & (pl.col("setting") != ""))
        .select(list(ATTENDED))
    )


def _kind_of_cluster(cases: pl.DataFrame) -> pl.Expr:
    if "exposed_at" not in cases.columns:
        return pl.lit("cluster")
    said = pl.when(pl.col("exposed_at") != "unknown").then(pl.col("exposed_at"))
    return (
        said.drop_nulls().mode(maintain_order=True).first().over("cluster_id").fill_null("cluster")
    )


_NO_COLUMN = Text(zh="个案表没有这一列。", en="the line list has no such column.")
