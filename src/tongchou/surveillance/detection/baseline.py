"""Which weeks of earlier years say what is usual in this one."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Integers = npt.NDArray[np.int64]

Year = Literal["date", "52 weeks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The weeks from which one week is judged.

    ``weeks``, their positions in the series; ``period``, the season of each, from 0; ``now``, the
    position of the week judged, whose season is the last.
    """

    weeks: Integers
    period: Integers
    now: int


def years_back(
    dates: npt.NDArray[np.datetime64], now: int, years: int, year: Year = "date"
) -> list[int]:
    """Give the positions of the same week one, two, … years before, which may lie before the series.

    By date: the week nearest to the same date of that year (a 29 February becomes 1 March), so that
    years of 53 weeks do not push the season along. By 52 weeks: so many weeks before.

    Examples
    --------
    >>> weeks = np.datetime64("2004-01-05") + 7 * np.arange(420)
    >>> weeks[400], weeks[years_back(weeks, 400, 2)].astype(str).tolist()
    (np.datetime64('2011-09-05'), ['2010-09-06', '2009-09-07'])
    """
    if year == "52 weeks":
        return [now - 52 * back for back in range(1, years + 1)]
    today = dates[now]
    month = today.astype("datetime64[M]")
    day = today - month.astype("datetime64[D]")
    then = [(month - 12 * back).astype("datetime64[D]") + day for back in range(1, years + 1)]
    return [now - round(int((today - t).astype(int)) / 7) for t in then]


def same_weeks(
    dates: npt.NDArray[np.datetime64], now: int, years: int, half_window: int, year: Year = "date"
) -> Baseline | None:
    """Give the same week of earlier years with ``half_window`` weeks on both sides, None if one is missing.

    Farrington's baseline: ``years × (2 half_window + 1)`` weeks, one season.
    """
    middles = years_back(dates, now, years, year)[::-1]
    if middles[0] < half_window:
        return None
    weeks = np.concatenate([np.arange(m - half_window, m + half_window + 1) for m in middles])
    return Baseline(weeks=weeks, period=np.zeros(len(weeks), dtype=np.int64), now=now)


def all_weeks(
    dates: npt.NDArray[np.datetime64],
    now: int,
    years: int,
    half_window: int,
    periods: int,
    left_out: int,
    year: Year = "date",
) -> Baseline | None:
    """Give all weeks of earlier years but the newest, each with its season, None if one is missing.

    Between the windows around the same week the year is cut into ``periods − 1`` stretches as
    equal as whole weeks allow, the first ones taking the weeks left over; the windows together are
    the last season (Noufaily's ten-level factor). The week judged and the ``left_out`` weeks before it
    stay out, so that a beginning outbreak does not raise its own limit.
    """
    middles = [now, *years_back(dates, now, years, year)]
    if middles[-1] < half_window:
        return None
    period = np.full(now + 1, -1, dtype=np.int64)
    period[now - half_window :] = periods - 1
    for later, earlier in pairwise(middles):
        start, end = earlier + half_window + 1, later - half_window
        if periods > 1:
            if end - start < periods - 1:
                _too_many(periods)
            for number, part in enumerate(np.array_split(np.arange(start, end), periods - 1)):
                period[part] = number
        period[earlier - half_window : start] = periods - 1
    period[now - left_out :] = -1
    weeks = np.flatnonzero(period >= 0)
    return Baseline(weeks=weeks, period=period[weeks], now=now)


def _too_many(periods: int) -> None:
    raise BadParameter(
        "periods",
        periods,
        Text(
            zh="季节段多于一年中窗口之外的周数。请减少段数或缩小窗口。",
            en="there are more seasons than weeks outside the window. Take fewer seasons or a smaller window.",
        ),
    )
