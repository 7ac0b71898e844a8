"""The tier proposed for every place on one day, with its reason and its risk of being wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
import xarray as xr

from tongchou.tiering.counts import Counts, Flags, Whole, prepare_counts, within
from tongchou.tiering.engine import Codes, apply_rules, cluster_seen
from tongchou.tiering.reasons import outlook_text, reason_text, risk_text
from tongchou.tiering.resurgence import SCENARIOS, generation_days, resurgence_range
from tongchou.tiering.rules import TIERS, UNKNOWN, Tier, TierRules
from tongchou.tiering.sensitivity import Variant, tier_variants
from tongchou.vocabulary.errors import NotFound
from tongchou.vocabulary.text import Text, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TierTable:
    """Tier proposals of one day; the province decides and publishes.

    Attributes
    ----------
    frame
        One row per place: place, date, tier (null if the place has never reported), rule,
        reason_zh, reason_en, cumulative, new, days_since_last, cluster, cluster_known, silent_days,
        corrected, days_to_lower, lower_tier, lower_on, cases_to_higher, higher_tier,
        higher_needs_cluster, outlook_zh, outlook_en, previous_tier, change (up, down, same or
        first), sensitive_to (names of variants that give another tier), resurgence_low,
        resurgence_central, resurgence_high (null except for low places with cases), risk_zh, risk_en.
    variants
        place, variant, tier: the tier under each variant.
    meanings
        What each variant means.
    """

    frame: pl.DataFrame
    variants: pl.DataFrame
    meanings: Mapping[str, Text]
    rules: TierRules
    on: date

    def row(self, place: str) -> dict[str, object]:
        """Give the row of a place."""
        rows = self.frame.filter(pl.col("place") == place)
        if rows.is_empty():
            raise NotFound(place)
        return rows.row(0, named=True)

    def reason(self, place: str) -> Text:
        """Give the reason of a place's tier."""
        return text_of(self.row(place), "reason")

    def counts(self) -> dict[str, int]:
        """Give how many places are in each tier, and how many have never reported."""
        tiers = self.frame["tier"].to_list()
        return {**{t: tiers.count(t) for t in TIERS}, "unknown": tiers.count(None)}

    def changes(self) -> pl.DataFrame:
        """Give the places whose tier moved since the day before or since the tier in force."""
        return self.frame.filter(pl.col("change").is_in(["up", "down"]))


def assign_tiers(
    confirmed_total: xr.DataArray,
    rules: TierRules,
    *,
    on: date | None = None,
    new_confirmed: xr.DataArray | None = None,
    clusters: xr.DataArray | None = None,
    in_force: Mapping[str, Tier] | None = None,
) -> TierTable:
    """Propose the tier of every place on one day, with everything that stands beside it.

    Parameters
    ----------
    confirmed_total, new_confirmed, clusters
        As in :func:`tongchou.tiering.counts.prepare_counts`.
    rules
        The rule, from :func:`tongchou.tiering.rules.tier_rules`.
    on
        Data to 24:00 of this day; the last date of the cube if left out.
    in_force
        Tiers signed and in force, by place, to which the proposals are compared; where none is
        given, the tier computed for the day before.

    Examples
    --------
    >>> from tongchou.tiering.rules import tier_rules
    >>> days = np.arange("2020-02-01", "2020-02-16", dtype="datetime64[D]").astype("datetime64[ns]")
    >>> cube = xr.DataArray([[60] * 15], dims=("place", "date"),
    ...                     coords={"place": ["420525"], "date": days})
    >>> proposed = assign_tiers(cube, tier_rules())
    >>> proposed.row("420525")["tier"], proposed.reason("420525")["en"].split(";")[0]
    ('low', '14 days in a row without a new confirmed case (the rule asks for 14)')
    """
    counts = prepare_counts(confirmed_total, new_confirmed, clusters)
    column = counts.dates.size - 1 if on is None else counts.column(on)
    day = counts.dates[column].astype("datetime64[D]").item()
    at = np.array([column])
    tier, fired = (codes[:, 0] for codes in apply_rules(counts, rules, at))
    variants = tier_variants(counts, rules, column)
    frame = pl.DataFrame(
        {
            "place": counts.places,
            "tier": _names(tier),
            "rule": [None if i < 0 else rules.clauses[i].rule for i in fired],
            **_facts(counts, rules, column, fired),
            **_way_down(counts, rules, at, tier),
            **_way_up(counts, rules, at, tier),
            "previous_tier": _previous(counts, rules, column, in_force),
            "sensitive_to": _sensitive(variants, tier),
            **_resurgence(counts, column, tier),
        },
        schema_overrides={
            "place": pl.Utf8,
            "tier": pl.Utf8,
            "rule": pl.Utf8,
            "lower_tier": pl.Utf8,
            "higher_tier": pl.Utf8,
            "previous_tier": pl.Utf8,
            "sensitive_to": pl.List(pl.Utf8),
        },
    ).with_columns(date=pl.lit(day), change=_change())
    return TierTable(
        frame=_worded(frame, rules, day),
        variants=_long(counts, variants),
        meanings={v.name: v.meaning for v in variants},
        rules=rules,
        on=day,
    )


def _names(codes: Codes) -> list[str | None]:
    return [None if code == UNKNOWN else TIERS[code] for code in codes]


