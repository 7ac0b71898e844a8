"""What if: options on the same futures, health beside work and burden."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from tongchou.scenario.choices import Choice, Lift
from tongchou.scenario.effects import Growth, relative
from tongchou.transmission.metapopulation.cluster import Cancelled
from tongchou.transmission.metapopulation.contacts import SETTINGS
from tongchou.transmission.metapopulation.disease import disease
from tongchou.transmission.metapopulation.entries import Entry
from tongchou.transmission.metapopulation.levers import combined
from tongchou.transmission.metapopulation.timeline import timeline
from tongchou.vocabulary.errors import BadParameter, UnknownPlace
from tongchou.vocabulary.text import Text

LAST = date(2020, 12, 31)
MONDAY = date(2020, 3, 9)


def entry(what, *places, start=date(2020, 2, 10), until=LAST, strength=1.0):
    return Entry(what=what, places=places, start=start, until=until, strength=strength)


def choice(id, add=(), lift=(), shift_days=0):
    return Choice(id=id, name=Text(zh=id, en=id), add=add, lift=lift, shift_days=shift_days)


CLOSED = (
    entry("isolate_cases", "P"),
    entry("close_nonessential_business", "P"),
    entry("stay_home", "a", "b"),
)
REOPEN_A = choice("reopen", lift=[Lift(what="all", places=("a",), start=MONDAY)])


def difference(compared, option, outcome, place="P"):
    return (
        compared.totals.sel(option=option, outcome=outcome, place=place)
        - compared.totals.sel(option="keep", outcome=outcome, place=place)
    ).values


def test_what_changes_nothing_differs_by_nothing_in_every_future(night):
    """Adding what is in force, lifting what is not, and moving what has no end within the horizon."""
    compared = night().compare(
        [
            choice("again", add=[entry("stay_home", "a")]),
            choice("nothing there", lift=[Lift(what="close_schools", places=("P",), start=MONDAY)]),
            choice("an hour", shift_days=0),
        ],
        in_force=CLOSED,
    )
    assert compared.totals["option"].values.tolist() == [
        "keep",
        "again",
        "nothing there",
        "an hour",
    ]
    for option in ("again", "nothing there", "an hour"):
        np.testing.assert_array_equal(
            compared.totals.sel(option=option), compared.totals.sel(option="keep")
        )
    assert compared.judged["dominated_by"].to_list() == [None] * 4


def test_reopening_one_county_on_a_monday(night):
    """More are infected, there most of all; nothing happens before Monday; work comes back from then on."""
    compared = night().compare([REOPEN_A], in_force=CLOSED, replicates=80)
    rows = compared.outcomes.filter(pl.col("option") == "reopen")
    here = rows.filter(pl.col("place") == "a", pl.col("outcome") == "infections").row(0, named=True)
    assert here["difference"] > 0
    assert here["chance_worse"] > 0.9
    assert difference(compared, "reopen", "infections", "a").mean() > 5 * abs(
        difference(compared, "reopen", "infections", "c").mean()
    )
    keep, reopened = (
        compared.daily.sel(option=o, variable="infections") for o in ("keep", "reopen")
    )
    before = slice(None, "2020-03-08")
    np.testing.assert_array_equal(keep.sel(date=before), reopened.sel(date=before))
    # 30 days from 2 March; county a is under a stay-at-home order and closures for all, or for 7 of them.
    stopped = 1 - 0.65 * 0.60
    assert compared.costs["work_stopped"].sel(option="keep", place="a").item() == pytest.approx(
        500_000 * stopped * 30
    )
    assert compared.costs["work_stopped"].sel(option="reopen", place="a").item() == pytest.approx(
        500_000 * stopped * 7
    )
    assert compared.costs["output_at_stake"].sel(
        option="reopen", place="a"
    ).item() == pytest.approx(36.5e9 / 365 * stopped * 7)
    assert compared.costs["product_missing"].sel(option="keep", place="P").item() == 1
    # Neither is better in all: fewer infected or more at work. Both columns stand, no weight is hidden.
    assert compared.judged["dominated_by"].to_list() == [None, None]


def test_a_stricter_measure_never_makes_it_worse_in_expectation(night):
    """The same measure at ever more strength, without chance: each step infects fewer, and costs more."""
    steps = (0.0, 0.25, 0.5, 0.75, 1.0)
    for what in ("close_nonessential_business", "stay_home", "trace_contacts", "isolate_cases", "masks", "close_schools"):  # fmt: skip
        compared = night().compare(
            [choice(f"{s}", add=[entry(what, "P", start=MONDAY, strength=s)]) for s in steps],
            replicates=1,
            mode="expected",
        )
        infected = compared.totals.sel(outcome="infections", place="P", replicate=0).values
        assert infected[0] == pytest.approx(infected[1], rel=1e-9)
        assert (np.diff(infected[1:]) < 0).all(), what
        assert (np.diff(compared.costs["burden"].sel(place="P").values[1:]) >= 0).all()


def test_there_and_back_keeps_the_reproduction_number(night):
    """Whatever is in force tonight, R tonight is what the reports say: it is held in the model already."""
    open_, closed = (
        night(seeds=(400, 100, 0), days=12).compare([], in_force=now, replicates=1, mode="expected")
        for now in ((), CLOSED)
    )
    a, b = (float(c.totals.sel(outcome="infections", place="P").squeeze()) for c in (open_, closed))
    # Not the same to the last digit: who is infected differs by age while homes are closed.
    assert b == pytest.approx(a, rel=0.05)


def test_lifting_puts_the_reproduction_number_back_by_the_ratio_of_the_levers(night):
    """Of each lever alone: R of the first day ahead is that of tonight over the factor of the lever."""
    illness = disease("covid2020")
    model = night(days=2).model()
    growth = Growth(model, illness)
    units = {"P": ["a", "b", "c"]}
    for what in ("close_nonessential_business", "close_schools", "trace_contacts", "masks"):
        closed = [entry(what, "P")]
        lift = choice("lift", lift=[Lift(what=what, places=("P",), start=date(2020, 3, 2))])
        now, ahead = (
            timeline(e, ("a", "b", "c"), day, days, illness).effects
            for e, day, days in (
                (lift.after(closed, units, date(2020, 3, 1)), date(2020, 3, 1), 1),
                (lift.after(closed, units, date(2020, 3, 1)), date(2020, 3, 2), 2),
            )
        )
        found = relative(growth, now.isel(date=0), ahead)
        made = growth(
            [found[s][0, 0] for s in SETTINGS],
            *(found[n][0, 0] for n in ("isolate", "trace", "traced")),
        )
        alone = growth([1.0] * 4, 0.15, 0.0, 0.0)
        one = combined({what: 1.0}, illness)
        expected = 1 / (
            one.transmissibility
            * growth([one.home, one.school, one.work, one.other], 0.15, one.trace, one.traced)
            / alone
        )
        assert found["transmissibility"][0, 0] * made / alone == pytest.approx(expected, rel=1e-6)


def test_closing_to_journeys_protects_the_county_without_cases(night):
    shut = choice(
        "shut", add=[entry("control_exits", "a", "b", start=date(2020, 3, 2)), entry("hold_arrivals", "c", start=date(2020, 3, 2))]
    )  # fmt: skip
    compared = night(days=25).compare([shut], replicates=80)
    there = compared.totals.sel(outcome="infections", place="c").mean("replicate")
    assert there.sel(option="shut") < 0.5 * there.sel(option="keep")


def test_a_week_earlier_and_a_week_later(night):
    """A closure known to come on 9 March: earlier infects fewer, later more, and each costs accordingly."""
    coming = [entry("close_nonessential_business", "P", start=MONDAY)]
    compared = night(days=40).compare(
        [choice("earlier", shift_days=-7), choice("later", shift_days=7)],
        in_force=coming,
        replicates=1,
        mode="expected",
    )
    infected = compared.totals.sel(outcome="infections", place="P", replicate=0)
    keep, earlier, later = infected.values
    assert earlier < keep < later
    work = compared.costs["work_stopped"].sel(place="P").values
    assert work == pytest.approx([660_000 * 0.35 * d for d in (33, 40, 26)])


def test_what_has_begun_is_not_moved_but_its_end_is(night):
    standing = [entry("close_schools", "P", until=date(2020, 3, 15))]
    compared = night(days=40).compare(
        [choice("later", shift_days=7)], in_force=standing, replicates=1, mode="expected"
    )
    work = compared.costs["work_stopped"].sel(place="P").values
    assert work == pytest.approx([660_000 * 0.03 * 14, 660_000 * 0.03 * 21])


def test_a_burden_that_buys_nothing_is_dominated(night):
    """Where nobody is infected, every measure costs and none helps."""
    compared = night(seeds=(0, 0, 0)).compare(
        [choice("mere burden", add=[entry("stay_home", "P")]), REOPEN_A],
        in_force=[entry("close_schools", "P")],
        replicates=4,
    )
    assert compared.judged["infections"].to_list() == [0, 0, 0]
    assert compared.judged["dominated_by"].to_list() == ["reopen", "reopen", None]


def test_too_few_beds_are_counted_in_days_and_bed_days(night):
    compared = night(days=60, R=2.6, beds=40.0).compare([], replicates=16)
    short = compared.totals.sel(option="keep", place="P")
    assert (short.sel(outcome="peak_ward") <= 40).all()
    assert (short.sel(outcome="short_days") > 5).all()
    assert (short.sel(outcome="short_bed_days") >= short.sel(outcome="short_days")).all()


def test_it_dies_out_when_few_are_left(night):
    compared = night(R=0.5, seeds=(2, 0, 0), days=60).compare([], replicates=64)
    gone = compared.outcomes.filter(pl.col("outcome") == "gone", pl.col("place") == "P")
    assert gone["mean"].item() > 0.9
    quiet = compared.outcomes.filter(pl.col("outcome") == "peak_day", pl.col("place") == "c")
    assert quiet["difference"].item() is None


def test_every_future_is_kept_and_a_run_cut_off_goes_on(night, tmp_path):
    asked = {"in_force": CLOSED, "replicates": 24, "keep": tmp_path}
    seen = []
    with pytest.raises(Cancelled):
        night(days=20).compare(
            [REOPEN_A], told=lambda n, _: seen.append(n), stop=lambda: len(seen) == 1, **asked
        )
    kept = list((tmp_path / "keep").rglob("*.parquet"))
    assert seen == [24]
    assert kept
    compared = night(days=20).compare([REOPEN_A], **asked)
    again = night(days=20).compare([REOPEN_A], in_force=CLOSED, replicates=24)
    np.testing.assert_array_equal(compared.totals, again.totals)
    rows = pl.scan_parquet(tmp_path / "reopen" / "futures" / "*.parquet").collect()
    infected = rows.filter(pl.col("variable") == "infections", pl.col("place") == "P")
    each = infected.group_by("replicate").agg(pl.col("value").sum()).sort("replicate")
    np.testing.assert_allclose(
        each["value"], compared.totals.sel(option="reopen", outcome="infections", place="P")
    )


def test_what_cannot_be_compared_is_refused(night):
    with pytest.raises(BadParameter, match="same id"):
        night(days=3).compare([choice("x"), choice("x")])
    with pytest.raises(UnknownPlace, match="nowhere"):
        night(days=3).compare([choice("x", add=[entry("masks", "nowhere")])])
    with pytest.raises(BadParameter, match="before it is lifted"):
        Lift(what="masks", places=("a",), start=MONDAY, until=date(2020, 3, 1))


@pytest.mark.drill
def test_a_cluster_lives_the_same_futures(night, tmp_path):
    distributed = pytest.importorskip("distributed")
    here = night(days=15).compare([REOPEN_A], in_force=CLOSED, replicates=80)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as made:
        asked = {"scheduler": made.scheduler_address, "keep": tmp_path, "replicates": 80}
        there = night(days=15).compare([REOPEN_A], in_force=CLOSED, **asked)
    np.testing.assert_array_equal(here.totals, there.totals)
    np.testing.assert_array_equal(here.daily, there.daily)
    rows = pl.scan_parquet(tmp_path / "keep" / "futures" / "*.parquet")
    assert rows.select(pl.col("replicate").n_unique()).collect().item() == 80
