"""What stands in the documents of the morning run, whoever reads them and with what."""

import csv
import dataclasses
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
import pytest
from docx import Document

from tongchou.morning.documents import bulletin, charts, fit, html, ink, serialise, tier_map, word
from tongchou.morning.documents.cells import all_evidence
from tongchou.morning.order import Order
from tongchou.morning.words import AHEAD_KINDS, TIER_LETTERS, TIER_NAMES, WORDS
from tongchou.vocabulary.text import LANGUAGES, Lang, Text

Shapes = tier_map.Shapes


class Reader(HTMLParser):
    """Reads a page as a machine would: ids, links, tables, and the words people see."""

    VOID = frozenset({"meta", "link", "input", "br", "rect", "path", "circle", "polyline", "use"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.heads: list[dict[str, str | None]] = []
        self.words: list[str] = []
        self.requests: list[str] = []
        self.captions = self.tables = 0
        self._silent: list[bool] = [False]
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag says, and whether its words are codes that no language has."""
        found = dict(attrs)
        self.ids += [str(found["id"])] if "id" in found else []
        if tag == "a":
            self.links.append(str(found.get("href")))
        if tag in ("img", "script", "link", "iframe", "source", "use"):
            address = str(found.get("src") or found.get("href") or "data:")
            self.requests += [] if address.startswith(("data:", "#")) else [address]
        self.heads += [found] if tag == "th" else []
        self.captions += tag == "caption"
        self.tables += tag == "table"
        spoken = [found.get(k) for k in ("aria-label", "title")]
        silent = self._silent[-1] or tag in ("style", "script") or found.get("translate") == "no"
        if not silent:
            self.words += [s for s in spoken if s]
        if tag not in self.VOID:
            self._silent.append(silent)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open and close."""
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self._silent.pop()

    def handle_endtag(self, tag: str) -> None:
        """Go back to how the words outside are read."""
        if tag not in self.VOID:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        """Note words that people see."""
        if not self._silent[-1] and data.strip():
            self.words.append(data.strip())


@pytest.fixture(scope="module")
def pages(order: Order, geography: Shapes) -> dict[Lang, Reader]:
    return {lang: Reader(html.render(order, lang, geography)) for lang in LANGUAGES}


# Words that are written in Latin letters in Chinese too: symbols, codes, file names, units.
LATIN = re.compile(
    r"^(R|A|B|C|D|E|F|G|H|I|J|K|N95|ICU|CSV|JSON|order\.(json|html)|docs|crps|visits|mobility|households|admission_rate)$"
)


def test_the_chinese_page_speaks_chinese(pages: dict[Lang, Reader]) -> None:
    latin = re.findall(r"[A-Za-z][A-Za-z0-9_.]*", " ".join(pages["zh"].words))
    assert [w for w in latin if not LATIN.match(w)] == []


def test_the_english_page_speaks_english(pages: dict[Lang, Reader]) -> None:
    said = " ".join(pages["en"].words)
    assert re.findall(r"[\u4e00-\u9fff]+", said) == []


@pytest.mark.parametrize("table", [WORDS, TIER_NAMES, TIER_LETTERS, AHEAD_KINDS])
def test_every_word_exists_in_both_languages_with_the_same_places(table: dict[str, Text]) -> None:
    for text in table.values():
        assert text.zh
        assert text.en
        assert not re.search(r"[\u4e00-\u9fff]", text.en)
        places = [sorted(re.findall(r"{(\w+)}", side)) for side in (text.zh, text.en)]
        assert places[0] == places[1]


def test_every_word_of_the_interface_is_used() -> None:
    folder = Path(html.__file__).parent
    text = "".join(
        p.read_text("utf-8")
        for p in folder.rglob("*")
        if p.suffix in (".py", ".j2") and p.name != "words.py"
    )
    assert [key for key in WORDS if not re.search(rf"[\"']{key}[\"']", text)] == []


def test_every_number_leads_to_its_evidence_and_back(
    pages: dict[Lang, Reader], order: Order
) -> None:
    for page in pages.values():
        targets = [link.removeprefix("#") for link in page.links]
        assert all(link.startswith("#") for link in page.links)
        assert set(targets) <= set(page.ids)
        for key in all_evidence(order):
            assert page.ids.count(f"ev-{key}") == 1
        led = [f.evidence for f in order.figures] + [g.evidence for g in order.gaps]
        led += [d.evidence for d in order.decisions]
        led += [order.tiers.evidence, order.curve.evidence, order.yesterday.evidence]
        for evidence in led:
            assert evidence is None or f"ev-{evidence.id}" in targets


def test_ids_are_unique_and_nothing_is_asked_from_outside(pages: dict[Lang, Reader]) -> None:
    for page in pages.values():
        assert len(page.ids) == len(set(page.ids))
        assert page.requests == []


def test_tables_can_be_heard(pages: dict[Lang, Reader]) -> None:
    for page in pages.values():
        assert page.captions == page.tables
        assert all(head.get("scope") in ("row", "col") for head in page.heads)


def test_an_exercise_says_so_on_the_page_and_in_print(order: Order, geography: Shapes) -> None:
    real = dataclasses.replace(order, head=dataclasses.replace(order.head, flags=()))
    for lang in LANGUAGES:
        said = WORDS["exercise_banner"][lang]
        # once on the screen, once in the margin of every printed page
        assert html.render(order, lang, geography).count(said) == 2
        assert said not in html.render(real, lang, geography)


def test_a_figure_without_data_names_its_table_and_a_revised_one_its_old_value(
    pages: dict[Lang, Reader],
) -> None:
    assert "无数据：表 visits" in pages["zh"].words
    assert "was 359" in pages["en"].words


def test_what_page_two_cannot_hold_stands_whole_behind_it(pages: dict[Lang, Reader]) -> None:
    assert "2 more: see the whole list before annex A." in pages["en"].words
    assert "whole-ahead" in pages["en"].ids


def test_markup_in_a_text_stays_text(order: Order) -> None:
    sly = Text(zh='<script>alert("甲")</script>', en='"><img src=x onerror=alert(1)>')
    head = dataclasses.replace(order.head, name=sly, edition=sly, notices=(sly,))
    for lang in LANGUAGES:
        page = html.render(dataclasses.replace(order, head=head), lang, None)
        assert page.count("<script>") == 1  # ours
        assert "<img" not in page


def test_the_same_order_gives_the_same_bytes_in_another_process() -> None:
    code = (
        f"import hashlib, sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import sample_order as s\n"
        "from tongchou.morning.documents import bulletin, charts, html, ink, serialise, tier_map, word\n"
        "o, g = s.sample_order(), s.sample_shapes()\n"
        "m = ink.for_word(tier_map.map_svg(o.tiers, g, 'zh'))\n"
        "c = ink.for_word(charts.curve_svg(o.curve, 'zh'))\n"
        "parts = [html.render(o, 'zh', g).encode(), word.render(o, 'zh', m, c),\n"
        "         serialise.to_json(o), bulletin.render(o, 'en').encode(),\n"
        "         *bulletin.open_data(o).values()]\n"
        "print([hashlib.sha256(p).hexdigest() for p in parts])\n"
    )
    # A different hash seed orders sets differently, a different zone shifts dates.
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "TZ": zone, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"))
    ]
    assert runs[0] == runs[1]


def test_in_a_notebook_the_order_stands_in_its_own_frame(order: Order) -> None:
    shown = html.fragment(order, "zh")
    assert shown.startswith('<iframe title="每日工作部署" srcdoc="&lt;!DOCTYPE html&gt;')
    assert shown.count('"') == 6  # nothing of the page ends the attribute it stands in


# the map and the curve


def test_tiers_are_told_apart_by_hatch_and_letter_as_well_as_colour(
    order: Order, geography: Shapes
) -> None:
    drawn = ink.for_page(tier_map.map_svg(order.tiers, geography, "zh"), "图")
    for tier in ("low", "medium", "high"):
        assert drawn.count(f"url(#hatch-{tier})") == order.tiers.counts[tier]
        assert f'id="hatch-{tier}"' in ink.hatches()
    assert "中" in drawn
    assert "高" in drawn


def test_a_map_has_no_fixed_colour_and_a_word_for_those_who_cannot_see(
    order: Order, geography: Shapes
) -> None:
    drawn = ink.for_page(tier_map.map_svg(order.tiers, geography, "en"), 'tiers, "as signed"')
    assert not re.search(r"#[0-9a-f]{6}", drawn)
    assert 'role="img" aria-label="tiers, &quot;as signed&quot;"' in drawn


def test_the_geometry_of_a_topology_comes_back(sample: ModuleType, geography: Shapes) -> None:
    found = tier_map.features(geography.units, "units")
    assert [f["code"] for f in found] == [code for code, _ in sample.UNITS]
    ring = found[0]["geometry"]["coordinates"][0][0]
    assert {(round(x), round(y)) for x, y in ring} == {(0, 0), (0, 10), (10, 10), (10, 0)}


def test_an_area_without_boundaries_has_tiles(order: Order) -> None:
    page = Reader(html.render(order, "en", None))
    assert "No boundaries for this area: each tile is one unit." in page.words


def test_a_small_line_is_broken_where_days_are_unknown() -> None:
    assert charts.spark((1.0, 2.0, None, 4.0, 3.0), "en").count("<polyline") == 2
    assert charts.spark((None, 1.0, None), "en") == ""


def test_an_order_without_cases_still_has_two_pages(order: Order, geography: Shapes) -> None:
    empty = dataclasses.replace(
        order.curve,
        history=order.curve.history.clear(),
        fan=order.curve.fan.clear(),
        yesterday=order.curve.yesterday.clear(),
    )
    quiet = dataclasses.replace(
        order, curve=empty, decisions=(), ahead=(), corrections=(), gaps=(), annexes=()
    )
    said = Reader(html.render(quiet, "en", geography)).words
    assert "Nothing to decide today." in said
    assert "No case series to draw." in said


def test_more_text_is_set_smaller(order: Order, sample: ModuleType) -> None:
    fewer = sample.sample_order(decision_count=6)
    for lang in LANGUAGES:
        full, half = (fit.page_sizes(o, lang, [], []) for o in (order, fewer))
        assert fit.SMALLEST <= full.two < half.two <= fit.LARGEST


# order.json


def test_json_holds_all_and_gives_it_back(order: Order) -> None:
    found = json.loads(serialise.to_json(order))
    assert found["head"]["name"] == {"zh": "湖北省", "en": "Hubei"}
    assert [d["sentence"]["zh"] for d in found["decisions"]] == [
        d.sentence.zh for d in order.decisions
    ]
    curve = found["curve"]["fan"]
    back = np.array([row[curve["columns"].index("q975")] for row in curve["rows"]])
    assert (back == order.curve.fan["q975"].to_numpy()).all()  # to the last bit
    assert {f["evidence"] for f in found["figures"] if f["evidence"]} <= set(found["evidence"])
    rows = found["evidence"]["rt"]["rows"]["rows"]
    assert len(rows) == order.evidence["rt"].rows.height
    assert len(found["annexes"][0]["tables"][0]["rows"]) == len(order.tiers.rows)


def test_json_has_no_number_that_json_does_not_know(order: Order) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    curve = dataclasses.replace(
        order.curve,
        history=pl.DataFrame(
            {"date": [order.head.cut], "reported": [np.nan], "adjusted": [np.inf]}
        ),
    )
    text = serialise.to_json(dataclasses.replace(order, curve=curve))
    found = json.loads(text, parse_constant=refuse)
    assert found["curve"]["history"]["rows"] == [["2020-02-22", None, None]]
    assert json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":")) == (
        text.decode().rstrip("\n")
    )