def _facts(counts: Counts, rules: TierRules, column: int, fired: Codes) -> dict[str, object]:
    at, window = np.array([column]), rules.window_days
    since = counts.days_since_last(at)[:, 0]
    looks = [c for c in rules.clauses if c.cluster != "any"]
    cluster = np.zeros(counts.places.size, dtype=np.bool_)
    for clause in looks:
        cluster |= cluster_seen(counts, clause, at)[:, 0]
    return {
        "cumulative": counts.cumulative[:, column],
        "new": within(counts.new_to, at, window)[:, 0],
        "days_since_last": pl.Series(since, nan_to_null=True).cast(pl.Int64),
        "cluster": cluster,
        "cluster_known": counts.cluster_known,
        "silent_days": within(counts.silent_to, at, window)[:, 0],
        "corrected": within(counts.corrected_to, at, window)[:, 0],
    }


def _way_down(counts: Counts, rules: TierRules, at: Whole, tier: Codes) -> dict[str, object]:
    """Find the first day on which the tier falls if nothing new is reported."""
    wait = np.full(tier.size, -1, dtype=np.int64)
    to = np.full(tier.size, UNKNOWN, dtype=np.int8)
    for ahead in range(1, rules.window_days + 1):
        then = apply_rules(counts, rules, at, ahead=ahead)[0][:, 0]
        falls = (wait < 0) & (then < tier) & (then != UNKNOWN)
        wait[falls], to[falls] = ahead, then[falls]
    return {"days_to_lower": _or_null(wait), "lower_tier": _names(to)}


def _way_up(counts: Counts, rules: TierRules, at: Whole, tier: Codes) -> dict[str, object]:
    """Find the smallest number of new cases that lifts the tier, alone or as one cluster."""
    cases = np.full(tier.size, -1, dtype=np.int64)
    to = np.full(tier.size, UNKNOWN, dtype=np.int8)
    needs = np.zeros(tier.size, dtype=np.bool_)
    able = (tier != UNKNOWN) & (tier < len(TIERS) - 1)
    for extra in range(1, rules.threshold + 2):
        for clustered in (False, True):
            open_ = able & (cases < 0)
            if not open_.any():
                break
            then = apply_rules(counts, rules, at, extra=extra, clustered=clustered)[0][:, 0]
            rises = open_ & (then > tier)
            cases[rises], to[rises], needs[rises] = extra, then[rises], clustered
    return {
        "cases_to_higher": _or_null(cases),
        "higher_tier": _names(to),
        "higher_needs_cluster": needs,
    }


def _or_null(days: Whole) -> pl.Series:
    found = pl.Series(days)
    return found.set(found < 0, None)


def _previous(
    counts: Counts, rules: TierRules, column: int, in_force: Mapping[str, Tier] | None
) -> list[str | None]:
    if in_force is not None:
        return [in_force.get(place) for place in counts.places.tolist()]
    if column == 0:
        return [None] * counts.places.size
    return _names(apply_rules(counts, rules, np.array([column - 1]))[0][:, 0])


def _change() -> pl.Expr:
    rank = {t: i for i, t in enumerate(TIERS)}
    now = pl.col("tier").replace_strict(rank, default=None, return_dtype=pl.Int8)
    then = pl.col("previous_tier").replace_strict(rank, default=None, return_dtype=pl.Int8)
    return (
        pl.when(now.is_null() | then.is_null())
        .then(pl.lit("first"))
        .when(now > then)
        .then(pl.lit("up"))
        .when(now < then)
        .then(pl.lit("down"))
        .otherwise(pl.lit("same"))
    )


def _sensitive(variants: list[Variant], tier: Codes) -> list[list[str]]:
    differs = np.stack([v.tier != tier for v in variants])
    return [[variants[i].name for i in np.flatnonzero(column)] for column in differs.T]


def _resurgence(counts: Counts, column: int, tier: Codes) -> dict[str, object]:
    last = counts.last_new[:, column]
    beside: Flags = (tier == TIERS.index("low")) & (last >= 0)
    rows = np.flatnonzero(beside)
    end = last[rows] + 1
    start = np.maximum(end - generation_days(), 0)
    cases = counts.new_to[rows, end] - counts.new_to[rows, start]
    silent = (column - last[rows]).astype(float)
    found = resurgence_range(silent, cases.astype(float)).to_numpy()
    out: dict[str, object] = {}
    for scenario, values in zip(SCENARIOS, found, strict=True):
        whole = np.full(tier.size, np.nan)
        whole[rows] = values
        out[f"resurgence_{scenario}"] = pl.Series(whole, nan_to_null=True)
    return out


def _worded(frame: pl.DataFrame, rules: TierRules, day: date) -> pl.DataFrame:
    clauses = {c.rule: c for c in rules.clauses}
    rows = list(frame.iter_rows(named=True))
    texts = {
        "reason": [reason_text(row, clauses.get(row["rule"])) for row in rows],
        "outlook": [outlook_text(row, day) for row in rows],
        "risk": [risk_text(row) for row in rows],
    }
    lower_on = [
        None if row["days_to_lower"] is None else day + timedelta(days=row["days_to_lower"])
        for row in rows
    ]
    return frame.with_columns(
        pl.Series("lower_on", lower_on, dtype=pl.Date),
        *(
            pl.Series(f"{stem}_{lang}", [getattr(t, lang) for t in found], dtype=pl.Utf8)
            for stem, found in texts.items()
            for lang in ("zh", "en")
        ),
    )


def _long(counts: Counts, variants: list[Variant]) -> pl.DataFrame:
    return pl.concat(
        pl.DataFrame(
            {"place": counts.places, "variant": v.name, "tier": _names(v.tier)},
            schema_overrides={"place": pl.Utf8, "tier": pl.Utf8},
        )
        for v in variants
    )
