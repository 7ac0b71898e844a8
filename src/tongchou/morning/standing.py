"""Measures as they stand: whose, since when, until when, on which basis, and what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from tongchou.morning.picture import Picture
from tongchou.morning.terms import term
from tongchou.tiering.legal import basis_name
from tongchou.tiering.measures import Measure, measure_catalogue
from tongchou.tiering.packages import Flag, InForce, audit_measures, package
from tongchou.tiering.rules import TIERS, Tier
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text, join, same


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingMeasure:
    """One measure in force, its place's tier, and the flags raised."""

    place: str
    kind: str
    measure: Measure | None
    start: date
    expires: date | None
    basis: str | None
    owner: str | None
    tier: Tier | None
    flags: tuple[Flag, ...]

    @property
    def name(self) -> Text:
        """The measure in words."""
        return term(self.kind) if self.measure is None else self.measure.name

    def row(self) -> dict[str, object]:
        """Give the row of Annex F."""
        owner = None if self.measure is None else self.measure.owner
        return {
            "place": self.place,
            "measure": self.name,
            "start": self.start,
            "expires": self.expires,
            "basis": None if self.basis is None else basis_words(self.basis),
            "owner": owner_words(self.owner) if self.owner else owner,
            "flags": join([f.reason for f in self.flags]) if self.flags else None,
        }


def basis_words(basis: str) -> Text:
    """Give the title of a legal basis, or what the pack recorded where the register has no such code."""
    named = basis_name(basis)
    return same(basis) if named.en == "none" else named


@cache
def owner_words(owner: str) -> Text:
    """Give an owner in both languages where the catalogue of measures knows it, else as recorded.

    >>> owner_words("县级人民政府").en, owner_words("甲街道").en
    ('county government', '甲街道')
    """
    known = {
        said: m.owner for m in measure_catalogue().values() for said in (m.owner.zh, m.owner.en)
    }
    return known.get(owner, same(owner))


def standing_measures(picture: Picture, needed_for: Text) -> list[StandingMeasure]:
    """Give the measures in force in the area, each audited against its place's tier.

    A measure of an area above the units is held against the highest tier found inside it. Where
    the pack records no legal basis for any measure, that fault is not raised for each: the column
    is missing, and the gap says so.
    """
    table = picture.situation.table("measures", needed_for)
    records_basis = table["legal_basis"].is_not_null().any()
    records_expiry = table["expires_on"].is_not_null().any()
    cut = picture.situation.cut
    rows = picture.scope.inside(table).filter(
        pl.col("lifted_on").is_null() & (pl.col("start_on") <= cut)
    )
    tiers = tier_by_place(picture)
    silenced = {
        *(() if records_basis else ("no_basis",)),
        *(() if records_expiry else ("no_expiry",)),
    }
    found = []
    for row in rows.iter_rows(named=True):
        tier = tiers.get(row["place"])
        measure = measure_catalogue().get(row["kind"])
        flags: list[Flag] = []
        if measure is not None and tier is not None:
            standing = InForce(
                measure=row["kind"],
                place=row["place"],
                start=row["start_on"],
                expires=row["expires_on"],
                basis=row["legal_basis"],
            )
            flags = [f for f in audit_measures([standing], tier, cut) if f.kind not in silenced]
        found.append(
            StandingMeasure(
                place=row["place"],
                kind=row["kind"],
                measure=measure,
                start=row["start_on"],
                expires=row["expires_on"],
                basis=row["legal_basis"],
                owner=row["owner"],
                tier=tier,
                flags=tuple(flags),
            )
        )
    return found


def tier_by_place(picture: Picture) -> dict[str, Tier]:
    """Give the tier of each unit, and of each area above units the highest found inside it."""
    tiers: dict[str, Tier] = {}
    for row in picture.tiers.frame.iter_rows(named=True):
        if row["tier"] is None:
            continue
        for code in (row["place"], *picture.scope.ancestors.get(row["place"], ())):
            if code not in tiers or TIERS.index(row["tier"]) > TIERS.index(tiers[code]):
                tiers[code] = row["tier"]
    return tiers


@cache
def measure_links() -> Mapping[str, str]:
    """Give, for measures of the tier packages, the lever of the scenario library they pull.

    >>> measure_links()["work_suspension"]
    'close_nonessential_business'
    """
    rows = packaged("morning/measure_links")
    return dict(rows.select("measure", "lever").iter_rows())


def levers_of(tier: Tier) -> frozenset[str]:
    """Give the scenario levers that a tier's package turns on."""
    links = measure_links()
    return frozenset(links[m] for m, state in package(tier).items() if state == "on" and m in links)


def levers_recorded(picture: Picture, places: list[str]) -> frozenset[str]:
    """Give the scenario levers recorded as in force in any of the places or above them."""
    if not picture.situation.has("measures"):
        return frozenset()
    lines = {c for p in places for c in (p, *picture.scope.ancestors.get(p, ()))}
    rows = picture.situation.table("measures").filter(
        pl.col("place").is_in(list(lines)) & pl.col("lifted_on").is_null()
    )
    links = measure_links()
    return frozenset(links[k] for k in rows["kind"].unique() if k in links)
