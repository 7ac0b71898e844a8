"""The nowcast of a situation: case records in, counts by onset for every unit and area out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
import xarray as xr

from tongchou.surveillance.nowcasting.hierarchical import DRAWS, nowcast_draws
from tongchou.surveillance.nowcasting.summary import over_areas, summarise
from tongchou.surveillance.nowcasting.triangle import (
    MAX_DELAY,
    NEEDED_FOR,
    WINDOW,
    reporting_triangle,
)
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text

REPORTS = ("reported_on", "confirmed_on")
"""Columns that say when a case became known, the first that is filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nowcast:
    """Cases by onset with those not yet reported, for units and areas.

    Attributes
    ----------
    units, areas : Dataset (place, date)
        ``reported``, ``estimate``, ``q025``, ``median``, ``q975``, persons per day.
    draws : DataArray (draw, place, date), persons per day
        Of the units; a draw of an area is the sum of the same draw of its units.
    report
        Column that said when a case became known.
    notes
        What was left out, moved or imputed.
    """

    units: xr.Dataset
    areas: xr.Dataset
    draws: xr.DataArray
    report: str
    notes: tuple[Text, ...]


def report_column(cases: pl.DataFrame) -> str:
    """Give the column that says when a case became known: the report, or else the confirmation.

    Examples
    --------
    >>> report_column(pl.DataFrame({"reported_on": [None], "confirmed_on": [date(2020, 2, 1)]}))
    'confirmed_on'
    """
    for column in REPORTS:
        if column in cases.columns and cases[column].null_count() < cases.height:
            return column
    raise MissingData("cases", NEEDED_FOR, column=" / ".join(REPORTS))


def nowcast_cases(
    cases: pl.DataFrame,
    units: Sequence[str],
    areas: Mapping[str, str],
    *,
    as_of: date,
    max_delay: int = MAX_DELAY,
    window: int = WINDOW,
    draws: int = DRAWS,
    rng: np.random.Generator,
) -> Nowcast:
    """Give the nowcast of every unit and of the areas they make up.

    Parameters
    ----------
    cases
        Records as known on ``as_of``: ``place``, ``onset_on``, ``reported_on`` or ``confirmed_on``.
    units
        Finest places, each with a row in the result, also without any case.
    areas
        Area of each unit, such as its province.
    as_of
        Last day of reports.
    max_delay, window
        See :func:`~tongchou.surveillance.nowcasting.triangle.reporting_triangle`.
    """
    report = report_column(cases) if cases.height else REPORTS[0]
    triangle = reporting_triangle(
        cases, as_of=as_of, max_delay=max_delay, window=window, report=report, places=units
    )
    drawn = nowcast_draws(triangle, draws=draws, rng=rng)
    summed = over_areas(drawn, areas)
    return Nowcast(
        units=summarise(drawn, triangle.reported),
        areas=summarise(summed, over_areas(triangle.reported, areas)),
        draws=drawn,
        report=report,
        notes=triangle.notes,
    )
