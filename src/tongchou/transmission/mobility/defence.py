"""Lines of defence between an epidemic elsewhere and a county: the leak of each, of all, and what mending one saves.

Infected travellers meet the lines one after the other; each lets a share pass. The lines are data
(``reference/transmission/defence.csv``): leak, range, source, who may change it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr
from scipy import sparse
from scipy.special import expit, logit

from tongchou.transmission.importation import importation_pressure
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text, text_of

Floats = npt.NDArray[np.float64]

ROOM = "transmission/defence"
Z975 = 1.959963984540054
EDGE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of defence.

    ``leak`` is the share of infected people it meets whom it lets pass, ``low`` and ``high`` its range,
    ``covers`` the share of infected people who meet it at all.
    """

    code: str
    name: Text
    leak: float
    low: float
    high: float
    covers: float = 1.0
    source: str = "assumption"
    mechanisms: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.leak <= self.high <= 1 or not 0 <= self.covers <= 1:
            raise BadParameter(
                self.code,
                f"{self.low}–{self.leak}–{self.high}, {self.covers}",
                Text(
                    zh="通过率须在上下限之间，均在 0 与 1 之间。",
                    en="the leak must lie in its range, and all between 0 and 1.",
                ),
            )

    @property
    def passing(self) -> float:
        """Give the share of all infected people that passes: 1 − covers × (1 − leak)."""
        return 1 - self.covers * (1 - self.leak)


def lines_of_defence(profile: str = "county") -> tuple[Line, ...]:
    """Give the lines of a profile, outermost first.

    Parameters
    ----------
    profile
        ``county``, ``capital`` (every road in is manned, everyone who returns is watched) or
        ``epicentre_closed`` (exits closed, for flows of before).

    Examples
    --------
    >>> [line.code for line in lines_of_defence()]
    ['exit_screening', 'gate', 'quarantine', 'community_grid', 'clinic']
    """
    table = packaged(ROOM)
    rows = table.filter(pl.col("profile") == profile).sort("order")
    if rows.is_empty():
        known = ", ".join(sorted(table["profile"].unique()))
        raise BadParameter("profile", profile, Text(zh=f"可用：{known}。", en=f"use {known}."))
    return tuple(
        Line(
            code=row["line"],
            name=text_of(row, "name"),
            leak=float(row["leak"]),
            low=float(row["low"]),
            high=float(row["high"]),
            covers=float(row["covers"]),
            source=row["source"],
            mechanisms=tuple(row["mechanisms"].split()),
        )
        for row in rows.iter_rows(named=True)
    )


def combined_leak(lines: Sequence[Line]) -> float:
    """Give the share that passes all lines, Π (1 − c_k (1 − l_k)), each acting on what the others let pass.

    Examples
    --------
    >>> half = dict(name=Text(zh="半", en="half"), leak=0.5, low=0.5, high=0.5)
    >>> combined_leak([Line(code="a", **half), Line(code="b", covers=0.5, **half)])
    0.375
    """
    return float(np.prod([line.passing for line in lines]))


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
    left = np.cumprod([line.passing for line in lines]) if lines else np.ones(0)
    total = float(left[-1]) if lines else 1.0
    factor = np.ones(draws)
    for low, high in (usual_ranges() if ranges is None else ranges).values():
        factor *= np.exp(_two_sided(rng, draws, 0.0, np.log(low), np.log(high)))
    for line in lines:
        factor *= 1 - line.covers * (1 - _leaks(line, rng, draws))
    low, high = np.quantile(factor, [0.025, 0.975])
    values = arriving.to_numpy()
    stages = [line.code for line in lines]
    persons = {"units": "persons per day"}
    return xr.Dataset(
        {
            "arriving": ("place", values, persons),
            "imports": ("place", values * total, persons),
            "low": ("place", values * min(low, total), persons),
            "high": ("place", values * max(high, total), persons),
            "left": (("stage", "place"), np.outer(left, values), persons),
        },
        {"place": prevalence["place"].to_numpy(), "stage": stages},
    )


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


def weakest_lines(lines: Sequence[Line], arriving: float = 1.0) -> pl.DataFrame:
    """Give what mending each line saves, the line that saves most first.

    With P = A Π_k q_k and q_k = 1 − c_k (1 − l_k): ∂P/∂l_k = P c_k / q_k, the infected saved by each point of
    leak less; and what is saved if the leak falls to the low end of its range, or if everyone meets the line.

    Parameters
    ----------
    lines
        Outermost first.
    arriving
        A, infected people a day who set out; 1 gives shares.

    Returns
    -------
    DataFrame
        ``line, passing, slope, saved_at_low, saved_at_full_cover``, persons per day; sorted by the larger saving.

    Examples
    --------
    >>> sieve = Line(code="sieve", name=Text(zh="筛", en="sieve"), leak=0.5, low=0.25, high=0.5)
    >>> wall = Line(code="wall", name=Text(zh="墙", en="wall"), leak=0.1, low=0.1, high=0.2)
    >>> weakest_lines([sieve, wall], 100)["line", "slope", "saved_at_low"].rows()
    [('sieve', 10.0, 2.5), ('wall', 50.0, 0.0)]
    """
    total = arriving * combined_leak(lines)
    rows = []
    for line in lines:
        others = arriving * combined_leak([other for other in lines if other is not line])
        at_low = others * (1 - line.covers * (1 - line.low))
        rows.append(
            {
                "line": line.code,
                "passing": line.passing,
                "slope": round(others * line.covers, 12),
                "saved_at_low": round(total - at_low, 12),
                "saved_at_full_cover": round(total - others * line.leak, 12),
            }
        )
    best = pl.max_horizontal("saved_at_low", "saved_at_full_cover")
    return pl.DataFrame(rows).sort(best, descending=True, maintain_order=True)


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
