"""What must hold of any epidemic: nobody is lost, the deterministic limit, closed forms of size and growth."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from tongchou.transmission.metapopulation.compartments import (
    CLINICAL,
    COUNT,
    E1,
    E2,
    MOVE,
    SUBSTEPS,
    TOLD,
    WEIGHT,
    I,
    P,
    S,
)
from tongchou.transmission.metapopulation.kernel import live, where_ill
from tongchou.transmission.metapopulation.run import MODES


def lived(model, *, mode="exact", replicate=0, seed=1):
    """Live all days of one replicate; give the states of every day (day, place, age, compartment)."""
    state = model.start[0].copy()
    places, ages = state.shape[:2]
    told = np.zeros((places, TOLD))
    scratch, flags = np.zeros((3, places, ages)), np.zeros((2, places), bool)
    where_ill(state, flags[0])
    states = [state.copy()]
    for day in range(len(model.dates)):
        live(
            state, day, model.factor[day], model.world, model.days, model.commute, model.travel,
            model.course, model.steps, np.uint64(seed), np.uint64(replicate), MODES.index(mode),
            told, scratch, flags,
        )  # fmt: skip
        states.append(state.copy())
    return np.stack(states)


def test_room_of_another_shape_is_refused(world):
    """Compiled code would write past its end."""
    model = world([1000, 2000], days=1)
    right = {"told": (2, TOLD), "scratch": (3, 2, 2), "flags": (2, 2), "factor": (2,)}
    for name, wrong in (("told", (1, TOLD)), ("scratch", (3, 1, 2)), ("flags", (2, 1)), ("factor", (1,))):  # fmt: skip
        room = {n: np.zeros(s, bool if n == "flags" else float) for n, s in (right | {name: wrong}).items()}  # fmt: skip
        with pytest.raises(ValueError, match=name):
            live(
                model.start[0].copy(), 0, room["factor"], model.world, model.days, model.commute,
                model.travel, model.course, 1, np.uint64(1), np.uint64(0), 0, room["told"],
                room["scratch"], room["flags"],
            )  # fmt: skip


@settings(max_examples=25)
@given(
    people=st.lists(st.integers(0, 3000), min_size=1, max_size=4).filter(any),
    seed=st.integers(0, 2**63 - 1),
    beds=st.integers(0, 20),
    isolate=st.floats(0, 1),
    share=st.floats(0, 0.3),
    mode=st.sampled_from(["exact", "hybrid"]),
)
def test_nobody_is_lost_and_no_cell_is_negative(
    world, links, people, seed, beds, isolate, share, mode
):
    n = len(people)
    counts = np.array(people, float)
    away = np.full((n, n), share / n)
    names = [f"{i:03d}" for i in range(n)]
    model = world(
        people,
        days=40,
        R=4,
        seeds=np.minimum(counts // 2, 5),
        isolate=isolate,
        commute=links(away, counts, 40),
        timeline=xr.Dataset({"isolate": isolate, "trace": 0.1, "traced": 0.2, "other": 0.7}),
        catchments=dict.fromkeys(names, "all"),
        beds=xr.DataArray([float(beds)], {"catchment": ["all"]}, ("catchment",)),
        icu_beds=xr.DataArray([float(beds // 4)], {"catchment": ["all"]}, ("catchment",)),
    )
    states = lived(model, mode=mode, seed=seed)
    assert (states >= 0).all()
    assert (states % 1 == 0).all()
    assert (states.sum(axis=-1) == states[0].sum(axis=-1)).all()
    lying = states[..., 9] + states[..., 10]
    assert (lying.sum(axis=(1, 2)) <= beds).all()
    assert (states[..., 11].sum(axis=(1, 2)) <= beds // 4).all()


def test_the_final_size_is_that_of_the_closed_form(world):
    """log(s∞ / s0) = −R0 (1 − s∞), whatever the course of illness (Kermack and McKendrick 1927)."""
    model = world([1_000_000], days=900, R=1.8, seeds=[10], mixing=np.ones((2, 2)))
    last = lived(model, mode="expected")[-1, 0]
    escaped = last[:, S].sum() / 1e6
    closed = brentq(lambda s: np.log(s / (1 - 1e-5)) + 1.8 * (1 - s), 1e-6, 0.99)
    assert escaped == pytest.approx(closed, rel=1e-6)


def test_early_growth_is_that_of_the_next_generation(world):
    """Σ β w_t e^(−rt) = 1 with w_t the infectiousness of a case by day since infection (Euler–Lotka)."""
    model = world([10_000_000_000], days=70, R=2.5, seeds=[100], mixing=np.ones((2, 2)))
    new = -np.diff(lived(model, mode="expected")[..., S].sum(axis=(1, 2)))
    r = np.log(new[60] / new[59])
    one = world([1], days=200, R=0.0, seeds=[1], mixing=np.ones((2, 2)))
    alone = lived(one, mode="expected")[:, 0]
    profile = (alone @ one.course[WEIGHT : WEIGHT + COUNT]).diagonal(axis1=1, axis2=2).sum(axis=1)
    infects = 2.5 * profile / profile.sum()
    # A case enters at the end of a day: its k-th state meets others k + 1 days after it was infected.
    assert infects @ np.exp(-r * (1 + np.arange(len(infects)))) == pytest.approx(1, abs=2e-4)


def test_small_steps_lead_to_the_differential_equation(world, cold):
    """Against an independent integration of the continuous system; the error falls with the step."""

    def rates(_, y):
        s, e1, e2, p, a, i, w, c = y
        infectious = p + 0.5 * a + i
        k = sum((3.0, 2.0, 4.0, 5.0)) * beta * infectious / 1e6
        sigma, pre, onset = 2 / cold.latent_days, 1 / cold.presymptomatic_days, 1 / 5.0
        return [
            -k * s, k * s - sigma * e1, sigma * (e1 - e2), 0.6 * sigma * e2 - pre * p,
            0.4 * sigma * e2 - onset * a, pre * p - onset * i, 0.2 * onset * i - w / 10.0,
            0.25 * w / 10.0 - c / 8.0,
        ]  # fmt: skip

    found = {}
    for steps in (8, 16):
        model = world([1_000_000], days=80, R=2.5, seeds=[100], mixing=np.ones((2, 2)), steps=steps)
        found[steps] = lived(model, mode="expected")[80, 0].sum(axis=0)[[0, 1, 2, 3, 4, 5, 9, 11]]
    beta = 2.5 / (14 * (0.6 * 7 + 0.4 * 0.5 * 5))
    start = [1e6 - 100, 100, 0, 0, 0, 0, 0, 0]
    exact = solve_ivp(rates, (0, 80), start, rtol=1e-10, atol=1e-6).y[:, -1]
    richardson = 2 * found[16] - found[8]
    error = {s: np.abs(f - exact).max() / 1e6 for s, f in found.items()}
    assert error[16] < 0.6 * error[8]
    assert np.abs(richardson - exact).max() / 1e6 < 1e-3


def test_extinction_is_that_of_the_branching_process(world):
    """One case dies out with probability q, the least root of q = E q^offspring.

    The offspring of one case is drawn here by the discrete course alone; the extinction is that of
    the whole engine.
    """
    model = world([1_000_000], days=80, R=2.0, seeds=[1], mixing=np.ones((2, 2)))
    children = offspring(model.course, model.factor[0, 0] * 14, np.random.default_rng(7), 40_000)
    assert children.mean() == pytest.approx(2.0, abs=0.03)
    q = 0.0
    for _ in range(200):
        q = float(np.mean(q**children))
    ended = [
        lived(model, replicate=r, seed=11)[-1, 0, :, E1 : S + 6].sum() == 0 for r in range(600)
    ]
    assert np.mean(ended) == pytest.approx(q, abs=3.5 * np.sqrt(q * (1 - q) / 600))


def offspring(course, contacts, rng, size):
    """Draw how many one case infects among very many susceptible: stays are geometric in substeps."""
    cut = int(course[SUBSTEPS + P, 0])
    enters = sum(rng.geometric(course[MOVE + c, 0], size) for c in (E1, E2))
    leaves = enters + rng.geometric(course[MOVE + P, 0], size)
    seen = (leaves - 1) // cut - (enters - 1) // cut  # days begun while presymptomatic
    later = rng.geometric(course[MOVE + I, 0], size)  # the same for symptomatic and subclinical
    clinical = rng.random(size) < course[CLINICAL, 0]
    return rng.poisson(contacts * np.where(clinical, seen + later, 0.5 * later))
