import pytest

from tongchou.tiering.readiness import check_readiness

QUIET = {
    "days_without_case": [15],
    "r_upper": [0.8] * 7,
    "share_low": [0.85] * 3,
    "bed_occupancy": [0.3] * 3,
    "import_pressure": [0.5] * 7,
}


def test_when_every_item_holds_the_next_level_is_proposed_and_nothing_is_decided():
    found = check_readiness("I", QUIET)
    assert (found.advice, found.proposed) == ("step_down", "II")
    assert "由省级决定" in found.reason.zh


def test_a_long_quiet_allows_the_leap_from_one_to_three():
    long = {**QUIET, "days_without_case": [30], "share_low": [0.97] * 3}
    assert check_readiness("I", long).proposed == "III"


@pytest.mark.parametrize(
    ("item", "values"),
    [
        ("days_without_case", [13]),
        ("r_upper", [0.8] * 6 + [1.0]),
        ("share_low", [0.79] * 3),
        ("bed_occupancy", [0.8, 0.3, 0.3]),
        ("import_pressure", [2.0] * 7),
    ],
)
def test_one_item_that_does_not_hold_long_enough_stops_the_step(item, values):
    found = check_readiness("I", {**QUIET, item: values})
    assert found.advice == "stay"
    sheet = next(s for s in found.sheets if s.to_level == "II")
    assert [i.item for i in sheet.items if i.status != "pass"] == [item]


def test_no_data_is_neither_pass_nor_fail_and_is_named():
    found = check_readiness("I", {k: v for k, v in QUIET.items() if k != "bed_occupancy"})
    assert found.advice == "stay"
    sheet = found.sheets[0]
    assert sheet.missing == ["bed_occupancy"]
    assert "没有足够数据" in found.reason.zh
    gap = check_readiness("I", {**QUIET, "r_upper": [0.8] * 6 + [None]})
    assert gap.sheets[0].missing == ["r_upper"]


def test_between_the_two_thresholds_nothing_moves():
    # at level II: R swings above 1 but not above 1.2; cases 10 days ago, not within 7
    swinging = {**QUIET, "days_without_case": [10], "r_upper": [1.1] * 7}
    assert check_readiness("II", swinging).advice == "stay"
    assert check_readiness("I", swinging).advice == "stay"


def test_a_relapse_proposes_to_step_up_only_after_it_has_lasted():
    burning = {**QUIET, "r_upper": [1.3] * 7}
    found = check_readiness("II", burning)
    assert (found.advice, found.proposed) == ("step_up", "I")
    assert "连续7天突破" in found.reason.zh
    assert check_readiness("II", {**QUIET, "r_upper": [0.9] + [1.3] * 6}).advice == "stay"


def test_from_the_last_level_there_is_no_lower_one():
    found = check_readiness("IV", {**QUIET, "days_without_case": [60], "share_low": [1.0] * 3})
    assert found.advice == "stay"
    assert found.proposed == "IV"


def test_a_new_case_or_few_low_counties_hold_a_step_down_but_ask_for_no_step_up():
    fresh = {**QUIET, "days_without_case": [0], "share_low": [0.2] * 3}
    assert check_readiness("II", fresh).advice == "stay"
    assert check_readiness("I", fresh).advice == "stay"
