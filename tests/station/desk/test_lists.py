"""A list: its count is the number of its rows, on its pages, in its files, for every reach."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from tongchou.station.access.context import system
from tongchou.station.audit.models import Entry
from tongchou.station.desk.models import SavedView
from tongchou.station.places.loading import load_places
from tongchou.station.places.models import Place, Unit

FILTERS = [
    "",
    "level=county",
    "path=640100",
    "level=grid&path=640104",
    "q=xqq",
    "mine=1",
    "q=nowhere",
]


@pytest.fixture
def many(places):
    """Give a list longer than a page: two provinces more."""
    load_places("610000")
    load_places("620000")
    return Place.objects.count()


def count_of(page) -> int:
    return int(re.search(r'data-count="(\d+)"', page.content.decode())[1])


def rows_of(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


@pytest.mark.parametrize("query", FILTERS)
def test_the_count_is_the_rows_of_the_page_and_of_both_files(signed_in, places, units, query):
    client = signed_in("epidemiologist", "640104")
    page = client.get(f"/places/?{query}")
    count = count_of(page)
    assert page.content.decode().count("data-row") == min(count, 50)
    assert len(rows_of(client.get(f"/places/?{query}&format=csv"))) == count
    book = b"".join(client.get(f"/places/?{query}&format=xlsx").streaming_content)
    lines = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert len(lines) - 1 == count


def pages(client: Client, address: str, rel: str) -> Iterator[str]:
    """Follow a list from page to page."""
    while address:
        text = client.get(address).content.decode()
        yield text
        found = re.search(rf'rel="{rel}" href="([^"]+)"', text)
        address = found[1].replace("&amp;", "&") if found else ""


@pytest.mark.parametrize("query", ["", "level=county"])
def test_the_whole_country_is_counted_like_any_other_reach(signed_in, places, query):
    whole, county = signed_in("epidemiologist", "100000"), signed_in("epidemiologist", "640104")
    assert count_of(whole.get(f"/places/?{query}")) == count_of(county.get(f"/places/?{query}"))


def codes(text: str) -> list[str]:
    return re.findall(r'<td class="k-text" data-label="Code">([^<]+)</td>', text)


@pytest.mark.parametrize("sort", ["", "name", "-name", "population", "-population", "code"])
def test_pages_forward_and_back_show_every_row_once_in_the_order_of_the_export(
    signed_in, many, sort
):
    client = signed_in("epidemiologist", "640104")
    wanted = [row[1] for row in rows_of(client.get(f"/places/?sort={sort}&format=csv"))]
    forward = [c for page in pages(client, f"/places/?sort={sort}", "next") for c in codes(page)]
    assert len(wanted) == many
    assert forward == wanted
    backward = [codes(page) for page in pages(client, f"/places/?sort={sort}&last=1", "prev")]
    assert [c for page in reversed(backward) for c in page] == wanted


def test_a_page_says_which_rows_it_shows(signed_in, many):
    client = signed_in("epidemiologist", "640104")
    said = [
        re.search(r"showing ([\d,]+) to ([\d,]+)", t).groups()
        for t in pages(client, "/places/", "next")
    ]
    ends = [(int(a.replace(",", "")), int(b.replace(",", ""))) for a, b in said]
    assert ends[0][0] == 1
    assert ends[-1][1] == many
    assert all(b[0] == a[1] + 1 for a, b in pairwise(ends))


@pytest.mark.parametrize(
    "mark", ["after=nonsense", "before=AAAA", "after=WzEsWzEsMiwzXV0", "after=WzEsW251bGxdXQ"]
)
def test_a_mark_that_was_tampered_with_gives_the_first_page(signed_in, places, mark):
    page = signed_in("epidemiologist", "640104").get(f"/places/?{mark}")
    assert page.status_code == 200
    assert codes(page.content.decode())[0] == "100000"


@pytest.mark.parametrize(("query", "named"), [("level=moon", "Level"), ("path=Atlantis", "Within")])
def test_a_filter_that_is_not_understood_lists_nothing_and_says_so(signed_in, places, query, named):
    client = signed_in("epidemiologist", "640104")
    page = client.get(f"/places/?{query}")
    assert count_of(page) == 0
    assert f"The filter “{named}”" in page.content.decode()
    assert rows_of(client.get(f"/places/?{query}&format=csv")) == []


@pytest.mark.parametrize(
    "typed", ["640104", "640104 兴庆区", "兴庆区", "xingqingqu", "Xingqing District"]
)
def test_a_place_is_found_by_code_name_pinyin_or_english(signed_in, places, typed):
    page = signed_in("epidemiologist", "640104").get("/places/", {"path": typed, "level": "county"})
    assert codes(page.content.decode()) == ["640104"]


def test_htmx_gets_the_table_alone(signed_in, places):
    client = signed_in("epidemiologist", "640104")
    part = client.get("/places/?level=county", headers={"hx-request": "true"})
    assert b"<html" not in part.content
    assert b'id="count"' in part.content
    assert "HX-Request" in part.headers["Vary"]


def test_a_formula_is_shown_and_not_run(signed_in, units):
    unit = units["640104-depot"]
    unit.name_zh = unit.name_en = '=HYPERLINK("http://x","y")'
    unit.save()
    client = signed_in("epidemiologist", "640104")
    names = [row[0] for row in rows_of(client.get("/places/units/?format=csv"))]
    assert f"'{unit.name_en}" in names
    raw = b"".join(client.get("/places/units/?format=xlsx").streaming_content)
    sheet = zipfile.ZipFile(io.BytesIO(raw)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet


def test_views_are_saved_by_name_and_are_ones_own(signed_in, places, django_user_model):
    mine, theirs = signed_in("epidemiologist", "640104"), signed_in("epidemiologist", "640104")
    for level in ("county", "grid"):
        mine.post(f"/places/?level={level}&sort=-name", {"save_view": "my grids"})
    saved = SavedView.objects.get()
    assert saved.query == "level=grid&sort=-name"
    assert b"my grids" in mine.get("/places/").content
    assert b"my grids" not in theirs.get("/places/").content
    assert theirs.post("/places/", {"drop_view": saved.pk}).status_code == 404
    mine.post("/places/", {"drop_view": saved.pk})
    assert not SavedView.objects.exists()


class TestBulk:
    """Something done to many rows: first the exact number, then exactly so many."""

    def test_chosen_rows_are_counted_before_and_changed_after(self, signed_in, units):
        client = signed_in("administrator", "640104")
        mine = [u.pk for u in Unit.objects.filter(path__startswith=units["640104-depot"].path)[:2]]
        other = units["640105-depot"].pk
        asked = client.post("/places/units/", {"bulk": "close", "row": [*mine, other]})
        assert "will be done to 2 of the rows" in asked.content.decode()
        assert "Not yours to change, and left as they are: 1." in asked.content.decode()
        assert Unit.objects.filter(active=False).count() == 0
        done = client.post(
            "/places/units/",
            {"bulk": "close", "row": [*mine, other], "confirmed": "2"},
            follow=True,
        )
        assert "Units closed: 2." in done.content.decode()
        assert set(Unit.objects.filter(active=False).values_list("pk", flat=True)) == set(mine)

    def test_all_that_match_means_all_that_match_now(self, signed_in, units):
        client = signed_in("administrator", "640100")
        asked = client.post(
            "/places/units/?kind=depot", {"bulk": "close", "all": "1", "confirmed": "7"}
        )
        assert "the number of rows that match has changed" in asked.content.decode()
        assert "“Close” will be done to 2 of the rows" in asked.content.decode()
        client.post("/places/units/?kind=depot", {"bulk": "close", "all": "1", "confirmed": "2"})
        assert set(Unit.objects.filter(active=False).values_list("kind", flat=True)) == {"depot"}

    def test_who_may_not_is_refused_and_sees_no_button(self, signed_in, units):
        client = signed_in("epidemiologist", "640104")
        assert b'name="bulk"' not in client.get("/places/units/").content
        answer = client.post("/places/units/", {"bulk": "close", "all": "1", "confirmed": "12"})
        assert answer.status_code == 404
        assert not Unit.objects.filter(active=False).exists()


def test_an_export_leaves_its_record_with_filters_and_count(signed_in, places):
    client = signed_in("epidemiologist", "640104")
    rows = rows_of(client.get("/places/?level=county&q=qu&format=csv"))
    with system("look"):
        entry = Entry.objects.get(action="desk.export")
    assert entry.resource == "list:places"
    assert f'"count": {len(rows)}' in entry.detail
    assert '"level": "county"' in entry.detail
    assert '"q": "…"' in entry.detail, "what was typed may be a name and stays out of the trail"
