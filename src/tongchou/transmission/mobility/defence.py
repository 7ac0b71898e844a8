"""Lines of defence between an epidemic elsewhere and a county: the leak of each, of all, and what mending one saves.

Infected travellers meet the lines one after the other; each lets a share pass. The lines are data
(``reference/transmission/defence.csv``): leak, range, source, who may change it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text, text_of

Floats = npt.NDArray[np.float64]

ROOM = "transmission/defence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of defence.

    ``leak`` is the share of infected people it meets whom it lets pass, ``low`` and ``high`` its range,
    ``covers`` the share of infected people who meet it at all.
    """

    code: str
    name: Text
    leak: float
    low: float
    high: float
    covers: float = 1.0
    source: str = "assumption"
    mechanisms: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.leak <= self.high <= 1 or not 0 <= self.covers <= 1:
            raise BadParameter(
                self.code,
                f"{self.low}–{self.leak}–{self.high}, {self.covers}",
                Text(
                    zh="通过率须在上下限之间，均在 0 与 1 之间。",
                    en="the leak must lie in its range, and all between 0 and 1.",
                ),
            )

    @property
    def passing(self) -> float:
        """Give the share of all infected people that passes: 1 − covers × (1 − leak)."""
        return 1 - self.covers * (1 - self.leak)


def lines_of_defence(profile: str = "county") -> tuple[Line, ...]:
    """Give the lines of a profile, outermost first.

    Parameters
    ----------
    profile
        ``county``, ``capital`` (every road in is manned, everyone who returns is watched) or
        ``epicentre_closed`` (exits closed, for flows of before).

    Examples
    --------
    >>> [line.code for line in lines_of_defence()]
    ['exit_screening', 'gate', 'quarantine', 'community_grid', 'clinic']
    """
    table = packaged(ROOM)
    rows = table.filter(pl.col("profile") == profile).sort("order")
    if rows.is_empty():
        known = ", ".join(sorted(table["profile"].unique()))
        raise BadParameter("profile", profile, Text(zh=f"可用：{known}。", en=f"use {known}."))
    return tuple(
        Line(
            code=row["line"],
            name=text_of(row, "name"),
            leak=float(row["leak"]),
            low=float(row["low"]),
            high=float(row["high"]),
            covers=float(row["covers"]),
            source=row["source"],
            mechanisms=tuple(row["mechanisms"].split()),
        )
        for row in rows.iter_rows(named=True)
    )


def profiles(today: date) -> dict[str, str]:
    """Give the places whose lines are not those of a county, and their profile on a day.

    Examples
    --------
    >>> profiles(date(2020, 2, 13)), profiles(date(2020, 2, 14))
    ({}, {'110000': 'capital'})
    """
    rows = packaged("transmission/defence_places").iter_rows(named=True)
    return {r["place"]: r["profile"] for r in rows if date.fromisoformat(str(r["since"])) <= today}


def combined_leak(lines: Sequence[Line]) -> float:
    """Give the share that passes all lines, Π (1 − c_k (1 − l_k)), each acting on what the others let pass.

    Examples
    --------
    >>> half = dict(name=Text(zh="半", en="half"), leak=0.5, low=0.5, high=0.5)
    >>> combined_leak([Line(code="a", **half), Line(code="b", covers=0.5, **half)])
    0.375
    """
    return float(np.prod([line.passing for line in lines]))


def weakest_lines(lines: Sequence[Line], arriving: float = 1.0) -> pl.DataFrame:
    """Give what mending each line saves, the line that saves most first.

    With P = A Π_k q_k and q_k = 1 − c_k (1 − l_k): ∂P/∂l_k = P c_k / q_k, the infected saved by each point of
    leak less; and what is saved if the leak falls to the low end of its range, or if everyone meets the line.

    Parameters
    ----------
    lines
        Outermost first.
    arriving
        A, infected people a day who set out; 1 gives shares.

    Returns
    -------
    DataFrame
        ``line, passing, slope, saved_at_low, saved_at_full_cover``, persons per day; sorted by the larger saving.

    Examples
    --------
    >>> sieve = Line(code="sieve", name=Text(zh="筛", en="sieve"), leak=0.5, low=0.25, high=0.5)
    >>> wall = Line(code="wall", name=Text(zh="墙", en="wall"), leak=0.1, low=0.1, high=0.2)
    >>> weakest_lines([sieve, wall], 100)["line", "slope", "saved_at_low"].rows()
    [('sieve', 10.0, 2.5), ('wall', 50.0, 0.0)]
    """
    total = arriving * combined_leak(lines)
    rows = []
    for line in lines:
        others = arriving * combined_leak([other for other in lines if other is not line])
        at_low = others * (1 - line.covers * (1 - line.low))
        rows.append(
            {
                "line": line.code,
                "passing": line.passing,
                "slope": round(others * line.covers, 12),
                "saved_at_low": round(total - at_low, 12),
                "saved_at_full_cover": round(total - others * line.leak, 12),
            }
        )
    best = pl.max_horizontal("saved_at_low", "saved_at_full_cover")
    return pl.DataFrame(rows).sort(best, descending=True, maintain_order=True)
