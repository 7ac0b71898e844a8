"""The morning run as a user starts it: a command in a fresh process, from data pack to documents.

Run: ``python -m benchmarks.bench_morning``. Where ``TONGCHOU_DATA`` names the received files, the
nation and one province of the pack ``china2020``; always one province of the exercise, where all
twenty tables are filled; and a nation of all its 2,849 counties with made-up counts of 90 days. The first run
has empty caches and makes the pack.
"""

import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measure import in_fresh_process, table
from tongchou.situation import pack
from tongchou.vocabulary.places import china
from tongchou.vocabulary.text import same

RUNS = 3
TONGCHOU = Path(sys.executable).with_name("tongchou")
HUBEI = "420000"


def county_pack(folder: Path, days: int = 90) -> Path:
    """Write a pack of every county of the nation with made-up counts: one wave, uneven in size."""
    units = [place.code for place in china().reporting_units("county")]
    rng = np.random.default_rng(1)
    wave = np.exp(-(((np.arange(days) - 50) / 15.0) ** 2))
    size = rng.gamma(0.3, 3, size=len(units))
    total = rng.poisson(size[:, None] * wave[None, :]).cumsum(axis=1)
    first = date(2030, 1, 1)
    counts = pl.DataFrame(
        {
            "place": np.repeat(units, days).tolist(),
            "date": [first + timedelta(days=day) for day in range(days)] * len(units),
            "confirmed": total.ravel(),
            "recovered": (total // 2).ravel(),
            "deaths": (total // 100).ravel(),
        }
    ).with_columns(known_on="date")
    about = pack.Manifest(
        name="counties",
        title=same("made-up counts"),
        synthetic=True,
        places="china",
        first=first,
        last=first + timedelta(days=days - 1),
        licence=same("made up"),
        sources=(),
    )
    pack.write(folder, about, {"case_counts": counts})
    return folder


def areas(folder: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """Name what is run, with the words of the command."""
    counties = county_pack(folder / "counties")
    yield "nation of 2,849 counties, made-up counts", ["--data", str(counties)]
    if os.environ.get("TONGCHOU_DATA"):
        yield "nation, `china2020`", ["--data", "china2020"]
        yield "one province (Hubei), `china2020`", ["--data", "china2020", "--place", HUBEI]
    yield "one province, `exercise`", ["--data", "exercise"]


def main() -> None:
    """Run each area once with empty caches and three times after that; print the table."""
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, words in areas(Path(folder)):
            caches = {
                "TONGCHOU_HOME": f"{folder}/home-{len(rows)}",
                "TONGCHOU_CACHE": f"{folder}/cache-{len(rows)}",
            }
            command: list[str | Path] = [
                TONGCHOU,
                "morning",
                *words,
                "--out",
                f"{folder}/out-{len(rows)}",
            ]
            first, *runs = (in_fresh_process(command, caches) for _ in range(1 + RUNS))
            rows.append(
                [
                    name,
                    f"{first.seconds:.1f}",
                    f"{statistics.median(r.seconds for r in runs):.1f}",
                    f"{max(r.peak_mb for r in (first, *runs)):,.0f}",
                ]
            )
    print(f"\n## The morning run\n\nWall seconds of a fresh process; median of {RUNS}.\n")
    print(table(["area", "first run, pack made", "median, s", "peak, MB"], rows))


if __name__ == "__main__":
    main()
