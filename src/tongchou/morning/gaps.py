"""Step three: the gaps of this morning, each a set difference with a clock.

A gap is a list of open items (place, since when). The order shows counts, the worst three places
and the clock of the oldest; names stay with the duty officer who works the list in the station.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl

from tongchou.morning.check import Quality
from tongchou.morning.scope import Scope
from tongchou.planning import supply
from tongchou.situation.situation import Situation
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text

OPEN = {"place": pl.String, "since": pl.Date}
"""Open items of a gap: where, and since when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapKind:
    """One kind of gap: what is open, and the rule that finds it."""

    id: str
    label: Text
    rule: Text
    tables: tuple[str, ...]
    find: Callable[[Situation, Scope], pl.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGap:
    """A gap found: its open items, or the table that is missing to find them."""

    kind: GapKind
    items: pl.DataFrame | None
    missing: MissingData | None

    def worst(self, many: int = 3) -> list[tuple[str, int]]:
        """Give the places with most open items."""
        if self.items is None or self.items.is_empty():
            return []
        by = self.items.group_by("place").len().sort(["len", "place"], descending=[True, False])
        return [(str(p), int(n)) for p, n in by.head(many).iter_rows()]

    def oldest(self) -> date | None:
        """Give the day since when the oldest item has been open."""
        found = None if self.items is None else self.items["since"].min()
        return found if isinstance(found, date) else None


def find_gaps(situation: Situation, scope: Scope, quality: Quality) -> tuple[OpenGap, ...]:
    """Find every gap; a missing table is said, not guessed around."""
    found = []
    for kind in KINDS:
        try:
            items = scope.inside(kind.find(situation, scope).select("place", "since"))
            found.append(OpenGap(kind=kind, items=items, missing=None))
        except MissingData as missing:
            found.append(OpenGap(kind=kind, items=None, missing=missing))
    silent = quality.silent.select("place", since=pl.col("last_report").dt.offset_by("1d"))
    silent_gap = OpenGap(kind=SILENT, items=silent, missing=None)
    return (*found[:4], silent_gap, *found[4:])


def _confirmed_not_admitted(situation: Situation, scope: Scope) -> pl.DataFrame:
    cases = situation.table("cases", NOT_ADMITTED.label)
    return cases.filter(
        pl.col("confirmed_on").is_not_null()
        & pl.col("admitted_on").is_null()
        & pl.col("recovered_on").is_null()
        & pl.col("died_on").is_null()
    ).select("place", since="confirmed_on")


def _suspected_not_tested(situation: Situation, scope: Scope) -> pl.DataFrame:
    cases = situation.table("cases", NOT_TESTED.label)
    return cases.filter(
        pl.col("suspected_on").is_not_null()
        & pl.col("result_on").is_null()
        & pl.col("confirmed_on").is_null()
        & pl.col("excluded_on").is_null()
        & pl.col("died_on").is_null()
    ).select("place", since="suspected_on")


def _contacts_not_placed(situation: Situation, scope: Scope) -> pl.DataFrame:
    contacts = situation.table("contacts", NOT_PLACED.label)
    return _unplaced(contacts.filter(pl.col("setting").ne_missing("arrival")), situation.cut)


def _arrivals_not_watched(situation: Situation, scope: Scope) -> pl.DataFrame:
    arrivals = situation.table("contacts", NOT_WATCHED.label).filter(pl.col("setting") == "arrival")
    if arrivals.is_empty():
        raise MissingData("contacts", NOT_WATCHED.label, column="setting = arrival")
    return _unplaced(arrivals, situation.cut)


def _unplaced(contacts: pl.DataFrame, cut: date) -> pl.DataFrame:
    return contacts.filter(
        pl.col("placed_on").is_null()
        & pl.col("released_on").is_null()
        & (pl.col("release_due").is_null() | (pl.col("release_due") > cut))
    ).select("place", since="known_on")


def _expired_measures(situation: Situation, scope: Scope) -> pl.DataFrame:
    measures = situation.table("measures", EXPIRED.label)
    return measures.filter(
        pl.col("lifted_on").is_null() & (pl.col("expires_on") < situation.cut)
    ).select("place", since=pl.col("expires_on").dt.offset_by("1d"))


def _without_basis(situation: Situation, scope: Scope) -> pl.DataFrame:
    measures = situation.table("measures", WITHOUT_BASIS.label)
    if measures["legal_basis"].is_null().all():
        raise MissingData("measures", WITHOUT_BASIS.label, column="legal_basis")
    return measures.filter(
        pl.col("lifted_on").is_null()
        & (pl.col("expires_on").is_null() | (pl.col("expires_on") >= situation.cut))
        & pl.col("legal_basis").is_null()
    ).select("place", since="start_on")


def _unpaid(situation: Situation, scope: Scope) -> pl.DataFrame:
    payments = situation.table("payments", UNPAID.label)
    return payments.filter(pl.col("paid_on").is_null() & (pl.col("due_on") < situation.cut)).select(
        "place", since=pl.col("due_on").dt.offset_by("1d")
    )


def _visits_late(situation: Situation, scope: Scope) -> pl.DataFrame:
    visits = situation.table("visits", VISITS_LATE.label)
    return visits.filter(pl.col("done_on").is_null() & (pl.col("due_on") < situation.cut)).select(
        "place", since=pl.col("due_on").dt.offset_by("1d")
    )


def _blocked_roads(situation: Situation, scope: Scope) -> pl.DataFrame:
    shipments = situation.table("shipments", BLOCKED_ROADS.label)
    return shipments.filter(
        pl.col("blocked_at").is_not_null() & pl.col("arrived_on").is_null()
    ).select(place="blocked_at", since=pl.coalesce("sent_on", "known_on"))


def _blocked_chains(situation: Situation, scope: Scope) -> pl.DataFrame:
    firms = situation.table("enterprises", BLOCKED_CHAINS.label)
    stopped = pl.col("blocked_by").is_not_null() & (pl.col("blocked_by") != "none")
    latest = (
        firms.sort("date")
        .group_by("enterprise_id")
        .last()
        .filter(stopped)
        .select("enterprise_id", "place")
    )
    last_free = (
        firms.filter(~stopped.fill_null(False))
        .group_by("enterprise_id")
        .agg(free=pl.col("date").max())
    )
    first = firms.group_by("enterprise_id").agg(first=pl.col("date").min())
    joined = latest.join(last_free, on="enterprise_id", how="left").join(first, on="enterprise_id")
    return joined.select(
        "place", since=pl.coalesce(pl.col("free").dt.offset_by("1d"), pl.col("first"))
    )


def _below_floor(situation: Situation, scope: Scope) -> pl.DataFrame:
    stocks = situation.table("stocks", BELOW_FLOOR.label)
    shipments = situation.table("shipments", BELOW_FLOOR.label)
    hospitals = situation.table("facilities", BELOW_FLOOR.label).filter(
        pl.col("kind").is_in(supply.HOSPITALS)
    )
    stocks = stocks.filter(pl.col("facility_id").is_in(hospitals["facility_id"].unique().implode()))
    under = supply.below_floor(supply.days_of_supply(stocks, shipments, situation.cut))
    limits = under.select("facility_id", "item", "floor_days")
    history = stocks.join(limits, on=["facility_id", "item"])
    last_enough = (
        history.filter(pl.col("quantity") >= pl.col("floor_days") * pl.col("daily_use"))
        .group_by("facility_id", "item")
        .agg(enough=pl.col("date").max())
    )
    first = history.group_by("facility_id", "item").agg(first=pl.col("date").min())
    return (
        under.join(last_enough, on=["facility_id", "item"], how="left")
        .join(first, on=["facility_id", "item"])
        .with_columns(since=pl.coalesce(pl.col("enough").dt.offset_by("1d"), pl.col("first")))
        .group_by("facility_id")
        .agg(pl.col("place").first(), pl.col("since").min())
        .select("place", "since")
    )


NOT_ADMITTED = GapKind(
    id="not_admitted",
    label=Text(zh="确诊未收治", en="Confirmed, not admitted"),
    rule=Text(
        zh="已确诊、未入院、未出院也未死亡的人；自确诊日起计时。",
        en="Confirmed, not admitted, neither discharged nor dead; the clock starts on the day of confirmation.",
    ),
    tables=("cases",),
    find=_confirmed_not_admitted,
)
NOT_TESTED = GapKind(
    id="not_tested",
    label=Text(zh="疑似未检测", en="Suspected, not tested"),
    rule=Text(
        zh="列为疑似、尚无检测结果、未确诊也未排除的人；自列为疑似之日起计时。",
        en="Suspected, without a test result, neither confirmed nor excluded; the clock starts on the day of suspicion.",
    ),
    tables=("cases",),
    find=_suspected_not_tested,
)
NOT_PLACED = GapKind(
    id="not_placed",
    label=Text(zh="密接未落实隔离", en="Contacts, not placed"),
    rule=Text(
        zh="已判定的密切接触者，尚未落实隔离且未到解除日期；自判定日起计时。",
        en="Named close contacts not yet placed in quarantine and not yet due for release; the clock starts on the day named.",
    ),
    tables=("contacts",),
    find=_contacts_not_placed,
)
NOT_WATCHED = GapKind(
    id="not_watched",
    label=Text(zh="来人未纳入观察", en="Arrivals, not watched"),
    rule=Text(
        zh="自较高风险地区到达、尚未纳入医学观察且未到解除日期的人；自登记日起计时。",
        en="Arrivals from a place of higher tier not yet under watch and not yet due for release; the clock starts on the day registered.",
    ),
    tables=("contacts",),
    find=_arrivals_not_watched,
)
SILENT = GapKind(
    id="silent",
    label=Text(zh="未报告单位", en="Silent units"),
    rule=Text(
        zh="此前有病例报告、截止日没有报告行的单位；自最后一次报告的次日起计时。",
        en="Units with earlier cases and no row for the cut-off day; the clock starts on the day after the last report.",
    ),
    tables=("case_counts",),
    find=lambda situation, scope: pl.DataFrame(schema=OPEN),
)
BELOW_FLOOR = GapKind(
    id="below_floor",
    label=Text(zh="防护低于底线的机构", en="Facilities below the protective floor"),
    rule=Text(
        zh="至少一种防护用品可用天数低于底线的机构；自最近一次跌破之日起计时。",
        en="Facilities where at least one protective item lasts fewer days than the floor; the clock starts on the day it last fell below.",
    ),
    tables=("stocks", "facilities", "shipments"),
    find=_below_floor,
)
EXPIRED = GapKind(
    id="expired",
    label=Text(zh="措施到期未解除", en="Measures expired, not lifted"),
    rule=Text(
        zh="到期日已过而没有解除记录的措施；自到期次日起计时。",
        en="Measures past their expiry without a record of lifting; the clock starts on the day after expiry.",
    ),
    tables=("measures",),
    find=_expired_measures,
)
WITHOUT_BASIS = GapKind(
    id="without_basis",
    label=Text(zh="措施无法律依据", en="Measures without legal basis"),
    rule=Text(
        zh="在行而没有登记法律依据的措施；自开始日起计时。",
        en="Measures in force with no legal basis on record; the clock starts on the day they began.",
    ),
    tables=("measures",),
    find=_without_basis,
)
UNPAID = GapKind(
    id="unpaid",
    label=Text(zh="应发未发", en="Entitlements unpaid"),
    rule=Text(
        zh="应发日已过而未发放的款项；自应发次日起计时。",
        en="Payments past their due day and not made; the clock starts on the day after.",
    ),
    tables=("payments",),
    find=_unpaid,
)
VISITS_LATE = GapKind(
    id="visits_late",
    label=Text(zh="应访未访", en="Visits late"),
    rule=Text(
        zh="应访日已过而未走访的重点住户；自应访次日起计时。",
        en="Households with needs whose visit is past due; the clock starts on the day after.",
    ),
    tables=("visits",),
    find=_visits_late,
)
BLOCKED_ROADS = GapKind(
    id="blocked_roads",
    label=Text(zh="运输受阻", en="Shipments held up"),
    rule=Text(
        zh="记有受阻地区而尚未到达的调运；自发出日起计时。",
        en="Shipments with a place of hold-up and no arrival; the clock starts on the day sent.",
    ),
    tables=("shipments",),
    find=_blocked_roads,
)
BLOCKED_CHAINS = GapKind(
    id="blocked_chains",
    label=Text(zh="复工受阻企业", en="Enterprises held up"),
    rule=Text(
        zh="最近一次报告仍有受阻原因的企业；自最后一次无阻报告的次日起计时。",
        en="Enterprises whose latest report names an obstacle; the clock starts on the day after the last report without one.",
    ),
    tables=("enterprises",),
    find=_blocked_chains,
)
KINDS = (
    NOT_ADMITTED,
    NOT_TESTED,
    NOT_PLACED,
    NOT_WATCHED,
    BELOW_FLOOR,
    EXPIRED,
    WITHOUT_BASIS,
    UNPAID,
    VISITS_LATE,
    BLOCKED_ROADS,
    BLOCKED_CHAINS,
)
