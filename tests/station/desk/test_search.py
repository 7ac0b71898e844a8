"""The search finds as people type: Chinese, English, pinyin, initials, numbers, and not quite right."""

import pytest

from tongchou.station.access.context import acting, system
from tongchou.station.audit.models import Entry
from tongchou.station.desk.gazetteer.lists import search_places, search_units


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("兴庆区", "Xingqing District"),
        ("Xingqing", "Xingqing District"),
        ("xing qing qu", "Xingqing District"),
        ("xqq", "Xingqing District"),
        ("640104", "Xingqing District"),
        ("xinqingqu", "Xingqing District"),
        ("Yinchaun", "Yinchuan"),
        ("兴庆区第2网格", "Xingqing District grid 2"),
    ],
)
def test_a_place_is_found_however_it_is_typed(actor, typed, first):
    with acting(actor("epidemiologist", "640104")):
        assert search_places(typed)[0].title.en == first


def test_ones_own_area_comes_before_others(actor, units):
    for county, name in (("640104", "Xingqing District depot"), ("640105", "Xixia District depot")):
        with acting(actor("epidemiologist", county)):
            assert search_units("depot")[0].title.en == name


@pytest.mark.parametrize("typed", ["zzzzzz", "?", "%", "'", "一二三四五", ""])
def test_what_is_like_nothing_finds_nothing(signed_in, units, typed):
    page = signed_in("epidemiologist", "640104").get("/search/", {"q": typed})
    assert page.status_code == 200
    assert page.context["count"] == 0


def test_results_stand_in_groups_and_leave_a_record_without_the_words(signed_in, units):
    page = signed_in("epidemiologist", "640104").get("/search/", {"q": "xqq"})
    assert [s.name for s, _ in page.context["groups"]] == ["places", "units"]
    with system("look"):
        detail = Entry.objects.get(action="desk.search").detail
    assert "xqq" not in detail
    assert '"places": 3' in detail
