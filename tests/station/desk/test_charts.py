"""Drawings of the station: from the specifications of the order, inked for light and dark."""

import re
from datetime import date, timedelta

import pytest
from django.utils.translation import override

from tongchou.station.desk import charts
from tongchou.vocabulary.places import china
from tongchou.vocabulary.text import Text

DAYS = tuple((date(2020, 2, 1) + timedelta(n), n % 9) for n in range(30))
LABEL = Text(zh="新增确诊", en="New confirmed cases")


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        (
            "en",
            "New confirmed cases: 111 persons from 1 February 2020 to 1 March 2020, 2 on the latest day.",
        ),
        ("zh-hans", "新增确诊：2020年2月1日至2020年3月1日共 111 人，最近一日 2 人。"),
    ],
)
def test_a_curve_says_in_words_what_it_shows(lang, sentence):
    with override(lang):
        drawn = charts.epidemic_curve(DAYS, label=LABEL)
    assert f'aria-label="{sentence}"' in drawn
    assert f'<p class="note">{sentence}</p>' in drawn
    assert sum(n for _, n in DAYS) == 111


def test_a_drawing_has_no_colour_of_its_own():
    drawn = charts.epidemic_curve(DAYS, label=LABEL)
    assert "var(--reported)" in drawn
    assert not re.search(r"#[0-9a-f]{6}", drawn)


def test_the_same_drawing_is_drawn_once():
    first = charts.epidemic_curve(DAYS, label=LABEL)
    before = charts._curve.cache_info().hits
    assert charts.epidemic_curve(list(DAYS), label=LABEL) == first
    assert charts._curve.cache_info().hits == before + 1


def test_nothing_to_draw_draws_nothing():
    assert charts.epidemic_curve([], label=LABEL) is None
    assert charts.tier_chart({}, {}) is None
    assert charts.locator(["no such place"], "", [], text=LABEL) is None


def test_a_tier_map_counts_its_tiers_and_names_its_units():
    counties = china().children("640100")
    tiers = {p.code: "high" if n == 0 else "low" for n, p in enumerate(counties)}
    with override("en"):
        drawn = charts.tier_chart(tiers, {p.code: p.name for p in counties})
    assert f'aria-label="Map of tiers: 1 high, 0 medium, {len(counties) - 1} low"' in drawn
    assert f"{counties[0].name['en']} · " in drawn
    assert drawn.count('id="hatch-high"') == 1


def test_units_without_a_shape_are_drawn_as_tiles():
    drawn = charts.tier_chart({"X1": "high", "X2": "low"}, {"X1": LABEL, "X2": LABEL})
    assert drawn.count("<rect") >= 2


def test_a_locator_fills_one_place_and_marks_points():
    counties = [p.code for p in china().children("640100")]
    drawn = charts.locator(counties, counties[0], [(106.28, 38.47)], text=LABEL)
    assert drawn.count("var(--fan50)") == 1
    assert drawn.count("var(--accent)") == 1
