from datetime import date

import numpy as np
import polars as pl
import pytest

from tongchou.transmission.mobility.departures import Recovery, exits_closed
from tongchou.transmission.mobility.flows import daily_flows
from tongchou.vocabulary.errors import BadInput, BadParameter, MissingData

PLACES = ["420100", "420200", "430100"]
JANUARY = np.datetime64("2020-01-01") + np.arange(31)


def table(rows):
    names = ("date", "origin", "destination", "share", "persons")
    return pl.DataFrame(rows, schema=dict(zip(names, (pl.Date, pl.String, pl.String, pl.Float64, pl.Float64), strict=True)), orient="row")  # fmt: skip


def month(share=0.5, leaving=1000.0, days=31):
    """Give January of one origin with two destinations that are listed in part."""
    return table(
        [
            (date(2020, 1, day + 1), "420100", to, share * part, share * part * leaving)
            for day in range(days)
            for to, part in (("420200", 0.6), ("430100", 0.3))
        ]
    )


def test_departures_are_kept_and_what_is_not_listed_goes_to_the_listed():
    flows = daily_flows(month(), PLACES, JANUARY)
    np.testing.assert_allclose(flows.persons.sum(axis=0), 1000.0, rtol=1e-6)
    assert flows.persons[:, 0] == pytest.approx([2000 / 3, 1000 / 3])
    assert flows.matrix().sum(axis=1).tolist() == pytest.approx([1000, 0, 0])
    assert flows.notes[-1].en.startswith("2 places have no recorded flow")


def test_a_missing_day_lies_between_its_neighbours_and_says_so():
    rows = month().filter(pl.col("date") != date(2020, 1, 5))
    rows = rows.with_columns(persons=pl.col("persons") * pl.col("date").dt.day())
    flows = daily_flows(rows, PLACES, JANUARY)
    here = flows.departures.sel(place="420100")
    assert here.values[4] == pytest.approx((here.values[3] + here.values[5]) / 2)
    assert flows.source.sel(place="420100", date="2020-01-05").item() == "interpolated"
    assert flows.notes[0].en.startswith("Departures: 1 place-days lie between")
    assert flows.notes[1].en.startswith("1 place-days have no shares")


def test_after_the_last_day_the_level_stays_then_recovers_and_closed_exits_stay_closed():
    days = np.datetime64("2020-01-01") + np.arange(110)
    low = month().with_columns(
        persons=pl.when(pl.col("date") > date(2020, 1, 25))
        .then(pl.col("persons") * 0.1)
        .otherwise(pl.col("persons"))
    )
    open_ = daily_flows(low, PLACES, days, recovery=Recovery(level=0.6, closed={}))
    shut = daily_flows(
        low, PLACES, days, recovery=Recovery(level=0.6, closed={"420100": date(2020, 4, 8)})
    )
    at = {name: f.departures.sel(place="420100") for name, f in (("open", open_), ("shut", shut))}
    assert at["open"].sel(date="2020-02-14").item() == pytest.approx(100)
    assert at["open"].sel(date="2020-03-31").item() == pytest.approx(600)
    assert at["open"].sel(date="2020-03-08").item() == pytest.approx(350)
    assert at["shut"].sel(date="2020-04-08").item() == pytest.approx(100)
    assert at["shut"].sel(date="2020-04-09").item() == pytest.approx(600)
    assert (open_.source.sel(place="420100", date=slice("2020-02-01", None)) == "assumed").all()


def test_an_origin_above_the_recovered_level_stays_where_it_is():
    days = np.datetime64("2020-01-01") + np.arange(100)
    flows = daily_flows(month(), PLACES, days, recovery=Recovery(level=0.6))
    assert flows.departures.sel(place="420100", date="2020-04-05").item() == pytest.approx(1000)


def test_a_factor_multiplies_every_flow():
    one, other = (daily_flows(month(), PLACES, JANUARY, factor=f).persons for f in (1.0, 0.5))
    np.testing.assert_allclose(other, one / 2, rtol=1e-6)


