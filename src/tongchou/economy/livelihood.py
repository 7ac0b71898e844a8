"""How people are kept: prices, payments, visits, hours of work and forms.

Frames follow the tables `prices`, `payments`, `visits` and `staff_teams` of the data contract.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from tongchou.vocabulary.fact_table import packaged


def price_alerts(prices: pl.DataFrame, cut: date) -> pl.DataFrame:
    """Give prices that stand at or above their threshold over a year before (M091, M092).

    rise = price ÷ price a year before − 1, compared at nine decimals so that 103.5 against 100
    is 3.5 %. Items ``cpi`` and ``food_cpi`` have the thresholds of the price linkage notice, and
    start the price subsidy (``starts``); any other item has that of the row ``default``.

    Parameters
    ----------
    prices
        Table `prices`; the newest row of each place and item on or before the cut-off counts.
    cut
        Cut-off.

    Returns
    -------
    DataFrame
        place, item, date, price, unit, rise, threshold, starts (scheme or null), highest rise
        over its threshold first. Items without a price a year before are not judged.

    Examples
    --------
    The food price index of February 2020 stood 21.9 % over a year before.

    >>> row = {"place": "100000", "item": "food_cpi", "date": date(2020, 2, 29), "price": 121.9,
    ...     "unit": "index", "price_year_before": 100.0}
    >>> price_alerts(pl.DataFrame([row]), date(2020, 3, 10)).select("rise", "threshold", "starts").row(0)
    (0.219, 0.06, 'price_subsidy')
    """
    limits = packaged("economy/price_thresholds").select("item", "threshold", "starts")
    default = limits.filter(pl.col("item") == "default").row(0, named=True)
    seen = prices.filter(pl.col("date") <= cut).sort("date")
    newest = seen.unique(subset=["place", "item"], keep="last", maintain_order=True)
    return (
        newest.filter(pl.col("price_year_before") > 0)
        .join(limits, on="item", how="left")
        .with_columns(
            rise=(pl.col("price") / pl.col("price_year_before") - 1).round(9),
            threshold=pl.col("threshold").fill_null(default["threshold"]),
        )
        .filter(pl.col("rise") >= pl.col("threshold"))
        .sort(pl.col("threshold") - pl.col("rise"), "place", "item")
        .select("place", "item", "date", "price", "unit", "rise", "threshold", "starts")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTime:
    """How many of the things due by the cut-off were done, and in time.

    ``due``: all due by the cut-off. ``on_time``: done by their due day. ``late``: not done
    although the due day has passed. ``oldest_days``: days since the due day of the oldest late
    one. ``late_amount``: CNY still owed (0 for visits).
    """

    due: int
    on_time: int
    late: int
    oldest_days: int | None
    late_amount: float = 0.0

    @property
    def on_time_share(self) -> float | None:
        """Share of the due that was done in time; None where nothing was due."""
        return self.on_time / self.due if self.due else None


def payments_on_time(payments: pl.DataFrame, cut: date) -> OnTime:
    """Give how the payments due by the cut-off stand (M079, M092).

    A payment is due at the end of its due day; one due on the cut-off day and unpaid at 24:00 is
    late by 0 days.

    >>> rows = pl.DataFrame({"due_on": [date(2020, 2, 10), date(2020, 2, 20)],
    ...     "paid_on": [date(2020, 2, 9), None], "amount": [300.0, 200.0]})
    >>> standing = payments_on_time(rows, date(2020, 2, 22))
    >>> standing.late, standing.oldest_days, standing.late_amount, standing.on_time_share
    (1, 2, 200.0, 0.5)
    """
    return _on_time(payments, "paid_on", cut, amount="amount")


def visits_on_time(visits: pl.DataFrame, cut: date) -> OnTime:
    """Give how the visits due by the cut-off stand (M094)."""
    return _on_time(visits, "done_on", cut)


def _on_time(rows: pl.DataFrame, done: str, cut: date, amount: str | None = None) -> OnTime:
    due = rows.filter(pl.col("due_on") <= cut)
    finished = pl.col(done).is_not_null() & (pl.col(done) <= cut)
    late = due.filter(~finished)
    oldest = late["due_on"].min()
    return OnTime(
        due=len(due),
        on_time=len(due.filter(finished & (pl.col(done) <= pl.col("due_on")))),
        late=len(late),
        oldest_days=(cut - oldest).days if isinstance(oldest, date) else None,
        late_amount=float(late[amount].sum()) if amount else 0.0,
    )


def late_rows(rows: pl.DataFrame, done: str, cut: date, by: Sequence[str]) -> pl.DataFrame:
    """Give the number of late payments or visits by group, most first, with the oldest due day.

    Parameters
    ----------
    rows
        Table `payments` (``done="paid_on"``) or `visits` (``done="done_on"``).
    done
        Column of the day done.
    cut
        Cut-off.
    by
        Columns to group by, such as ``["place"]`` or ``["place", "scheme"]``.

    Returns
    -------
    DataFrame
        The group columns, late (number), oldest (day).
    """
    unfinished = pl.col(done).is_null() | (pl.col(done) > cut)
    return (
        rows.filter((pl.col("due_on") <= cut) & unfinished)
        .group_by(list(by))
        .agg(late=pl.len(), oldest=pl.col("due_on").min())
        .sort(["late", *by], descending=[True, *([False] * len(by))])
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLoad:
    """How hard the teams work.

    ``over_hours``: persons beyond the work-hour limit, of ``staff`` in teams that report it (M058).
    ``form_minutes``: minutes a grid worker spends on forms a day, weighted by staff, over
    ``grid_workers`` in teams that report it (M100); None where none does.
    """

    staff: int
    over_hours: int
    grid_workers: int
    form_minutes: float | None


def staff_load(teams: pl.DataFrame, cut: date) -> StaffLoad:
    """Give persons beyond their hours and the minutes of forms per grid worker.

    Parameters
    ----------
    teams
        Table `staff_teams`; the newest row of each team on or before the cut-off counts.
    cut
        Cut-off.
    """
    seen = teams.filter(pl.col("date") <= cut).sort("date")
    newest = seen.unique(subset="team_id", keep="last", maintain_order=True)
    hours = newest.filter(pl.col("staff_over_hours").is_not_null())
    grid = newest.filter((pl.col("skill") == "grid_worker") & pl.col("form_minutes").is_not_null())
    workers = int(grid["staff"].sum())
    return StaffLoad(
        staff=int(hours["staff"].sum()),
        over_hours=int(hours["staff_over_hours"].sum()),
        grid_workers=workers,
        form_minutes=float((grid["staff"] * grid["form_minutes"]).sum()) / workers
        if workers
        else None,
    )
