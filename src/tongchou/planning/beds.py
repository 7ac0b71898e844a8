"""Beds: how many are free, how many will be needed, and when they run out.

Three classes of bed follow the clinical classes: ``mild`` (mild and ordinary), ``severe`` and
``critical``. All confirmed patients are admitted (应收尽收), so every case needs a bed.
"""

from datetime import date

import numpy as np
import polars as pl
import xarray as xr
from scipy import special

from tongchou.planning.chance import EARLY, LATE, MIDDLE, chance_by_day, first_day
from tongchou.planning.supply import dates_at, latest, levels_of, path_of
from tongchou.vocabulary.distributions import Floats, Gamma, delayed
from tongchou.vocabulary.fact_table import packaged

BEDS = ("mild", "severe", "critical")
"""Classes of bed, from light to grave."""


def free_beds(facilities: pl.DataFrame, cut: date) -> pl.DataFrame:
    """Give the free beds of each facility by class.

    free = max(0, beds − occupied), over = max(0, occupied − beds); null where beds of the class
    were not reported, and an occupancy not reported counts as zero only where there are no beds.

    Parameters
    ----------
    facilities
        Table `facilities`; the newest row of each on or before the cut-off counts.
    cut
        Cut-off.

    Returns
    -------
    DataFrame
        facility_id, place, kind, name_zh, name_en, longitude, latitude, date, and for each class
        beds_*, occupied_*, free_*, over_* (beds).
    """
    rows = latest(facilities, ["facility_id"], cut)
    return rows.select(
        "facility_id",
        "place",
        "kind",
        "name_zh",
        "name_en",
        "longitude",
        "latitude",
        "date",
        *[column for bed in BEDS for column in _bed_columns(bed)],
    )


def _bed_columns(bed: str) -> list[pl.Expr]:
    beds = pl.col(f"beds_{bed}").cast(pl.Int64)
    reported = pl.col(f"occupied_{bed}").cast(pl.Int64)
    occupied = pl.when(beds == 0).then(reported.fill_null(0)).otherwise(reported)
    return [
        beds,
        occupied.alias(f"occupied_{bed}"),
        (beds - occupied).clip(lower_bound=0).alias(f"free_{bed}"),
        (occupied - beds).clip(lower_bound=0).alias(f"over_{bed}"),
    ]


def by_place(free: pl.DataFrame) -> pl.DataFrame:
    """Give beds, occupied and free beds by place and class.

    Free beds are summed over facilities: an overfull hospital does not take a free bed away from
    another.

    Returns
    -------
    DataFrame
        place, bed, facilities (reporting this class), beds, occupied, free (beds).
    """
    parts = [
        free.filter(pl.col(f"beds_{bed}").is_not_null() & pl.col(f"occupied_{bed}").is_not_null())
        .group_by("place")
        .agg(
            facilities=pl.len(),
            beds=pl.col(f"beds_{bed}").sum(),
            occupied=pl.col(f"occupied_{bed}").sum(),
            free=pl.col(f"free_{bed}").sum(),
        )
        .with_columns(bed=pl.lit(bed))
        for bed in BEDS
    ]
    return (
        pl.concat(parts)
        .select("place", "bed", "facilities", "beds", "occupied", "free")
        .sort("place", pl.col("bed").cast(pl.Enum(BEDS)))
    )


def bed_cube(rows: pl.DataFrame, column: str, places: list[str]) -> xr.DataArray:
    """Give a column of :func:`by_place` as a cube over place and bed; zero where there is no row.

    Returns
    -------
    DataArray (place, bed)
        beds.
    """
    cube = xr.DataArray(
        np.zeros((len(places), len(BEDS))),
        coords={"place": places, "bed": list(BEDS)},
        dims=("place", "bed"),
        attrs={"units": "beds"},
    )
    at = {p: i for i, p in enumerate(places)}
    for place, bed, value in rows.select("place", "bed", column).rows():
        if place in at:
            cube.values[at[place], BEDS.index(bed)] = value
    return cube


def stays() -> dict[str, tuple[float, Gamma]]:
    """Give for each class its share of confirmed cases and its length of stay.

    >>> share, stay = stays()["critical"]
    >>> share, stay.mean
    (0.047, 14)
    """
    return {
        row["class"]: (row["share"], Gamma(mean=row["stay_days"], sd=row["stay_sd_days"]))
        for row in packaged("planning/clinical_classes").iter_rows(named=True)
    }


