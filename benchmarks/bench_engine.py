"""The metapopulation engine: two scenes, memory, first call, cost by size, and peers in the same run.

Run: ``python -m benchmarks.bench_engine``; ``TONGCHOU_PEERS`` names the Python of an environment with
``laser-measles``, ``epydemix`` and ``memilio-simulation``. Speed is counted in places × ages × days × futures a second.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.engine_scenes import AS_IT_WAS, BURNING, DAYS, LINKS, scene
from benchmarks.measure import in_fresh_process, table
from tongchou.transmission.metapopulation.model import Model
from tongchou.transmission.metapopulation.run import Mode, simulate

PEERS = Path(__file__).parent / "peers"
EXACT_BAR, HYBRID_BAR, WALL_BAR, PEAK_BAR = 7.0, 15.0, 4.0, 1_000
WORK = (
    (AS_IT_WAS, 340, 100),
    (AS_IT_WAS, 2_900, 100),
    (BURNING, 340, 10),
    (BURNING, 2_900, 2),
)
"""Scene, places, replicates."""
ASKED = (
    ("laser_measles", "laser-measles, compartmental", 340, 340, DAYS, 5, "ages, measures, hospitals; four stages, dense mixing"),
    ("laser_measles", "laser-measles, compartmental", 2_900, 2_900, DAYS, 1, "the same"),
    ("epydemix_ages", "epydemix, place by place", 340, 4, DAYS, 2, "links, measures, beds; 4 of the places timed"),
    ("memilio_graph", "MEmilio, graph of ODE-SECIR", 340, 340, DAYS, 1, "chance, measures, beds"),
    ("memilio_graph", "MEmilio, graph of ODE-SECIR", 2_900, 2_900, 20, 1, "the same; 20 days timed"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Cells lived, wall and processor seconds, and those infected in a future."""

    cells: float
    wall: float
    cpu: float
    infected: float

    @property
    def speed(self) -> float:
        """Millions of cells a second."""
        return self.cells / self.wall / 1e6


def timed(model: Model, mode: Mode, replicates: int) -> Took:
    """Time a run of all usual variables and quantiles; the caller has warmed up."""
    began, used = time.perf_counter(), time.process_time()
    found = simulate(model, replicates=replicates, mode=mode)
    wall, cpu = time.perf_counter() - began, time.process_time() - used
    cells = float(len(model.places) * len(model.ages) * len(model.dates) * replicates)
    infected = float(found["infections_mean"].sum())
    return Took(cells=cells, wall=wall, cpu=cpu, infected=infected)


def scenes() -> str:
    """Time both scenes at both sizes, exact and hybrid."""
    rows, met = [], []
    for name, places, replicates in WORK:
        model = scene(name, places)
        simulate(model, replicates=2)
        for mode, bar in (("exact", EXACT_BAR), ("hybrid", HYBRID_BAR)):
            took = timed(model, mode, replicates)
            rows.append([
                f"{name}, {mode}", f"{places:,} × 4", str(replicates), f"{took.wall:.2f}", f"{took.cpu:.2f}",
                f"{took.speed:.1f}", f"{took.cells / took.cpu / 1e6:.1f}", f"{took.infected:,.0f}",
            ])  # fmt: skip
            met.append(_verdict(f"{name}, {places:,} places, {mode}", took.speed, bar))
            if (name, places, mode) == (AS_IT_WAS, 340, "exact"):
                kept = "kept" if took.wall <= WALL_BAR else "MISSED"
                met.append(
                    f"- 340 × 4 × {DAYS} × 100 in {took.wall:.1f} s: bar of {WALL_BAR:.0f} s {kept}."
                )
    head = ["scene", "places × ages", "futures", "wall, s", "processor, s", "M a second", "M a processor second", "infected in a future"]  # fmt: skip
    return table(head, rows) + "\n\n" + "\n".join(met)


def _verdict(what: str, speed: float, bar: float) -> str:
    word = "kept" if speed >= bar else "MISSED"
    return f"- {what}: {speed:.1f} M a second, bar of {bar:.0f} M {word}."


