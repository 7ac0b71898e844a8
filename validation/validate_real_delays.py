"""Delays of the real line lists of early 2020 beside the figures that were published on them.

Run: ``TONGCHOU_DATA=… python -m validation.validate_real_delays``. Cells that are no single date are
given the two columns of a window or left blank; the page says how many. A published interval and
ours must overlap; where the method differs the claim says how.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from tongchou.situation.plain.linelist import read_linelist
from tongchou.surveillance.delays import EARLIES, STEPS, Span
from tongchou.surveillance.timeliness.strata import estimate_delays
from tongchou.vocabulary.text import same
from validation.lines import Line, absent, report

FOUND, _, _, TREATED = EARLIES
VISIT = STEPS[0]
TO_REPORT = Span(
    name="to_report", start="onset_on", end="reported_on", label=same("onset to report")
)
INCUBATION = Span(
    name="incubation", start="exposed_from..exposed_to", end="onset_on", label=same("incubation")
)
LISTS: Mapping[str, tuple[str, date, Mapping[str, str]]] = {
    "Tianjin": (
        "linelist_tianjin.csv",
        date(2020, 2, 22),
        {"case_id": "case_id", "onset_on": "symptom_onset", "confirmed_on": "confirm_date",
         "exposed_from": "start_source", "exposed_to": "end_source"},
    ),
    "Singapore": (
        "linelist_singapore.csv",
        date(2020, 2, 26),
        {"case_id": "CaseID", "onset_on": "date_onset_symptoms", "isolated_on": "date_quarantine",
         "admitted_on": "date_hospital", "confirmed_on": "date_confirmation",
         "exposed_from": "start_source", "exposed_to": "end_source"},
    ),
    "DXY": (
        "linelist_kudos_dxy.csv",
        date(2020, 2, 28),
        {"case_id": "id", "place": "country", "onset_on": "symptom_onset",
         "visited_on": "hosp_visit_date", "reported_on": "reporting_date",
         "exposed_from": "exposure_start", "exposed_to": "exposure_end"},
    ),
    "open": (
        "linelist_open_china.csv",
        date(2020, 2, 27),
        {"case_id": "ID", "place": "province", "onset_on": "date_onset_symptoms",
         "admitted_on": "date_admission_hospital", "confirmed_on": "date_confirmation"},
    ),
}  # fmt: skip
FELL = "known limit: its delays fell and its detail stopped, so too much is corrected"
DAY = r"^\d{4}-\d{2}-\d{2}$"


def prepared(folder: Path, name: str) -> tuple[pl.DataFrame, date, int]:
    """Read a list through the reader of plain files; give it, its last day, and cells left blank."""
    file, last, columns = LISTS[name]
    raw = pl.read_csv(folder / file, infer_schema=False)
    kept = raw.select(pl.col(theirs).alias(ours) for ours, theirs in columns.items())
    days = [c for c in kept.columns if c.endswith(("_on", "_from", "_to"))]
    bad = sum(int((~kept[c].drop_nulls().str.contains(DAY)).sum()) for c in days)
    clean = kept.with_columns(pl.when(pl.col(c).str.contains(DAY)).then(pl.col(c)) for c in days)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "linelist.csv")
        clean.write_csv(path)
        cases = read_linelist(path, today=last).cases
    own = [c for c in ("exposed_from", "exposed_to") if c in cases.columns]
    return cases.with_columns(pl.col(own).str.to_date()), last, bad


def line(
    claim: str,
    table: pl.DataFrame,
    quantity: str,
    published: str = "–",
    low: float | None = None,
    high: float | None = None,
) -> Line:
    """Give one published figure beside ours; it holds if the two intervals meet.

    Without an interval nothing is claimed: no figure was published, or it is of another delay.
    """
    row = table.row(0, named=True)
    seen = f"seen {row['observed_mean']:.1f}, median {row['observed_median']:g}"
    if row["family"] is None:
        return Line(
            claim=claim,
            found=f"no fit, n = {row['measured']}; {seen}",
            wanted=published,
            holds=None,
        )
    ours, ours_low, ours_high = (row[f"{quantity}{end}"] for end in ("", "_low", "_high"))
    return Line(
        claim=claim,
        found=f"{ours:.2f} ({ours_low:.2f}–{ours_high:.2f}), {row['family']}, n = {row['fitted']}; {seen}",
        wanted=published,
        holds=None if low is None or high is None else bool(ours_low <= high and ours_high >= low),
    )


def main() -> None:
    """Print every list."""
    named = os.environ.get("TONGCHOU_DATA")
    folder = Path(named or "", "china2020")
    if not named or not folder.is_dir():
        report("Delays of real line lists", [absent("four line lists", "TONGCHOU_DATA")])
    read = {name: prepared(folder, name) for name in LISTS}
    report(
        "Delays of real line lists",
        [*_sizes(read), *_clusters(read), *_as_known(read), *_dxy(read), *_open(read)],
    )


Read = Mapping[str, tuple[pl.DataFrame, date, int]]


def _sizes(read: Read) -> list[Line]:
    return [
        Line(
            claim=f"{name}: cases to {last}, of {LISTS[name][0]}",
            found=f"{cases.height:,}; {bad} cells are no single date",
            wanted="–",
            holds=None,
        )
        for name, (cases, last, bad) in read.items()
    ]


def _all(cases: pl.DataFrame, span: Span, last: date) -> pl.DataFrame:
    return estimate_delays(cases, last, (span,), by=(), since=date(2019, 12, 1))


def _clusters(read: Read) -> list[Line]:
    """Tindale et al 2020, doi 10.7554/eLife.57149, table 1; their likelihood itself is in tests/published."""
    tianjin, singapore = read["Tianjin"], read["Singapore"]
    how = "exposure even over its window, blank starts from 1 December"
    return [
        line(f"Tianjin: mean incubation ({how})", _all(tianjin[0], INCUBATION, tianjin[1]), "mean",
             "8.68 (7.72–9.70), gamma, anywhere in the bounds", 7.72, 9.70),
        line(f"Singapore: mean incubation ({how})", _all(singapore[0], INCUBATION, singapore[1]), "mean",
             "5.99 (4.97–7.14), gamma, anywhere in the bounds", 4.97, 7.14),
        line("Tianjin: mean onset to confirmation", _all(tianjin[0], FOUND, tianjin[1]), "mean"),
        line("Singapore: mean onset to confirmation", _all(singapore[0], FOUND, singapore[1]), "mean"),
        line("Singapore: mean onset to hospital", _all(singapore[0], TREATED, singapore[1]), "mean"),
    ]  # fmt: skip


def _as_known(read: Read) -> list[Line]:
    """Hold the mean as known on a night against that of the same people when all had ended."""
    lines = []
    for name, span, night in (
        ("Tianjin", FOUND, date(2020, 2, 9)),
        ("Tianjin", FOUND, date(2020, 2, 14)),
        ("Singapore", TREATED, date(2020, 2, 9)),
        ("Singapore", TREATED, date(2020, 2, 14)),
        ("open", TREATED, date(2020, 2, 5)),
    ):
        cases, last, _ = read[name]
        ended = _all(cases.filter(pl.col("onset_on") <= night), span, last)["observed_mean"][0]
        claim = f"{name}: mean {span.start} to {span.end} as known on {night}"
        wanted = f"{ended:.2f} when all had ended"
        found = line(claim, _all(cases, span, night), "mean", wanted, ended, ended)
        lines.append(
            replace(found, claim=f"{claim}; {FELL}", holds=None) if name == "open" else found
        )
    return lines


def _dxy(read: Read) -> list[Line]:
    """Sun et al 2020, doi 10.1016/S2589-7500(20)30026-1: mainland China, reported to 31 January."""
    last, change = date(2020, 1, 31), date(2020, 1, 18)
    cases = read["DXY"][0].filter((pl.col("place") == "China") & (pl.col("reported_on") <= last))
    early, late = (
        cases.filter(pl.col("onset_on") < change),
        cases.filter(pl.col("onset_on") >= change),
    )
    return [
        line("DXY: median onset to care, onset before 18 January", _all(early, VISIT, last), "median", "5", 4.5, 5.5),
        line("DXY: median onset to care, onset from 18 January", _all(late, VISIT, last), "median", "2", 1.5, 2.5),
        line("DXY: mean onset to report, onset before 18 January", _all(early, TO_REPORT, last), "mean"),
        line("DXY: mean onset to report, onset from 18 January", _all(late, TO_REPORT, last), "mean"),
    ]  # fmt: skip


def _open(read: Read) -> list[Line]:
    """Zhang et al 2020, doi 10.1016/S1473-3099(20)30230-9, table 2: mainland China outside Hubei, seen means."""
    cases, last, _ = read["open"]
    outside = cases.filter(~pl.col("place").is_in(["Hubei", "Hong Kong", "Macau", "Taiwan"]))
    change = date(2020, 1, 28)
    early, late = (
        outside.filter(pl.col("onset_on") < change),
        outside.filter(pl.col("onset_on") >= change),
    )
    return [
        line("open list: mean onset to admission, onset to 27 January", _all(early, TREATED, last), "mean",
             "4.4 (0–14 is their range of cases)", 3.9, 4.9),
        line("open list: mean onset to admission, onset from 28 January", _all(late, TREATED, last), "mean", "2.6", 2.1, 3.1),
        line("open list: mean onset to confirmation", _all(outside, FOUND, last), "mean", "7.4 to the official report"),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
