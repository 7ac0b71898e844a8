"""How long supplies last: days of supply, arrivals on the way, the day they run out.

Tables follow the data contract (`stocks`, `shipments`, `facilities`); quantities are in pieces.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
import xarray as xr

from tongchou.planning.chance import EARLY, LATE, MIDDLE, chance_by_day, first_day
from tongchou.vocabulary.errors import BadInput, BadParameter, Fault
from tongchou.vocabulary.fact_table import assumption, packaged
from tongchou.vocabulary.text import Text

HOSPITALS = ("designated", "general", "fangcang", "fever_clinic")
"""Kinds of facility that treat patients."""


def latest(frame: pl.DataFrame, key: Sequence[str], cut: date) -> pl.DataFrame:
    """Give the newest row of each key on or before a day."""
    seen = frame.filter(pl.col("date") <= cut).sort("date")
    return seen.unique(subset=list(key), keep="last", maintain_order=True).sort(list(key))


def floors(items: Sequence[str]) -> pl.DataFrame:
    """Give floor, target and home days and the priority of items; unlisted ones as ``default``.

    >>> floors(["n95_mask", "thermometer"]).select("item", "floor_days", "priority").rows()
    [('n95_mask', 3, 3), ('thermometer', 3, 1)]
    """
    known = packaged("planning/supply_floors")
    listed = set(known["item"])
    asked = pl.DataFrame({"item": list(items)}, schema={"item": pl.Utf8}).with_columns(
        row=pl.when(pl.col("item").is_in(list(listed)))
        .then(pl.col("item"))
        .otherwise(pl.lit("default"))
    )
    return asked.join(known.rename({"item": "row"}), on="row", how="left").drop("row")


def days_of_supply(stocks: pl.DataFrame, shipments: pl.DataFrame, cut: date) -> pl.DataFrame:
    """Give how many days each stock lasts at today's use, and what is on the way to it.

    days = quantity ÷ daily use; null where use is unknown or zero. A shipment counts as on the
    way (``in_transit``, ``next_due``) while it is due after the cut-off and not held up; one that
    is overdue or blocked is not relied upon and stands in ``held_up``.

    Parameters
    ----------
    stocks
        Table `stocks`: facility_id, item, date, place, quantity (pieces), daily_use (pieces a day).
    shipments
        Table `shipments`: item, quantity (pieces), destination, due_on, arrived_on, blocked_at.
    cut
        Cut-off: the newest row of each stock on or before this day counts.

    Returns
    -------
    DataFrame
        facility_id, item, date, place, quantity, daily_use, days, in_transit, next_due, held_up.

    Examples
    --------
    >>> stocks = pl.DataFrame({"facility_id": ["H1"], "item": ["gloves"], "date": [date(2020, 2, 22)],
    ...     "place": ["420100"], "quantity": [600.0], "daily_use": [200.0]})
    >>> moving = pl.DataFrame({"item": ["gloves"], "quantity": [500.0], "destination": ["H1"],
    ...     "due_on": [date(2020, 2, 24)], "arrived_on": [None], "blocked_at": [None]},
    ...     schema_overrides={"arrived_on": pl.Date, "blocked_at": pl.Utf8})
    >>> days_of_supply(stocks, moving, date(2020, 2, 22)).select("days", "in_transit").row(0)
    (3.0, 500.0)
    """
    on_the_way = _open(shipments, cut)
    safe = on_the_way.filter(~pl.col("held"))
    keys = {"destination": "facility_id"}
    coming = safe.group_by("destination", "item").agg(
        in_transit=pl.col("quantity").sum(), next_due=pl.col("due_on").min()
    )
    stuck = on_the_way.filter(pl.col("held")).group_by("destination", "item")
    held = stuck.agg(held_up=pl.col("quantity").sum())
    columns = ["facility_id", "item", "date", "place", "quantity", "daily_use"]
    return (
        latest(stocks, ["facility_id", "item"], cut)
        .select(columns)
        .with_columns(
            days=pl.when(pl.col("daily_use") > 0).then(pl.col("quantity") / pl.col("daily_use"))
        )
        .join(coming.rename(keys), on=["facility_id", "item"], how="left")
        .join(held.rename(keys), on=["facility_id", "item"], how="left")
        .with_columns(pl.col("in_transit", "held_up").fill_null(0.0))
        .sort("facility_id", "item")
    )


def _open(shipments: pl.DataFrame, cut: date) -> pl.DataFrame:
    """Give shipments not yet arrived, each marked whether it cannot be relied upon."""
    return shipments.filter(pl.col("arrived_on").is_null()).with_columns(
        held=pl.col("blocked_at").is_not_null()
        | pl.col("due_on").is_null()
        | (pl.col("due_on") <= cut)
    )


def hospital_days(supply: pl.DataFrame, facilities: pl.DataFrame) -> pl.DataFrame:
    """Give for each item the days of supply at the 10th-percentile hospital.

    The percentile is interpolated in a straight line between hospitals that use the item
    (numpy's default, type 7 of Hyndman and Fan 1996, doi 10.1080/00031305.1996.10473566).

    Parameters
    ----------
    supply
        Result of :func:`days_of_supply`.
    facilities
        Table `facilities`; kinds designated, general, fangcang and fever clinic are hospitals.

    Returns
    -------
    DataFrame
        item, hospitals (number), percentile_days, median_days, lowest_days.
    """
    kinds = facilities.select("facility_id", "kind").unique(subset="facility_id", keep="last")
    at = supply.join(kinds, on="facility_id", how="inner").filter(
        pl.col("kind").is_in(HOSPITALS) & pl.col("days").is_not_null()
    )
    return (
        at.group_by("item")
        .agg(
            hospitals=pl.len(),
            percentile_days=pl.col("days").quantile(assumption("planning", "percentile"), "linear"),
            median_days=pl.col("days").median(),
            lowest_days=pl.col("days").min(),
        )
        .sort("item")
    )


def below_floor(supply: pl.DataFrame) -> pl.DataFrame:
    """Give the stocks under their protective floor, shortest first, and the pieces they lack.

    Lacking pieces = ⌈floor days × daily use − quantity⌉.
    """
    limits = floors(supply["item"].unique(maintain_order=True).to_list())
    return (
        supply.join(limits.select("item", "floor_days", "priority"), on="item", how="left")
        .filter(pl.col("days") < pl.col("floor_days"))
        .with_columns(
            lacking=(pl.col("floor_days") * pl.col("daily_use") - pl.col("quantity"))
            .ceil()
            .cast(pl.Int64)
        )
        .sort("days", "facility_id", "item")
    )


def stock_out(
    supply: pl.DataFrame, shipments: pl.DataFrame, load: xr.DataArray, cut: date
) -> pl.DataFrame:
    """Give the day on which each stock runs out when use follows the number of patients.

    On day t the stock has run out when  Σ_{s≤t} u L_s > q + Σ_{s≤t} a_s , with stock q and use u
    at the cut-off, patients L relative to the cut-off and arrivals a on the day they are due.
    Shipments overdue or held up are not counted.

    Parameters
    ----------
    supply
        Result of :func:`days_of_supply`.
    shipments
        Table `shipments`.
    load : DataArray (place, date, quantile) or (place, date, draw)
        Patients in care relative to the cut-off (1 = as today), the first day being the one after
        the cut-off; see :func:`tongchou.planning.beds.relative_load`.
    cut
        Cut-off.

    Returns
    -------
    DataFrame
        facility_id, item, place, quantity, daily_use, days, and ``early``, ``on``, ``late``: the
        days by which it has run out with a chance of 5, 50 and 95 % (null: not within the
        horizon), and ``probability`` of running out within the horizon. Stocks without use are
        left out.
    """
    used = supply.filter(pl.col("daily_use") > 0)
    days, path = path_of(load, cut)
    _require_places(used, load)
    if used.is_empty():
        dates = [pl.lit(None, pl.Date).alias(n) for n in ("early", "on", "late")]
        chosen = used.select("facility_id", "item", "place", "quantity", "daily_use", "days")
        return chosen.with_columns(*dates, probability=pl.lit(None, pl.Float64))
    relative = load.sel(place=used["place"].to_list()).transpose("place", "date", path)
    need = np.cumsum(used["daily_use"].to_numpy()[:, None, None] * relative.values, axis=1)
    there = used["quantity"].to_numpy()[:, None] + np.cumsum(
        _arrivals(used, shipments, days, cut), axis=1
    )
    # A millionth of a piece: what floating-point sums may differ by.
    chance = chance_by_day(need - there[..., None] - 1e-6, levels_of(load, path))
    return used.select(
        "facility_id", "item", "place", "quantity", "daily_use", "days"
    ).with_columns(
        *[
            pl.Series(name, dates_at(first_day(chance, level), days), dtype=pl.Date)
            for name, level in (("early", EARLY), ("on", MIDDLE), ("late", LATE))
        ],
        probability=pl.Series(chance[:, -1]),
    )


def _arrivals(
    used: pl.DataFrame, shipments: pl.DataFrame, days: list[date], cut: date
) -> np.ndarray:
    """Give what arrives at each stock on each day, pieces."""
    at = {(f, i): k for k, (f, i) in enumerate(used.select("facility_id", "item").rows())}
    on = {day: t for t, day in enumerate(days)}
    arriving = np.zeros((len(used), len(days)))
    coming = _open(shipments, cut).filter(~pl.col("held"))
    for facility, item, due, quantity in coming.select(
        "destination", "item", "due_on", "quantity"
    ).rows():
        if (facility, item) in at and due in on:
            arriving[at[facility, item], on[due]] += quantity
    return arriving


def path_of(array: xr.DataArray, cut: date) -> tuple[list[date], str]:
    """Give the days of a forecast that starts the day after the cut-off, and its path dimension."""
    paths = [d for d in ("quantile", "draw") if d in array.dims]
    if len(paths) != 1:
        raise BadParameter(
            "forecast",
            tuple(map(str, array.dims)),
            Text(
                zh="须恰有 quantile 或 draw 中的一个维度。",
                en="it needs exactly one of the dimensions quantile and draw.",
            ),
        )
    days = [np.datetime64(d, "D").astype(date) for d in array["date"].values]
    if not days or (days[0] - cut).days != 1:
        raise BadParameter(
            "forecast",
            days[0] if days else None,
            Text(
                zh=f"预测须从截止日 {cut} 的次日开始。",
                en=f"a forecast must start the day after the cut-off {cut}.",
            ),
        )
    return days, paths[0]


def levels_of(array: xr.DataArray, path: str) -> np.ndarray | None:
    """Give the quantile levels of a forecast, or None where its paths are draws."""
    return array["quantile"].values.astype(float) if path == "quantile" else None


def dates_at(index: np.ndarray, days: list[date]) -> list[date | None]:
    """Give the day of each index; None for −1."""
    return [days[i] if i >= 0 else None for i in index.tolist()]


def _require_places(used: pl.DataFrame, load: xr.DataArray) -> None:
    missing = sorted(set(used["place"]) - set(map(str, load["place"].values)))
    if missing:
        raise BadInput(
            [
                Fault(
                    file="stocks",
                    column="place",
                    value=code,
                    problem=Text(
                        zh="该地区没有患者预测。", en="this place has no forecast of patients."
                    ),
                    remedy=Text(
                        zh="请把库存所在地区对应到有预测的上级地区。",
                        en="Carry the stock to the parent place that has a forecast.",
                    ),
                )
                for code in missing
            ]
        )
