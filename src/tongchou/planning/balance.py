"""One pool: what places can spare, what they lack, and which transfers follow (M005, M026).

Whole pieces throughout: what can be spared is rounded down and what is lacking rounded up, so no
rounding creates stock.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou.planning.supply import floors
from tongchou.planning.transport import Unmet, least_cost_flow
from tongchou.vocabulary.distance import FARTHEST_KM, great_circle_km
from tongchou.vocabulary.errors import BadInput, Fault
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The surplus and deficit table, the transfers proposed and what remains unmet.

    ``table`` is the result of :func:`surplus_deficit`. ``transfers``: item, origin, destination,
    quantity (pieces), distance_km, reason_zh, reason_en. ``unmet``: place, item, deficit,
    received, unmet, unmet_floor (all pieces), days_after, for places that remain below target.
    """

    table: pl.DataFrame
    transfers: pl.DataFrame
    unmet: pl.DataFrame


def surplus_deficit(supply: pl.DataFrame, limits: pl.DataFrame | None = None) -> pl.DataFrame:
    """Give what each place can spare and what it lacks, by item.

    With stock q, goods safely on the way w and use u of a place::

        surplus = ⌊max(0, q − home days × u)⌋        deficit = ⌈max(0, target days × u − q − w)⌉
        floor deficit = ⌈max(0, floor days × u − q − w)⌉

    A place gives only what lies above its home days, and its home days are at least the target,
    so no place gives and lacks at once. Stocks whose use was not reported count on neither side
    and stand in ``use_unknown``.

    Parameters
    ----------
    supply
        Result of :func:`tongchou.planning.supply.days_of_supply`.
    limits
        item, floor_days, target_days, home_days, priority; by default the packaged table.

    Returns
    -------
    DataFrame
        place, item, quantity, in_transit, daily_use, days, surplus, deficit, floor_deficit,
        use_unknown (pieces), floor_days, target_days, home_days, priority.
    """
    items = supply["item"].unique(maintain_order=True).sort().to_list()
    rule = (floors(items) if limits is None else limits).select(
        "item", "floor_days", "target_days", "home_days", "priority"
    )
    _require_order(rule)
    known = pl.col("daily_use").is_not_null()
    total = supply.group_by("place", "item").agg(
        quantity=pl.col("quantity").filter(known).sum(),
        in_transit=pl.col("in_transit").filter(known).sum(),
        daily_use=pl.col("daily_use").sum(),
        use_unknown=pl.col("quantity").filter(~known).sum(),
    )
    there = pl.col("quantity") + pl.col("in_transit")
    return (
        total.join(rule, on="item", how="inner")
        .with_columns(
            days=pl.when(pl.col("daily_use") > 0).then(pl.col("quantity") / pl.col("daily_use")),
            surplus=_pieces(pl.col("quantity") - pl.col("home_days") * pl.col("daily_use")).floor(),
            deficit=_pieces(pl.col("target_days") * pl.col("daily_use") - there).ceil(),
            floor_deficit=_pieces(pl.col("floor_days") * pl.col("daily_use") - there).ceil(),
        )
        .with_columns(pl.col("surplus", "deficit", "floor_deficit").cast(pl.Int64))
        .sort("item", "place")
    )


def _pieces(amount: pl.Expr) -> pl.Expr:
    # Rounded at a millionth of a piece first, so that 700.0000000001 is not 701 pieces lacking.
    return amount.clip(lower_bound=0).round(6)


def _require_order(rule: pl.DataFrame) -> None:
    bad = rule.filter(
        ~(
            (pl.col("floor_days") <= pl.col("target_days"))
            & (pl.col("target_days") <= pl.col("home_days"))
            & (pl.col("floor_days") >= 0)
        )
    )
    if not bad.is_empty():
        raise BadInput(
            [
                Fault(
                    file="supply_floors",
                    column="floor_days, target_days, home_days",
                    value=f"{item}: {low}, {target}, {home}",
                    problem=Text(
                        zh="底线天数须不大于目标天数，目标天数须不大于自留天数，否则一地会同时有余又有缺。",
                        en="floor days must not exceed target days, nor target days home days, or a place would give and lack at once.",
                    ),
                    remedy=Text(zh="请改正这一行。", en="Correct this row."),
                )
                for item, low, target, home in bad.select(
                    "item", "floor_days", "target_days", "home_days"
                ).rows()
            ]
        )


