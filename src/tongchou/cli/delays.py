"""``tongchou delays``: the four earlies of a line list as distributions, the step that loses most, who is late."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tongchou.cli import plain
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    import polars as pl

    from tongchou.situation.plain.linelist import LineList
    from tongchou.surveillance.delays import Span


def _strata(_context: click.Context, _option: click.Parameter, said: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in said.split(",") if part.strip())
    wrong = [part for part in parts if part not in ("place", "week")]
    if wrong or len(set(parts)) < len(parts):
        raise click.BadParameter(
            f"{said}：请写 place、week 或 place,week。Write place, week or place,week."
        )
    return tuple(part for part in ("place", "week") if part in parts)


def _ends(
    _context: click.Context, _option: click.Parameter, said: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    pairs = []
    for pair in said:
        start, mark, end = (part.strip() for part in pair.partition(":"))
        if not (mark and start and end):
            raise click.BadParameter(f"{pair}：请写成 开始列:结束列。Write it as START:END.")
        pairs.append((start, end))
    return tuple(pairs)


def _date(_context: click.Context, _option: click.Parameter, said: datetime | None) -> date | None:
    return None if said is None else said.date()


@click.command()
@plain.reads_linelist()
@click.option(
    "--show",
    type=click.Choice(["fits", "lost", "late", "inside"]),
    default="fits",
    show_default=True,
    help="时延分布；各步失时；超时病例；隔离中发现的比例。Distributions; days lost by step; late cases; share found in quarantine.",
)
@click.option(
    "--span",
    "spans",
    multiple=True,
    callback=_ends,
    metavar="START:END",
    help="时延的两端列名，可重复；一端可写 首日列..末日列。默认四早。The two columns of a delay, repeatable; an end may be FIRST..LAST. The four earlies by default.",
)
@click.option(
    "--by",
    default="place",
    show_default=True,
    callback=_strata,
    metavar="place,week",
    help="分组：地区、开始所在周；空为合并。Strata: place, week of the start; empty for all together.",
)
@click.option(
    "--family",
    type=click.Choice(["auto", "gamma", "lognormal", "weibull"]),
    default="auto",
    show_default=True,
    help="分布族；auto 按 AIC 选。Family; auto chooses by AIC.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_date,
    metavar="YYYY-MM-DD",
    help="按当晚所知计算；默认即 --today。As known that night; --today by default.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_date,
    metavar="YYYY-MM-DD",
    help="暴露首日不明者自该日起算。First day of a start window that has none.",
)
@plain.writes_result
def delays(
    linelist: "LineList",
    today: date,
    show: str,
    spans: tuple[tuple[str, str], ...],
    by: tuple[Any, ...],
    family: Any,
    as_of: date | None,
    since: date | None,
    out: Path | None,
    plot: Path | None,
    lang: Lang,
) -> None:
    """四早时延：分布、最费时的一步、超时病例。Delays of the four earlies of LINELIST, corrected for dates known to the day and for cases not yet known."""
    from tongchou.morning.plots import delays as plots
    from tongchou.surveillance.rates import found_inside_share
    from tongchou.surveillance.timeliness.families import FAMILIES
    from tongchou.surveillance.timeliness.late import late_cases
    from tongchou.surveillance.timeliness.lost import lost_days
    from tongchou.surveillance.timeliness.strata import estimate_delays

    if show != "fits" and (spans or since or family != "auto"):
        raise click.UsageError(_ONLY_FITS)
    cut, cases, notes = as_of or today, linelist.cases, list(linelist.notes)
    match show:
        case "late":
            frame, draw = late_cases(cases, cut), plots.late_chart
            notes += _judged(cases.columns, frame, cut)
        case "lost":
            frame, draw = lost_days(cases, cut), plots.lost_chart
        case "inside":
            frame = found_inside_share(_confirmed(cases, cut))
            draw = plots.inside_chart
        case _:
            chosen = _spans(spans, cases)
            names = tuple(FAMILIES) if family == "auto" else (family,)
            cases = _with_dates(cases, chosen, today)
            frame = estimate_delays(cases, cut, chosen, by=by, families=names, since=since)
            draw = plots.delays_chart
            notes += _said(frame, cut)
    plain.finish(frame, out=out, plot=plot, draw=draw, title=TITLES[show], lang=lang, notes=notes)


def _spans(said: Sequence[tuple[str, str]], cases: "pl.DataFrame") -> "tuple[Span, ...]":
    """Give the delays asked for, or those of the four earlies that the list can show."""
    from tongchou.surveillance.delays import EARLIES, STEPS, Span
    from tongchou.vocabulary.errors import MissingData

    if not said:
        found = tuple(s for s in EARLIES if set(s.columns) <= set(cases.columns))
        if not found:
            ends = dict.fromkeys(c for s in EARLIES for c in s.columns if c not in cases.columns)
            raise MissingData("LINELIST", NEEDED_FOR, column=" | ".join(ends))
        return found
    known = {(s.start, s.end): s for s in (*EARLIES, *STEPS)}
    return tuple(
        known.get((start, end))
        or Span(
            name=f"{start}:{end}", start=start, end=end,
            label=Text(zh=f"{start} 至 {end}", en=f"{start} to {end}"),
        )
        for start, end in said
    )  # fmt: skip


def _with_dates(cases: "pl.DataFrame", spans: "Sequence[Span]", today: date) -> "pl.DataFrame":
    """Read the list's own columns that a delay names as dates; those of the contract are dates already."""
    import polars as pl

    from tongchou.situation.plain.faults import Faults
    from tongchou.situation.plain.sheet import Sheet
    from tongchou.situation.plain.values import read_dates

    named = {column for span in spans for column in span.columns}
    own = [c for c in cases.columns if c in named and cases[c].dtype == pl.String]
    given = click.get_current_context().params
    numbers = pl.int_range(1, cases.height + 1, eager=True)
    faults = Faults(file=Path(given["linelist_file"]).name)
    sheet = Sheet(cells=cases.select(own), numbers=numbers, epoch=1900, faults=faults)
    read = [read_dates(sheet, c, today=today, order=given["date_order"]) for c in own]
    faults.raise_any()
    return cases.with_columns(read)


