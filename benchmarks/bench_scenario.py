"""Five options on the same futures: 31 and 369 places, 60 days, 200 futures each.

Run: ``python -m benchmarks.bench_scenario``. The nation is that of :mod:`.engine_scenes`, as it was; each option is
lived by all places and told of the whole.
"""

import time
from datetime import timedelta

import polars as pl

from benchmarks.engine_scenes import AS_IT_WAS, scene
from benchmarks.measure import table
from tongchou.scenario.choices import Choice
from tongchou.scenario.comparison import compare_options
from tongchou.scenario.measures import KEEP, options
from tongchou.transmission.metapopulation.disease import disease
from tongchou.transmission.metapopulation.entries import Entry
from tongchou.transmission.metapopulation.model import Model

DAYS, FUTURES, BAR = 60, 200, 30.0
"""Days ahead, futures of each option, seconds that all of them may take on two cores."""


def compared(model: Model, replicates: int) -> None:
    """Compare "keep" and four packaged options, everywhere from the first day on."""
    places, first = model.places, model.dates[0].astype(object)
    last = first + timedelta(days=DAYS - 1)
    choices = [
        Choice(
            id=o.id,
            name=o.name,
            add=tuple(Entry(what=m, places=places, start=first, until=last) for m in o.add),
        )
        for o in [o for o in options(()) if o.id != KEEP][:4]
    ]
    compare_options(
        model,
        choices,
        in_force=(),
        places=pl.DataFrame(
            {"place": places, "population": model.people, "gross_product": model.people * 7e4}
        ),
        illness=disease("covid2020"),
        units={p: [p] for p in places},
        rows={"all": list(places)},
        replicates=replicates,
        threads=2,
    )


def main() -> None:
    """Print seconds of wall and processor for both sizes."""
    rows = []
    for places in (31, 369):
        model = scene(AS_IT_WAS, places, days=DAYS, links=min(30, places - 1))
        compared(model, 2)
        began, used = time.perf_counter(), time.process_time()
        compared(model, FUTURES)
        wall, cpu = time.perf_counter() - began, time.process_time() - used
        met = "met" if wall < BAR else "missed"
        rows.append([f"5 × {places} × {DAYS} × {FUTURES}", f"{wall:.1f}", f"{cpu:.1f}", f"below {BAR:.0f} s: {met}"])  # fmt: skip
    print("\n## Options compared on the same futures\n")
    print(table(["options × places × days × futures", "wall s", "processor s", "bar"], rows))


if __name__ == "__main__":
    main()