def mean_bed_days() -> float:
    """Give the bed-days that one confirmed case needs on average, Σ share × mean stay, days.

    >>> round(mean_bed_days(), 1)
    13.0
    """
    return sum(share * stay.mean for share, stay in stays().values())


def still_in_bed(stay: Gamma, days: Floats) -> Floats:
    """Give the share of today's patients still in bed after so many days.

    In a hospital whose admissions have been steady, the chance that a patient found in bed stays
    on for t more days is S_e(t) = (1/μ) ∫_t^∞ S(v) dv = S(t; k + 1) − (t/μ) S(t; k), with S the
    survival function of a gamma stay of shape k and mean μ (residual life of a renewal process).

    Parameters
    ----------
    stay
        Length of stay, days.
    days
        Days from now.

    References
    ----------
    Cox DR. Renewal Theory. Methuen, 1962, section 5.2.

    Examples
    --------
    >>> still_in_bed(Gamma(mean=14, sd=5), np.array([0.0, 7.0, 14.0])).round(2).tolist()
    [1.0, 0.5, 0.14]
    """
    longer = Gamma.from_shape_rate(shape=stay.shape + 1, rate=stay.rate)
    return np.asarray((1 - longer.cdf(days)) - days / stay.mean * (1 - stay.cdf(days)))


def bed_need(
    new_cases: xr.DataArray, occupied: xr.DataArray, waiting: xr.DataArray, cut: date
) -> xr.DataArray:
    """Give the beds needed at the end of each coming day, by class.

    With shares π and stays of mean μ by class, new cases n, patients in bed B and waiting W::

        need_t = B S_e(t) + W S(t) + π Σ_{k=0}^{t−1} n_{t−k} g_k ,   g_k = μ [S_e(k) − S_e(k + 1)]

    where g_k is the chance that a patient admitted at some hour of a day is still in bed at the
    end of the k-th day after, and S, S_e are survival and residual survival (:func:`still_in_bed`).
    Where admissions are steady and beds hold what they imply, need stays exactly as it is.

    Parameters
    ----------
    new_cases : DataArray (place, date, quantile) or (place, date, draw)
        New confirmed cases, persons a day, from the day after the cut-off on.
    occupied, waiting : DataArray (place, bed)
        Patients in bed, and confirmed patients not yet admitted, at the cut-off, persons.
    cut
        Cut-off.

    Returns
    -------
    DataArray (place, date, quantile or draw, bed)
        Beds needed. With quantile paths each path is carried through by itself: a place that
        runs high is taken to run high throughout.
    """
    _, path = path_of(new_cases, cut)
    cases = new_cases.transpose("place", path, "date")
    places = [str(p) for p in cases["place"].values]
    days = np.arange(cases.sizes["date"] + 1, dtype=float)
    here, queue = (
        a.sel(place=places, bed=list(BEDS)).transpose("place", "bed").values
        for a in (occupied, waiting)
    )
    need = np.empty((*cases.shape, len(BEDS)))
    for b, (share, stay) in enumerate(stays()[bed] for bed in BEDS):
        rest = still_in_bed(stay, days)
        admitted = stay.mean * (rest[:-1] - rest[1:])
        base = here[:, b, None] * rest[1:] + queue[:, b, None] * (1 - stay.cdf(days[1:]))
        need[..., b] = base[:, None, :] + share * delayed(cases.values, admitted)
    return xr.DataArray(
        need,
        coords={d: cases[d].values for d in cases.dims} | {"bed": list(BEDS)},
        dims=(*cases.dims, "bed"),
        attrs={"units": "beds"},
    ).transpose("place", "date", path, "bed")


def bed_scatter(
    new_cases: xr.DataArray, occupied: xr.DataArray, waiting: xr.DataArray, cut: date
) -> xr.DataArray:
    """Give the variance that chance in the course of illness adds to the beds needed.

    Whoever is in bed today stays or leaves (binomial), and who of the new cases is of which class, and how
    long they stay, is chance too (Poisson)::

        var_t = B S_e(t) (1 − S_e(t)) + W S(t) (1 − S(t)) + π Σ_k m_{t−k} g_k

    with m the new cases on the middle path and the rest as in :func:`bed_need`.

    Returns
    -------
    DataArray (place, date, bed)
        beds².
    """
    _, path = path_of(new_cases, cut)
    middle = new_cases.median(path) if path == "draw" else new_cases.sel(quantile=0.5, drop=True)
    names = [str(p) for p in middle["place"].values]
    days = np.arange(middle.sizes["date"] + 1, dtype=float)
    steady = bed_need(middle.expand_dims(quantile=[0.5]), occupied * 0.0, waiting * 0.0, cut).isel(
        quantile=0, drop=True
    )
    here, queue = (
        a.sel(place=names, bed=list(BEDS)).transpose("place", "bed").values
        for a in (occupied, waiting)
    )
    known = np.empty(steady.shape)
    for b, bed in enumerate(BEDS):
        _, stay = stays()[bed]
        rest, on = still_in_bed(stay, days)[1:], 1 - stay.cdf(days[1:])
        known[..., b] = here[:, b, None] * rest * (1 - rest) + queue[:, b, None] * on * (1 - on)
    return (steady + known).assign_attrs(units="beds²")