def _confirmed(cases: "pl.DataFrame", cut: date) -> "pl.DataFrame":
    """Give the cases confirmed by the cut-off; a list without that date is refused further on."""
    import polars as pl

    return cases.filter(pl.col("confirmed_on") <= cut) if "confirmed_on" in cases.columns else cases


def _judged(columns: Sequence[str], late: "pl.DataFrame", cut: date) -> list[Text]:
    """Say which service levels the list could be held against, and what a blank means."""
    from tongchou.surveillance.timeliness.late import is_judged, service_levels
    from tongchou.vocabulary.text import join

    levels = [level.label for level in service_levels().values() if is_judged(level, columns)]
    if not levels:
        return [_NOT_JUDGED]
    notes = [_JUDGED.fill(cut=cut.isoformat(), levels=join(levels))]
    blank = late["ended_on"].null_count()
    return [*notes, _BLANK.fill(n=f"{blank:,}")] if blank else notes


def _said(frame: "pl.DataFrame", cut: date) -> list[Text]:
    """Say what the result rests on: cut-off, faults, and fits that are not a stratum's own."""
    import polars as pl

    from tongchou.surveillance.timeliness.strata import LEAST

    notes = [_CUT.fill(cut=cut.isoformat())]
    for name, text in _LEFT_OUT.items():
        if n := frame[name].sum():
            notes.append(text.fill(n=f"{n:,}"))
    shared = frame.filter(pl.col("basis").is_not_null() & (pl.col("basis") != "own")).height
    if shared:
        notes.append(_SHARED.fill(n=f"{shared:,}", least=LEAST))
    if unfit := frame["family"].null_count():
        notes.append(_UNFIT.fill(n=f"{unfit:,}"))
    return notes


NEEDED_FOR = Text(zh="四早时延", en="delay of the four earlies")
TITLES = {
    "fits": Text(
        zh="四早时延（已校正删失与截尾）", en="Delays, corrected for censoring and truncation"
    ),
    "lost": Text(zh="各步所费天数（已校正）", en="Days in each step, corrected"),
    "late": Text(zh="超时病例", en="Cases beyond a service level"),
    "inside": Text(zh="隔离中发现的比例", en="Share found inside quarantine"),
}
_JUDGED = Text(
    zh="截至 {cut} 24时，按日期肯定超时的病例；可判断的时限：{levels}。",
    en="Cases late for certain, by their dates, at the end of {cut}; levels that the list can be held against: {levels}.",
)
_NOT_JUDGED = Text(
    zh="名单没有任何时限所需的日期，无从判断是否超时。",
    en="The list has the dates of no service level; nobody can be called late.",
)
_BLANK = Text(
    zh="其中 {n} 条没有完成日期，按尚未完成计；若是漏填，请先补齐。",
    en="{n} of them have no date of the stop: a blank is taken as not done, so complete the list first if dates are merely missing.",
)
_ONLY_FITS = "--span、--since、--family 只用于 --show fits。--span, --since and --family go with --show fits."
_CUT = Text(
    zh="按截至 {cut} 24时所知计算：此后才结束的时延不在名单上，已作截尾校正。",
    en="As known at the end of {cut}: delays that ended later are not on the list, and the fits correct for them.",
)
_LEFT_OUT = {
    "fault": Text(
        zh="{n} 条时延的结束早于开始，按记录有误剔除（列 fault）。",
        en="{n} delays end before they start: left out as faults of the record (column fault).",
    ),
    "before": Text(
        zh="{n} 条隔离或收治早于开始：这正是目标，单独计数（列 before），不入分布。",
        en="{n} isolations or admissions precede the start, which is the aim: counted apart (column before), not fitted.",
    ),
    "unknown": Text(
        zh="{n} 条时延的开始日期不明（列 unknown）。",
        en="{n} delays have no known start (column unknown).",
    ),
}
_SHARED = Text(
    zh="{n} 组的可测时延不足 {least} 例：向各组共同水平收缩，或取各组合并的拟合（列 basis）。",
    en="{n} strata have fewer than {least} dated delays: drawn towards what the strata share, or given the fit of all together (column basis).",
)
_UNFIT = Text(
    zh="{n} 组无法拟合分布：病例太少、时延全在一两天内，或离截止日太近。",
    en="{n} strata have no fit: too few cases, delays all within a day or two, or a cut-off too close.",
)
