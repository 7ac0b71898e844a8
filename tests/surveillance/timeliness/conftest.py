from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tongchou.surveillance.timeliness.likelihood import Windows

FIRST = date(2020, 1, 6)  # a Monday


@pytest.fixture(scope="session")
def day_windows():
    """Give windows of one day each: starts and ends in days, one cut-off for all."""

    def make(starts, ends, cutoff=np.inf, stratum=None) -> Windows:
        start, end = np.asarray(starts, dtype=float), np.asarray(ends, dtype=float)
        return Windows(
            stratum=np.zeros(len(start), dtype=int) if stratum is None else np.asarray(stratum),
            start_from=start,
            start_to=start + 1,
            end_from=end,
            end_to=end + 1,
            cutoff=np.full(len(start), float(cutoff)),
        )

    return make


@pytest.fixture(scope="session")
def outbreak():
    """Simulate delays dated to the day in a growing epidemic, on the list if they ended in time."""

    def make(delay, rng, *, cases, days=60, growth=0.1) -> tuple[np.ndarray, np.ndarray]:
        start = np.log1p(rng.random(cases * 6) * np.expm1(growth * days)) / growth
        end = start + delay.quantile(rng.random(len(start)))
        listed = np.flatnonzero(end < days)[:cases]
        assert len(listed) == cases
        return np.floor(start[listed]), np.floor(end[listed])

    return make


@pytest.fixture(scope="session")
def line_list():
    """Give a line list: days after 6 January 2020 in columns, null where None."""

    def make(place="440300", **days) -> pl.DataFrame:
        size = max(len(column) for column in days.values())
        columns = {
            name: [None if d is None else FIRST + timedelta(int(d)) for d in column]
            for name, column in days.items()
        }
        places = [place] * size if isinstance(place, str) else place
        return pl.DataFrame(
            {"case_id": [f"c{k}" for k in range(size)], "place": places, **columns},
            schema_overrides={**dict.fromkeys(days, pl.Date), "place": pl.String},
        )

    return make
