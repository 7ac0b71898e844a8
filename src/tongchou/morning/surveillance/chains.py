"""Chains of transmission among the recent confirmed cases of the area."""

from datetime import timedelta

import numpy as np
import polars as pl

from tongchou.morning.scope import Scope
from tongchou.morning.surveillance.onsets import confirmed_cases
from tongchou.situation.situation import Situation
from tongchou.surveillance.chains.study import ChainStudy, study_chains
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

NEEDED_FOR = Text(zh="传播链", en="chains of transmission")
DAYS = int(parameter("chain_days").value)
MOST_CASES = 2000
"""Cases whose chains are drawn in one morning; beyond it each part of the area draws its own."""
FEWEST_CASES = 10
"""Below it R and k say nothing that the cases themselves do not."""
DRAWS = 100


def recent_chains(situation: Situation, scope: Scope, rng: np.random.Generator) -> ChainStudy:
    """Study the chains of the cases confirmed of late.

    Raises
    ------
    MissingData
        If there is no line list, nothing on it joins cases, or there are too many for one morning.
    """
    cases = confirmed_cases(situation, scope, NEEDED_FOR).filter(
        pl.col("confirmed_on") > situation.cut - timedelta(days=DAYS)
    )
    if cases.is_empty() or cases["onset_on"].null_count() == cases.height:
        raise MissingData("cases", NEEDED_FOR, column="onset_on")
    if cases["infector_id"].null_count() == cases.height:
        raise MissingData("cases", NEEDED_FOR, column="infector_id")
    if cases.height < FEWEST_CASES:
        raise MissingData(
            "cases",
            Text(zh="至少 {n} 例的传播链研究", en="study of chains among at least {n} cases").fill(
                n=FEWEST_CASES
            ),
        )
    if cases.height > MOST_CASES:
        raise MissingData(
            "cases",
            Text(
                zh="超过 {n} 例的整体传播链（请看下一级地区的部署）",
                en="chain study of more than {n} cases at once (see the orders of the areas below)",
            ).fill(n=f"{MOST_CASES:,}"),
        )
    return study_chains(cases, as_of=situation.cut, draws=DRAWS, rng=rng)
