"""The numbers an exercise is made of, read from the tables under ``reference/exercise``."""

import csv
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou import reference

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NEVER = 1_000_000
"""A day that does not come: later than any day of any exercise."""


@cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """Give the rows of one table of the exercise."""
    with reference.path(f"exercise/{name}.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(MappingProxyType(row) for row in csv.DictReader(handle))


@cache
def setting(name: str) -> float:
    """Give one number of ``reference/exercise/parameters.csv``.

    Examples
    --------
    >>> setting("reproduction")
    2.2
    """
    return float(next(row["value"] for row in rows("parameters") if row["name"] == name))


def improving(name: str, day: npt.ArrayLike, days: int) -> Floats:
    """Give a number that moves in a straight line from ``name_first`` to ``name_last``.

    Before the first day and after the last it stays at the end it has reached.

    Examples
    --------
    >>> improving("visit_delay", [-3, 0, 59], 60).round(1).tolist()
    [4.6, 4.6, 1.2]
    """
    first, last = setting(f"{name}_first"), setting(f"{name}_last")
    done = np.clip(np.asarray(day, dtype=float) / (days - 1), 0, 1)
    return np.asarray(first + (last - first) * done)


def stream(seed: int, *name: str | int) -> np.random.Generator:
    """Give the random stream of one concept: the same whatever else is drawn before it."""
    words = [part if isinstance(part, int) else list(part.encode()) for part in name]
    flat = [n for word in words for n in ([word] if isinstance(word, int) else word)]
    return np.random.default_rng([seed, *flat])


def whole_days(mean: npt.ArrayLike, rng: np.random.Generator, size: int) -> Ints:
    """Draw waits in whole days, zero and up, with the mean given (geometric)."""
    chance = 1 / (1 + np.broadcast_to(np.asarray(mean, dtype=float), size))
    return np.asarray(rng.geometric(chance) - 1, dtype=np.int64)


def words(values: npt.NDArray[np.object_]) -> pl.Series:
    """Give texts, some of them blank, as a column."""
    return pl.Series(values.tolist(), dtype=pl.String)