def widened(need: xr.DataArray, variance: xr.DataArray) -> xr.DataArray:
    """Give the beds needed with the chance of single patients in their range.

    The chance is taken as normal and apart from how many fall ill: at level τ with the middle path m, the
    path x becomes m ± √((x − m)² + z_τ² var), above m for τ > ½ and below it for τ < ½, never below 0.

    Parameters
    ----------
    need : DataArray (place, date, quantile, bed)
        From :func:`bed_need`.
    variance : DataArray (place, date, bed)
        From :func:`bed_scatter`.

    Examples
    --------
    Nine beds needed, for certain, when who is severe is chance: 95 % of the time 3 to 15.

    >>> sure = xr.DataArray(np.full((1, 1, 3, 1), 9.0), {"place": ["a"], "quantile": [0.025, 0.5, 0.975], "bed": ["severe"]}, ("place", "date", "quantile", "bed"))
    >>> widened(sure, sure.isel(quantile=1, drop=True)).values.round().ravel().tolist()
    [3.0, 9.0, 15.0]
    """
    z = xr.DataArray(special.ndtri(need["quantile"].values), {"quantile": need["quantile"]})
    middle = need.sel(quantile=0.5, drop=True)
    reach = np.sqrt((need - middle) ** 2 + z**2 * variance)
    found = (middle + np.sign(z) * reach).clip(min=0.0)
    return found.transpose(*need.dims).assign_attrs(need.attrs)


def relative_load(need: xr.DataArray, occupied: xr.DataArray) -> xr.DataArray:
    """Give the patients in care on each coming day relative to the cut-off, all classes together.

    A place without patients today has no use to scale and stays at 1.

    Returns
    -------
    DataArray (place, date, quantile or draw)
        Ratio, dimensionless.
    """
    today = occupied.sum("bed").sel(place=need["place"])
    ratio = need.sum("bed") / today.where(today > 0)
    return ratio.fillna(1.0).assign_attrs(units="1")


def bed_out(need: xr.DataArray, beds: xr.DataArray, cut: date) -> pl.DataFrame:
    """Give the day on which the beds of a class run out in each place, with its chance.

    Parameters
    ----------
    need : DataArray (place, date, quantile or draw, bed)
        Result of :func:`bed_need`.
    beds : DataArray (place, bed)
        Beds that can be staffed, beds.
    cut
        Cut-off.

    Returns
    -------
    DataFrame
        place, bed, beds, ``peak`` (highest need on the middle path, beds), ``early``, ``on``,
        ``late``: the days by which need has exceeded beds with a chance of 5, 50 and 95 % (null:
        not within the horizon), and ``probability`` within the horizon.
    """
    days, path = path_of(need, cut)
    ordered = need.transpose("place", "bed", "date", path)
    there = beds.sel(place=need["place"], bed=need["bed"]).transpose("place", "bed").values
    # A millionth of a bed: what floating-point sums may differ by.
    excess = ordered.values - there[..., None, None] - 1e-6
    chance = chance_by_day(excess, levels_of(need, path))
    if path == "quantile":
        middle = ordered.sel(quantile=0.5, method="nearest").values
    else:
        middle = ordered.median("draw").values
    flat = chance.reshape(-1, len(days))
    return pl.DataFrame(
        {
            "place": np.repeat(ordered["place"].values.astype(str), len(BEDS)).tolist(),
            "bed": [str(b) for b in ordered["bed"].values] * ordered.sizes["place"],
            "beds": there.ravel(),
            "peak": middle.max(axis=-1).ravel(),
        }
    ).with_columns(
        *[
            pl.Series(name, dates_at(first_day(flat, level), days), dtype=pl.Date)
            for name, level in (("early", EARLY), ("on", MIDDLE), ("late", LATE))
        ],
        probability=pl.Series(flat[:, -1]),
    )
