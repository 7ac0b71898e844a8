"""Draws how the cost of the engine grows with places, links and futures, from a run of its benchmark.

Run: ``python tools/make_engine_cost.py`` in the project folder, with nothing else on the machine.
"""

import sys
from pathlib import Path

import altair as alt
import numpy as np
import polars as pl

FOLDER = Path(__file__).parent.parent
sys.path.insert(0, str(FOLDER))

from benchmarks.bench_engine import costs  # noqa: E402

TITLES = {
    "places": "地区数 places",
    "links a place": "每地联系数 links of a place",
    "futures": "推演次数 futures",
}


def drawn(found: dict[str, list[tuple[int, float]]]) -> alt.HConcatChart:
    """Draw processor seconds as points and the straight line through them, one panel for each size."""
    panels = []
    for what, points in found.items():
        x, y = np.array(points, dtype=float).T
        slope, base = np.polyfit(x, y, 1)
        frame = pl.DataFrame({"size": x, "seconds": y, "line": base + slope * x})
        at = alt.X("size:Q", title=TITLES[what], scale=alt.Scale(domainMin=0))
        plot = alt.Chart(frame).encode(at).properties(width=190, height=170)
        line = plot.mark_line(color="#8a8a8a").encode(
            alt.Y("line:Q", title="处理器秒 processor seconds")
        )
        dots = plot.mark_point(filled=True, size=60, color="#1f5a8a").encode(alt.Y("seconds:Q"))
        panels.append(line + dots)
    return alt.hconcat(*panels)


def main() -> None:
    """Measure, draw and keep the picture."""
    path = FOLDER / "docs" / "images" / "engine-cost.svg"
    drawn(costs()).save(str(path))
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
