"""The course of illness in one step: the same for a crowd as for each of it, and by chance as in expectation."""

import numpy as np
import pytest

from tongchou.transmission.metapopulation.chance import EXACT, EXPECTED
from tongchou.transmission.metapopulation.compartments import COUNT, E1, TOLD, D, R
from tongchou.transmission.metapopulation.course import course_of
from tongchou.transmission.metapopulation.progression import progress
from tongchou.transmission.metapopulation.streams import open_stream

MEASURES = (0.2, 0.1, 0.3)
"""Isolation, tracing and the share traced in time."""


def stepped(course, people, mode=EXPECTED, replicate=0):
    """Give the compartments and what is told of them after one step."""
    state, told = np.zeros((1, 2, COUNT)), np.zeros((1, TOLD))
    state[0, 0] = people
    start, step = (np.uint64(n) for n in open_stream(np.uint64(5), np.uint64(replicate), 0, 0, 0))
    progress(state, 0, 0, course, *MEASURES, start, step, mode, told)
    return state[0, 0], told[0]


@pytest.fixture(scope="module", params=[1, 4])
def course(request, cold):
    return course_of(cold, steps=request.param, fastest_isolation=0.5, fastest_tracing=0.1)


def test_a_crowd_is_the_sum_of_its_people(course):
    """Nobody's course depends on who else is ill: the step is linear in expectation."""
    crowd = np.zeros(COUNT)
    crowd[E1:R] = 1 + np.arange(R - E1)
    together = np.concatenate(stepped(course, crowd))
    alone = [np.concatenate(stepped(course, n * np.eye(COUNT)[c])) for c, n in enumerate(crowd)]
    assert together == pytest.approx(sum(alone), rel=1e-12)


def test_chance_agrees_with_the_expectation(course):
    """The mean of 4,000 draws within four and a half standard errors in every compartment and flow."""
    crowd = np.zeros(COUNT)
    crowd[E1:R] = 30.0
    expected = np.concatenate(stepped(course, crowd))
    drawn = np.array([np.concatenate(stepped(course, crowd, EXACT, r)) for r in range(4_000)])
    error = drawn.std(axis=0) / np.sqrt(len(drawn))
    assert (np.abs(drawn.mean(axis=0) - expected) <= 4.5 * error + 1e-9).all()
    assert (drawn[:, :COUNT].sum(axis=1) == crowd.sum()).all()
    assert (drawn[:, D] >= 0).all()
