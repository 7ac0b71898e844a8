"""The likelihood of a whole tree of dated cases, summed over what nobody saw: when each was infected."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees of known pairs, each different subtree once.

    Shape f has below it the branches ``start[f]`` … ``start[f + 1]``; a branch is a shape ``shape`` that
    hangs ``steps`` of time below. Shapes stand after those below them; ``often`` counts whole trees.
    """

    start: Ints
    shape: Ints
    steps: Ints
    often: Floats

    @classmethod
    def of(cls, infector: Ints, infectee: Ints, gap: Ints) -> "Forest":
        """Make the forest; where links run in a circle one is left out, for that cannot have been."""
        above = {int(j): (int(i), int(d)) for i, j, d in zip(infector, infectee, gap, strict=True)}
        below: dict[int, list[tuple[int, int]]] = {}
        shapes: dict[tuple[tuple[int, int], ...], int] = {}
        often: list[int] = []
        for case in _leaves_first(above):
            key = tuple(sorted(below.pop(case, [])))
            shape = shapes.setdefault(key, len(shapes))
            if shape == len(often):
                often.append(0)
            if case in above:
                infector_of, between = above[case]
                below.setdefault(infector_of, []).append((shape, between))
            else:
                often[shape] += 1
        branches = [branch for key in shapes for branch in key]
        start = np.cumsum([0, *(len(key) for key in shapes)])
        table = np.array(branches, dtype=np.int64).reshape(-1, 2)
        return cls(start, table[:, 0].copy(), table[:, 1].copy(), np.array(often, dtype=float))

    def loglik(self, share: Floats, mass: Floats) -> Floats:
        """Give the log-likelihood for each generation time.

        Parameters
        ----------
        share : array (step)
            Probability of each time from infection to the day of onset, one for all cases.
        mass : array (generation time, step)
            Probability of each generation time of 0, 1, 2, … steps.
        """
        return _climb(self.start, self.shape, self.steps, self.often, share, mass)


def _leaves_first(above: dict[int, tuple[int, int]]) -> list[int]:
    """Give all cases, everybody after those they infected; cuts circles in ``above``."""
    waiting: dict[int, int] = {}
    for infector, _ in above.values():
        waiting[infector] = waiting.get(infector, 0) + 1
    everybody = sorted(set(above) | set(waiting))
    ready = [case for case in everybody if case not in waiting]
    order: list[int] = []
    while len(order) < len(everybody):
        if not ready:
            # Only circles are left: one of their links goes.
            case = min(waiting)
            infector, _ = above.pop(case)
            waiting[infector] -= 1
            if waiting[infector] == 0:
                del waiting[infector]
                ready.append(infector)
            continue
        case = ready.pop()
        order.append(case)
        if case in above:
            infector = above[case][0]
            waiting[infector] -= 1
            if waiting[infector] == 0:
                del waiting[infector]
                ready.append(infector)
    return order


@njit(cache=True)
def _climb(
    start: Ints, shape: Ints, steps: Ints, often: Floats, share: Floats, mass: Floats
) -> Floats:
    """Give the log-likelihood of a forest for each generation time, from the leaves up.

    What a shape says of the infection above it, by the time between them, is summed once for all
    branches that end in it.
    """
    shapes, width, length = len(often), len(share), mass.shape[1]
    below = _is_below(shapes, shape)
    total = np.zeros(len(mass))
    said = np.zeros((shapes, width + length))
    scale = np.empty(shapes)
    here = np.empty(width)
    for g in range(len(mass)):
        p = mass[g]
        for f in range(shapes):
            here[:] = share
            scale[f] = 0.0
            for branch in range(start[f], start[f + 1]):
                child = shape[branch]
                scale[f] += scale[child]
                low = steps[branch]
                for a in range(width):
                    at = low + a
                    here[a] *= said[child, at] if 0 <= at < width + length else 0.0
            top = here.max()
            if top <= 0:
                total[g] = -np.inf
                break
            scale[f] += np.log(top)
            for a in range(width):
                here[a] /= top
            if often[f] > 0:
                total[g] += often[f] * (scale[f] + np.log(here.sum()))
            if below[f]:
                row = said[f]
                row[:] = 0.0
                for b in range(width):
                    value = here[b]
                    for x in range(length):
                        row[b + x] += value * p[x]
    return total


@njit(cache=True)
def _is_below(shapes: int, shape: Ints) -> npt.NDArray[np.bool_]:
    below = np.zeros(shapes, np.bool_)
    for child in shape:
        below[child] = True
    return below
