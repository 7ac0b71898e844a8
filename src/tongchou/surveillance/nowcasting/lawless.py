"""Chain ladder with right truncation: how many are still missing if the delays stay as they were."""

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import special

from tongchou.surveillance.nowcasting.triangle import Triangle
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

OWN_CASES = parameter("nowcast_own_cases").value
LEVELS = {"q025": 0.025, "median": 0.5, "q975": 0.975}


def reverse_hazards(cells: npt.ArrayLike, window: int | None = None) -> tuple[Floats, Floats]:
    """Give, for each delay, cases reported with it and cases reported by then on the same onsets.

    With n_(t,x) the cases of onset t and delay x, T the last day of reports and m the window ::

        n_x = Σ_(t = T−m−x … T−x) n_(t,x)        N_x = Σ_(t = T−m−x … T−x) Σ_(y ≤ x) n_(t,y)

    and g(x) = n_x / N_x estimates P(delay = x | delay ≤ x), free of right truncation.

    Parameters
    ----------
    cells : (place, date, delay), persons
        0 where nothing can have been reported yet.
    window
        m + 1, days of onset behind each delay: the latest by which it can have been seen. All by
        default.

    Examples
    --------
    >>> n_x, N_x = reverse_hazards([[[1, 0, 1], [0, 1, 0], [2, 0, 0]]])
    >>> n_x.tolist(), N_x.tolist()
    ([[3.0, 1.0, 1.0]], [[3.0, 2.0, 2.0]])
    """
    n = np.asarray(cells, dtype=float)
    days, delays = n.shape[1:]
    known = np.cumsum(n, axis=2)
    n_x, N_x = np.zeros((len(n), delays)), np.zeros((len(n), delays))
    for x in range(min(delays, days)):
        start = 0 if window is None else max(days - x - window, 0)
        n_x[:, x] = n[:, start : days - x, x].sum(axis=1)
        N_x[:, x] = known[:, start : days - x, x].sum(axis=1)
    return n_x, N_x


def reported_share(n_x: Floats, N_x: Floats) -> tuple[Floats, Floats]:
    """Give the share reported within x days, F(x) = Π_(k > x) (1 − g(k)), and its variance.

    Var F(x) = F(x)² Σ_(k > x) g(k) / (N_k (1 − g(k))).

    Parameters
    ----------
    n_x, N_x : (place, delay), persons
        See :func:`reverse_hazards`.

    Examples
    --------
    >>> share, _ = reported_share(np.array([[3.0, 1.0, 1.0]]), np.array([[3.0, 2.0, 4.0]]))
    >>> share.tolist()
    [[0.375, 0.75, 1.0]]
    """
    g = np.divide(n_x, N_x, out=np.zeros_like(n_x), where=N_x > 0)
    term = np.divide(g, N_x * (1 - g), out=np.zeros_like(g), where=(N_x > 0) & (g < 1))
    share, spread = np.ones_like(g), np.zeros_like(g)
    share[:, :-1] = np.cumprod(1 - g[:, :0:-1], axis=1)[:, ::-1]
    spread[:, :-1] = np.cumsum(term[:, :0:-1], axis=1)[:, ::-1]
    return share, share**2 * spread


def nowcast_lawless(
    triangle: Triangle, *, window: int | None = None, own_cases: float = OWN_CASES
) -> xr.Dataset:
    """Give cases by onset including those not yet reported, by Lawless 1994, with intervals.

    With N_t the cases of onset t reported so far and F = F(T − t) the share reported by now ::

        estimate = N_t / F
        V = N_t (N_t + 1) / F⁴ · Var F + N_t (1 − F) / F²

    and the interval is that of a normal of this mean and variance cut off below N_t.

    - A place whose own delays rest on fewer than ``own_cases`` takes the delays of all places
      together; ``pooled`` says which did.
    - Where nothing is reported of a day, N_t = 0, the method says 0 with certainty: it knows no
      neighbouring days. The hierarchical nowcast does.
    - NaN where F = 0: nobody has ever been reported so quickly.

    Parameters
    ----------
    triangle
        See :func:`~tongchou.surveillance.nowcasting.triangle.reporting_triangle`.
    window
        Days of onset behind each delay; all of the triangle by default.
    own_cases
        Cases that a place must have for delays of its own.

    Returns
    -------
    Dataset (place, date)
        ``reported``, ``estimate``, ``q025``, ``median``, ``q975``, persons per day; ``share``, the
        share reported by now; ``pooled`` (place).

    References
    ----------
    Lawless JF. Adjustments for reporting delays and the prediction of occurred but not reported events.
    Can J Stat 1994;22:15-31, doi 10.2307/3315826.n1. Mack T. ASTIN Bull 1993;23:213-225,
    doi 10.2143/AST.23.2.2005092: the same estimate as the chain ladder of insurance.
    """
    if window is not None and window < 1:
        raise BadParameter(
            "window",
            window,
            Text(
                zh="须至少为 1 天。请去掉该参数以使用全部数据。",
                en="it must be at least 1 day. Leave it out to use all data.",
            ),
        )
    cells = triangle.cells()
    n_x, N_x = reverse_hazards(cells, window)
    own = n_x.sum(axis=1) >= own_cases
    if len(cells) == 1:
        own[:] = True
    n_x[~own], N_x[~own] = n_x.sum(axis=0), N_x.sum(axis=0)
    share, variance = reported_share(n_x, N_x)
    days, delays = cells.shape[1:]
    age = np.minimum(np.arange(days)[::-1], delays - 1)
    F, V_F = share[:, age], variance[:, age]
    N = cells.sum(axis=2).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(F > 0, N / F, np.nan)
        V = N * (N + 1) / F**4 * V_F + N * (1 - F) / F**2
    quantiles = _truncated_normal(mean, np.sqrt(V), N, F)
    result = xr.Dataset({"reported": triangle.reported})
    for name, values in {"estimate": mean, **quantiles}.items():
        result[name] = triangle.reported.copy(data=values)
    result["share"] = triangle.reported.copy(data=F)
    result["share"].attrs = {"units": "1"}
    result["pooled"] = ("place", ~own, {"units": "true or false"})
    return result


def _truncated_normal(mean: Floats, sd: Floats, low: Floats, F: Floats) -> dict[str, Floats]:
    """Give the quantiles of a normal cut off below ``low``; ``low`` itself where nothing is open."""
    with np.errstate(divide="ignore", invalid="ignore"):
        below = special.ndtr((low - mean) / sd)
        result = {}
        for name, level in LEVELS.items():
            value = mean + sd * special.ndtri(below + level * (1 - below))
            result[name] = np.where(F == 0, np.nan, np.where(sd > 0, np.maximum(value, low), low))
    return result
