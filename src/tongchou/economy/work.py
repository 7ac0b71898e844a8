"""Work back: by staff, by chain, who holds up whom, who runs out of cash, what blocks (M085, M074).

Frames follow the table `enterprises` of the data contract.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou.vocabulary.fact_table import assumption, packaged

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def latest(enterprises: pl.DataFrame, cut: date) -> pl.DataFrame:
    """Give the newest row of each enterprise on or before a day."""
    seen = enterprises.filter(pl.col("date") <= cut).sort("date")
    return seen.unique(subset="enterprise_id", keep="last", maintain_order=True).sort(
        "enterprise_id"
    )


def limited_by_chain(rate: Floats, supplier: Ints) -> tuple[Floats, Ints]:
    """Give each firm's rate limited along its chain of suppliers, and the firm that limits it.

    e_i = min(r_i, e_s(i)), where s(i) is the main supplier of firm i: the lowest rate among the
    firm and all suppliers upstream of it, and in a circle of firms the lowest of the circle. It
    is found by doubling the distance looked upstream until all of the chain is seen.

    Parameters
    ----------
    rate
        Own restart r of each firm, share of staff back.
    supplier
        Index of the main supplier, −1 for none.

    Returns
    -------
    tuple
        Effective rate e, and the index of the limiting firm (the firm itself if nobody upstream
        is lower; the nearest of several equally low).

    Examples
    --------
    The third firm needs the second, which needs the first, of which one fifth is back.

    >>> limited_by_chain(np.array([0.2, 0.9, 1.0]), np.array([-1, 0, 1]))
    (array([0.2, 0.2, 0.2]), array([0, 0, 0]))
    """
    e, by = rate.astype(float).copy(), np.arange(len(rate))
    ahead = np.where(supplier < 0, np.arange(len(rate)), supplier)
    for _ in range(max(len(rate), 1).bit_length() + 1):
        lower = e[ahead] < e
        e, by = np.where(lower, e[ahead], e), np.where(lower, by[ahead], by)
        ahead = ahead[ahead]
    return e, by


def chained(enterprises: pl.DataFrame, cut: date) -> pl.DataFrame:
    """Give each firm with its own and its chain-limited restart.

    own = staff back ÷ staff, at most 1; chain as :func:`limited_by_chain`. A supplier that is
    not in the table, or has no staff, limits nobody.

    Returns
    -------
    DataFrame
        The newest row of each firm, with own, chain (shares), limited_by (enterprise_id of the
        firm upstream that limits it; null where none does).
    """
    firms = latest(enterprises, cut)
    ids = firms["enterprise_id"].to_list()
    at = {name: i for i, name in enumerate(ids)}
    staff = firms["staff"].to_numpy().astype(float)
    back = firms["staff_back"].to_numpy().astype(float)
    own = np.where(staff > 0, np.minimum(back / np.maximum(staff, 1.0), 1.0), 1.0)
    supplier = np.array([at.get(s, -1) for s in firms["supplier_id"]], dtype=np.int64)
    e, by = limited_by_chain(own, supplier)
    limiting = [ids[j] if j != i else None for i, j in enumerate(by.tolist())]
    return firms.with_columns(
        own=pl.Series(own, dtype=pl.Float64),
        chain=pl.Series(e, dtype=pl.Float64),
        limited_by=pl.Series(limiting, dtype=pl.Utf8),
    )


def work_back(firms: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """Give how far work is back, by place, by sector, or as a whole.

    staff-weighted = Σ staff back ÷ Σ staff;  chain-weighted = Σ staff × e ÷ Σ staff, with e the
    chain-limited restart. Short of cash: under 14 days of cash and no relief granted, as a share
    of the firms whose cash is known.

    Parameters
    ----------
    firms
        Result of :func:`chained`.
    by
        Columns to group by, such as ``["place", "sector"]``; none for the whole.

    Returns
    -------
    DataFrame
        The group columns, firms, staff, staff_back (persons), work_back, chain_back (shares),
        held_up (firms limited by a supplier), cash_known, cash_short (firms), cash_short_share.
    """
    low = (pl.col("cash_days") < assumption("economy", "cash_days_floor")) & ~pl.col(
        "relief_granted"
    ).fill_null(False)
    figures = [
        pl.len().alias("firms"),
        pl.col("staff").sum(),
        pl.min_horizontal("staff", "staff_back").sum().alias("staff_back"),
        (pl.col("staff") * pl.col("chain")).sum().alias("effective"),
        pl.col("limited_by").is_not_null().sum().alias("held_up"),
        pl.col("cash_days").is_not_null().sum().alias("cash_known"),
        low.fill_null(False).sum().alias("cash_short"),
    ]
    total = firms.group_by(list(by)).agg(figures).sort(list(by)) if by else firms.select(figures)
    return total.with_columns(
        work_back=_ratio("staff_back", "staff"),
        chain_back=_ratio("effective", "staff"),
        cash_short_share=_ratio("cash_short", "cash_known"),
    ).drop("effective")


def _ratio(part: str, whole: str) -> pl.Expr:
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))


def blocks(firms: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """Give what blocks the restart: firms and staff not yet back, by reason, most staff first.

    Returns
    -------
    DataFrame
        The group columns, reason, firms, staff_away (persons), zh, en (the reason in words).
    """
    away = (pl.col("staff") - pl.col("staff_back")).clip(lower_bound=0).sum()
    keys = [*by, "reason"]
    return (
        firms.filter(pl.col("blocked_by").is_not_null() & (pl.col("blocked_by") != "none"))
        .rename({"blocked_by": "reason"})
        .group_by(keys)
        .agg(firms=pl.len(), staff_away=away)
        .join(packaged("economy/blocking_reasons"), on="reason", how="left")
        .sort([*by, "staff_away", "reason"], descending=[*([False] * len(by)), True, False])
    )


def bottlenecks(firms: pl.DataFrame) -> pl.DataFrame:
    """Give the firms that hold up others, by the work that waits for them.

    waiting staff of firm j = Σ staff_i × (own_i − chain_i) over the firms i that j limits: the
    staff who are back but idle until j restarts.

    Parameters
    ----------
    firms
        Result of :func:`chained`.

    Returns
    -------
    DataFrame
        enterprise_id, place, sector, own (share), blocked_by, held_up (firms), waiting_staff
        (persons), most waiting staff first.
    """
    waiting = (
        firms.filter(pl.col("limited_by").is_not_null())
        .group_by(enterprise_id="limited_by")
        .agg(
            held_up=pl.len(),
            waiting_staff=(pl.col("staff") * (pl.col("own") - pl.col("chain"))).sum(),
        )
    )
    return (
        firms.select("enterprise_id", "place", "sector", "own", "blocked_by")
        .join(waiting, on="enterprise_id", how="inner")
        .sort(["waiting_staff", "enterprise_id"], descending=[True, False])
    )
