"""A second reading of the published rule, one place and one day at a time, for comparison.

It shares nothing with the engine: no windows as differences, no table, no arrays.
"""


def plain_tier(
    cumulative: list[float],
    day: int,
    cluster_on: set[int] | None,
    threshold: int = 50,
    window: int = 14,
    size: int = 2,
) -> str | None:
    seen = [c for c in cumulative[: day + 1] if c == c]
    if not seen:
        return None
    new_on = {}
    last = 0.0
    for t in range(day + 1):
        figure = cumulative[t]
        if figure != figure:  # not a number: no report that day
            continue
        if figure > last:
            new_on[t] = figure - last
        last = figure
    total = last
    recent = {t: n for t, n in new_on.items() if day - t < window}
    if total == 0:
        return "low"
    if not recent:
        return "low"
    if cluster_on is None:
        cluster = sum(recent.values()) >= size
    else:
        cluster = any(0 <= day - t < window for t in cluster_on)
    if total > threshold and cluster:
        return "high"
    return "medium"