def test_the_page_about_order_json_names_every_key(order: Order) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/order-json.md").read_text("utf-8")

    def keys(value: Any, depth: int) -> set[str]:
        if isinstance(value, list):
            return set().union(*(keys(v, depth) for v in value[:2])) if value else set()
        if not isinstance(value, dict) or depth == 0 or set(value) == {"zh", "en"}:
            return set()
        return set(value).union(*(keys(v, depth - 1) for v in value.values()))

    found = json.loads(serialise.to_json(order))
    data = {"annexes", "evidence", "signoff", "tiers"}  # keyed by the data in part
    named = keys({k: v for k, v in found.items() if k not in data}, 4) | set(found)
    assert sorted(k for k in named if f"`{k}`" not in page) == []


# Word


@pytest.fixture(scope="module")
def documents(order: Order, geography: Shapes) -> dict[Lang, bytes]:
    return {
        lang: word.render(
            order,
            lang,
            ink.for_word(tier_map.map_svg(order.tiers, geography, lang)),
            ink.for_word(charts.curve_svg(order.curve, lang)),
        )
        for lang in LANGUAGES
    }


def words_of(document: bytes) -> str:
    body = Document(io.BytesIO(document)).element.body
    return "".join(t.text or "" for t in body.iter() if t.tag.endswith("}t"))


