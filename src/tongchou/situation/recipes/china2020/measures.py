"""Measures in force: policy events by name, city controls by code."""

import polars as pl

from tongchou import reference
from tongchou.situation.contract import contract
from tongchou.vocabulary.errors import UnknownPlace
from tongchou.vocabulary.places import Gazetteer

EVENTS, CONTROLS = "policy_events_gpl.csv", "city_control_measures.csv"
WHOLE_PROVINCE = "All"
_PROVINCE_NAMES = {"Xizang": "西藏自治区", "Neimenggu": "内蒙古自治区"}


def measures(
    gazetteer: Gazetteer, events: pl.DataFrame | None, controls: pl.DataFrame | None
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Give the measures in the kinds of the table of measures, and the names left without a code.

    A measure is taken to be known on the day it starts. Declarations of the highest response level
    are left to the table of response levels.
    """
    schema = contract("measures").schema
    frames, unmatched = [pl.DataFrame(schema=schema)], []
    if events is not None:
        found, unmatched = _events(gazetteer, events)
        frames.append(found)
    if controls is not None:
        found, more = _controls(gazetteer, controls)
        frames.append(found)
        unmatched = unmatched + more
    frame = pl.concat(frames, how="diagonal").with_columns(known_on="start_on")
    return frame.select(list(schema)).sort("start_on", "place", "measure_id"), tuple(unmatched)


def _kinds(file: str) -> dict[str, str]:
    table = pl.read_csv(reference.path("china2020/measure_kinds.csv"), infer_schema=False)
    rows = table.filter(pl.col("file") == file)
    return dict(zip(rows["source_kind"], rows["kind"], strict=True))


def _events(gazetteer: Gazetteer, events: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    kinds = _kinds(EVENTS)
    rows = events.filter(pl.col("policy").is_in(list(kinds)))
    codes: dict[tuple[str, str], str] = {}
    unmatched: list[str] = []
    for province, city in rows.select("adm1_name", "adm2_name").unique(maintain_order=True).iter_rows():
        code = _code(gazetteer, province, city)
        if code is None:
            unmatched.append(f"{city}, {province}")
        else:
            codes[province, city] = code
    names = pl.DataFrame(
        [(p, c, code) for (p, c), code in codes.items()],
        schema=["adm1_name", "adm2_name", "place"],
        orient="row",
    )
    return rows.join(names, on=["adm1_name", "adm2_name"]).select(
        measure_id=pl.format("gpl-{}", "row"),
        place="place",
        kind=pl.col("policy").replace_strict(kinds),
        start_on=pl.col("date_start").str.to_date(),
        lifted_on=pl.col("date_end").str.to_date(),
        source_row=pl.format("{}:{}", pl.lit(EVENTS), "row"),
    ), unmatched


def _code(gazetteer: Gazetteer, province: str, city: str) -> str | None:
    try:
        above = gazetteer.find(_PROVINCE_NAMES.get(province, province), level="province")[0].code
        if city in (WHOLE_PROVINCE, province):
            alone = not gazetteer.children(above, "prefecture")
            if city == WHOLE_PROVINCE or alone:
                return above
        return gazetteer.find(_repaired(city), within=above)[-1 if city == province else 0].code
    except UnknownPlace:
        return None


def _repaired(name: str) -> str:
    """Undo UTF-8 that was once read as Latin-1 (``GarzÃª`` for ``Garzê``)."""
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name


def _controls(gazetteer: Gazetteer, controls: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    kinds = _kinds(CONTROLS)
    known = pl.col("adcode").map_elements(lambda c: c in gazetteer, return_dtype=pl.Boolean)
    unmatched = controls.filter(~known).select(pl.format("{} {}", "adcode", "name")).to_series()
    long = (
        controls.filter(known)
        .unpivot(on=list(kinds), index=["row", "adcode"], variable_name="dated", value_name="day")
        .drop_nulls("day")
    )
    return long.select(
        measure_id=pl.format("tian-{}-{}", "adcode", pl.col("dated").str.strip_suffix("_date")),
        place="adcode",
        kind=pl.col("dated").replace_strict(kinds),
        start_on=pl.col("day").str.to_date(),
        lifted_on=pl.lit(None, dtype=pl.Date),
        source_row=pl.format("{}:{}", pl.lit(CONTROLS), "row"),
    ), unmatched.to_list()
