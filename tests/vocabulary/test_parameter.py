import pytest

from tongchou.vocabulary.distributions import Gamma
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.parameter import UnknownParameter, parameter, parameters

WITHOUT_DOI = (
    "Joint Mission",
    "National Health Commission",
    "SaTScan User Guide",
    "register of mechanisms",
)
rows = list(parameters().values())
names = [f"{row.name}, {row.population.en}" for row in rows]


@pytest.mark.parametrize("row", rows, ids=names)
def test_every_number_says_where_it_comes_from_or_who_may_change_it(row):
    assert row.source
    assert row.is_assumption == (row.source == "assumption") == bool(row.may_change.en)
    assert bool(row.may_change.zh) == bool(row.may_change.en)
    if row.is_assumption:
        assert row.note.zh
        assert row.note.en
    elif not any(named in row.source for named in WITHOUT_DOI):
        assert row.doi.startswith("10.")


@pytest.mark.parametrize("row", rows, ids=names)
def test_every_row_is_whole_in_both_languages_and_its_range_holds_its_value(row):
    assert all((row.label.zh, row.label.en, row.population.zh, row.population.en, row.unit))
    assert bool(row.note.zh) == bool(row.note.en)
    assert row.low is None or row.low <= row.value
    assert row.high is None or row.value <= row.high
    if row.unit in ("share", "probability"):
        assert 0 <= row.value <= 1


def test_each_name_and_population_stands_once():
    import csv

    from tongchou.reference import path

    with path("parameters.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(rows)


def test_a_delay_is_read_with_its_family():
    interval = parameter("serial_interval_mean", population="Wuhan early, 6 pairs").delay()
    assert interval == Gamma(mean=7.5, sd=3.4)  # Li et al 2020
    death = parameter("onset_to_death_mean").delay()
    assert death.sd / death.mean == pytest.approx(0.45)  # Verity et al 2020


def test_derived_serial_interval_sd_is_the_one_whose_range_is_nearest_to_the_printed_one():
    row = parameter("serial_interval_mean", population="outside Hubei")

    def misfit(sd):
        low, high = Gamma(mean=row.value, sd=sd).quantile([0.025, 0.975])
        return (low - row.low) ** 2 + (high - row.high) ** 2

    assert min((2.5, 2.6, 2.7, 2.8, 2.9), key=misfit) == row.sd


def test_a_row_without_a_spread_gives_no_delay():
    with pytest.raises(MissingData, match=r"parameters\.csv"):
        parameter("serial_interval_mean", population="Shenzhen").delay()


def test_an_unknown_name_is_answered_with_names_near_it():
    with pytest.raises(UnknownParameter) as refused:
        parameter("serial_interval_meen")
    assert "serial_interval_mean" in refused.value.near
    assert "参数" in refused.value.text()["zh"]


@pytest.mark.parametrize("population", [None, "Mars"])
def test_a_name_with_several_populations_asks_which(population):
    with pytest.raises(UnknownParameter) as refused:
        parameter("serial_interval_mean", population=population)
    assert "outside Hubei" in refused.value.near
