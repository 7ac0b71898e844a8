"""Response levels to step down or up."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from tongchou.morning.levels import LevelReview, level_reviews
from tongchou.morning.order import Decision
from tongchou.morning.proposals.common import NOTHING, Context, option, propose
from tongchou.tiering.levels import level_name
from tongchou.vocabulary.text import Text


def level_decisions(context: Context) -> Iterator[Decision]:
    """Propose to step a response level down or up where its checklist says so."""
    for review in level_reviews(context.picture):
        found = review.readiness
        if found.advice == "stay" or not _news_since(context, review):
            continue
        kind = "level_down" if found.advice == "step_down" else "level_up"
        items = pl.DataFrame(
            [
                {
                    "from": s.from_level,
                    "to": s.to_level,
                    "item": i.item,
                    "status": i.status,
                    "value": i.value,
                }
                for s in found.sheets
                for i in s.items
            ],
            schema={
                "from": pl.String,
                "to": pl.String,
                "item": pl.String,
                "status": pl.String,
                "value": pl.Float64,
            },
        )
        people = context.population([review.place])
        yield propose(
            context,
            kind,
            id=f"{kind}-{review.place}",
            sentence=Text(zh="{a}响应级别调整为{l}", en="Move {a} to {l}").fill(
                a=context.name(review.place), l=level_name(found.proposed)
            ),
            where=context.name(review.place),
            places=[review.place],
            options=(
                option(
                    Text(zh="调整为{l}", en="move to {l}").fill(l=level_name(found.proposed)),
                    found.reason,
                    recommended=True,
                ),
                option(
                    NOTHING, Text(zh="维持{l}", en="stay at {l}").fill(l=level_name(found.level))
                ),
            ),
            amounts={"burden_day": people * 0.1},
            rows=items,
            formula=Text(
                zh="清单各项阈值见响应级别方法页；全部达标方提议下调，任一项跌破即提议上调。",
                en="Thresholds of the checklist are on the page on response levels; all must pass to propose a step down, any failing one proposes a step up.",
            ),
        )


def _news_since(context: Context, review: LevelReview) -> bool:
    """Whether a case has come since the level was set: without one, a step up has no new reason."""
    if review.readiness.advice != "step_up" or review.standing.since is None:
        return True
    new = context.picture.new.sel(place=review.place)
    since = np.datetime64(review.standing.since.effective.date(), "ns")
    return bool((new.where(new["date"] >= since, 0) > 0).any())