def allocate(
    available: int,
    stock: Floats,
    use: Floats,
    floor_days: float,
    target_days: float,
    priority: Ints,
) -> Ints:
    """Give the pieces that each place receives from the pool.

    Piece by piece: first everyone up to the floor, always to the place with the fewest days of
    supply; then, in descending priority, up to the target, again fewest days first. This is the
    optimum of: minimise Σ priority × unmet, among the allocations whose shortest days below the
    floor are as long as they can be. Each further piece only adds to what was given before.

    Parameters
    ----------
    available
        Pieces in the pool.
    stock, use
        Stock, pieces, and use, pieces a day (> 0), of each place.
    floor_days, target_days
        Days of supply up to which the two stages fill.
    priority
        Priority of each place; higher is served first above the floor.

    Examples
    --------
    Twelve pieces; both use one a day and hold none. The floor of 3 takes 3 each; of the other 6
    the place of higher priority takes the 4 up to its target of 7.

    >>> allocate(12, np.zeros(2), np.ones(2), 3, 7, np.array([1, 2])).tolist()
    [5, 7]
    """
    given = _level(available, stock, use, floor_days, np.zeros(len(use), dtype=np.int64))
    for rank in sorted(set(priority.tolist()), reverse=True):
        chosen = np.flatnonzero(priority == rank)
        left = available - int(given.sum())
        given[chosen] = _level(left, stock[chosen], use[chosen], target_days, given[chosen])
    return given


def _level(available: int, stock: Floats, use: Floats, cap: float, given: Ints) -> Ints:
    """Add pieces to those with the fewest days until the pool is empty or all reach the cap.

    A place receives its k-th piece at the level (stock + k − 1) ÷ use; the pool serves the lowest
    levels first. The level at which the pool is empty is found by bisection.
    """

    def received(level: float) -> Ints:
        pieces = np.ceil(np.round(level * use - stock, 6))
        return np.maximum(given, pieces.astype(np.int64))

    full = received(cap)
    pool = available + int(given.sum())
    if full.sum() <= pool:
        return full
    low, high = 0.0, cap
    for _ in range(60):
        middle = (low + high) / 2
        if received(middle).sum() <= pool:
            low = middle
        else:
            high = middle
    result, more = received(low), received(high)
    for i in np.flatnonzero(more > result):
        extra = min(pool - int(result.sum()), int(more[i] - result[i]))
        result[i] += extra
    return result


def balance(
    supply: pl.DataFrame, places: pl.DataFrame, limits: pl.DataFrame | None = None
) -> Balance:
    """Give the national table of surplus and deficit and the transfers that follow from it.

    A place that is well stocked as a whole may hold a hospital that is not: for transfers between
    facilities hand in ``supply`` with ``place`` set to ``facility_id``, and the facilities'
    positions.

    Who receives how much is decided first (:func:`allocate`); from where is then the transport
    problem of least piece-kilometres (:func:`tongchou.planning.transport.least_cost_flow`).

    Parameters
    ----------
    supply
        Result of :func:`tongchou.planning.supply.days_of_supply`.
    places
        place, longitude, latitude (degrees). A place without a position counts as farthest away.
    limits
        As in :func:`surplus_deficit`.

    Returns
    -------
    Balance
        Table, transfers and unmet remainder.
    """
    rows = surplus_deficit(supply, limits)
    moved = [_of_item(part, places) for part in rows.partition_by("item", maintain_order=True)]
    transfers = pl.concat(moved) if moved else _no_transfers()
    received = transfers.group_by("item", place="destination").agg(
        received=pl.col("quantity").sum()
    )
    unmet = (
        rows.filter(pl.col("deficit") > 0)
        .join(received, on=["place", "item"], how="left")
        .with_columns(pl.col("received").fill_null(0))
        .with_columns(
            unmet=pl.col("deficit") - pl.col("received"),
            unmet_floor=(pl.col("floor_deficit") - pl.col("received")).clip(lower_bound=0),
            days_after=(pl.col("quantity") + pl.col("in_transit") + pl.col("received"))
            / pl.col("daily_use"),
        )
        .filter(pl.col("unmet") > 0)
        .select("place", "item", "deficit", "received", "unmet", "unmet_floor", "days_after")
        .sort("item", "place")
    )
    return Balance(table=rows, transfers=transfers, unmet=unmet)


