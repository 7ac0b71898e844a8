"""How many leave each place on each day: counted, between two counts, or assumed after the last one.

References
----------
Zhao Z, Zhao S, Han Z et al. on Baidu migration in 2020: flow at Qingming 50.1 % below 2019, at Labour Day 45.2 %
below. UBS Evidence Lab, 8 May 2020: 35-45 % below the year before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]

OBSERVED, INTERPOLATED, ASSUMED = "observed", "interpolated", "assumed"
"""Where a day's departures come from; ``assumed`` beyond the first or last day observed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """How departures go on after the last day on which their magnitude was observed.

    From its mean of the last three days observed, relative to ordinary days, each origin stays level until
    ``flat_until`` and goes straight to ``level`` by ``recovered_on`` (an origin already higher stays).
    ``closed``: origins whose exits stay as they are until a date, and then join the others; the cities of
    Hubei where not given.
    """

    flat_until: date = date(2020, 2, 14)
    recovered_on: date = date(2020, 3, 31)
    level: float = parameter("movement_recovered_level").value
    closed: Mapping[str, date] = field(default_factory=lambda: exits_closed())


def exits_closed() -> dict[str, date]:
    """Give the places whose exits were closed in 2020, and the day on which they opened.

    Examples
    --------
    >>> exits_closed()["420100"].isoformat()
    '2020-04-08'
    """
    table = packaged("transmission/exits_closed")
    return {
        place: date.fromisoformat(until) for place, until in table.select("place", "until").rows()
    }


def departures_of(
    known: pl.DataFrame,
    n: int,
    days: Dates,
    factor: float,
    ordinary: tuple[date, date],
    recovery: Recovery,
    places: tuple[str, ...],
) -> tuple[Floats, npt.NDArray[np.str_]]:
    """Give departures (place, date) for the days wanted, and where each comes from.

    Parameters
    ----------
    known
        ``date``, ``row`` (number of the origin), ``share``, ``persons`` by pair.
    n
        Number of places.
    days
        Days wanted.
    factor
        Multiplies persons.
    ordinary
        First and last of the ordinary days.
    recovery
        After the last day observed.
    places
        Codes.
    """
    told = (
        known.drop_nulls("persons")
        .group_by("row", "date")
        .agg(leaving=pl.sum("persons") / pl.sum("share"))
        .filter(pl.col("leaving").is_finite())
    )
    if told.is_empty():
        raise MissingData("mobility", Text(zh="人员流动", en="daily flow"), column="persons")
    dated = told["date"].to_numpy().astype("datetime64[D]")
    first, last = min(dated.min(), days[0]), max(dated.max(), days[-1])
    line = np.arange(first, last + 1)
    seen = np.full((n, line.size), np.nan)
    column = (dated - first).astype(int)
    seen[told["row"].to_numpy(), column] = told["leaving"].to_numpy() * factor
    out = np.zeros_like(seen)
    source = np.full(seen.shape, ASSUMED, dtype="<U12")
    base = _ordinary(seen, line, ordinary)
    for i in np.flatnonzero(~np.isnan(seen).all(axis=1)):
        at = np.flatnonzero(~np.isnan(seen[i]))
        out[i] = np.interp(np.arange(line.size), at, seen[i, at])
        source[i, at[0] : at[-1] + 1] = INTERPOLATED
        source[i, at] = OBSERVED
        after = slice(at[-1] + 1, None)
        out[i, after] = _after(seen[i, at[-3:]].mean(), base[i], line[after], places[i], recovery)
    wanted = (days - first).astype(int)
    return out[:, wanted], source[:, wanted]


def _ordinary(seen: Floats, line: Dates, ordinary: tuple[date, date]) -> Floats:
    """Give mean departures of the ordinary days, of all observed days where there are none."""
    inside = (line >= np.datetime64(ordinary[0])) & (line <= np.datetime64(ordinary[1]))
    chosen = np.where(inside, seen, np.nan)
    count = (~np.isnan(chosen)).sum(axis=1)
    total, every = np.nansum(chosen, axis=1), np.maximum((~np.isnan(seen)).sum(axis=1), 1)
    return np.asarray(
        np.where(count > 0, total / np.maximum(count, 1), np.nansum(seen, axis=1) / every)
    )


def _after(last: float, base: float, line: Dates, place: str, recovery: Recovery) -> Floats:
    """Give departures after the last observed day."""
    start = max(
        np.datetime64(recovery.flat_until),
        np.datetime64(recovery.closed.get(place, recovery.flat_until)),
    )
    end = max(np.datetime64(recovery.recovered_on), start + np.timedelta64(1, "D"))
    ramp = np.clip((line - start) / (end - start), 0.0, 1.0)
    return np.asarray(last + (max(base * recovery.level, last) - last) * ramp, dtype=np.float64)
