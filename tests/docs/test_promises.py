"""What the page on decisions promises, held on an exercise."""

import csv

import pytest

from tongchou import reference
from tongchou.morning.gaps import find_gaps
from tongchou.morning.outlook import look_ahead
from tongchou.morning.picture import assess
from tongchou.morning.proposals.common import Context
from tongchou.morning.proposals.relief import staff_decisions
from tongchou.morning.solve import solve


@pytest.fixture
def order(exercise_order):
    return exercise_order


def test_doing_nothing_stands_beside_every_proposal(order):
    for decision in order.decisions:
        assert len(decision.options) >= 2, decision.id
        assert decision.options[-1].name.zh.startswith("不作决定"), decision.id
        assert sum(o.recommended for o in decision.options) == 1, decision.id
        assert not decision.options[-1].recommended, decision.id


def test_every_decision_lapses_by_itself_and_says_whose_it_is(order):
    for decision in order.decisions:
        assert decision.start < decision.expiry, decision.id
        for text in (decision.owner, decision.due, decision.legal_basis, decision.would_change):
            assert text.zh, decision.id
            assert text.en, decision.id


def test_mechanisms_named_on_decisions_are_in_the_register():
    def column(table: str, name: str) -> list[str]:
        with reference.path(table).open(encoding="utf-8", newline="") as handle:
            return [row[name] for row in csv.DictReader(handle)]

    register = set(column("mechanisms.csv", "id"))
    named = {m for cell in column("morning/decisions.csv", "mechanisms") for m in cell.split("|")}
    assert named <= register


@pytest.fixture(scope="module")
def context(exercise_pack):
    night = exercise_pack.as_of(exercise_pack.last)
    picture = assess(night)
    outlook = look_ahead(picture, draws=50)
    gaps = find_gaps(night, picture.scope, picture.quality)
    return Context(picture=picture, outlook=outlook, plan=solve(picture, outlook), gaps=gaps)


def test_staff_beyond_their_hours_are_put_for_rest(context):
    """Rest is proposed for exactly the staff that teams report on the night, by place."""
    night = context.picture.situation
    over: dict[str, float] = {}
    for team in night.table("staff_teams").to_dicts():
        if team["date"] == night.cut and team["staff_over_hours"]:
            over[team["place"]] = over.get(team["place"], 0) + team["staff_over_hours"]
    (rest,) = staff_decisions(context)
    assert dict(rest.evidence.rows.select("place", "staff_over_hours").iter_rows()) == over
    assert rest.harm_per_day == pytest.approx(0.005 * sum(over.values()))


def test_every_objective_is_a_figure_or_gap_with_a_target(order):
    """Whether it is met is worked out again from the figure or gap that it names."""
    values = {f"figure:{f.id}": f.value for f in order.figures}
    values |= {f"gap:{g.id}": g.count for g in order.gaps}
    (table,) = (t for a in order.annexes for t in a.tables if t.id == "objectives")
    with reference.path("morning/objectives.csv").open(encoding="utf-8", newline="") as handle:
        objectives = list(csv.DictReader(handle))
    assert len(table.rows) == len(objectives) > 0
    for row, objective in zip(table.rows, objectives, strict=True):
        value, target = values[objective["indicator"]], float(objective["target"])
        met = {"below": value < target, "at_most": value <= target, "at_least": value >= target}
        assert row["objective"].zh == objective["objective_zh"]
        assert row["met"].en == ("met" if met[objective["direction"]] else "not met")
