"""Measures in force: policy events by name, city controls by code."""

import polars as pl

from tongchou import reference
from tongchou.situation.contract import contract
from tongchou.vocabulary.errors import UnknownPlace
from tongchou.vocabulary.places import Gazetteer

EVENTS, CONTROLS = "policy_events_gpl.csv", "city_control_measures.csv"
WHOLE_PROVINCE = "All"


def measures(
    gazetteer: Gazetteer, events: pl.DataFrame | None, controls: pl.DataFrame | None
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Give the measures in the kinds of the table of measures, and the names left without a code.

    A measure is taken to be known on the day it starts. Declarations of the highest response level
    are left to the table of response levels.
    """
    schema = contract("measures").schema
    frames = [pl.DataFrame(schema=schema)]
    unmatched: list[str] = []
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
    for province, city in (
        rows.select("adm1_name", "adm2_name").unique(maintain_order=True).iter_rows()
    ):
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
    """Give the code of a city within a province, or of the province where it is meant."""
    written = _written()
    try:
        above = written.get(province) or gazetteer.find(province, level="province")[0].code
        if city == WHOLE_PROVINCE:
            return above
        return written.get(city) or _below(gazetteer, above, _repaired(city))
    except UnknownPlace:
        return None


def _below(gazetteer: Gazetteer, province: str, name: str) -> str | None:
    """Give the unit within a province: Jilin City, not Jilin; Beijing itself, which has none."""
    divided = bool(gazetteer.children(province, "prefecture"))
    found = [
        p.code for p in gazetteer.find(name, within=province) if p.code != province or not divided
    ]
    return found[0] if found else None


def _written() -> dict[str, str]:
    table = pl.read_csv(reference.path("china2020/place_names.csv"), infer_schema=False)
    return dict(zip(table["written"], table["place"], strict=True))


def _repaired(name: str) -> str:
    """Undo UTF-8 that was once read as Latin-1 (``GarzÃª`` for ``Garzê``)."""
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name


def _controls(gazetteer: Gazetteer, controls: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    kinds = _kinds(CONTROLS)
    now = {code: _in_force(gazetteer, code) for code in controls["adcode"]}
    unmatched = [code for code, found in now.items() if found is None]
    long = (
        controls.filter(~pl.col("adcode").is_in(unmatched))
        .unpivot(on=list(kinds), index=["row", "adcode"], variable_name="dated", value_name="day")
        .drop_nulls("day")
    )
    return long.select(
        measure_id=pl.format("tian-{}-{}", "adcode", pl.col("dated").str.strip_suffix("_date")),
        place=pl.col("adcode").replace(now),
        kind=pl.col("dated").replace_strict(kinds),
        start_on=pl.col("day").str.to_date(),
        lifted_on=pl.lit(None, dtype=pl.Date),
        source_row=pl.format("{}:{}", pl.lit(CONTROLS), "row"),
    ), unmatched


def _in_force(gazetteer: Gazetteer, code: str) -> str | None:
    try:
        return code if code in gazetteer else _written().get(code) or gazetteer.resolve(code).code
    except UnknownPlace:
        return None
