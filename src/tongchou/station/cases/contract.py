"""Cases and samples as the tables of the data contract, out of the station and into it.

Days are those of the station's time zone. A contract day comes in as its noon (assumption: the hour
is not in the data; the clocks of hours say nothing about rows loaded so). Loaded persons have no
identity: the contract holds none.
"""

from datetime import date, time
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from tongchou.situation.contract import contract
from tongchou.station.access.policy import below
from tongchou.station.access.pseudonyms import pseudonym
from tongchou.station.cases.bulk import copy_rows, existing, next_ids, read_rows
from tongchou.station.cases.models import Case, CaseEvent, Person, Sample
from tongchou.station.cases.tables import definitions
from tongchou.station.places.models import Level, Place, Unit
from tongchou.vocabulary.errors import BadInput, Fault
from tongchou.vocabulary.text import Text

DISEASE = "covid-19"
"""The disease of loaded cases: the contract names none."""
MOMENTS = {
    "visited_on": "visited_at", "suspected_on": "suspected_at", "sampled_on": "sampled_at",
    "result_on": "result_at", "confirmed_on": "confirmed_at", "excluded_on": "excluded_at",
    "reported_on": "reported_at", "isolated_on": "isolated_at", "admitted_on": "admitted_at",
    "severe_on": "severe_at", "critical_on": "critical_at", "recovered_on": "recovered_at",
    "died_on": "died_at",
}  # fmt: skip
"""Days of the contract and the moments they stand for."""
SAMPLE_MOMENTS = {
    "known_on": "known_at", "taken_on": "taken_at", "received_on": "received_at", "result_on": "result_at",
}  # fmt: skip
AT_NOON = time(12)


def _zone() -> str:
    return str(timezone.get_current_timezone_name())


def _days(names: dict[str, str]) -> list[pl.Expr]:
    return [
        pl.col(at).dt.convert_time_zone(_zone()).dt.date().alias(on) for on, at in names.items()
    ]


MOMENT = pl.Datetime("us", "UTC")
COUNTIES = ("responsible", "residence")


def _county() -> pl.DataFrame:
    """Give the county of each grid."""
    rows = list(Place.objects.filter(level=Level.GRID).values_list("code", "parent_id"))
    return pl.DataFrame(rows, schema={"grid": pl.String, "county": pl.String}, orient="row")


