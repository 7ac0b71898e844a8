from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tongchou.surveillance.outcomes import competing_outcomes
from tongchou.vocabulary.errors import MissingData

FIRST = date(2020, 1, 10)


def line_list(n, p, rng, days=60, growth=0.05):
    """Persons who fall ill ever faster; a share p dies after a gamma, the others leave after another."""
    weight = np.exp(growth * np.arange(days))
    onset = rng.choice(days, n, p=weight / weight.sum())
    dies = rng.random(n) < p
    stay = np.where(dies, rng.gamma(4, 4, n), rng.gamma(8, 2.5, n)).astype(int)
    end = [FIRST + timedelta(int(d)) for d in onset + stay]
    return pl.DataFrame(
        {
            "place": ["420100"] * n,
            "onset_on": [FIRST + timedelta(int(d)) for d in onset],
            "died_on": [d if dead else None for d, dead in zip(end, dies, strict=True)],
            "recovered_on": [None if dead else d for d, dead in zip(end, dies, strict=True)],
        },
        schema_overrides={"died_on": pl.Date, "recovered_on": pl.Date},
    )


def test_the_truth_comes_back_while_outcomes_are_open_and_the_closed_share_is_off():
    rng = np.random.default_rng(3)
    as_of = FIRST + timedelta(59)
    rows = [
        competing_outcomes(line_list(400, 0.3, rng), as_of).row(0, named=True) for _ in range(200)
    ]
    inside = np.mean([r["low"] <= 0.3 <= r["high"] for r in rows])
    # 200 repeats: standard error 1.5 %
    assert inside == pytest.approx(0.945, abs=0.04)
    assert np.mean([r["estimate"] for r in rows]) == pytest.approx(0.3, abs=0.01)
    assert np.mean([r["closed"] for r in rows]) > 0.33
    assert np.mean([r["open"] for r in rows]) > 100


def test_without_open_cases_it_is_the_plain_share():
    rng = np.random.default_rng(4)
    row = competing_outcomes(line_list(500, 0.2, rng), date(2020, 12, 31)).row(0, named=True)
    assert row["open"] == 0
    assert row["estimate"] == pytest.approx(row["events"] / 500)
    assert row["incidence"] == pytest.approx(row["events"] / 500)
    # A logit interval of a plain share: ± 1.96 √(p (1 − p) / n) / (p (1 − p)).
    p = row["estimate"]
    wide = 1.959964 / np.sqrt(500 * p * (1 - p))
    assert row["high"] == pytest.approx(1 / (1 + np.exp(-(np.log(p / (1 - p)) + wide))))


def test_by_hand_with_one_person_lost_early():
    # Day 2: 1 of 4 dies, F = ¼, S = ¾. Day 3: one is open. Day 5: 1 of 2 recovers, F_o = ⅜; then the last one dies:
    # F = ¼ + ⅜ = ⅝.
    day = date(2020, 2, 1)
    cases = pl.DataFrame(
        {
            "onset_on": [day, day, day, day + timedelta(7)],
            "died_on": [day + timedelta(2), None, day + timedelta(9), None],
            "recovered_on": [None, day + timedelta(5), None, None],
        }
    )
    row = competing_outcomes(cases, day + timedelta(10)).row(0, named=True)
    assert row["incidence"] == pytest.approx(5 / 8)
    assert row["estimate"] == pytest.approx(5 / 8)
    assert (row["events"], row["others"], row["open"]) == (2, 1, 1)


def test_groups_stand_each_for_itself_and_what_cannot_be_told_is_left_out():
    day = date(2020, 2, 1)
    cases = pl.DataFrame(
        {
            "sex": ["female", "female", "male", "male", "male"],
            "onset_on": [day, None, day, day, day + timedelta(9)],
            "died_on": [day + timedelta(3), None, None, day - timedelta(1), None],
            "recovered_on": [None, None, day + timedelta(8), None, None],
        },
        schema_overrides={"onset_on": pl.Date, "recovered_on": pl.Date},
    )
    table = competing_outcomes(cases, day + timedelta(8), by=("sex",))
    female, male = table.iter_rows(named=True)
    assert (female["cases"], female["left_out"], female["estimate"]) == (1, 1, 1.0)
    # A death before onset cannot be; the onset of tomorrow is not known yet.
    assert (male["cases"], male["left_out"], male["events"], male["estimate"]) == (1, 1, 0, 0.0)
    # Nobody died among one: the exact upper end is 1 − 0.025.
    assert male["high"] == pytest.approx(0.975)


def test_admission_competes_with_recovery_at_home_and_with_death():
    day = date(2020, 2, 1)
    cases = pl.DataFrame(
        {
            "onset_on": [day] * 4,
            "admitted_on": [day + timedelta(3), day + timedelta(4), None, None],
            "died_on": [day + timedelta(9), None, None, day + timedelta(2)],
            "recovered_on": [None, None, day + timedelta(8), None],
        },
        schema_overrides={"recovered_on": pl.Date},
    )
    row = competing_outcomes(cases, day + timedelta(20), event="admission").row(0, named=True)
    assert (row["events"], row["others"], row["open"], row["estimate"]) == (2, 2, 0, 0.5)


def test_nobody_closed_gives_nothing_and_a_missing_column_is_named():
    day = date(2020, 2, 1)
    cases = pl.DataFrame(
        {"onset_on": [day], "died_on": [None], "recovered_on": [None]},
        schema_overrides={"died_on": pl.Date, "recovered_on": pl.Date},
    )
    row = competing_outcomes(cases, day + timedelta(5)).row(0, named=True)
    assert (row["open"], row["estimate"], row["closed"]) == (1, None, None)
    with pytest.raises(MissingData, match="critical_on"):
        competing_outcomes(cases, day, event="critical")
