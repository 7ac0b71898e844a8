from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.planning.admission import admission_rules, assign, waiting_patients

WUHAN, HUANGGANG = "420100", "421100"
PLACES = pl.DataFrame(
    {"place": [WUHAN, HUANGGANG], "longitude": [114.3, 114.9], "latitude": [30.6, 30.45]}
)
Ward = tuple[str, str, str, float | None, float | None, int, int, int]
Patient = tuple[str, str, int | None, str, int]


def free(*rows: Ward) -> pl.DataFrame:
    schema = {
        "facility_id": pl.Utf8,
        "place": pl.Utf8,
        "kind": pl.Utf8,
        "longitude": pl.Float64,
        "latitude": pl.Float64,
        "free_mild": pl.Int64,
        "free_severe": pl.Int64,
        "free_critical": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def patients(*rows: Patient) -> pl.DataFrame:
    schema = {
        "case_id": pl.Utf8,
        "place": pl.Utf8,
        "age": pl.Int64,
        "class": pl.Utf8,
        "waiting_days": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def fangcang(beds: int) -> Ward:
    return ("F", WUHAN, "fangcang", 114.3, 30.55, beds, 0, 0)


def designated(mild: int = 0, severe: int = 0, critical: int = 0, name: str = "D") -> Ward:
    return (name, WUHAN, "designated", 114.35, 30.6, mild, severe, critical)


def outcome(found: pl.DataFrame) -> dict[str, tuple[str, str | None, str | None]]:
    rows = found.select("case_id", "outcome", "facility_id", "bed").rows()
    return {case: (what, where, bed) for case, what, where, bed in rows}


def test_the_82_year_old_refused_by_the_fangcang_is_escalated_with_the_reason() -> None:
    # Caixin, 13 February 2020: a mild case of 82, the Fangcang takes nobody over 65, hospitals full.
    found = assign(patients(("old", WUHAN, 82, "mild", 3)), free(fangcang(500)), PLACES)
    row = found.row(0, named=True)
    assert row["outcome"] == "escalate"
    assert "No facility that the rules allow has a free bed" in row["reason_en"]
    assert "均无空床" in row["reason_zh"]


def test_the_82_year_old_gets_the_designated_bed_that_the_young_can_do_without() -> None:
    who = patients(("old", WUHAN, 82, "mild", 1), ("young", WUHAN, 40, "mild", 9))
    found = outcome(assign(who, free(fangcang(1), designated(mild=1)), PLACES))
    assert found == {"young": ("admit", "F", "mild"), "old": ("admit", "D", "mild")}


def test_the_82_year_old_may_lie_in_a_bed_for_severe_cases_when_it_is_free() -> None:
    found = assign(patients(("old", WUHAN, 82, "mild", 1)), free(designated(severe=1)), PLACES)
    assert outcome(found) == {"old": ("admit", "D", "severe")}


def test_but_not_when_a_severe_case_needs_it() -> None:
    who = patients(("old", WUHAN, 82, "mild", 20), ("grave", WUHAN, 60, "severe", 0))
    found = assign(who, free(designated(severe=1)), PLACES)
    assert outcome(found)["grave"] == ("admit", "D", "severe")
    row = found.filter(pl.col("case_id") == "old").row(0, named=True)
    assert row["outcome"] == "escalate"
    assert "more gravely ill" in row["reason_en"]


@pytest.mark.parametrize(
    ("age", "place"), [(17, "D"), (18, "F"), (65, "F"), (66, "D"), (None, "D")]
)
def test_a_fangcang_takes_18_to_65_and_an_unknown_age_goes_where_age_does_not_matter(
    age: int | None, place: str
) -> None:
    who = patients(("x", WUHAN, age, "mild", 1))
    found = assign(who, free(fangcang(1), designated(mild=1)), PLACES)
    assert outcome(found)["x"][1] == place


def test_of_two_alike_the_one_who_waited_longer_is_admitted() -> None:
    who = patients(("a", WUHAN, 40, "mild", 1), ("b", WUHAN, 41, "mild", 2))
    found = outcome(assign(who, free(fangcang(1)), PLACES))
    assert (found["b"][0], found["a"][0]) == ("admit", "escalate")


def test_the_nearest_bed_is_taken_first() -> None:
    near = designated(mild=1, name="near")
    far = ("far", HUANGGANG, "designated", 114.9, 30.45, 1, 0, 0)
    who = patients(("x", WUHAN, 70, "mild", 0))
    found = assign(who, free(far, near), PLACES).row(0, named=True)
    # 0.05 degrees of longitude at 30.6 degrees north: 111.2 × 0.05 × cos 30.6° = 4.8 km.
    assert (found["facility_id"], found["distance_km"]) == ("near", pytest.approx(4.8, abs=0.1))


def test_a_bed_beyond_reach_is_named_for_the_commander_to_decide() -> None:
    shanghai = ("S", "310000", "designated", 121.5, 31.2, 5, 0, 0)
    found = assign(patients(("x", WUHAN, 70, "mild", 0)), free(shanghai), PLACES).row(0, named=True)
    assert (found["outcome"], found["facility_id"]) == ("escalate", "S")
    # Wuhan to Shanghai as the crow flies.
    assert found["distance_km"] == pytest.approx(690, abs=5)


def test_a_hospital_of_one_s_own_place_needs_no_coordinates() -> None:
    unplaced = ("D", WUHAN, "designated", None, None, 1, 0, 0)
    found = assign(patients(("x", WUHAN, 70, "mild", 0)), free(unplaced), PLACES).row(0, named=True)
    assert (found["outcome"], found["distance_km"]) == ("admit", None)


def test_a_bed_whose_position_nobody_knows_is_left_to_the_commander() -> None:
    unplaced = ("D", HUANGGANG, "designated", None, None, 1, 0, 0)
    found = assign(patients(("x", WUHAN, 70, "mild", 0)), free(unplaced), PLACES).row(0, named=True)
    assert found["outcome"] == "escalate"
    assert "no known position" in found["reason_en"]


def test_without_patients_or_without_hospitals_there_is_still_an_answer() -> None:
    assert assign(patients(), free(fangcang(1)), PLACES).is_empty()
    found = assign(patients(("x", WUHAN, 40, "critical", 0)), free(), PLACES)
    assert found["outcome"].to_list() == ["escalate"]


person = st.tuples(
    st.sampled_from([WUHAN, HUANGGANG]),
    st.one_of(st.none(), st.integers(0, 100)),
    st.sampled_from(["mild", "severe", "critical"]),
    st.integers(0, 5),
)
ward = st.tuples(
    st.sampled_from([WUHAN, HUANGGANG]),
    st.sampled_from(["fangcang", "designated", "general"]),
    st.integers(0, 3),
    st.integers(0, 2),
    st.integers(0, 2),
)


@settings(max_examples=60, deadline=None)
@given(people=st.lists(person, max_size=12), wards=st.lists(ward, max_size=5))
def test_everyone_has_an_answer_no_bed_is_given_twice_and_every_rule_is_kept(
    people: list[tuple[str, int | None, str, int]],
    wards: list[tuple[str, str, int, int, int]],
) -> None:
    who = patients(*[(f"c{i:02}", p, a, c, w) for i, (p, a, c, w) in enumerate(people)])
    where = free(
        *[(f"w{i}", p, k, 114.3 + i / 9, 30.6, m, s, c) for i, (p, k, m, s, c) in enumerate(wards)]
    )
    found = assign(who, where, PLACES)
    assert sorted(found["case_id"]) == sorted(who["case_id"])
    admitted = found.filter(pl.col("outcome") == "admit")
    for (facility, bed), n in (
        admitted.group_by("facility_id", "bed")
        .len()
        .select(pl.concat_list("facility_id", "bed"), "len")
        .rows()
    ):
        assert n <= where.filter(pl.col("facility_id") == facility)[f"free_{bed}"][0]
    kind = dict(where.select("facility_id", "kind").rows())
    rules = admission_rules()
    for row in admitted.iter_rows(named=True):
        opened = [r for r in rules if r.admits(kind[row["facility_id"]], row["class"], row["age"])]
        assert row["bed"] in [r.bed for r in opened]
    assert all(found["reason_zh"].str.len_chars() > 0)
    assert all(found["reason_en"].str.len_chars() > 0)


@settings(max_examples=30, deadline=None)
@given(people=st.lists(person, min_size=1, max_size=10), beds=st.integers(0, 6))
def test_one_more_bed_never_leaves_more_people_without_one(
    people: list[tuple[str, int | None, str, int]], beds: int
) -> None:
    who = patients(*[(f"c{i:02}", p, a, c, w) for i, (p, a, c, w) in enumerate(people)])

    def left(n: int) -> int:
        found = assign(who, free(designated(mild=n, severe=n // 2, critical=1)), PLACES)
        return int((found["outcome"] == "escalate").sum())

    assert left(beds + 1) <= left(beds)


def test_those_who_wait_are_the_confirmed_less_the_admitted_with_the_gravest_class() -> None:
    day = date(2020, 2, 10)
    columns = ["confirmed_on", "admitted_on", "severe_on", "critical_on"]
    empty = ["recovered_on", "died_on", "excluded_on"]
    rows = [
        ("waits", day, None, None, None),
        ("admitted", day, day, None, None),
        ("suspected", None, None, None, None),
        ("grave", date(2020, 2, 12), None, day, date(2020, 2, 12)),
    ]
    cases = pl.DataFrame(
        rows, schema={"case_id": pl.Utf8} | dict.fromkeys(columns, pl.Date), orient="row"
    ).with_columns(
        *[pl.lit(None, pl.Date).alias(c) for c in empty], place=pl.lit(WUHAN), age=pl.lit(50)
    )
    found = waiting_patients(cases, date(2020, 2, 13))
    assert found.select("case_id", "class", "waiting_days").rows() == [
        ("waits", "mild", 3),
        ("grave", "critical", 1),
    ]


def test_a_city_of_waiting_patients_leaves_no_bed_empty_that_somebody_may_use() -> None:
    rng = np.random.default_rng(5142)
    codes = [f"{i:06}" for i in range(60)]
    x, y = rng.uniform(113.5, 114.9, 60), rng.uniform(30, 31, 60)
    places = pl.DataFrame({"place": codes, "longitude": x, "latitude": y})
    clinical = rng.choice(["mild", "severe", "critical"], 1000, p=[0.81, 0.14, 0.05])
    home, age, wait = (rng.integers(0, n, 1000) for n in (60, 95, 8))
    who = patients(
        *[
            (f"c{i:04}", codes[home[i]], int(age[i]), str(clinical[i]), int(wait[i]))
            for i in range(1000)
        ]
    )
    where = free(
        *[
            (f"w{i:03}", codes[h], "designated", float(x[h]), float(y[h]), 4, 1, 1)
            for i, h in enumerate(rng.integers(0, 60, 100))
        ]
    )
    found = assign(who, where, places, reach_km=300)
    left = found.filter(pl.col("outcome") == "escalate")
    # All is within reach, and 600 beds serve 1,000: the grave all have one, and none stays empty
    # but those for critical cases that no severe case needs.
    assert set(left["class"]) == {"mild"}
    taken = found.filter(pl.col("outcome") == "admit")["bed"].value_counts().rows()
    assert dict(taken)["mild"] == 400
    assert dict(taken)["severe"] == 100
    # The mild who got in waited at least as long as those who did not.
    inside = found.filter((pl.col("outcome") == "admit") & (pl.col("class") == "mild"))
    assert int(inside["waiting_days"].min()) >= int(left["waiting_days"].max())  # type: ignore[arg-type]
