"""A small country with a source, its neighbours and two provinces, and epidemics in it that are known."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tongchou.transmission.calibration.priors import Beliefs
from tongchou.transmission.calibration.twin import Twin, small_country


@pytest.fixture(scope="session")
def country():
    """Give a country of 12 places over 60 days."""
    return small_country(12, 60, rng=np.random.default_rng(8))


@pytest.fixture(scope="session")
def beliefs() -> Beliefs:
    return replace(
        Beliefs.from_table(break_on=date(2020, 1, 30), reporting_to=date(2020, 2, 8)),
        reporting_step_sd=0.5,
    )


@pytest.fixture(scope="session")
def twin(country, beliefs) -> Twin:
    return country.epidemic(beliefs, rng=np.random.default_rng(4))
