"""A layer does in the engine what it says: it moves infections about and makes or loses none."""

import numpy as np
import pytest
import xarray as xr
from scipy import sparse

from tongchou.transmission.metapopulation.course import course_of
from tongchou.transmission.metapopulation.disease import disease, diseases
from tongchou.transmission.metapopulation.model import build_model
from tongchou.transmission.metapopulation.run import simulate
from tongchou.transmission.mobility.links import make_links

CODES = ["a", "b", "c", "d"]
PEOPLE = np.array([4e7, 2e7, 1e7, 3e7])
DAYS = np.datetime64("2020-01-01") + np.arange(25)
SHARES = sparse.csr_array(
    np.array([[0, 0.2, 0.1, 0], [0.3, 0, 0.1, 0], [0.1, 0.1, 0, 0], [0, 0, 0, 0]], dtype=float)
)


def infections(travel):
    """Give expected infections (place, date) after ten people fell ill in a, with everybody equal."""
    ill = disease(next(iter(diseases())))
    ages = len(ill.ages)
    people = xr.DataArray(
        np.repeat(PEOPLE[:, None] / ages, ages, axis=1),
        {"place": CODES, "age": list(ill.ages)},
        ("place", "age"),
    )
    equal = {name: np.ones((ages, ages)) for name in ("home", "school", "work", "other")}
    model = build_model(
        people,
        equal,
        course_of(ill),
        dates=DAYS,
        transmissibility=0.05,
        seeds=xr.DataArray([10.0, 0, 0, 0], {"place": CODES}, ("place",)),
        travel=travel,
    )
    found = simulate(model, replicates=1, mode="expected", variables=("infections",), threads=1)
    return found["infections_mean"].transpose("place", "date").to_numpy()


def test_travel_moves_infections_and_makes_or_loses_none():
    brakes = {"leave": np.tile([0.5, 1, 1, 1], (25, 1)), "enter": np.tile([1, 0.8, 1, 1], (25, 1))}
    links = make_links(SHARES, PEOPLE, CODES, **brakes)
    alone, linked = infections(None), infections(links.layer)
    # Of ten cases among ten millions nobody runs out, so the sum over places is the same on every day.
    assert linked.sum(axis=0) == pytest.approx(alone.sum(axis=0), rel=1e-4)
    assert (alone[1:] == 0).all()
    assert (linked[1:3, -1] > 0).all()
    assert (linked[3] == 0).all()
    assert links.disconnected == ("d",)


def test_closed_exits_keep_the_epidemic_where_it_is():
    links = make_links(SHARES, PEOPLE, CODES, leave=np.tile([0.0, 0, 1, 1], (25, 1)), enter=np.tile([0.0, 1, 1, 1], (25, 1)))  # fmt: skip
    assert infections(links.layer)[1:].sum() == 0
