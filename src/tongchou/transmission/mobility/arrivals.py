"""Infected people a day who pass all lines of defence into each place, with a range."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr
from scipy import sparse
from scipy.special import expit, logit

from tongchou.transmission.importation import importation_pressure
from tongchou.transmission.mobility.defence import Line, combined_leak
from tongchou.transmission.mobility.flows import Flows
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

PERSONS = {"units": "persons per day"}
Z975 = 1.959963984540054
EDGE = 1e-9


def expected_imports(
    flow: sparse.csr_array,
    prevalence: xr.DataArray,
    lines: Sequence[Line],
    *,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    draws: int = 4000,
    rng: np.random.Generator,
) -> xr.Dataset:
    """Give the infected people a day who pass all lines into each place, with a range.

    P_d = Σ_o F_od π_o × Π_k (1 − c_k (1 − l_k)). The range draws each leak, the flow and the prevalence
    independently: on the logit for a leak, on the log for a factor, a normal on either side of the value
    that has the range's ends as its 95 % limits. All places share a draw, so the range is that of what is not
    known, without the chance of small numbers.

    Parameters
    ----------
    flow
        Origin × destination, persons per day.
    prevalence : DataArray (place), share
        :func:`tongchou.transmission.importation.prevalence`.
    lines
        Outermost first.
    ranges
        Low and high of factors around 1, by name; those of :func:`usual_ranges` where not given.
    draws
        Draws for the range.
    rng
        Draws them.

    Returns
    -------
    Dataset (place; stage)
        ``arriving`` persons per day who set out infected, ``imports``, ``low``, ``high`` persons per day who pass
        all lines, ``left`` (stage, place) how many are left after each line.

    Examples
    --------
    >>> two = {"place": ["420100", "420200"]}
    >>> flow = sparse.csr_array(np.array([[0.0, 5000.0], [1000.0, 0.0]]))
    >>> half = Line(code="gate", name=Text(zh="卡口", en="gate"), leak=0.5, low=0.4, high=0.6)
    >>> sick = xr.DataArray([0.001, 0.0], two, ("place",))
    >>> found = expected_imports(flow, sick, [half], ranges={}, rng=np.random.default_rng(1))
    >>> found["imports"].values.tolist(), found["low"].values.round(1).tolist()
    ([0.0, 2.5], [0.0, 2.0])
    """
    arriving = importation_pressure(flow, prevalence, detection=0.0)
    values = arriving.to_numpy()
    left = np.cumprod([line.passing for line in lines])
    share, low, high = _share_with_range(lines, ranges, draws, rng)
    return xr.Dataset(
        {
            "arriving": ("place", values, PERSONS),
            "imports": ("place", values * share, PERSONS),
            "low": ("place", values * low, PERSONS),
            "high": ("place", values * high, PERSONS),
            "left": (("stage", "place"), np.outer(left, values), PERSONS),
        },
        {"place": prevalence["place"].to_numpy(), "stage": [line.code for line in lines]},
    )


def daily_imports(
    flows: Flows,
    prevalence: xr.DataArray,
    lines: Sequence[Line],
    *,
    since: Mapping[str, date] | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    draws: int = 4000,
    rng: np.random.Generator,
) -> xr.Dataset:
    """Give :func:`expected_imports` for each day of the flows, with lines that stand from a day on.

    Parameters
    ----------
    flows
        Persons a day by link and date.
    prevalence : DataArray (place, date) or (place), share
        Every place and date of the flows.
    lines
        Outermost first.
    since
        First day of a line, by its code; a line that is not named stood always.
    ranges, draws, rng
        As in :func:`expected_imports`.

    Returns
    -------
    Dataset (place, date)
        ``arriving``, ``imports``, ``low``, ``high``, persons per day.
    """
    opened = {code: np.datetime64(day) for code, day in (since or {}).items()}
    strange = sorted(set(opened) - {line.code for line in lines})
    if strange:
        known = ", ".join(line.code for line in lines)
        raise BadParameter(
            "since", strange[0], Text(zh=f"防线只有：{known}。", en=f"the lines are {known}.")
        )
    sick = _every_day(flows, prevalence)
    arriving = np.zeros((len(flows.places), flows.dates.size))
    for t in range(flows.dates.size):
        carried = flows.persons[:, t] * sick[flows.origin, t]
        arriving[:, t] = np.bincount(flows.destination, carried, len(flows.places))
    factors = np.empty((3, flows.dates.size))
    standing = np.array([[opened.get(line.code, flows.dates[0]) <= day for line in lines] for day in flows.dates]).reshape(flows.dates.size, len(lines))  # fmt: skip
    for row in np.unique(standing, axis=0):
        kept = [line for line, stands in zip(lines, row, strict=True) if stands]
        days = (standing == row).all(axis=1)
        factors[:, days] = np.array(_share_with_range(kept, ranges, draws, rng))[:, None]
    return xr.Dataset(
        {
            "arriving": (("place", "date"), arriving, PERSONS),
            "imports": (("place", "date"), arriving * factors[0], PERSONS),
            "low": (("place", "date"), arriving * factors[1], PERSONS),
            "high": (("place", "date"), arriving * factors[2], PERSONS),
        },
        {"place": list(flows.places), "date": flows.dates.astype("datetime64[ns]")},
    )


def _every_day(flows: Flows, prevalence: xr.DataArray) -> Floats:
    """Give prevalence (place, date) in the order of the flows; a place or day without it is named."""
    for dim, wanted in (("place", np.array(flows.places)), ("date", flows.dates)):
        if dim not in prevalence.dims:
            continue
        have = prevalence[dim].to_numpy()
        have = have.astype("datetime64[D]") if dim == "date" else have.astype(str)
        missing = np.setdiff1d(wanted, have)
        if missing.size:
            raise BadParameter(
                "prevalence",
                f"{missing[0]} … ({missing.size})",
                Text(
                    zh="缺少这些地区或日期：须含流量的每个地区和每一天。",
                    en="these places or days are missing; it must hold every place and day of the flows.",
                ),
            )
        prevalence = prevalence.assign_coords({dim: have}).sel({dim: wanted})
    order = [dim for dim in ("place", "date") if dim in prevalence.dims]
    values = prevalence.transpose(*order).to_numpy().astype(float)
    values = values if values.ndim == 2 else values[:, None]
    if not ((values >= 0) & (values <= 1)).all():
        raise BadParameter(
            "prevalence",
            float(values.max()),
            Text(zh="须在 0 与 1 之间，无缺失。", en="it must lie between 0 and 1, none missing."),
        )
    return np.broadcast_to(values, (len(flows.places), flows.dates.size))


def _share_with_range(
    lines: Sequence[Line],
    ranges: Mapping[str, tuple[float, float]] | None,
    draws: int,
    rng: np.random.Generator,
) -> tuple[float, float, float]:
    """Give the share that passes all lines, and its range with that of flow and prevalence."""
    factor = np.ones(draws)
    for low, high in (usual_ranges() if ranges is None else ranges).values():
        factor *= np.exp(_two_sided(rng, draws, 0.0, np.log(low), np.log(high)))
    for line in lines:
        factor *= 1 - line.covers * (1 - _leaks(line, rng, draws))
    total = combined_leak(lines)
    low, high = np.quantile(factor, [0.025, 0.975])
    return total, min(float(low), total), max(float(high), total)


def usual_ranges() -> dict[str, tuple[float, float]]:
    """Give how far persons per index point and ascertainment may be off, as factors around 1.

    Imports grow with the persons and fall with the ascertainment.
    """
    points, seen = parameter("persons_per_index_point"), parameter("ascertainment")
    return {
        "flow": (_of(points.low, points.value), _of(points.high, points.value)),
        "prevalence": (seen.value / _of(seen.high, 1.0), seen.value / _of(seen.low, 1.0)),
    }


def _of(bound: float | None, value: float) -> float:
    return 1.0 if bound is None else bound / value


def _two_sided(
    rng: np.random.Generator, draws: int, middle: float, low: float, high: float
) -> Floats:
    z = rng.standard_normal(draws)
    return np.asarray(middle + z * np.where(z < 0, middle - low, high - middle) / Z975)


def _leaks(line: Line, rng: np.random.Generator, draws: int) -> Floats:
    middle, low, high = logit(np.clip([line.leak, line.low, line.high], EDGE, 1 - EDGE))
    return np.asarray(expit(_two_sided(rng, draws, middle, low, high)))


def imports_by_origin(
    flow: sparse.csr_array, prevalence: xr.DataArray, groups: Sequence[str]
) -> pl.DataFrame:
    """Give the infected people a day who set out for each place, by the group of places they come from.

    For whom the village guards against the city, and the city against the village: hand in
    ``["city", "village", …]``, one word for each place.

    Examples
    --------
    >>> two = {"place": ["420100", "420200"]}
    >>> flow = sparse.csr_array(np.array([[0.0, 5000.0], [1000.0, 0.0]]))
    >>> sick = xr.DataArray([0.001, 0.002], two, ("place",))
    >>> imports_by_origin(flow, sick, ["city", "village"]).rows()
    [('420100', 'village', 2.0), ('420200', 'city', 5.0)]
    """
    marks = np.asarray(groups, dtype=str)
    if marks.shape != (prevalence.sizes["place"],):
        raise BadParameter(
            "groups",
            marks.shape,
            Text(zh="须为每个地区给一个组。", en="one group is needed for each place."),
        )
    parts = []
    for group in np.unique(marks):
        masked = prevalence.copy(data=np.where(marks == group, prevalence.to_numpy(), 0.0))
        values = importation_pressure(flow, masked, detection=0.0)
        parts.append(
            pl.DataFrame(
                {
                    "place": [str(p) for p in prevalence["place"].to_numpy()],
                    "origin": str(group),
                    "arriving": values.to_numpy(),
                }
            )
        )
    return pl.concat(parts).filter(pl.col("arriving") > 0).sort("place", "origin")
