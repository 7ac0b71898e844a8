"""Plain files in: counts of every county by day and a long line list, each way that they come.

Run: ``python -m benchmarks.bench_plain``.
"""

import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measure import median_seconds, table
from tongchou.situation.plain.counts import read_counts
from tongchou.situation.plain.linelist import read_linelist

PLACES, DAYS, CASES, RUNS = 2_900, 180, 100_000, 3
FIRST, TODAY = date(2020, 1, 1), date(2020, 12, 31)


def counts(rng: np.random.Generator) -> pl.DataFrame:
    """Give counts of every county by day."""
    days = [FIRST + timedelta(d) for d in range(DAYS)]
    places = np.repeat([f"{110_000 + n}" for n in range(PLACES)], DAYS)
    return pl.DataFrame(
        {"date": days * PLACES, "place": places, "cases": rng.poisson(3, PLACES * DAYS)}
    )


def cases(rng: np.random.Generator) -> pl.DataFrame:
    """Give a line list."""
    onset = pl.Series(rng.integers(0, 150, CASES)).cast(pl.Int32)
    day = pl.lit(FIRST) + pl.duration(days=pl.col("onset"))
    return pl.DataFrame(
        {
            "case_id": [f"c{n}" for n in range(CASES)],
            "place": rng.choice(["甲", "乙", "丙"], CASES),
            "age": rng.integers(0, 90, CASES),
            "sex": rng.choice(["男", "女"], CASES),
            "onset": onset,
        }
    ).with_columns(onset_on=day, reported_on=day + pl.duration(days=5)).drop("onset")  # fmt: skip


def main() -> None:
    """Time each way, print the table."""
    rng = np.random.default_rng(1)
    by_day, listed = counts(rng), cases(rng)
    as_written = by_day.with_columns(pl.col("date").dt.strftime("%Y年%-m月%-d日"))
    rows = []

    def timed(what: str, file: Path, read: Callable[[], object]) -> None:
        seconds = median_seconds(read, RUNS)
        rows.append([what, f"{file.stat().st_size / 1e6:.1f}", f"{seconds:.2f}"])

    with tempfile.TemporaryDirectory() as folder:
        one, two, three, four = (Path(folder, n) for n in ("a.csv", "b.csv", "c.csv", "d.xlsx"))
        by_day.write_csv(one)
        two.write_bytes(as_written.write_csv().encode("gb18030"))
        listed.write_csv(three)
        listed.write_excel(four)
        timed(
            f"counts, {PLACES:,} places × {DAYS} days, UTF-8 CSV",
            one,
            lambda: read_counts(one, today=TODAY),
        )
        timed(
            "the same, GB18030, dates as 2020年2月3日", two, lambda: read_counts(two, today=TODAY)
        )
        timed(
            f"line list, {CASES:,} cases, UTF-8 CSV",
            three,
            lambda: read_linelist(three, today=TODAY),
        )
        timed("the same, xlsx", four, lambda: read_linelist(four, today=TODAY))
    print("\n## Plain files read and checked\n")
    print(table(["file", "MB", "s"], rows))


if __name__ == "__main__":
    main()
