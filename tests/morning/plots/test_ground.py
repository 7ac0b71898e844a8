"""Drawings stand alone: no address asked for, the numbers beside them, the same in both languages."""

import re
from datetime import date, timedelta

import polars as pl
import pytest

from tongchou.morning.plots import ground
from tongchou.morning.plots.reproduction import reproduction_chart
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

TITLE = Text(zh="再生数", en="Reproduction <number>")


def made(places=3, days=10):
    return pl.DataFrame(
        [
            {
                "place": f"地{n}", "date": date(2020, 2, 1) + timedelta(d), "mean": 1 + n / 10, "sd": 0.1,
                "q025": 0.8, "median": 1.0, "q975": None if d == 0 else 1.4,
            }
            for n in range(places)
            for d in range(days)
        ]
    )  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_needs_nothing_else_and_shows_the_numbers(tmp_path, lang):
    frame = made()
    ground.save(reproduction_chart(frame, lang), tmp_path / "r.html", lang, TITLE, frame)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    outside = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r"(?:src|href)=", outside)
    assert outside.count("<tr>") == 31
    assert ("下限 2.5%" if lang == "zh" else "lower 2.5%") in page
    assert "Reproduction <number>" not in page.split("<script>")[0]
    assert "地0" in page


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("suffix", "begins"), [(".svg", b"<svg"), (".png", b"\x89PNG")])
def test_a_drawing_alone(tmp_path, lang, suffix, begins):
    frame = made(1)
    path = tmp_path / f"r{suffix}"
    ground.save(reproduction_chart(frame, lang), path, lang, TITLE, frame)
    assert path.read_bytes().startswith(begins)
    if suffix == ".svg":
        assert TITLE[lang].split()[0] in path.read_text(encoding="utf-8")


def test_no_row_at_all_still_draws(tmp_path):
    frame = made().clear()
    ground.save(reproduction_chart(frame, "zh"), tmp_path / "r.html", "zh", TITLE, frame)
    assert "0 行" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_many_places_are_a_few_panels_and_a_table_cut_short_that_says_so(tmp_path):
    frame = made(2_900, 2)
    chart = reproduction_chart(frame, "en")
    assert len(ground.drawn_places(frame)) == ground.PLACES_DRAWN
    ground.save(chart, tmp_path / "r.html", "en", TITLE, frame)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "The first 5,000 of 5,800 rows" in page
    assert "12 of 2,900 places are drawn" in page.split("<details")[0]


def test_the_busiest_places_are_drawn():
    frame = made(30).with_columns(reported=pl.col("place").str.slice(1).cast(pl.Int64))
    assert ground.drawn_places(frame, "reported")[0] == "地18"


def test_a_place_whose_name_would_end_the_script_stays_a_name(tmp_path):
    frame = made(1).with_columns(place=pl.lit("</script><b>x"))
    ground.save(reproduction_chart(frame, "en"), tmp_path / "r.html", "en", TITLE, frame)
    assert "</script><b>x" not in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", ["html", "svg"])
def test_a_result_without_a_row_is_a_sentence_not_an_empty_frame(tmp_path, suffix):
    frame = made().clear()
    path = tmp_path / f"r.{suffix}"
    ground.save(reproduction_chart(frame, "en"), path, "en", TITLE, frame)
    assert "nothing to draw" in path.read_text(encoding="utf-8")


def test_a_page_takes_its_colours_from_the_readers_light_or_dark(tmp_path):
    frame = made(1)
    ground.save(reproduction_chart(frame, "zh"), tmp_path / "r.html", "zh", TITLE, frame)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    spec = page.rsplit("const spec = ", 1)[1].split(";", 1)[0]
    assert "var(--forecast)" in spec
    assert ground.FORECAST not in spec
    style = page.split("</style>")[0]
    named = set(re.findall(r"var\((--[a-z0-9-]+)\)", spec))
    assert named <= set(re.findall(r"(--[a-z0-9-]+):", style.split("prefers-color-scheme")[1]))


def test_a_few_first_days_do_not_flatten_all_others(tmp_path):
    """R of the first days may be in the hundreds; the drawing is cut off and says where."""
    frame = made(3, 30).with_columns(
        q975=pl.when(pl.col("date") == date(2020, 2, 2)).then(250.0).otherwise(1.4)
    )
    ground.save(reproduction_chart(frame, "en"), tmp_path / "r.html", "en", TITLE, frame)
    above = (tmp_path / "r.html").read_text(encoding="utf-8").split("<figure")[0]
    assert "What is above 6 is cut off" in above
    assert "Vertical axes: Rt, persons infected by one case." in above


@pytest.mark.parametrize("name", ["r.pdf", "none/r.html"])
def test_a_name_that_cannot_be_drawn_is_refused(tmp_path, name):
    with pytest.raises(BadParameter, match="--plot"):
        ground.save(reproduction_chart(made(1), "en"), tmp_path / name, "en", TITLE, made(1))
