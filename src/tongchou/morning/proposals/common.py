"""What a proposal is made of, before it is ranked and numbered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache

import polars as pl

from tongchou.morning.evidence import evidence
from tongchou.morning.gaps import OpenGap
from tongchou.morning.order import Decision, Option
from tongchou.morning.outlook import Outlook
from tongchou.morning.picture import Picture
from tongchou.morning.solve import Plan
from tongchou.scenario.harm import UNIT, harm_per_day, weights
from tongchou.tiering.legal import basis_name
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text, day, estimate, join, text_of

RUN_AT = time(6, 30)
"""When the order is out and the clocks of its decisions start (assumption; the register's own hour)."""
NOTHING = Text(zh="不作决定，维持现状", en="do nothing, keep things as they are")
UNCHANGED = Text(zh="", en="")
NO_COST = Text(zh="无新增支出记录", en="no outlay on record")
NO_BURDEN = Text(zh="不增加群众负担", en="no added burden on people")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All that a proposal may draw on."""

    picture: Picture
    outlook: Outlook
    plan: Plan
    gaps: tuple[OpenGap, ...]

    def name(self, place: str) -> Text:
        """Give the name of a place of the scope."""
        return self.picture.scope.names[place]

    def names(self, places: Iterable[str], many: int = 4) -> Text:
        """Give the names of places, the first few and how many more."""
        codes = list(places)
        listed = join([self.name(c) for c in codes[:many]])
        if len(codes) <= many:
            return listed
        return Text(zh="{l}等{n}地", en="{l} and {m} more").fill(
            l=listed, n=len(codes), m=len(codes) - many
        )

    def population(self, places: Iterable[str]) -> float:
        """Give the residents of places; places without a figure count nothing."""
        return float(sum(self.picture.scope.population.get(p) or 0 for p in places))


@cache
def decision_kinds() -> Mapping[str, Mapping[str, object]]:
    """Give the kinds of decision: owner, basis, due time, validity, mechanisms, what would change it."""
    table = packaged("morning/decisions")
    return {row["kind"]: row for row in table.iter_rows(named=True)}


def option(
    name: Text,
    effect: Text,
    *,
    recommended: bool = False,
    cost: Text | None = None,
    burden: Text | None = None,
) -> Option:
    """Give one option; the recommended one always says its cost and its burden."""
    silent = (NO_COST, NO_BURDEN) if recommended else (UNCHANGED, UNCHANGED)
    return Option(
        name=name,
        recommended=recommended,
        effect=effect,
        cost=silent[0] if cost is None else cost,
        burden=silent[1] if burden is None else burden,
    )


def propose(
    context: Context,
    kind: str,
    *,
    id: str,
    sentence: Text,
    where: Text,
    places: Iterable[str],
    options: tuple[Option, ...],
    amounts: Mapping[str, float],
    rows: pl.DataFrame,
    formula: Text,
    notes: Iterable[Text] = (),
    harm: float | None = None,
) -> Decision:
    """Make a decision of a kind: the table gives owner, basis, due time and expiry.

    ``amounts`` is the harm that one day of delay adds, by kind of harm; ``harm`` replaces the sum
    where a scenario has weighed it already.
    """
    terms = decision_kinds()[kind]
    start = context.picture.situation.cut + timedelta(days=1)
    hours = int(str(terms["due_hours"]))
    total = harm_per_day(amounts) if harm is None else harm
    weighed = [
        Text(zh="每拖延一天：{l} {a}，权重 {w}", en="a day of delay: {l} {a}, weight {w}").fill(
            l=weights()[k].label, a=estimate(v), w=f"{weights()[k].weight:g}"
        )
        for k, v in amounts.items()
    ]
    return Decision(
        id=id,
        sentence=sentence,
        where=where,
        places=tuple(places),
        mechanisms=tuple(str(terms["mechanisms"]).split("|")),
        options=options,
        harm_per_day=total,
        legal_basis=basis_name(str(terms["basis"])),
        start=start,
        expiry=start + timedelta(days=int(str(terms["valid_days"]))),
        owner=text_of(terms, "owner"),
        due=Text(zh="{d} {t} 起 {h} 小时内", en="within {h} hours from {t} on {d}").fill(
            d=day(start), t=f"{RUN_AT:%H:%M}", h=hours
        ),
        due_by=datetime.combine(start, RUN_AT) + timedelta(hours=hours),
        would_change=text_of(terms, "would_change"),
        takes_freedom=terms["takes_freedom"] == "yes",
        evidence=evidence(
            f"decision-{id}",
            sentence,
            "decisions",
            formula,
            rows,
            notes=[
                *weighed,
                Text(zh="合计 {h} {u}", en="in all {h} {u}").fill(h=estimate(total), u=UNIT),
                *notes,
            ],
        ),
    )