def test_shares_over_one_are_refused_with_origin_and_day():
    with pytest.raises(BadInput) as refusal:
        daily_flows(month(share=1.5), PLACES, JANUARY)
    assert "origin 420100 on 2020-01-01 add" in str(refusal.value)
    assert "出发地 420100" in refusal.value.text()["zh"]
    assert refusal.value.unlisted == 11


def test_a_pair_told_twice_and_a_number_below_zero_are_refused_together():
    rows = month(days=2)
    twice = pl.concat([rows, rows.head(1)])
    below = twice.with_columns(
        persons=pl.when(pl.col("date") == date(2020, 1, 2)).then(-1.0).otherwise(pl.col("persons"))
    )
    with pytest.raises(BadInput) as refusal:
        daily_flows(below, PLACES, JANUARY[:2])
    said = [fault.problem.en for fault in refusal.value.faults]
    assert said == [
        "Origin 420100 on 2020-01-01 names 1 destinations twice.",
        "Origin 420100 on 2020-01-02 has a share or persons below 0.",
    ]


def test_the_exits_of_hubei_stay_closed_where_nothing_else_is_said():
    days = np.datetime64("2020-01-01") + np.arange(110)
    low = month().with_columns(
        persons=pl.when(pl.col("date") > date(2020, 1, 25))
        .then(pl.col("persons") * 0.1)
        .otherwise(pl.col("persons"))
    )
    usual = daily_flows(low, PLACES, days).departures.sel(place="420100")
    assert usual.sel(date="2020-04-08").item() == pytest.approx(100)
    assert {place: day for place, day in exits_closed().items() if place < "420200"} == {
        "420100": date(2020, 4, 8)
    }
    assert len(exits_closed()) == 17


@pytest.mark.parametrize("column", ["share", "persons", "origin"])
def test_a_missing_column_is_named(column):
    with pytest.raises(MissingData, match=column):
        daily_flows(month().drop(column), PLACES, JANUARY)


def test_without_any_persons_nothing_is_made_up():
    rows = month().with_columns(persons=pl.lit(None, dtype=pl.Float64))
    with pytest.raises(MissingData, match="persons"):
        daily_flows(rows, PLACES, JANUARY)


@pytest.mark.parametrize("dates", [[], ["2020-01-01", "2020-01-03"], ["2020-01-02", "2020-01-01"]])
def test_days_must_follow_each_other(dates):
    with pytest.raises(BadParameter, match="dates"):
        daily_flows(month(), PLACES, np.array(dates, dtype="datetime64[D]"))


def test_those_who_leave_the_area_are_not_sent_back_into_it():
    whole = daily_flows(month(), PLACES, JANUARY)
    part = daily_flows(month(), PLACES[:2], JANUARY)
    np.testing.assert_allclose(part.persons[0], whole.persons[0])
    np.testing.assert_allclose(part.departures.sel(place="420100"), 1000.0)


def test_persons_without_shares_are_taken_as_they_are():
    rows = month().with_columns(share=pl.lit(None, dtype=pl.Float64))
    flows = daily_flows(rows, PLACES, JANUARY)
    assert flows.persons[:, 0] == pytest.approx([300, 150])
    mixed = month().with_columns(
        share=pl.when(pl.col("destination") == "430100").then(None).otherwise(pl.col("share"))
    )
    shares = daily_flows(mixed, PLACES, JANUARY).persons[:, 0]
    assert shares == pytest.approx([2000 / 3, 1000 / 3])


def test_the_table_of_the_exercise_is_read(exercise_pack):
    table = exercise_pack.whole.table("mobility")
    units = sorted(set(table["origin"]) | set(table["destination"]))
    first = table["date"].min()
    days = np.datetime64(first, "D") + np.arange(5)
    flows = daily_flows(table, units, days, recovery=Recovery(closed={}))
    told = table.filter(pl.col("date") == first).group_by("origin").agg(pl.sum("persons"))
    leaving = flows.departures.isel(date=0).sel(place=told["origin"].to_list()).values
    # where the shares listed do not add to 1, more left than the table lists
    assert (leaving >= told["persons"].to_numpy() * 0.999).all()
    carried = np.bincount(flows.origin, flows.persons[:, 0], len(units))
    np.testing.assert_allclose(carried, flows.departures.isel(date=0), rtol=1e-5)
    assert (flows.persons >= 0).all()
