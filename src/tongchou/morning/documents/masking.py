"""Small cells in public tables: masked, and so that no masked cell can be worked out again.

A count of 1 to 4 is shown as ``<5``. Where the total of its group can be known, the other cells
could give it away; then the smallest larger cells of the group are withheld too (``※``), until
at least three values remain possible for every masked cell. Where even that fails, the total is
withheld. Zeros are printed.

What is hidden depends only on a group's own cells while its total is five or more, so that the
bulletin of a city and that of its province hide the same cells.

References
----------
Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley. Chapter 4, sections 4.2
(primary) and 4.3 (secondary cell suppression; feasibility intervals). DOI 10.1002/9781118348239
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

SMALL = 5
"""Counts from 1 up to this, exclusive, are not shown in public."""
LEFT_OPEN = 3
"""How many values must remain possible for a masked cell: an assumption of ours; the command
that publishes may raise it."""

Mark = Literal["<5", "※"]
Cell = int | Mark


@dataclass(frozen=True, slots=True)
class Masked:
    """Cells as published, and their total as published."""

    cells: tuple[Cell, ...]
    total: Cell


def mask(
    values: Sequence[int],
    groups: Sequence[str],
    *,
    floors: Sequence[int] | None = None,
    ceilings: Sequence[float] | None = None,
) -> Masked:
    """Mask the small cells of one column of a public table.

    Parameters
    ----------
    values
        Counts of persons, one for each place.
    groups
        What each place belongs to; the total of a group counts as known when it is five or more.
    floors, ceilings
        What another published column says of each cell at least and at most.

    Examples
    --------
    >>> mask([3, 60, 12], ["a", "a", "a"])
    Masked(cells=('<5', 60, '※'), total=75)
    >>> mask([2, 0], ["a", "a"])
    Masked(cells=('<5', 0), total='<5')
    """
    low = floors or [0] * len(values)
    high = ceilings or [inf] * len(values)
    hidden = {i for i, v in enumerate(values) if 0 < v < SMALL}
    pooled: list[int] = []
    for members in _members(groups).values():
        total = sum(values[i] for i in members)
        if total < SMALL or not _protect(members, values, hidden, low, high):
            pooled += members
    total = sum(values)
    shown: Cell = total
    if 0 < total < SMALL:
        shown = "<5"
    elif not _protect(sorted(pooled), values, hidden, low, high):
        shown = "※"
    return Masked(tuple(_mark(v, i in hidden) for i, v in enumerate(values)), shown)


def _mark(value: int, hidden: bool) -> Cell:
    if not hidden:
        return value
    return "<5" if value < SMALL else "※"


def _members(groups: Sequence[str]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for i, group in enumerate(groups):
        found.setdefault(group, []).append(i)
    return found


def _protect(
    members: Sequence[int],
    values: Sequence[int],
    hidden: set[int],
    low: Sequence[int],
    high: Sequence[float],
) -> bool:
    """Hide further cells until every small one stays open; False where none is left to hide."""
    free = sorted(
        (i for i in members if i not in hidden and values[i] >= SMALL), key=lambda i: (values[i], i)
    )
    while _exposed(members, values, hidden, low, high):
        if not free:
            return False
        hidden.add(free.pop(0))
    return True


def _exposed(
    members: Sequence[int],
    values: Sequence[int],
    hidden: set[int],
    low: Sequence[int],
    high: Sequence[float],
) -> bool:
    """Say whether the known sum of the hidden cells leaves a small one too few values."""
    cells = [i for i in members if i in hidden]
    bounds = {i: _bounds(values[i], low[i], high[i]) for i in cells}
    known = sum(values[i] for i in cells)
    least, most = (sum(b[side] for b in bounds.values()) for side in (0, 1))
    for i in cells:
        if values[i] >= SMALL:
            continue
        lower, upper = bounds[i]
        above = min(upper, known - (least - lower))
        others = sum(b[1] for j, b in bounds.items() if j != i) if most == inf else most - upper
        below = max(lower, known - others)
        if above - below + 1 < LEFT_OPEN:
            return True
    return False


def _bounds(value: int, low: int, high: float) -> tuple[float, float]:
    """Give what a reader knows of a hidden cell: 1 to 4, or five and more."""
    if value < SMALL:
        return max(1, low), min(SMALL - 1, high)
    return max(SMALL, low), high
