"""The main job on a small exercise: what a commander, an auditor and the public may rely on."""

import json
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tongchou.morning import run
from tongchou.morning.order import Figure, Order
from tongchou.situation import pack as packs
from tongchou.situation.contract import contracts
from tongchou.situation.pack import Pack, open_folder
from tongchou.situation.situation import known_at
from tongchou.vocabulary.errors import BadParameter, UnknownPlace

DOCUMENTS = {"order.html", "order.docx", "order.json", "bulletin.html"}


@pytest.fixture(scope="module")
def night(exercise_pack: Pack) -> date:
    return exercise_pack.last


@pytest.fixture
def order(exercise_order: Order) -> Order:
    return exercise_order


def test_the_eight_steps_are_walked_and_the_same_input_gives_the_same_bytes(
    exercise_pack, night, order, tmp_path
):
    told = []
    again = run.order_of_the_day(exercise_pack, night, tell=lambda s: told.append(s.number))
    for lang in ("zh", "en"):
        run.send(order, exercise_pack, tmp_path / "once", lang)
        run.send(
            again, exercise_pack, tmp_path / "again", lang, tell=lambda s: told.append(s.number)
        )
        files = sorted((tmp_path / "once").iterdir())
        assert {f.name for f in files} >= DOCUMENTS
        for file in files:
            assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes(), file.name
    assert told == [1, 2, 3, 4, 5, 6, 7, 8, 8]


@pytest.mark.drill
def test_two_processes_write_the_same_bytes(tmp_path):
    """Rows with equal figures stand in a stated order: hashing differs between processes."""
    command = "from tongchou.cli.main import main; main()"
    for folder in ("once", "again"):
        words = ["morning", "--data", "exercise", "--out", str(tmp_path / folder)]
        subprocess.run([sys.executable, "-c", command, *words], check=True, capture_output=True)
    for file in sorted((tmp_path / "once").iterdir()):
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes(), file.name


def test_another_seed_moves_forecasts_and_no_count(exercise_pack, night, order):
    other = run.order_of_the_day(exercise_pack, night, seed=2)
    assert other.curve.fan["q975"].to_list() != order.curve.fan["q975"].to_list()
    assert [f.shown for f in other.figures] == [f.shown for f in order.figures]
    assert other.signoff.digest != order.signoff.digest


def printed(figure: Figure) -> tuple[object, ...]:
    return (figure.id, figure.shown, figure.low, figure.high, figure.day_change, figure.trend)


def rewritten(
    pack: Pack,
    folder: Path,
    tables: dict[str, pl.DataFrame],
    *,
    last: date,
    corrections: pl.DataFrame,
) -> Pack:
    """Write a pack again with other rows, and open it."""
    origin = pack.whole.origin
    manifest = packs.Manifest(
        name=origin.pack,
        title=origin.title,
        synthetic=origin.synthetic,
        places="china",
        first=origin.first,
        last=last,
        licence=origin.licence,
        sources=origin.sources,
        notes=origin.notes,
    )
    packs.write(folder, manifest, tables, corrections=corrections)
    return open_folder(folder)


def as_it_was(name: str, frame: pl.DataFrame, cut: date) -> pl.DataFrame:
    """Give a table as somebody would have held it that night, earlier versions of rows included."""
    terms = contracts()[name]
    if terms.known is None:
        return frame
    if terms.known in terms.key:
        return frame.filter(pl.col(terms.known) <= cut)
    return known_at(frame, terms, cut)


def test_an_order_knows_nothing_that_became_known_later(exercise_pack, tmp_path):
    """Rows known after the cut-off are taken out of the pack: the order does not change."""
    cut = exercise_pack.last - timedelta(days=9)
    tables = {
        name: as_it_was(name, frame, cut) for name, frame in exercise_pack.whole.received.items()
    }
    corrections = exercise_pack.whole.known_corrections.filter(pl.col("known_on") <= cut)
    held = rewritten(exercise_pack, tmp_path / "cut", tables, last=cut, corrections=corrections)
    then = run.order_of_the_day(held, cut)
    now = run.order_of_the_day(exercise_pack, cut)
    assert [printed(f) for f in then.figures] == [printed(f) for f in now.figures]
    assert then.headline == now.headline
    assert [d.id for d in then.decisions] == [d.id for d in now.decisions]
    assert then.curve.fan.equals(now.curve.fan)


def test_every_figure_leads_to_its_formula_and_rows(order):
    for figure in order.figures:
        assert figure.evidence is not None, figure.id
        assert figure.evidence.formula.zh
        assert figure.evidence.formula.en
        assert figure.missing is not None or not figure.evidence.rows.is_empty(), figure.id


def test_a_full_pack_leaves_no_figure_without_data(order):
    assert [f.id for f in order.figures if f.missing is not None] == []
    assert len(order.figures) == 14


def test_decisions_are_few_ranked_and_complete(order):
    assert 1 <= len(order.decisions) <= 12
    harms = [d.harm_per_day for d in order.decisions]
    assert harms == sorted(harms, reverse=True)
    for d in order.decisions:
        assert d.start < d.expiry
        assert d.owner.zh
        assert d.legal_basis.en not in ("", "none"), d.id
        assert sum(o.recommended for o in d.options) == 1
        assert any(o.name.en.startswith("do nothing") for o in d.options)
        assert set(d.mechanisms) <= {f"M{n:03d}" for n in range(1, 111)}


