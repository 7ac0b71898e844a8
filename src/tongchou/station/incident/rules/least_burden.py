"""Which option of a decision burdens people least: shown wherever a decision takes freedom.

Who may change the table: the committee that looks after the ethics of the response; its rows are
assumptions until it has.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

from tongchou import reference
from tongchou.morning.order import Decision, Option
from tongchou.morning.proposals.common import NOTHING

FEWEST = "fewest"


def least_burdensome(decision: Decision) -> int | None:
    """Give the number (from 0) of the option that burdens people least among those that act.

    None where the decision takes no freedom, or where doing nothing is the only other way.
    """
    if not decision.takes_freedom:
        return None
    acting = [n for n, o in enumerate(decision.options) if o.name != NOTHING]
    rule = next((r for p, r in _rules().items() if decision.id.startswith(p)), "")
    if rule == FEWEST:
        return _fewest(acting, decision.options)
    number = int(rule) - 1 if rule else -1
    return number if number in acting else None


def _fewest(acting: Sequence[int], options: Sequence[Option]) -> int | None:
    bound = {n: _people(options[n]) for n in acting}
    known = {n: p for n, p in bound.items() if p is not None}
    return min(known, key=lambda n: (known[n], n)) if known else None


def _people(option: Option) -> int | None:
    """Read the number of people bound, as the proposal writes it.

    >>> from tongchou.vocabulary.text import same
    >>> _people(Option(name=same(""), recommended=True, effect=same(""), cost=same(""), burden=same("1,200 people under a measure")))
    1200
    """
    found = re.match(r"([\d,]+) people", option.burden.en)
    return int(found[1].replace(",", "")) if found else None


@cache
def _rules() -> Mapping[str, str]:
    with reference.path("station/least_burden.csv").open(encoding="utf-8", newline="") as handle:
        return MappingProxyType({r["decision"]: r["option"] for r in csv.DictReader(handle)})
