"""What arrives from outside: expected imported infections, from flows and prevalence at the origin."""

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr
from scipy import sparse

from tongchou.vocabulary.daily import daily_counts
from tongchou.vocabulary.errors import BadParameter, MissingData
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

INFECTIOUS_DAYS = parameter("infectious_days").value
ASCERTAINMENT = parameter("ascertainment").value
GATE_DETECTION = parameter("gate_detection").value


def prevalence(
    new_cases: xr.DataArray,
    population: xr.DataArray,
    *,
    infectious_days: float = INFECTIOUS_DAYS,
    ascertainment: float = ASCERTAINMENT,
    window: int = 7,
) -> xr.DataArray:
    """Give the share of residents who are infected and at large, at the last date.

    prevalence = (mean new cases of the last ``window`` days) × D / (ρ N), with D the days an infected
    person could travel, ρ the share of infections that become known, and N the residents; at most 1.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
    population : DataArray (place), persons
    infectious_days
        D, days.
    ascertainment
        ρ, share: an assumption with a wide range.
    window
        Days averaged.

    Returns
    -------
    DataArray (place), share

    Examples
    --------
    >>> dates = np.datetime64("2020-01-17", "ns") + np.arange(7) * np.timedelta64(1, "D")
    >>> cases = xr.DataArray([[41.0] * 7], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> people = xr.DataArray([1_000_000.0], {"place": ["420100"]}, ("place",))
    >>> round(prevalence(cases, people, infectious_days=10.0, ascertainment=0.41).item(), 6)
    0.001
    """
    for name, share in (("ascertainment", ascertainment), ("infectious_days", infectious_days)):
        if not share > 0 or (name == "ascertainment" and share > 1):
            raise BadParameter(
                name,
                share,
                Text(
                    zh="必须大于 0，且发现比例不超过 1。",
                    en="it must be above 0, and an ascertainment at most 1.",
                ),
            )
    new_cases = daily_counts(new_cases, "new_cases")
    new_cases, population = xr.align(new_cases, population, join="exact", exclude=("date",))
    level = new_cases.isel(date=slice(-window, None)).mean("date")
    result = (level * infectious_days / ascertainment / population).clip(max=1)
    result.attrs = {"units": "share"}
    return result.drop_vars("date", errors="ignore")


def flow_matrix(
    flows: pl.DataFrame, places: npt.ArrayLike, *, scale: xr.DataArray | None = None
) -> sparse.csr_array:
    """Give a table of flows as a sparse matrix origin × destination.

    Parameters
    ----------
    flows
        One row per pair of one day (or one mean day) with ``origin``, ``destination`` and either ``persons``
        (persons a day) or ``share`` (of that day's departures from the origin). Pairs with a place outside
        ``places``, and flows of a place to itself, are left out.
    places
        Codes that number the rows and columns.
    scale : DataArray (place), persons or index points per day, optional
        Departures from each origin; needed with shares if the result is to be in persons. Without
        it shares are weighed alike, and the result is an index only.

    Returns
    -------
    csr_array (origin, destination)

    Examples
    --------
    >>> flows = pl.DataFrame({"origin": ["420100"], "destination": ["420200"], "share": [0.25]})
    >>> leaving = xr.DataArray([400.0, 0.0], {"place": ["420100", "420200"]}, ("place",))
    >>> flow_matrix(flows, ["420100", "420200"], scale=leaving).toarray().tolist()
    [[0.0, 100.0], [0.0, 0.0]]
    """
    quantity = "persons" if "persons" in flows.columns else "share"
    for column in ("origin", "destination", quantity):
        if column not in flows.columns:
            raise MissingData(
                "mobility", Text(zh="输入压力", en="importation pressure"), column=column
            )
    codes = [str(place) for place in np.asarray(places)]
    index = pl.DataFrame({"code": codes, "number": np.arange(len(codes))})
    known = (
        flows.filter(pl.col("origin") != pl.col("destination"))
        .join(index.rename({"code": "origin", "number": "row"}), on="origin")
        .join(index.rename({"code": "destination", "number": "column"}), on="destination")
        .drop_nulls(quantity)
    )
    amount = known[quantity].to_numpy().astype(float)
    if quantity == "share" and scale is not None:
        amount = amount * scale.sel(place=codes).to_numpy()[known["row"].to_numpy()]
    shape = (len(codes), len(codes))
    return sparse.csr_array(
        (amount, (known["row"].to_numpy(), known["column"].to_numpy())), shape=shape
    )


def importation_pressure(
    flow: sparse.csr_array,
    prevalence: xr.DataArray,
    *,
    detection: float | xr.DataArray = GATE_DETECTION,
) -> xr.DataArray:
    """Give the expected imported infections per day into each place.

    P_d = (1 − δ_d) Σ_o F_od π_o, with F_od the persons a day from o to d, π_o the prevalence at the origin
    and δ_d the share found at the gate of d. It takes travellers for a fair sample of the residents
    of their origin.

    With flows known only as shares of an unknown total, the same product is an index: it ranks
    destinations, and doubling it means twice the pressure, but it counts nobody. Then say so by
    :func:`pressure_index`.

    Parameters
    ----------
    flow
        Origin × destination, persons per day (:func:`flow_matrix`).
    prevalence : DataArray (place), share
        In the order of the rows of ``flow``.
    detection : share, or DataArray (place)
        δ, share of infected arrivals found at the gate.

    Returns
    -------
    DataArray (place), persons per day

    Examples
    --------
    >>> two = {"place": ["420100", "420200"]}
    >>> flow = sparse.csr_array(np.array([[0.0, 5000.0], [1000.0, 0.0]]))
    >>> pressure = importation_pressure(flow, xr.DataArray([0.001, 0.0], two, ("place",)), detection=0.2)
    >>> pressure.values.tolist()
    [0.0, 4.0]
    """
    if flow.shape != (prevalence.sizes["place"],) * 2:
        raise BadParameter(
            "flow",
            flow.shape,
            Text(
                zh=f"行列数必须等于地区数 {prevalence.sizes['place']}，且次序相同。请用同一地区列表调用 flow_matrix。",
                en=f"it must have one row and column for each of the {prevalence.sizes['place']} places, in their order. Call flow_matrix with the same list of places.",
            ),
        )
    arriving = prevalence.copy(data=flow.T @ prevalence.to_numpy())
    result = arriving * (1 - detection)
    result.attrs = {"units": "persons per day"}
    return result


def pressure_index(flow: sparse.csr_array, prevalence: xr.DataArray) -> xr.DataArray:
    """Give the importation pressure as an index whose mean over places is 1.

    For flows known as shares only.

    Parameters
    ----------
    flow
        Origin × destination, any unit.
    prevalence : DataArray (place), share or index

    Returns
    -------
    DataArray (place), index
        0 everywhere if nothing flows from an affected place.

    Examples
    --------
    >>> three = {"place": ["420100", "420200", "430100"]}
    >>> flow = sparse.csr_array(np.array([[0.0, 0.6, 0.3], [0, 0, 0], [0, 0, 0]]))
    >>> pressure_index(flow, xr.DataArray([1.0, 0.0, 0.0], three, ("place",))).round(6).values.tolist()
    [0.0, 2.0, 1.0]
    """
    pressure = importation_pressure(flow, prevalence, detection=0.0)
    mean = float(pressure.mean())
    result = pressure / mean if mean > 0 else pressure
    result.attrs = {"units": "index, mean of places 1"}
    return result
