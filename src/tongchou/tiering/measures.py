"""The catalogue of measures, and the least burdensome of them that is enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tongchou.tiering.rules import TIERS, Tier
from tongchou.vocabulary.errors import NotFound
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text, estimate, text_of

Lever = Literal["source", "route", "susceptible"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure of the catalogue.

    Attributes
    ----------
    lever
        Which link of infection it works on: source, route or susceptible.
    goal
        What it is for; measures with the same goal stand in for one another.
    burden
        Burden on people and the economy, 1 (least) to 5; a judgement.
    basis
        Id of the legal basis, empty for what is never lawful.
    lowest_tier
        Lowest tier in which it may be used; None if it may never be used.
    default_days
        Days after which it lapses by itself.
    """

    measure: str
    name: Text
    lever: Lever
    goal: str
    target: str
    burden: int
    least_burden_rank: int
    basis: str
    lowest_tier: Tier | None
    default_days: int
    appeal: Text
    owner: Text

    def allowed_in(self, tier: Tier) -> bool:
        """Say whether a tier allows the measure at all."""
        return self.lowest_tier is not None and TIERS.index(tier) >= TIERS.index(self.lowest_tier)


@cache
def measure_catalogue() -> dict[str, Measure]:
    """Give the catalogue of measures by id."""
    return {
        row["measure"]: Measure(
            measure=row["measure"],
            name=Text(zh=row["zh"], en=row["en"]),
            lever=row["lever"],
            goal=row["goal"],
            target=row["target"],
            burden=row["burden"],
            least_burden_rank=row["least_burden_rank"],
            basis=row["basis"] or "",
            lowest_tier=None if row["lowest_tier"] == "never" else row["lowest_tier"],
            default_days=row["default_days"],
            appeal=text_of(row, "appeal"),
            owner=text_of(row, "owner"),
        )
        for row in packaged("tiering/measures").iter_rows(named=True)
    }


def find_measure(measure: str) -> Measure:
    """Give a measure of the catalogue or say that there is none."""
    catalogue = measure_catalogue()
    if measure not in catalogue:
        near = [m for m in catalogue if m.split("_")[0] == measure.split("_")[0]]
        raise NotFound(measure, near=near)
    return catalogue[measure]


def least_burden(goal: str, tier: Tier) -> list[Measure]:
    """Give the lawful measures for a goal in a tier, the least burdensome first.

    >>> [m.measure for m in least_burden("gatherings", "high")]
    ['gathering_limit', 'venue_closure']
    """
    fit = [m for m in measure_catalogue().values() if m.goal == goal and m.allowed_in(tier)]
    return sorted(fit, key=lambda m: (m.least_burden_rank, m.burden))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The least burdensome measure that reaches an effect, and the milder ones that do not."""

    measure: Measure | None
    reason: Text
    too_weak: tuple[str, ...]


def choose_measure(goal: str, tier: Tier, effects: Mapping[str, float], *, needed: float) -> Choice:
    """Pick the least burdensome lawful measure for a goal whose effect is enough.

    Parameters
    ----------
    effects
        Expected effect by measure, such as the share of transmissions prevented; a measure
        without an estimate cannot be chosen.
    needed
        Effect that has to be reached, in the same unit.

    Examples
    --------
    >>> effects = {"gathering_limit": 0.1, "venue_closure": 0.25}
    >>> choose_measure("gatherings", "high", effects, needed=0.2).measure.measure
    'venue_closure'
    """
    options = [m for m in least_burden(goal, tier) if m.measure in effects]
    weak = tuple(m.measure for m in options if effects[m.measure] < needed)
    enough = [m for m in options if effects[m.measure] >= needed]
    if not enough:
        none = Text(
            zh="这一等级内没有措施能达到所需效果{needed}。",
            en="No measure allowed in this tier reaches the effect needed, {needed}.",
        )
        return Choice(measure=None, reason=none.fill(needed=estimate(needed)), too_weak=weak)
    chosen = min(enough, key=lambda m: (m.burden, m.least_burden_rank))
    reason = Text(
        zh="“{name}”是达到所需效果{needed}的措施中负担最小的（预计效果{effect}，负担{burden}/5）。",
        en="“{name}” is the least burdensome that reaches {needed} (expected effect {effect}, burden {burden} of 5).",
    )
    return Choice(
        measure=chosen,
        reason=reason.fill(
            name=chosen.name,
            needed=estimate(needed),
            effect=estimate(effects[chosen.measure]),
            burden=chosen.burden,
        ),
        too_weak=weak,
    )
