"""What a tree says: generations, chains, offspring, and the probability that a chain is over."""

import numpy as np
import numpy.typing as npt
import xarray as xr
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def label_trees(trees: Ints, case_id: tuple[str, ...]) -> xr.DataArray:
    """Give drawn trees as labelled array (draw, case): the index of the infector, −1 for none."""
    return xr.DataArray(
        trees,
        {"case": list(case_id)},
        ("draw", "case"),
        attrs={"units": "index of the infector along case, −1: nobody on the list"},
    )


def offspring_counts(trees: Ints) -> Ints:
    """Give how many each case infected, for every tree (draw, case).

    >>> offspring_counts(np.array([[-1, 0, 0, 1]])).tolist()
    [[2, 1, 0, 0]]
    """
    n = trees.shape[1]
    return np.stack([np.bincount(tree[tree >= 0], minlength=n) for tree in trees])


def generations(trees: Ints) -> tuple[Ints, Ints]:
    """Give for every tree the generation of each case, its first case being 1, and that first case.

    >>> generation, first = generations(np.array([[-1, 0, 1, -1]]))
    >>> generation.tolist(), first.tolist()
    ([[1, 2, 3, 1]], [[0, 0, 0, 3]])
    """
    generation, first = np.empty_like(trees), np.empty_like(trees)
    for tree, depth, root in zip(trees, generation, first, strict=True):
        _climb(tree, depth, root)
    return generation, first


@njit(cache=True)
def _climb(tree: Ints, depth: Ints, root: Ints) -> None:
    n = len(tree)
    depth[:] = 0
    path = np.empty(n, np.int64)
    for case in range(n):
        steps = 0
        at = case
        while at >= 0 and depth[at] == 0:
            path[steps] = at
            steps += 1
            at = tree[at]
        below = 0 if at < 0 else depth[at]
        top = path[steps - 1] if at < 0 and steps > 0 else (root[at] if at >= 0 else case)
        for back in range(steps - 1, -1, -1):
            below += 1
            depth[path[back]] = below
            root[path[back]] = top


def chain_sizes(trees: Ints) -> list[Ints]:
    """Give the sizes of all chains of every tree, a lone case being a chain of 1."""
    _, first = generations(trees)
    return [np.unique(row, return_counts=True)[1].astype(np.int64) for row in first]


def probability_over(trees: Ints, exposure: Floats, R: Floats, k: Floats) -> Floats:
    """Give for each case the probability that nobody of its chain will infect anybody any more.

    Given n people infected so far in a share c of its time, the ν of a case is a gamma of shape
    k + n and rate k/R + c, and it infects nobody in the rest with probability ::

        ((k/R + c) / (k/R + 1))^(k + n)

    A chain is over with the product of these over its cases; the result is the mean over trees.

    Parameters
    ----------
    trees : array (draw, case)
    exposure : array (case)
        c, the share of the time of each case that has passed.
    R, k : array (draw)
    """
    counts, (_, first) = offspring_counts(trees), generations(trees)
    n = trees.shape[1]
    total = np.zeros(n)
    for row, root, r, size in zip(counts, first, R, k, strict=True):
        logs = (size + row) * (np.log(size / r + exposure) - np.log(size / r + 1))
        total += np.exp(np.bincount(root, logs, minlength=n))[root]
    return np.asarray(total / len(trees))
