"""The transport problem: from where to where, at least cost, with what cannot be met left over.

Supplies and patients are moved by the same model. It is always feasible, because every demand
may stay unmet at a price, and its solution is whole-numbered when supplies and demands are.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy
from scipy.sparse import csc_array

from tongchou.vocabulary.errors import BadParameter, TongchouError
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class NotSolved(TongchouError):
    """A transport problem that the solver gave up."""

    def __init__(self, status: str) -> None:
        self.status = status
        super().__init__(status)

    def text(self) -> Text:
        """Give the status of the solver and the next step."""
        return Text(
            zh=f"运输问题未得到最优解（求解器状态：{self.status}），因此没有调配方案。请保留输入数据并报告此问题。",
            en=f"The transport problem was not solved to the optimum (solver status: {self.status}), so there is no plan. Keep the input data and report this.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """Demand that may stay unmet: up to ``limit`` units at a destination, at ``points`` each.

    A destination may have several rows; the cheapest stay unmet first. Points are whole numbers
    of at least 1, and only their order and sums matter.
    """

    destination: Ints
    limit: Ints
    points: Floats


def least_cost_flow(
    supply: Ints, origin: Ints, destination: Ints, cost: Floats, unmet: Unmet
) -> Ints:
    """Give the flow on each arc that minimises unmet demand, by points, and then cost.

    minimise  Σ_a c_a x_a + Σ_k p_k u_k
    subject to  Σ_{a from i} x_a ≤ s_i,  Σ_{a to j} x_a + Σ_{k of j} u_k = d_j,
    0 ≤ x,  0 ≤ u_k ≤ l_k,  d_j = Σ_{k of j} l_k

    with supplies s, demands d, cost c of an arc a = (i, j) and points p of unmet demand u. The
    matrix is totally unimodular, so the vertex that the simplex method returns is whole-numbered.
    Unmet demand comes first whatever the costs: costs are scaled below 1 and a point counts
    min(origins, destinations) + 1, more than any chain of exchanges can save in cost.

    Where there is enough, arcs are opened a few at a time: solved over the cheapest of each destination, the shadow
    prices tell which of the others could improve the solution, until none can (column
    generation). The result is the optimum over all arcs.

    Parameters
    ----------
    supply
        Pieces or beds at each origin.
    origin, destination
        Index of both ends of each arc.
    cost
        Cost of one unit on each arc, any unit, ≥ 0.
    unmet
        The demand, and what leaving it unmet counts.

    Returns
    -------
    array
        Flow on each arc, whole units.

    References
    ----------
    Hitchcock FL. The distribution of a product from several sources to numerous localities.
    J Math Phys 1941;20:224-230, doi 10.1002/sapm1941201224. Ford LR, Fulkerson DR. Manage Sci
    1958;5:97-101, doi 10.1287/mnsc.5.1.97 (column generation).

    Examples
    --------
    Two depots, two hospitals in need of four, one of which is near to both.

    >>> need = Unmet(destination=np.array([0, 1]), limit=np.array([4, 4]), points=np.ones(2))
    >>> least_cost_flow(
    ...     np.array([5, 5]), np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]),
    ...     np.array([1.0, 9.0, 2.0, 3.0]), need,
    ... ).tolist()
    [4, 0, 0, 4]
    """
    if len(cost) == 0 or unmet.limit.sum() == 0:
        return np.zeros(len(cost), dtype=np.int64)
    for name, values in (("cost", cost), ("points", unmet.points), ("supply", supply)):
        if not (np.isfinite(values).all() and values.min() >= 0):
            raise BadParameter(
                name,
                float(np.min(values)),
                Text(zh="须为有限的非负数。", en="it must be finite and not negative."),
            )
    demand = np.bincount(unmet.destination, weights=unmet.limit).astype(float)
    point = min(len(supply), len(demand)) + 1
    scaled, left = cost / max(float(cost.max()), 1.0), unmet.points * point
    flow = np.zeros(len(cost), dtype=np.int64)
    # Where there is too little, shadow prices are steep and many rounds follow: open all at once.
    few = FEW if supply.sum() >= demand.sum() else len(cost)
    open_arcs = lowest_of_each(destination, scaled, few)
    while True:
        x, price_from, price_to = _solve(
            supply,
            demand,
            origin[open_arcs],
            destination[open_arcs],
            scaled[open_arcs],
            left,
            unmet,
        )
        reduced = scaled - price_from[origin] - price_to[destination]
        reduced[open_arcs] = 0.0
        better = np.flatnonzero(reduced < -TOLERANCE)
        if better.size == 0:
            flow[open_arcs] = x
            return flow
        few *= 2
        chosen = better[lowest_of_each(destination[better], reduced[better], few)]
        open_arcs = np.union1d(open_arcs, chosen)


FEW = 10
"""Arcs of each destination opened first, doubled each time: it changes the speed, not the result."""

TOLERANCE = 1e-7
"""Reduced cost, in parts of the dearest arc, within which an arc cannot improve the solution."""


def lowest_of_each(group: Ints, value: Floats, few: int) -> Ints:
    """Give the positions of the lowest values of each group, at most so many, in ascending order.

    >>> lowest_of_each(np.array([0, 0, 0, 1]), np.array([3.0, 1.0, 2.0, 9.0]), 2).tolist()
    [1, 2, 3]
    """
    order = np.lexsort((value, group))
    first = np.searchsorted(group[order], group[order])
    return np.sort(order[np.arange(len(order)) - first < few])


def _solve(
    supply: Ints,
    demand: Floats,
    origin: Ints,
    destination: Ints,
    cost: Floats,
    left: Floats,
    unmet: Unmet,
) -> tuple[Ints, Floats, Floats]:
    """Solve over some arcs; give the flow and the shadow prices of origins and destinations."""
    arcs, rest = len(cost), len(left)
    solved = scipy.optimize.linprog(
        np.concatenate([cost, left]),
        A_ub=_incidence(origin, len(supply), arcs + rest),
        b_ub=supply,
        A_eq=_incidence(np.concatenate([destination, unmet.destination]), len(demand), arcs + rest),
        b_eq=demand,
        bounds=np.column_stack(
            [np.zeros(arcs + rest), np.concatenate([np.full(arcs, np.inf), unmet.limit])]
        ),
        method="highs-ds",
    )
    if solved.status != 0:
        raise NotSolved(str(solved.message))
    flow: Ints = np.rint(solved.x[:arcs]).astype(np.int64)
    return flow, solved.ineqlin.marginals, solved.eqlin.marginals


def _incidence(row: Ints, rows: int, columns: int) -> csc_array:
    """Give a matrix with a 1 in the row of each column; columns beyond those given are empty."""
    start = np.minimum(np.arange(columns + 1), len(row))
    return csc_array((np.ones(len(row)), row, start), shape=(rows, columns))
