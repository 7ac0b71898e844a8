"""Counts and expectations as a scan takes them: whole, evenly spaced, summed over the last steps."""

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text, join

Floats = npt.NDArray[np.float64]


def whole_counts(cases: xr.DataArray) -> tuple[Floats, int]:
    """Give counts as ``(place, date)`` and the days in a step, or refuse them with every fault.

    Parameters
    ----------
    cases : DataArray (place, date), persons per step
        Days or weeks, evenly spaced; no count missing, negative or broken.
    """
    if set(cases.dims) != {"place", "date"} or not cases.size:
        raise BadParameter("cases", f"({', '.join(map(str, cases.dims))})", _SHAPE)
    cases = cases.transpose("place", "date")
    y = cases.to_numpy().astype(float)
    steps = np.unique(np.diff(cases["date"].to_numpy().astype("datetime64[D]")).astype(int))
    faults = []
    if len(steps) > 1 or (len(steps) and steps[0] < 1):
        faults.append(_UNEVEN)
    for bad, said in ((~np.isfinite(y), _MISSING), (y < 0, _NEGATIVE), (y % 1 > 0, _BROKEN)):
        if bad.any():
            named = ", ".join(str(p) for p in cases["place"].to_numpy()[bad.any(axis=1)][:3])
            faults.append(said.fill(n=int(bad.sum()), places=named))
    if faults:
        raise BadParameter("cases", f"{y.shape[0]} × {y.shape[1]}", join(faults))
    return y, int(steps[0]) if len(steps) else 1


def share_of_time(cases: xr.DataArray, expected: xr.DataArray) -> Floats:
    """Give what share of all cases is expected in each place on each date.

    Parameters
    ----------
    cases : DataArray (place, date), persons per step
        For its labels.
    expected : DataArray (place) or (place, date)
        Population, or expected cases; a population counts alike on every date.

    Examples
    --------
    >>> dates = np.array(["2020-02-01", "2020-02-02"], "datetime64[ns]")
    >>> cases = xr.DataArray(np.zeros((2, 2)), {"place": ["a", "b"], "date": dates}, ("place", "date"))
    >>> share_of_time(cases, xr.DataArray([300.0, 100.0], {"place": ["a", "b"]}, ("place",))).tolist()
    [[0.375, 0.375], [0.125, 0.125]]
    """
    cases = cases.transpose("place", "date")
    cases, expected = xr.align(cases, expected, join="exact")
    mean = expected.broadcast_like(cases).transpose("place", "date").to_numpy().astype(float)
    wrong = ~(np.isfinite(mean) & (mean >= 0))
    without = (mean <= 0) & (cases.to_numpy() > 0)
    for bad, said in ((wrong, _NO_MEAN), (without, _NONE_EXPECTED)):
        if bad.any():
            named = ", ".join(str(p) for p in cases["place"].to_numpy()[bad.any(axis=1)][:3])
            raise BadParameter("expected", f"{int(bad.sum())} cells", said.fill(places=named))
    if not mean.sum() > 0:
        raise BadParameter("expected", 0, _NOTHING)
    return np.asarray(mean / mean.sum())


def last_sums(values: Floats, steps: int) -> Floats:
    """Give sums over the last 1, 2, … steps.

    >>> last_sums(np.array([[5.0, 1.0, 2.0]]), 2).tolist()
    [[2.0, 3.0]]
    """
    return np.ascontiguousarray(np.cumsum(values[:, ::-1][:, :steps], axis=1))


_SHAPE = Text(
    zh="维度必须是 place 与 date，且不为空。",
    en="it must be over place and date, and hold something.",
)
_UNEVEN = Text(
    zh="日期间隔必须相同（逐日或逐周）", en="the dates must be evenly spaced, by day or by week"
)
_MISSING = Text(
    zh="缺报 {n} 处（如 {places}），请先补缺并标明",
    en="{n} counts are missing (such as in {places}); fill them in sight first",
)
_NEGATIVE = Text(
    zh="负值 {n} 处（如 {places}），请先把更正数分开",
    en="{n} counts are negative (such as in {places}); set corrections apart first",
)
_BROKEN = Text(
    zh="{n} 处不是整数（如 {places}）；扫描按人计数",
    en="{n} counts are not whole (such as in {places}); the scan counts persons",
)
_NO_MEAN = Text(
    zh="{places} 等地的人口或期望数缺失或为负。",
    en="it is missing or negative in places such as {places}.",
)
_NONE_EXPECTED = Text(
    zh="{places} 等地人口或期望数为零，却有病例。",
    en="it is zero in places such as {places}, which have cases.",
)
_NOTHING = Text(zh="各地之和为零。", en="it is zero everywhere.")