def test_no_person_stands_in_any_document(exercise_pack, order, tmp_path):
    """Case, contact, household, sample and payment numbers stay with the duty officer."""
    run.send(order, exercise_pack, tmp_path, "en")
    text = "".join(
        (tmp_path / name).read_text(encoding="utf-8")
        for name in ("order.html", "order.json", "bulletin.html", "bulletin.json", "places.csv")
    )
    received = exercise_pack.whole.received
    for table, column in (
        ("cases", "case_id"),
        ("contacts", "contact_id"),
        ("households", "household_id"),
        ("samples", "sample_id"),
        ("payments", "payment_id"),
    ):
        numbers = set(received[table][column])
        words = set(re.findall(r"[\w-]+", text))
        assert not numbers & words, table


def test_synthetic_figures_say_so(order):
    assert "synthetic" in order.head.flags
    assert all("synthetic" in f.flags for f in order.figures if f.missing is None)


def test_with_a_fifth_of_places_silent_it_runs_and_names_them(exercise_pack, night, tmp_path):
    counts = exercise_pack.whole.received["case_counts"]
    units = run.order_of_the_day(exercise_pack, night).tiers.rows
    with_cases = sorted(r.place for r in units if r.confirmed > 0)
    silent = with_cases[::5]
    assert len(silent) >= len(with_cases) / 5
    late = pl.col("place").is_in(silent) & (pl.col("date") > night - timedelta(days=2))
    tables = dict(exercise_pack.whole.received) | {"case_counts": counts.filter(~late)}
    held = rewritten(
        exercise_pack,
        tmp_path / "silent",
        tables,
        last=night,
        corrections=exercise_pack.whole.known_corrections,
    )
    order = run.order_of_the_day(held, night)
    assert order.head.reported_units <= order.head.expected_units - len(silent)
    assert "partial" in order.head.flags
    listed = next(t for a in order.annexes for t in a.tables if t.id == "silent_units")
    assert {r["place"] for r in listed.rows} >= set(silent)
    gap = next(g for g in order.gaps if g.id == "silent")
    assert gap.count is not None
    assert gap.count >= len(silent)
    assert any("Silent units" in n.en for n in order.head.notices)


@pytest.mark.parametrize("level", ["prefecture", "county"])
def test_a_city_or_a_county_runs_the_same_command_for_itself(exercise_pack, night, order, level):
    gazetteer = exercise_pack.whole.gazetteer
    worst = max(order.tiers.rows, key=lambda r: r.confirmed).place
    place = worst if level == "county" else gazetteer.place(worst).parent
    own = run.order_of_the_day(exercise_pack, night, place=place)
    assert own.head.place == place
    assert {r.place for r in own.tiers.rows} <= {r.place for r in order.tiers.rows}
    assert own.head.path[-1] == gazetteer.place(place).name


def test_a_place_is_found_by_name_in_either_language(exercise_pack, night):
    zh = run.order_of_the_day(exercise_pack, night, place="银川")
    en = run.order_of_the_day(exercise_pack, night, place="Yinchuan")
    assert zh.head.place == en.head.place == "640100"


def test_a_place_that_does_not_report_is_refused_with_the_next_step(exercise_pack, night):
    with pytest.raises(UnknownPlace) as refusal:
        run.order_of_the_day(exercise_pack, night, place="420100")
    assert "choose one of these" in refusal.value.text().en


def test_a_day_outside_the_pack_is_refused(exercise_pack):
    with pytest.raises(BadParameter) as refusal:
        exercise_pack.as_of("2020-02-22")
    assert str(exercise_pack.last) in refusal.value.text().en
    assert refusal.value.text().zh.endswith("请选其中一天。")


def test_the_json_holds_what_makes_the_order_again(exercise_pack, order, tmp_path):
    run.send(order, exercise_pack, tmp_path, "zh")
    held = json.loads((tmp_path / "order.json").read_text(encoding="utf-8"))
    sign = held["signoff"]
    assert sign["seed"] == 1
    assert sign["pack"] == exercise_pack.name
    assert sign["inputs"] == dict(exercise_pack.whole.origin.digests)
    assert len(sign["digest"]) == 64


def test_nothing_is_written_when_a_document_cannot_be_made(
    exercise_pack, order, tmp_path, monkeypatch
):
    monkeypatch.setattr(run.bulletin, "render", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run.send(order, exercise_pack, tmp_path / "out", "en")
    assert not Path(tmp_path / "out").exists()


def test_yesterdays_dashes_are_what_yesterdays_order_printed(exercise_pack, night, order):
    then = run.order_of_the_day(exercise_pack, night - timedelta(days=1))
    assert order.curve.yesterday["median"].to_list() == then.curve.fan["median"].to_list()


def test_annex_c_holds_the_four_earlies_and_names_the_slowest_step(order):
    delays = next(t for a in order.annexes for t in a.tables if t.id == "delays")
    assert [r["delay"] for r in delays.rows] == ["found", "reported", "isolated", "treated"]
    assert all(r["median"] <= r["p90"] for r in delays.rows)
    assert "loses most days" in delays.note.en


@pytest.mark.parametrize("day", [2, 12, 20])
def test_the_first_days_of_an_outbreak_get_an_order_too(exercise_pack, tmp_path, day):
    night = exercise_pack.first + timedelta(days=day)
    early = run.order_of_the_day(exercise_pack, night)
    assert early.curve.fan.height == 14
    assert run.send(early, exercise_pack, tmp_path, "zh")
    scored = early.yesterday.score_sentence.en
    assert scored.startswith("Less than a week" if day < 8 else "1 days made on")
