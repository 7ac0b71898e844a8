"""The morning run as a user starts it: a command in a fresh process, from data pack to documents.

Run: ``python -m benchmarks.bench_morning``. Where ``TONGCHOU_DATA`` names the received files, the
nation and one province of the pack ``china2020``; always one province of the exercise, where all
twenty tables are filled. The first run has empty caches and makes the pack.
"""

import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.measure import in_fresh_process, table

RUNS = 3
TONGCHOU = Path(sys.executable).with_name("tongchou")
HUBEI = "420000"


def areas() -> Iterator[tuple[str, Sequence[str]]]:
    """Name what is run, with the words of the command."""
    if os.environ.get("TONGCHOU_DATA"):
        yield "nation, `china2020`", ["--data", "china2020"]
        yield "one province (Hubei), `china2020`", ["--data", "china2020", "--place", HUBEI]
    yield "one province, `exercise`", ["--data", "exercise"]


def main() -> None:
    """Run each area once with empty caches and three times after that; print the table."""
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, words in areas():
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
