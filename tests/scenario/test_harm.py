import dataclasses

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongchou.scenario.harm import UnknownHarm, harm_per_day, package_harm_per_day, rank, weights
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter

amounts = st.dictionaries(st.sampled_from(sorted(weights())), st.floats(0, 1e6))


def test_the_derived_weights_follow_from_the_parameters_they_name() -> None:
    per_day = (
        parameter("basic_reproduction").value
        / parameter("serial_interval_mean", "Wuhan early, 6 pairs").value
    )
    contact = parameter("secondary_attack_contacts").value * per_day
    known = {kind: weight.weight for kind, weight in weights().items()}
    # Three significant figures, as the table prints them.
    assert known["patient_waiting_day"] == pytest.approx(per_day, rel=2e-3)
    assert known["contact_unplaced_day"] == pytest.approx(contact, rel=5e-3)
    assert known["death"] == pytest.approx(1 / parameter("case_fatality_adjusted").value, rel=2e-3)


def test_every_judgement_says_who_may_change_it_in_both_languages() -> None:
    judged = [w for w in weights().values() if w.confidence == "assumption"]
    assert judged
    for weight in judged:
        assert weight.source.startswith("assumption: commander may change")
        assert weight.may_change.zh
        assert weight.may_change.en


def test_graver_harm_weighs_more() -> None:
    known = weights()
    waiting = [known[f"{c}_waiting_day"].weight for c in ("patient", "severe", "critical")]
    assert waiting == sorted(waiting)
    assert known["critical_waiting_day"].weight < known["death"].weight


@given(amounts)
def test_harm_is_linear(a: dict[str, float]) -> None:
    # Sums of up to seventeen terms, in floating point.
    double = harm_per_day({kind: 2 * amount for kind, amount in a.items()})
    assert double == pytest.approx(2 * harm_per_day(a))
    split = sum(harm_per_day({kind: amount}) for kind, amount in a.items())
    assert split == pytest.approx(harm_per_day(a))


def test_a_commander_who_weighs_families_more_moves_them_up() -> None:
    waiting, unpaid = {"patient_waiting_day": 10.0}, {"family_unpaid_day": 200.0}
    scale = dict(weights())
    scale["family_unpaid_day"] = dataclasses.replace(scale["family_unpaid_day"], weight=0.05)
    for known, first in ((None, "waiting"), (scale, "unpaid")):
        harm = {"waiting": harm_per_day(waiting, known), "unpaid": harm_per_day(unpaid, known)}
        assert rank(harm)[0] == first


def test_at_most_twelve_are_put_forward_and_none_that_avoids_nothing() -> None:
    harm = {f"d{i:02}": float(i) for i in range(20)}
    assert rank(harm) == [f"d{i:02}" for i in range(19, 7, -1)]
    assert rank({"idle": 0.0, "worse": -3.0}) == []


def test_a_kind_without_a_weight_and_an_amount_that_is_no_number_are_refused() -> None:
    with pytest.raises(UnknownHarm, match="fear"):
        harm_per_day({"fear": 1.0})
    with pytest.raises(BadParameter, match="infection"):
        harm_per_day({"infection": float("nan")})


def test_a_package_is_worth_what_it_averts_less_what_it_costs() -> None:
    outcomes = pl.DataFrame(
        {
            "option": ["keep", "close"],
            "averted": [0.0, 1400.0],
            "output_at_stake": [0.0, 70e6],
            "burden_days": [0.0, 700_000.0],
        }
    )
    # (1,400 − 5 × 70 − 0.0002 × 700,000) ÷ 14 = (1,400 − 350 − 140) ÷ 14.
    assert package_harm_per_day(outcomes, 14)["harm_per_day"].to_list() == pytest.approx(
        [0.0, 65.0]
    )
