"""What measures cost day by day and place by place: work stopped, people touched, burden, output at stake."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.scenario.measures import burden_points, people_touched, work_stopped
from tongchou.transmission.metapopulation.entries import Entry

Floats = npt.NDArray[np.float64]

DAYS_A_YEAR = 365


def strengths(
    entries: Iterable[Entry], places: Sequence[str], first: date, days: int
) -> tuple[tuple[str, ...], Floats]:
    """Give the measures ever in force, and their strength (date, place, measure).

    Parameters
    ----------
    entries
        A measure each, in places of the list; of two of the same measure the stronger counts.
    places
        The places, in order.
    first, days
        First day and number of days.
    """
    laid = list(entries)
    names = tuple(sorted({m for e in laid for m in e.measures}))
    row = {p: i for i, p in enumerate(places)}
    strength = np.zeros((days, len(places), len(names)))
    for entry in laid:
        begin, end = max((entry.start - first).days, 0), (entry.last - first).days + 1
        if begin >= days or end <= 0:
            continue
        where = [row[p] for p in entry.places]
        for measure in entry.measures:
            held = strength[begin:end, :, names.index(measure)]
            held[:, where] = np.maximum(held[:, where], entry.strength)
    return names, strength


def costs(entries: Iterable[Entry], places: pl.DataFrame, first: date, days: int) -> xr.Dataset:
    """Give what all measures in force cost, by place.

    With w, t and b the share of work stopped, of people touched, and the points of burden of a person
    (:mod:`.measures`) on day d in place i, N people and G the gross product a year::

        work_stopped = Σ_d N_i w_id           person-days, as if work were alike for everybody
        output_at_stake = Σ_d G_i w_id / 365   CNY; missing where G is not known
        people_touched = Σ_d N_i t_id          person-days under at least one measure
        burden = Σ_d N_i b_id                 point-days

    Parameters
    ----------
    entries
        What is in force under a choice, from :meth:`.choices.Choice.after`.
    places
        place, population (persons), gross_product (CNY a year, null where not known).
    first, days
        First day and number of days.

    Returns
    -------
    Dataset (place)

    Examples
    --------
    Most businesses closed for ten days in a town of 1,000: 35 % of work, 3 points on everybody.

    >>> town = pl.DataFrame({"place": ["a"], "population": [1000.0], "gross_product": [73e6]})
    >>> shut = Entry(what="close_nonessential_business", places=("a",), start=date(2020, 2, 1), until=date(2020, 2, 10))
    >>> cost = costs([shut], town, date(2020, 2, 1), 30)
    >>> {str(k): round(v.item(), 6) for k, v in cost.items()}
    {'work_stopped': 3500.0, 'output_at_stake': 700000.0, 'people_touched': 10000.0, 'burden': 30000.0}
    """
    codes = places["place"].to_list()
    names, strength = strengths(entries, codes, first, days)
    shares = _each_kind(names, strength)
    heads = places["population"].to_numpy().astype(float)
    product = places["gross_product"].cast(pl.Float64).to_numpy()
    stopped, touched, points = (share.sum(axis=0) for share in shares)
    data = {
        "work_stopped": (heads * stopped, "person-days"),
        "output_at_stake": (product * stopped / DAYS_A_YEAR, "CNY"),
        "people_touched": (heads * touched, "person-days"),
        "burden": (heads * points, "point-days"),
    }
    return xr.Dataset(
        {k: ("place", v, {"units": unit}) for k, (v, unit) in data.items()},
        coords={"place": codes},
    )


def _each_kind(names: Sequence[str], strength: Floats) -> tuple[Floats, Floats, Floats]:
    """Give shares of work and people and points of burden (date, place): each set of measures once."""
    days, places, _ = strength.shape
    if not names:
        nothing = np.zeros((days, places))
        return nothing, nothing, nothing
    kinds, which = np.unique(strength.reshape(-1, len(names)), axis=0, return_inverse=True)
    sets: list[Mapping[str, float]] = [
        {m: float(s) for m, s in zip(names, row, strict=True) if s > 0} for row in kinds
    ]
    found = [
        np.array([share(chosen) for chosen in sets])[which.reshape(-1)].reshape(days, places)
        for share in (work_stopped, people_touched, burden_points)
    ]
    return found[0], found[1], found[2]
