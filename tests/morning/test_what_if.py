"""A question put to the picture of a night: what is in force, where it may be asked, what might have been."""

from datetime import timedelta

import polars as pl
import pytest

from tongchou.morning import what_if
from tongchou.morning.picture import assess
from tongchou.scenario.question_faults import BadQuestion

LATER = '[[options]]\nid = "later"\nname = "a week later"\nshift_days = 7\n'


@pytest.fixture(scope="module")
def picture(exercise_pack):
    return assess(exercise_pack.as_of(exercise_pack.last), seed=1)


@pytest.fixture(scope="module")
def earlier(exercise_pack):
    return assess(exercise_pack.as_of(exercise_pack.last - timedelta(days=30)), seed=1)


def prepared(picture, text, pack, **more):
    return what_if.prepare(picture, text, "q.toml", recorded=pack.as_of, **more)


def test_what_has_no_end_is_kept_to_the_last_day(picture, exercise_pack):
    asked = prepared(picture, None, exercise_pack, horizon=20)
    cut = picture.situation.cut
    in_force = [e for e in asked.in_force if e.start <= cut <= e.last]
    assert {m for e in in_force for m in e.measures} >= {"isolate_cases", "trace_contacts"}
    assert max(e.last for e in in_force) == cut + timedelta(days=20)
    assert "keep" not in [c.id for c in asked.question.choices]
    assert any("Taken as in force" in note.en for note in asked.notes)


def test_what_might_have_been_reads_the_measures_recorded_later(earlier, exercise_pack):
    """Seen from a month earlier, a later record knows measures that were still to come."""
    cut, last = earlier.situation.cut, exercise_pack.last
    then = prepared(earlier, LATER, exercise_pack)
    known = prepared(earlier, f"recorded_until = {last}\n{LATER}", exercise_pack)
    coming = [sum(e.start > cut for e in asked.in_force) for asked in (then, known)]
    assert coming[0] < coming[1]


def test_the_answer_is_a_table_of_options_places_and_outcomes(picture, exercise_pack):
    city = next(a for a in picture.scope.areas)
    text = f'horizon = 8\n[[options]]\nid = "masks"\nname = "masks"\nentries = [{{ add = "masks", places = ["{city}"] }}]\n'
    asked = prepared(picture, text, exercise_pack, effect="strongest")
    assert asked.question.effect == "low"
    found = what_if.answer(
        picture, asked.question, in_force=asked.in_force, notes=asked.notes, replicates=6
    )
    rows = what_if.table(found)
    assert set(rows["option"]) == {"keep", "masks"}
    assert found.shown[:2] == (picture.scope.place, city)
    keep = rows.filter(pl.col("option") == "keep")
    assert (keep["difference"].drop_nulls() == 0).all()
    ahead = what_if.daily(found)
    assert ahead.group_by("option", "place", "variable").len()["len"].unique().to_list() == [8]
    first = picture.situation.cut + timedelta(days=1)
    assert ahead["date"].min() == first


def test_a_place_finer_than_the_model_is_told_what_to_write(picture, exercise_pack):
    """Where areas are taken whole, a county in one of them is known as part of it only."""
    scope = picture.scope
    area = scope.areas[0]
    county = next(u for u in scope.units if u != area and scope.area_of(u) == area)
    whole = {a: tuple(u for u in scope.units if scope.area_of(u) == a) for a in scope.areas}
    text = f'[[options]]\nentries = [{{ add = "masks", places = "{county}" }}]\n'
    assert prepared(picture, text, exercise_pack).question.choices[0].add[0].places == (county,)
    with pytest.raises(BadQuestion, match=f"write {area}|{area}"):
        prepared(picture, text, exercise_pack, members=whole)
    # The same holds for recorded measures: those of counties are left out, and counted.
    asked = prepared(picture, LATER, exercise_pack, members=whole)
    assert any("finer than those of the model" in note.en for note in asked.notes)


@pytest.mark.real
def test_hubei_reopened_on_the_monday_of_24_february_2020(china2020):
    """Lifting the recorded stay-at-home orders infects more in every future; nobody did it, so no figure is held."""
    from datetime import date

    picture = assess(china2020.as_of(date(2020, 2, 22)), "420000", seed=1)
    text = 'horizon = 21\n[[options]]\nid = "open"\nname = "open"\nentries = [{ lift = "stay_home", from = "monday" }]\n'
    asked = prepared(picture, text, china2020)
    found = what_if.answer(picture, asked.question, in_force=asked.in_force, replicates=16)
    rows = what_if.table(found).filter(
        pl.col("option") == "open", pl.col("place") == "420000", pl.col("outcome") == "infections"
    )
    assert rows["chance_worse"].item() == 1.0
    assert found.comparison.judged["dominated_by"].to_list() == [None, None]