def _no_transfers() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "item": pl.Utf8,
            "origin": pl.Utf8,
            "destination": pl.Utf8,
            "quantity": pl.Int64,
            "distance_km": pl.Float64,
            "reason_zh": pl.Utf8,
            "reason_en": pl.Utf8,
        }
    )


REASON = Text(
    zh="调出地现有 {give} 天用量，调出后仍不低于自留的 {home} 天；调入地仅够 {have} 天，低于目标 {target} 天。",
    en="The sender holds {give} days of use and keeps at least its {home} home days; the receiver has {have} days, below the target of {target}.",
)
REASON_RESERVE = Text(
    zh="调出地为储备，当地没有消耗；调入地仅够 {have} 天，低于目标 {target} 天。",
    en="The sender is a reserve without use of its own; the receiver has {have} days, below the target of {target}.",
)


def _of_item(rows: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Give the transfers of one item."""
    donors = rows.filter(pl.col("surplus") > 0)
    needy = rows.filter(pl.col("deficit") > 0)
    if donors.is_empty() or needy.is_empty():
        return _no_transfers()
    rule = rows.row(0, named=True)
    share = allocate(
        int(donors["surplus"].sum()),
        (needy["quantity"] + needy["in_transit"]).to_numpy(),
        needy["daily_use"].to_numpy(),
        float(rule["floor_days"]),
        float(rule["target_days"]),
        needy["priority"].to_numpy().astype(np.int64),
    )
    km = distances(donors["place"], needy["place"], places)
    i, j = (a.ravel() for a in np.indices(km.shape))
    flow = least_cost_flow(
        donors["surplus"].to_numpy(),
        i,
        j,
        np.nan_to_num(km.ravel(), nan=FARTHEST_KM),
        Unmet(destination=np.arange(len(share)), limit=share, points=np.ones(len(share))),
    )
    used = np.flatnonzero(flow)
    texts = [_reason(donors.row(i[a], named=True), needy.row(j[a], named=True)) for a in used]
    return pl.DataFrame(
        {
            "item": [rule["item"]] * len(used),
            "origin": donors["place"].gather(i[used]),
            "destination": needy["place"].gather(j[used]),
            "quantity": flow[used],
            "distance_km": pl.Series(km.ravel()[used], dtype=pl.Float64).fill_nan(None),
            "reason_zh": [t.zh for t in texts],
            "reason_en": [t.en for t in texts],
        },
        schema_overrides=dict(_no_transfers().schema),
    )


def _reason(donor: dict[str, object], needy: dict[str, object]) -> Text:
    have = (float(str(needy["quantity"])) + float(str(needy["in_transit"]))) / float(
        str(needy["daily_use"])
    )
    words = {"have": f"{have:.1f}", "target": needy["target_days"]}
    if donor["days"] is None:
        return REASON_RESERVE.fill(**words)
    return REASON.fill(give=f"{float(str(donor['days'])):.1f}", home=donor["home_days"], **words)


def distances(origins: pl.Series, destinations: pl.Series, places: pl.DataFrame) -> Floats:
    """Give the distances between places, (origin, destination), km; NaN where one is unknown."""
    where = {p: (x, y) for p, x, y in places.select("place", "longitude", "latitude").rows()}
    nowhere = (None, None)
    start = np.array([where.get(p, nowhere) for p in origins], dtype=float)
    end = np.array([where.get(p, nowhere) for p in destinations], dtype=float)
    return great_circle_km(start[:, None, 0], start[:, None, 1], end[None, :, 0], end[None, :, 1])
