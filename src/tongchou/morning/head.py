"""The head of the order: who, when, which level, and what to beware of."""

from datetime import datetime, time, timedelta

import polars as pl

from tongchou.morning.annexes.quality import touching_corrections
from tongchou.morning.evidence import no_data
from tongchou.morning.levels import level_counts, standing_level
from tongchou.morning.order import (
    Flag,
    Head,
)
from tongchou.morning.picture import Picture, differences
from tongchou.morning.standing import basis_words
from tongchou.morning.words import SERIES
from tongchou.tiering.ladder import Standing
from tongchou.tiering.levels import level_name
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text, count, day, same, share, text_of

STARTS = time(8, 0)
"""Hour at which an operational period of 24 hours begins (assumption; the commander may change it)."""


def head_of(picture: Picture) -> Head:
    """Give the head: who, when, which level, how much reported, and what to beware of."""
    situation, scope, quality = picture.situation, picture.scope, picture.quality
    tomorrow = situation.cut + timedelta(days=1)
    begin = datetime.combine(tomorrow, STARTS)
    standing = standing_level(picture)
    level, basis, review = _level_words(picture, standing)
    gazetteer = situation.gazetteer
    above = reversed(gazetteer.ancestors(scope.place))
    return Head(
        place=scope.place,
        name=scope.name,
        path=(*(p.name for p in above), scope.name),
        period=Text(zh="{d} {h} 起 24 小时", en="24 hours from {h} on {d}").fill(
            d=day(tomorrow), h=begin.strftime("%H:%M")
        ),
        edition=Text(zh="第 {n} 期", en="no. {n}").fill(
            n=(situation.cut - situation.origin.first).days + 1
        ),
        level=level,
        level_basis=basis,
        level_review=review,
        cut=situation.cut,
        reported_units=quality.reported,
        expected_units=quality.expected,
        flags=head_flags(picture),
        notices=notices(picture),
    )


def head_flags(picture: Picture) -> tuple[Flag, ...]:
    """Give the flags of the whole order."""
    flags: list[Flag] = []
    if picture.situation.origin.synthetic:
        flags.append("synthetic")
    flags.append("assumed")
    if not picture.quality.revised.is_empty() or picture.corrected:
        flags.append("revised")
    if picture.quality.reported < picture.quality.expected:
        flags.append("partial")
    return tuple(flags)


def _level_words(picture: Picture, standing: Standing | None) -> tuple[Text, Text, Text]:
    if standing is None:
        missing = MissingData("response_levels", Text(zh="响应级别", en="response level"))
        return no_data(missing), same("–"), same("–")
    if standing.level is None or standing.since is None:
        held = level_counts(picture)
        words = [
            Text(zh="{n} 地{l}", en="{n} areas at {l}").fill(n=n, l=level_name(k))  # type: ignore[arg-type]
            for k, n in held.items()
        ]
        if not words:
            return Text(zh="未启动响应", en="no response in force"), same("–"), same("–")
        return (
            Text(zh="，".join(w.zh for w in words), en=", ".join(w.en for w in words)),
            Text(zh="各地自定，依据见附件 F", en="each area its own; basis in Annex F"),
            Text(zh="各地复核日见次页", en="review days overleaf"),
        )
    basis = standing.since.basis
    recorded = (
        basis_words(basis) if basis else Text(zh="数据包未登记", en="not recorded in the pack")
    )
    return level_name(standing.level), recorded, day(standing.review_on)


def notices(picture: Picture) -> tuple[Text, ...]:
    """Give what stands under the head: known differences from published totals, silent units."""
    found: list[Text] = []
    for row in differences(picture).iter_rows(named=True):
        if row["here"] == row["published"]:
            continue
        found.append(
            Text(
                zh="{a}（{s}）本页为 {h}，当时公布 {p}，相差 {d}：{r}",
                en="{a} ({s}): {h} here, {p} published at the time, a difference of {d}: {r}",
            ).fill(
                a=picture.scope.names.get(row["place"], same(row["place"])),
                s=SERIES.get(row["series"], same(row["series"])),
                h=count(row["here"]),
                p=count(row["published"]),
                d=count(abs(row["here"] - row["published"])),
                r=text_of(row, "reason"),
            )
        )
    silent = picture.quality.silent
    if not silent.is_empty():
        names = [picture.scope.names[p] for p in silent["place"].head(5)]
        found.append(
            Text(
                zh="未报告单位 {n} 个（{s}）：{l}",
                en="Silent units: {n} ({s}): {l}",
            ).fill(
                n=silent.height,
                s=share(silent.height / picture.quality.expected),
                l=Text(zh="、".join(t.zh for t in names), en=", ".join(t.en for t in names)),
            )
        )
    return tuple(found)


def coarseness(picture: Picture) -> Text | None:
    """Say so where the rule is for counties and only coarser units report."""
    gazetteer = picture.situation.gazetteer
    lowest = gazetteer.levels[-1]
    above = [
        u
        for u in picture.scope.units
        if gazetteer.place(u).level != lowest and gazetteer.children(u)
    ]
    if not above:
        return None
    return Text(
        zh="规则以县为单位，而 {n} 个报告单位只有市（州）或直辖市数据：其等级是全市（州）合计的等级，县级可能更低。",
        en="The rule is for counties, but {n} reporting units have data for the whole prefecture or municipality only: their tier is that of the whole, and counties in them may stand lower.",
    ).fill(n=len(above))


NEWS_DAYS = 14
"""Days for which a correction is news on the page (assumption; Annex I holds all of them)."""


def correction_sentences(picture: Picture) -> tuple[Text, ...]:
    """Give the corrections of figures that became known lately, one sentence each, the newest first.

    How the pack reads its source (a day shifted, a code merged) is no correction of a figure: that
    stands in Annex I with all the others.
    """
    since = picture.situation.cut - timedelta(days=NEWS_DAYS)
    rows = touching_corrections(picture).filter(
        pl.col("action").is_in(["backlog", "revised", "note"])
        & pl.col("date").is_not_null()
        & (pl.col("known_on") > since)
    )
    names = picture.scope.names
    return tuple(
        Text(zh="{a}（{i}）：{r}", en="{a} ({i}): {r}").fill(
            i=r["correction_id"],
            a=names.get(r["place"], same(r["place"] or "")),
            r=text_of(r, "reason"),
        )
        for r in rows.sort("known_on", "correction_id", descending=[True, False]).iter_rows(
            named=True
        )
    )