def _to_counties(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    """Put counties in place of grids: the contract ends at the county."""
    grids = _county()
    for name in names:
        frame = (
            frame.join(grids, left_on=name, right_on="grid", how="left", maintain_order="left")
            .with_columns(pl.coalesce("county", name).alias(name))
            .drop("county")
        )
    return frame


def export_cases(path: str, cut: date) -> pl.DataFrame:
    """Give the cases answered for at or below a place, known by 24:00 of a day, as the contract has them."""
    rows = Case.objects.filter(below("responsible_path", path), merged_into__isnull=True)
    columns = {
        "pseudonym": pl.String, "responsible_id": pl.String, "residence_id": pl.String, "known_at": MOMENT,
        "age": pl.Int64, "sex": pl.String, "health_worker": pl.Boolean, "household_code": pl.String,
        "cluster_code": pl.String, "infector__pseudonym": pl.String, "exposed_at": pl.String,
        "found_inside": pl.Boolean, "care_unit__code": pl.String, "onset_on": pl.Date,
        **dict.fromkeys(MOMENTS.values(), MOMENT),
    }  # fmt: skip
    frame = read_rows(rows, columns).with_columns(_days({"known_on": "known_at"} | MOMENTS))
    frame = _to_counties(frame, "responsible_id", "residence_id").filter(pl.col("known_on") <= cut)
    return frame.select(
        case_id="pseudonym", place="responsible_id", residence="residence_id", known_on="known_on",
        age="age", sex="sex", health_worker="health_worker", household_id=_filled("household_code"),
        cluster_id=_filled("cluster_code"), infector_id="infector__pseudonym", exposed_at=_filled("exposed_at"),
        found_inside=_once("confirmed_on", "found_inside"), facility_id=_once("admitted_on", "care_unit__code"), onset_on="onset_on",
        **{on: on for on in MOMENTS},
    ).select(list(contract("cases").schema)).cast(pl.Schema(contract("cases").schema))  # fmt: skip


def _filled(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(pl.col(name))


def _once(milestone: str, name: str) -> pl.Expr:
    """Give an outcome only once the day it came with is known, as the contract asks."""
    return pl.when(pl.col(milestone).is_not_null()).then(pl.col(name))


def export_samples(path: str, cut: date) -> pl.DataFrame:
    """Give the samples answered for at or below a place, known by 24:00 of a day, as the contract has them."""
    rows = Sample.objects.filter(below("responsible_path", path)).filter(
        Q(case__isnull=True) | Q(case__merged_into__isnull=True)
    )
    columns = {
        "pseudonym": pl.String, "case__pseudonym": pl.String, "responsible_path": pl.String,
        "lab_unit__code": pl.String, "result": pl.String, **dict.fromkeys(SAMPLE_MOMENTS.values(), MOMENT),
    }  # fmt: skip
    frame = read_rows(rows, columns).with_columns(
        _days(SAMPLE_MOMENTS),
        place=pl.col("responsible_path").str.strip_chars("/").str.split("/").list.last(),
    )
    frame = _to_counties(frame, "place").filter(pl.col("known_on") <= cut)
    return frame.select(
        sample_id="pseudonym", case_id="case__pseudonym", place="place", facility_id="lab_unit__code",
        known_on="known_on", taken_on="taken_on", received_on="received_on", result_on="result_on",
        result=_once("result_on", "result"),
    ).select(list(contract("samples").schema)).cast(pl.Schema(contract("samples").schema))  # fmt: skip


def milestones(rows: Any) -> pl.DataFrame:
    """Give the days of cases with their place and its path, for the measuring of delays."""
    columns = {
        "responsible_id": pl.String, "responsible_path": pl.String, "onset_on": pl.Date,
        **dict.fromkeys(MOMENTS.values(), MOMENT),
    }  # fmt: skip
    frame = read_rows(rows, columns).with_columns(_days(MOMENTS))
    return frame.rename({"responsible_id": "place", "responsible_path": "path"}).drop(
        list(MOMENTS.values())
    )


def load_cases(frame: pl.DataFrame) -> int:
    """Write cases of the contract as live records with persons without identity; give how many are new.

    A case that is on record already is left alone.
    """
    frame = frame.filter(~pl.col("case_id").is_in(existing(Case, frame["case_id"].to_list())))
    if frame.is_empty():
        return 0
    frame = _with_places(frame, "cases", "place", "residence")
    frame = _with_units(frame, "cases")
    persons, numbers = next_ids(Person, frame.height), next_ids(Case, frame.height)
    cases = _case_rows(_with_infectors(frame, numbers), persons, numbers)
    copy_rows(Person, _person_rows(cases))
    copy_rows(Case, cases)
    copy_rows(CaseEvent, _event_rows(cases))
    return frame.height


def _case_rows(frame: pl.DataFrame, persons: list[int], numbers: list[int]) -> pl.DataFrame:
    confirmed = pl.col("confirmed_on").is_not_null()
    return frame.select(
        id=pl.Series(numbers), person_id=pl.Series(persons), pseudonym="case_id", disease=pl.lit(DISEASE),
        definition=_edition(),
        classification=pl.when(confirmed & pl.col("onset_on").is_null()).then(pl.lit("asymptomatic"))
        .when(confirmed).then(pl.lit("confirmed")).otherwise(pl.lit("suspected")),
        state=_state(), severity=_severity(), sex=pl.col("sex").fill_null("unknown"), age="age",
        health_worker="health_worker", responsible_id="place", responsible_path="place_path",
        residence_id="residence", residence_path=pl.col("residence_path").fill_null(""),
        household_code=pl.col("household_id").fill_null(""), cluster_code=pl.col("cluster_id").fill_null(""),
        exposed_at=pl.col("exposed_at").fill_null(""), found_inside="found_inside", care_unit_id="unit_id",
        infector_id="infector", onset_on="onset_on", known_at=_noon("known_on"), assigned_at=_noon("known_on"),
        **{at: _noon(on) for on, at in MOMENTS.items()},
    )  # fmt: skip


def _noon(name: str) -> pl.Expr:
    return (
        pl.col(name).dt.combine(AT_NOON).dt.replace_time_zone(_zone()).dt.convert_time_zone("UTC")
    )


def _edition() -> pl.Expr:
    """Give the edition in force on the day of diagnosis, as a case reported by hand would have."""
    day = pl.coalesce("confirmed_on", "suspected_on", "known_on")
    found = pl.lit(definitions(DISEASE)[0].name)
    for d in definitions(DISEASE)[1:]:
        found = pl.when(day >= d.valid_from).then(pl.lit(d.name)).otherwise(found)
    return found


def _state() -> pl.Expr:
    """Give the state that a case's days lead to: the furthest along the path."""
    has = {on: pl.col(on).is_not_null() for on in MOMENTS}
    confirmed = has["confirmed_on"]
    steps = (
        ("died", has["died_on"]),
        ("recovered", has["recovered_on"]),
        ("excluded", has["excluded_on"]),
        ("critical", confirmed & has["critical_on"] & has["admitted_on"]),
        ("severe", confirmed & has["severe_on"] & has["admitted_on"]),
        ("admitted", confirmed & has["admitted_on"]),
        ("isolated", confirmed & has["isolated_on"]),
        ("confirmed", confirmed),
        ("tested", has["sampled_on"]),
    )
    found = pl.lit("suspected")
    for name, reached in reversed(steps):
        found = pl.when(reached).then(pl.lit(name)).otherwise(found)
    return found


def _severity() -> pl.Expr:
    return (
        pl.when(pl.col("critical_on").is_not_null())
        .then(pl.lit("critical"))
        .when(pl.col("severe_on").is_not_null())
        .then(pl.lit("severe"))
        .otherwise(pl.lit(""))
    )


def _person_rows(cases: pl.DataFrame) -> pl.DataFrame:
    return cases.select(
        id="person_id",
        pseudonym=pl.Series([pseudonym("P") for _ in range(cases.height)]),
        sex="sex",
        birth_year=(pl.col("known_at").dt.year() - pl.col("age")).cast(pl.Int64),
        health_worker="health_worker",
        responsible_path="responsible_path",
        residence_path="residence_path",
        care_unit_id="care_unit_id",
    )


def _event_rows(cases: pl.DataFrame) -> pl.DataFrame:
    return cases.select(
        id=pl.Series(next_ids(CaseEvent, cases.height)),
        case_id="id",
        action=pl.lit("load"),
        from_state="state",
        to_state="state",
        happened_at="known_at",
        known_at=pl.lit(timezone.now()),
        responsible_path="responsible_path",
        residence_path="residence_path",
        care_unit_id="care_unit_id",
    )


def _with_infectors(frame: pl.DataFrame, numbers: list[int]) -> pl.DataFrame:
    """Add the number of each presumed infector, in this frame or on record already, as ``infector``."""
    here = frame.select(infector_id="case_id", infector=pl.Series(numbers, dtype=pl.Int64))
    asked = set(frame["infector_id"].drop_nulls()) - set(here["infector_id"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pseudonym, id FROM cases_case WHERE pseudonym = ANY(%s)", [sorted(asked)]
        )
        known = pl.DataFrame(cursor.fetchall(), schema=here.schema, orient="row")
    return frame.join(pl.concat([here, known]), on="infector_id", how="left", maintain_order="left")


def load_samples(frame: pl.DataFrame) -> int:
    """Write samples of the contract as live records; give how many are new."""
    frame = frame.filter(~pl.col("sample_id").is_in(existing(Sample, frame["sample_id"].to_list())))
    if frame.is_empty():
        return 0
    frame = _with_places(frame, "samples", "place")
    frame = _with_units(frame, "samples").join(
        _known_cases(frame), on="case_id", how="left", maintain_order="left"
    )
    rows = frame.select(
        id=pl.Series(next_ids(Sample, frame.height)), pseudonym="sample_id", case_id="case_number",
        lab_unit_id="unit_id", priority=pl.lit(3), result=pl.col("result").fill_null(""),
        responsible_path=pl.coalesce("case_path", "place_path"), residence_path=pl.col("case_home").fill_null(""),
        care_unit_id="case_care", **{at: _noon(on) for on, at in SAMPLE_MOMENTS.items()},
    )  # fmt: skip
    return copy_rows(Sample, rows)


def _known_cases(frame: pl.DataFrame) -> pl.DataFrame:
    schema = {
        "case_id": pl.String, "case_number": pl.Int64, "case_path": pl.String, "case_home": pl.String,
        "case_care": pl.Int64,
    }  # fmt: skip
    wanted = frame["case_id"].drop_nulls().unique().to_list()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pseudonym, id, responsible_path, residence_path, care_unit_id FROM cases_case"
            " WHERE pseudonym = ANY(%s)",
            [wanted],
        )
        return pl.DataFrame(cursor.fetchall(), schema=schema, orient="row")


def _with_places(frame: pl.DataFrame, table: str, *names: str) -> pl.DataFrame:
    """Add the path of each place as ``{name}_path``; a place that the station lacks is a fault."""
    paths = pl.DataFrame(
        list(Place.objects.values_list("code", "path")),
        schema={"code": pl.String, "path": pl.String},
        orient="row",
    )
    for name in names:
        known = paths.rename({"code": name, "path": f"{name}_path"})
        frame = frame.join(known, on=name, how="left", maintain_order="left")
        lost = frame.filter(pl.col(name).is_not_null() & pl.col(f"{name}_path").is_null())
        if not lost.is_empty():
            raise BadInput([_no_place(table, name, code) for code in lost[name].unique().sort()])
    return frame


def _no_place(table: str, column: str, code: str) -> Fault:
    return Fault(
        file=table,
        column=column,
        value=code,
        problem=Text(zh="本站没有这个地区。", en="This station does not have the place."),
        remedy=Text(zh="请先载入所在省份的地区。", en="Load the places of its province first."),
    )


def _with_units(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """Add the number of each unit as ``unit_id``; a unit that the station lacks is a fault."""
    units = pl.DataFrame(
        list(Unit.objects.values_list("code", "pk")),
        schema={"facility_id": pl.String, "unit_id": pl.Int64},
        orient="row",
    )
    frame = frame.join(units, on="facility_id", how="left", maintain_order="left")
    lost = frame.filter(pl.col("facility_id").is_not_null() & pl.col("unit_id").is_null())
    if lost.is_empty():
        return frame
    raise BadInput(
        [
            Fault(
                file=table,
                column="facility_id",
                value=code,
                problem=Text(zh="本站没有这个机构。", en="This station does not have the unit."),
                remedy=Text(
                    zh="请先载入机构表 facilities。", en="Load the table of facilities first."
                ),
            )
            for code in lost["facility_id"].unique().sort()
        ]
    )
