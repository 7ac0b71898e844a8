"""The transport problem: from where to where, at least cost, with what cannot be met left over.

Supplies and patients are moved by the same model. It is always feasible, because every demand
may stay unmet at a price, and its solution is whole-numbered when supplies and demands are.
"""

import highspy
import numpy as np
import numpy.typing as npt

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


def least_cost_flow(
    supply: Ints, demand: Ints, origin: Ints, destination: Ints, cost: Floats, penalty: Floats
) -> Ints:
    """Give the flow on each arc that minimises unmet demand, by penalty, and then cost.

    minimise  Σ_a c_a x_a + Σ_j p_j u_j
    subject to  Σ_{a from i} x_a ≤ s_i,  Σ_{a to j} x_a + u_j = d_j,  x ≥ 0,  u ≥ 0

    with supplies s, demands d, cost c of an arc a = (i, j) and penalty p of unmet demand u. The
    matrix is totally unimodular, so the vertex that the simplex method returns is whole-numbered.
    Unmet demand comes first whatever the costs: costs are scaled below 1 and a penalty counts
    min(origins, destinations) + 1 per point, more than any chain of exchanges can save in cost.

    Parameters
    ----------
    supply, demand
        Pieces or persons at each origin and destination.
    origin, destination
        Index of both ends of each arc.
    cost
        Cost of one unit on each arc, any unit, ≥ 0.
    penalty
        Points of one unmet unit at each destination; whole numbers ≥ 1. Only their order and
        their sums matter.

    Returns
    -------
    array
        Flow on each arc, whole units.

    References
    ----------
    Hitchcock FL. The distribution of a product from several sources to numerous localities.
    J Math Phys 1941;20:224-230, doi 10.1002/sapm1941201224.

    Examples
    --------
    Two depots, two hospitals, one of which is near to both.

    >>> least_cost_flow(
    ...     np.array([5, 5]), np.array([4, 4]),
    ...     np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]),
    ...     np.array([1.0, 9.0, 2.0, 3.0]), np.array([1.0, 1.0]),
    ... ).tolist()
    [4, 0, 0, 4]
    """
    if len(cost) == 0 or demand.sum() == 0:
        return np.zeros(len(cost), dtype=np.int64)
    for name, values in (("cost", cost), ("penalty", penalty), ("supply", supply)):
        if not (np.isfinite(values).all() and values.min() >= 0):
            raise BadParameter(
                name,
                float(np.min(values)),
                Text(zh="须为有限的非负数。", en="it must be finite and not negative."),
            )
    scaled = cost / max(float(cost.max()), 1.0)
    points = penalty * (min(len(supply), len(demand)) + 1)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("solver", "simplex")
    solver.passModel(_program(supply, demand, origin, destination, scaled, points))
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise NotSolved(solver.modelStatusToString(status))
    flow = np.array(solver.getSolution().col_value[: len(cost)])
    return np.rint(flow).astype(np.int64)


def _program(
    supply: Ints, demand: Ints, origin: Ints, destination: Ints, cost: Floats, penalty: Floats
) -> highspy.HighsLp:
    arcs, n, m = len(cost), len(supply), len(demand)
    rows = np.empty(2 * arcs + m, dtype=np.int32)
    rows[0 : 2 * arcs : 2] = origin
    rows[1 : 2 * arcs : 2] = n + destination
    rows[2 * arcs :] = n + np.arange(m)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = arcs + m, n + m
    lp.col_cost_ = np.concatenate([cost, penalty])
    lp.col_lower_ = np.zeros(arcs + m)
    lp.col_upper_ = np.full(arcs + m, highspy.kHighsInf)
    lp.row_lower_ = np.concatenate([np.full(n, -highspy.kHighsInf), demand.astype(float)])
    lp.row_upper_ = np.concatenate([supply.astype(float), demand.astype(float)])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.concatenate(
        [np.arange(0, 2 * arcs, 2), 2 * arcs + np.arange(m + 1)]
    ).astype(np.int32)
    lp.a_matrix_.index_ = rows
    lp.a_matrix_.value_ = np.ones(len(rows))
    return lp