def test_word_holds_what_the_page_holds(documents: dict[Lang, bytes], order: Order) -> None:
    for lang, document in documents.items():
        said = words_of(document)
        for sentence in (*order.headline, *(d.sentence for d in order.decisions)):
            assert sentence[lang] in said
        for figure in order.figures:
            assert (figure.missing[lang] if figure.missing else figure.shown) in said
        for gap in order.gaps:
            assert gap.label[lang] in said
        for annex in order.annexes:
            assert f"{annex.letter}　{annex.title[lang]}" in said
        assert said.count("□") == 3 * len(order.decisions)


def test_word_sets_chinese_in_fonts_by_name(documents: dict[Lang, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(documents["zh"])) as packed:
        styles = packed.read("word/styles.xml").decode()
        body = packed.read("word/document.xml").decode()
        header = b"".join(packed.read(n) for n in packed.namelist() if "header" in n).decode()
        assert {info.date_time[:3] for info in packed.infolist()} == {(2020, 2, 22)}
    assert "</w:tbl><w:tbl>" not in body  # Word would make one table of two that touch
    assert 'w:eastAsia="仿宋"' in styles
    assert 'w:eastAsia="黑体"' in styles
    assert "<w:tblHeader/>" in body
    assert WORDS["exercise_banner"].zh in header


def test_a_long_annex_in_word_says_where_the_rest_is(order: Order) -> None:
    table = order.annexes[0].tables[0]
    long = dataclasses.replace(table, rows=table.rows * 3)
    annex = dataclasses.replace(order.annexes[0], tables=(long,))
    short = dataclasses.replace(order, annexes=(annex,))
    drawn = ink.for_word(tier_map.tiles(order.tiers, "en"))
    said = words_of(word.render(short, "en", drawn, b""))
    assert "The first 60 of 120 rows; order.json and order.html hold all." in said


# the bulletin


def test_corrections_are_named_first(order: Order) -> None:
    for lang in LANGUAGES:
        page = bulletin.render(order, lang)
        first = page.index("<h2")
        assert page.index(WORDS["bulletin_first"][lang]) < page.index(order.headline[0][lang])
        assert page[first:].startswith('<h2 id="corrections">')


def test_no_small_count_leaves_the_house(order: Order) -> None:
    """Each file and page: the counts of a place are 0, 5 and more, or masked."""
    small = {r.place for r in order.tiers.rows if 0 < r.confirmed < 5 or 0 < r.new_14 < 5}
    assert len(small) > 5
    files = bulletin.open_data(order)
    rows = list(csv.DictReader(io.StringIO(files["places.csv"].decode("utf-8-sig"))))
    for row in rows:
        for column in ("confirmed", "new_14"):
            assert row[column] == "" or int(row[column]) == 0 or int(row[column]) >= 5
            assert (row[column] == "") == (row[f"{column}_mask"] != "")
    for place in json.loads(files["bulletin.json"])["places"]:
        assert place["confirmed"] is None or not 0 < place["confirmed"] < 5
    for place in bulletin.public(order).places:
        if place.code in small:  # nor in the sentence that says why
            reason = next(r.reason for r in order.tiers.rows if r.place == place.code)
            assert place.why != reason
            assert reason.zh not in bulletin.render(order, "zh")


def test_a_small_figure_takes_its_range_trend_and_sentence_with_it(order: Order) -> None:
    figure = dataclasses.replace(order.figures[0], value=3.0, shown="3", low="2", high="4")
    quiet = dataclasses.replace(order, figures=(figure, *order.figures[1:]))
    found = bulletin.public(quiet).figures[0]
    assert (found.shown, found.low, found.day_change, found.trend) == ("<5", None, None, ())
    assert order.headline[0].en not in bulletin.render(quiet, "en")


def test_every_field_of_the_open_data_is_described(order: Order) -> None:
    files = bulletin.open_data(order)
    assert set(files) == set(bulletin.FILES)
    described = {
        (r["file"], r["field"])
        for r in csv.DictReader(io.StringIO(files["fields.csv"].decode("utf-8-sig")))
    }
    for name in ("places.csv", "figures.csv"):
        header = next(csv.reader(io.StringIO(files[name].decode("utf-8-sig"))))
        assert {(name, field) for field in header} == {d for d in described if d[0] == name}


def test_the_bulletin_needs_no_script_and_says_where_to_ask(order: Order) -> None:
    page = bulletin.render(order, "zh")
    assert "<script" not in page
    assert "湖北省疫情防控指挥部" in page
    known = dataclasses.replace(order.head, contact=Text(zh="拨打12320", en="Call 12320"))
    assert "拨打12320" in bulletin.render(dataclasses.replace(order, head=known), "zh")


def test_the_bulletin_keeps_decisions_and_gaps_inside(order: Order) -> None:
    page = bulletin.render(order, "en")
    assert all(d.sentence.en not in page for d in order.decisions)
    assert all(g.label.en not in page for g in order.gaps)


def test_the_bulletin_is_read_by_its_own_language(order: Order) -> None:
    said = " ".join(Reader(bulletin.render(order, "zh")).words)
    assert [w for w in re.findall(r"[A-Za-z]+", said) if w != "R"] == []
    assert not re.search(r"[\u4e00-\u9fff]", " ".join(Reader(bulletin.render(order, "en")).words))


def test_digests_are_of_what_was_rendered(order: Order) -> None:
    """Two orders that differ in one word differ in their bytes."""
    other = dataclasses.replace(order, headline=(order.headline[1], *order.headline[1:]))
    digests = {hashlib.sha256(serialise.to_json(o)).digest() for o in (order, other)}
    assert len(digests) == 2
