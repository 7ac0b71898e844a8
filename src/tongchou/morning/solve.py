"""Step five: scarce things against one set of limits: beds, supplies, their dates of running out."""

from dataclasses import dataclass

import polars as pl
import xarray as xr

from tongchou.morning.annexes.common import head
from tongchou.morning.annexes.outlook import BED_NAMES, bed_demand_table
from tongchou.morning.beds_ahead import beds_ahead
from tongchou.morning.order import Table
from tongchou.morning.outlook import Outlook
from tongchou.morning.picture import Picture
from tongchou.morning.records import item_name, supply_of
from tongchou.planning import admission, beds, supply
from tongchou.planning.balance import Balance, balance
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text, same

PATIENTS = Text(zh="待收治患者的床位安排", en="Beds for patients waiting")
TRANSFERS = Text(zh="物资调剂建议", en="Transfers proposed")
STOCK_OUT = Text(zh="14日内可能断供的库存", en="Stocks that may run out within 14 days")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the solvers propose; None where a table is missing, with the reason in ``missing``.

    ``assignments`` carries case numbers for the duty officer's station; documents show counts only.
    """

    picture: Picture
    assignments: pl.DataFrame | None
    bed_out: pl.DataFrame | None
    bed_demand: pl.DataFrame | None
    balance: Balance | None
    stock_out: pl.DataFrame | None
    missing: tuple[MissingData, ...]

    def patient_tables(self) -> list[Table]:
        """Give the tables of Annex C that come from the solver, without any person in them."""
        return [self._admissions(), self._bed_demand(), self._bed_out()]

    def supply_tables(self) -> list[Table]:
        """Give the tables of Annex E that come from the solver."""
        return [self._transfers(), self._stock_out()]

    def _admissions(self) -> Table:
        if self.assignments is None:
            return self._absent("assignments", PATIENTS)
        rows = (
            self.assignments.group_by("place", "class", "outcome", "reason_zh", "reason_en")
            .agg(patients=pl.len(), longest=pl.col("waiting_days").max())
            .sort(
                ["longest", "place", "class", "reason_en"], descending=[True, False, False, False]
            )
        )
        outcomes = {
            "admit": Text(zh="可收治", en="bed found"),
            "escalate": Text(zh="上报", en="escalated"),
        }
        return Table(
            id="assignments",
            title=PATIENTS,
            headings=(
                head("name", "地区", "Place"),
                head("outcome_name", "结果", "Outcome"),
                head("patients", "患者", "Patients", "count"),
                head("longest", "最长等待（天）", "Longest wait (days)", "count"),
                head("reason", "规则与理由", "Rule and reason"),
            ),
            rows=tuple(
                {
                    **r,
                    "name": self._name(r["place"]),
                    "outcome_name": outcomes[r["outcome"]],
                    "reason": Text(zh=r["reason_zh"], en=r["reason_en"]),
                }
                for r in rows.iter_rows(named=True)
            ),
        )

    def _bed_demand(self) -> Table:
        title = Text(
            zh="今后14日床位需求：按地区与级别",
            en="Beds needed in the next 14 days, by area and class",
        )
        if self.bed_demand is None:
            return self._absent("bed_demand", title)
        return bed_demand_table(self.picture, title, self.bed_demand)

    def _bed_out(self) -> Table:
        title = Text(zh="14日内可能住满的床位", en="Beds that may run out within 14 days")
        if self.bed_out is None:
            return self._absent("bed_out", title)
        rows = self.bed_out.filter(pl.col("probability") >= LIKELY)
        return Table(
            id="bed_out",
            title=title,
            headings=(
                head("name", "地区", "Place"),
                head("class_name", "级别", "Class"),
                head("beds", "床位", "Beds", "count"),
                head("peak", "需求峰值", "Peak need", "estimate"),
                head("on", "住满日（中位）", "Out on (median)", "date"),
                head("early", "最早（5%）", "Earliest (5 %)", "date"),
                head("probability", "概率", "Probability", "share"),
            ),
            rows=tuple(
                {**r, "name": self._name(r["place"]), "class_name": BED_NAMES[r["bed"]]}
                for r in rows.iter_rows(named=True)
            ),
        )

    def _transfers(self) -> Table:
        if self.balance is None:
            return self._absent("transfers", TRANSFERS)
        return Table(
            id="transfers",
            title=TRANSFERS,
            headings=(
                head("item_name", "品种", "Item"),
                head("from_name", "调出", "From"),
                head("to_name", "调入", "To"),
                head("quantity", "数量（件）", "Quantity (pieces)", "count"),
                head("distance_km", "距离（公里）", "Distance (km)", "estimate"),
                head("reason", "理由", "Reason"),
            ),
            rows=tuple(
                {
                    **r,
                    "item_name": item_name(r["item"]),
                    "from_name": self._facility(r["origin"]),
                    "to_name": self._facility(r["destination"]),
                    "reason": Text(zh=r["reason_zh"], en=r["reason_en"]),
                }
                for r in self.balance.transfers.iter_rows(named=True)
            ),
        )

    def _stock_out(self) -> Table:
        if self.stock_out is None:
            return self._absent("stock_out", STOCK_OUT)
        rows = self.stock_out.filter(pl.col("probability") >= LIKELY)
        return Table(
            id="stock_out",
            title=STOCK_OUT,
            headings=(
                head("facility_id", "机构", "Facility", "code"),
                head("name", "地区", "Place"),
                head("item_name", "品种", "Item"),
                head("days", "现可用天数", "Days at today's use", "estimate"),
                head("on", "断供日（中位）", "Out on (median)", "date"),
                head("early", "最早（5%）", "Earliest (5 %)", "date"),
                head("probability", "概率", "Probability", "share"),
            ),
            rows=tuple(
                {**r, "name": self._name(r["place"]), "item_name": item_name(r["item"])}
                for r in rows.iter_rows(named=True)
            ),
        )

    def _name(self, place: str) -> Text:
        return self.picture.scope.names.get(place, same(place))

    def _facility(self, facility: str) -> Text:
        rows = self.picture.situation.table("facilities").filter(pl.col("facility_id") == facility)
        return Text(zh=str(rows["name_zh"][0]), en=str(rows["name_en"][0]))

    def _absent(self, id: str, title: Text) -> Table:
        tables = "、".join(sorted({m.table for m in self.missing}))
        return Table(
            id=id,
            title=title,
            headings=(),
            rows=(),
            missing=Text(
                zh=f"无数据：表 {tables}", en=f"no data: table {tables.replace('、', ', ')}"
            ),
        )


LIKELY = 0.05
"""Chance from which a running-out is listed: the early bound of its date."""


def solve(picture: Picture, outlook: Outlook) -> Plan:
    """Solve beds and supplies for the area with what is known and what is foreseen."""
    missing: list[MissingData] = []
    assignments = bed_out = bed_demand = out = None
    shared: Balance | None = None
    load: xr.DataArray | None = None
    try:
        assignments = _assign(picture)
        ahead = beds_ahead(picture, outlook)
        bed_out, bed_demand, load = ahead.out, ahead.demand, ahead.load
    except MissingData as error:
        missing.append(error)
    try:
        stocks = supply_of(picture.situation, picture.scope, STOCK_OUT)
        shared = balance(stocks.with_columns(place=pl.col("facility_id")), facility_points(picture))
        if load is not None:
            shipments = picture.situation.table("shipments", STOCK_OUT)
            out = supply.stock_out(
                stocks.filter(pl.col("place").is_in(load["place"].values.tolist())),
                shipments,
                load,
                picture.situation.cut,
            ).sort(
                ["probability", "on", "facility_id", "item"],
                descending=[True, False, False, False],
                nulls_last=True,
            )
    except MissingData as error:
        missing.append(error)
    return Plan(
        picture=picture,
        assignments=assignments,
        bed_out=bed_out,
        bed_demand=bed_demand,
        balance=shared,
        stock_out=out,
        missing=tuple(missing),
    )


def place_points(picture: Picture) -> pl.DataFrame:
    """Give place, longitude and latitude of the members of the area."""
    gazetteer = picture.situation.gazetteer
    rows = [gazetteer.place(c) for c in sorted(picture.scope.members)]
    return pl.DataFrame(
        {
            "place": [p.code for p in rows],
            "longitude": [p.longitude for p in rows],
            "latitude": [p.latitude for p in rows],
        }
    )


def facility_points(picture: Picture) -> pl.DataFrame:
    """Give the facilities of the area as points: a place's total would hide a hospital in want."""
    rows = picture.scope.inside(picture.situation.table("facilities", TRANSFERS))
    today = supply.latest(rows, ["facility_id"], picture.situation.cut)
    return today.select(pl.col("facility_id").alias("place"), "longitude", "latitude")


def _assign(picture: Picture) -> pl.DataFrame:
    cases = picture.scope.inside(picture.situation.table("cases", PATIENTS))
    facilities = picture.scope.inside(picture.situation.table("facilities", PATIENTS))
    waiting = admission.waiting_patients(cases, picture.situation.cut)
    free = beds.free_beds(facilities, picture.situation.cut)
    return admission.assign(waiting, free, place_points(picture))