def first_call() -> str:
    """Time the first call in a fresh process, with an empty and with a filled cache."""
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, "-m", "benchmarks.engine_scenes", "first"]
        env = {**os.environ, "NUMBA_CACHE_DIR": cache}
        runs = [
            subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
            for _ in range(2)
        ]
    empty, filled = (tuple(map(float, run.split())) for run in runs)
    return (
        f"First call in a fresh process: {empty[0]:.1f} s ({empty[1]:.1f} s of a processor) with an empty cache, "
        f"{filled[0]:.1f} s with a filled one."
    )


def memory() -> str:
    """Give the peak of 100 futures of 2,900 places and eight ages."""
    run = in_fresh_process([sys.executable, "-m", "benchmarks.engine_scenes", "peak"], {})
    word = "kept" if run.peak_mb <= PEAK_BAR else "MISSED"
    return (
        f"Peak memory of 2,900 × 8 × {DAYS} days × 100 futures, hybrid, as it was: "
        f"{run.peak_mb:,.0f} MB in {run.seconds:.0f} s with start and building; bar of {PEAK_BAR:,} MB {word}."
    )


def costs() -> dict[str, list[tuple[int, float]]]:
    """Give processor seconds by places, links and replicates, each doubled three times; everywhere burning."""

    def spent(model: Model, replicates: int) -> float:
        simulate(model, replicates=1, mode="hybrid", threads=1)
        return min(timed_alone(model, replicates) for _ in range(3))

    def timed_alone(model: Model, replicates: int) -> float:
        used = time.process_time()
        simulate(model, replicates=replicates, mode="hybrid", threads=1)
        return time.process_time() - used

    few = 30
    made: dict[str, tuple[tuple[int, ...], Callable[[int], float]]] = {
        "places": (
            (170, 340, 680, 1360),
            lambda n: spent(scene(BURNING, n, days=few, county=False), 4),
        ),
        "links a place": (
            (15, 30, 60, 120),
            lambda n: spent(scene(BURNING, 340, links=n, days=few), 4),
        ),
        "futures": ((4, 8, 16, 32), lambda n: spent(scene(BURNING, 340, days=few), n)),
    }
    return {what: [(n, cost(n)) for n in sizes] for what, (sizes, cost) in made.items()}


def linear(found: dict[str, list[tuple[int, float]]]) -> str:
    """Lay the costs beside a straight line through them."""
    rows = []
    for what, points in found.items():
        x, y = np.array(points, dtype=float).T
        slope, base = np.polyfit(x, y, 1)
        off = float(np.abs(y / (base + slope * x) - 1).max())
        rows.append([what, " / ".join(f"{n:,.0f}" for n in x), " / ".join(f"{s:.2f}" for s in y), f"{slope * 1e3:.2f}", f"{off:.0%}"])  # fmt: skip
    return table(
        ["doubled", "sizes", "processor, s", "ms for one more", "furthest from a line"], rows
    )


def peers() -> str:
    """Run the peers in their own environment and count their cells in the same way."""
    python = os.environ.get("TONGCHOU_PEERS")
    rows = []
    for script, name, places, alone, days, runs, without in ASKED:
        took = _asked(python, script, (alone, days, runs))
        told = ["not installed", "–", "–"]
        if took is not None:
            told = [f"{took.speed:.3f}", f"{took.cells / took.cpu / 1e6:.3f}", f"{took.wall:.1f}"]
        rows.append([name, f"{places:,}", *told, without])
    head = ["peer", "places", "M a second", "M a processor second", "wall, s", "leaves out"]
    return table(head, rows)


def _asked(python: str | None, script: str, sizes: tuple[int, int, int]) -> Took | None:
    if python is None:
        return None
    words = [python, str(PEERS / f"{script}.py"), *map(str, sizes)]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.stderr.write(ran.stderr[-2000:])
        return None
    return Took(**json.loads(ran.stdout.splitlines()[-1]))


def main() -> None:
    """Print the section on the engine; memory first, while this process is small."""
    print(f"\n## The engine, {DAYS} days, {LINKS} links a place in each of two layers\n")
    print(memory() + "\n", flush=True)
    print(first_call() + "\n", flush=True)
    print(scenes() + "\n", flush=True)
    print(linear(costs()) + "\n", flush=True)
    print(peers(), flush=True)


if __name__ == "__main__":
    main()
