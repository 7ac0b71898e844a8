"""``tongchou severity``: how many of the ill die, or come to a bed, from counts or from a line list."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tongchou.cli import plain
from tongchou.vocabulary.errors import BadInput, Fault
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    import polars as pl

    from tongchou.surveillance.severity import Delays

DEATHS = (
    "deaths",
    "新增死亡",
    "死亡",
    "死亡病例",
    "死亡数",
    "病亡",
    "new_deaths",
    "new deaths",
    "dead",
)
"""Names by which the column of deaths is known."""


def _words(_context: click.Context, _option: click.Parameter, said: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (said or "").split(",") if word.strip())


@click.command()
@click.argument(
    "file", metavar="COUNTS|LINELIST", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@plain.column_option
@plain.date_order_option
@plain.unreadable_option
@plain.blank_option
@plain.today_option
@click.option(
    "--deaths",
    metavar="COLUMN",
    help="计数文件中的死亡列，默认 deaths。Column of deaths in a file of counts; deaths by default.",
)
@click.option(
    "--event",
    type=click.Choice(["death", "admission", "severe", "critical"]),
    default="death",
    show_default=True,
    help="个案清单：计哪种结局。Line list: which event is counted.",
)
@click.option(
    "--start",
    default="onset_on",
    show_default=True,
    metavar="COLUMN",
    help="个案清单：从哪一日起算。Line list: the day counted from.",
)
@click.option(
    "--by",
    callback=_words,
    metavar="COLUMN,…",
    help="分组，如 age,class,place。Groups, such as age,class,place.",
)
@click.option(
    "--course",
    type=click.Choice(["static", "rolling", "varying"]),
    default="static",
    show_default=True,
    help="末日、逐日累计、逐日滑动。On the last day, as known on each day, or in a moving window.",
)
@click.option(
    "--window",
    type=click.IntRange(1),
    default=7,
    show_default=True,
    help="滑动窗口，天。Moving window, days.",
)
@click.option(
    "--delay-mean", type=float, help="到结局的延迟均值，天。Mean delay to the event, days."
)
@click.option("--delay-sd", type=float, help="其标准差，天。Its standard deviation, days.")
@click.option(
    "--delay-se",
    type=float,
    default=0.0,
    show_default=True,
    help="均值的标准误，天；计入区间。Standard error of the mean, days; widens the interval.",
)
@click.option(
    "--delay-family",
    type=click.Choice(["gamma", "lognormal"]),
    default="gamma",
    show_default=True,
    help="延迟的分布。Distribution of the delay.",
)
@click.option(
    "--likelihood",
    type=click.Choice(["matched", "binomial", "poisson"]),
    default="matched",
    show_default=True,
    help="校正值区间所用似然。Likelihood of the adjusted interval.",
)
@plain.writes_result
def severity(file: Path, out: Path | None, plot: Path | None, lang: Lang, **said: Any) -> None:
    """病例中死亡（或住院、重型、危重型）的比例，校正结局延迟。Share of cases that die or come to another event, adjusted for delay."""
    from tongchou.morning.plots.severity import severity_chart

    delay, notes = _delay(said)
    table = _of_counts if _deaths_column(file, said["deaths"]) is not None else _of_cases
    with plain.missing_in(file):
        frame, more = table(file, delay, said)
    plain.finish(
        frame,
        out=out,
        plot=plot,
        draw=severity_chart,
        title=TITLE.fill(event=EVENTS[said["event"]]),
        lang=lang,
        notes=(*notes, *more),
    )


def _of_counts(
    file: Path, delay: "Delays | None", said: dict[str, Any]
) -> tuple["pl.DataFrame", Sequence[Text]]:
    from tongchou.situation.plain.counts import read_counts
    from tongchou.surveillance.severity_table import severity_of_counts

    column = _deaths_column(file, said["deaths"])
    options = {"today": said["today"], "date_order": said["date_order"], "blank": said["blank"]}
    counts = read_counts(file, columns=said["columns"], **options)
    deaths = read_counts(file, columns={**said["columns"], "cases": str(column)}, **options)
    frame = severity_of_counts(
        counts.cases,
        deaths.cases,
        delay,
        course=said["course"],
        window=said["window"],
        likelihood=said["likelihood"],
    )
    return frame, counts.notes


def _of_cases(
    file: Path, delay: "Delays | None", said: dict[str, Any]
) -> tuple["pl.DataFrame", Sequence[Text]]:
    from tongchou.situation.plain.linelist import read_linelist
    from tongchou.surveillance.severity_table import severity_of_cases

    today: date = said["today"]
    linelist = read_linelist(
        file,
        columns=said["columns"],
        need=(said["start"],),
        today=today,
        date_order=said["date_order"],
        unreadable=said["unreadable"],
    )
    frame = severity_of_cases(
        linelist.cases, today, delay, event=said["event"], start=said["start"], by=said["by"],
        course=said["course"], window=said["window"], likelihood=said["likelihood"],
    )  # fmt: skip
    unknown = linelist.cases[said["start"]].null_count()
    left_out = (LEFT_OUT.fill(n=unknown, start=said["start"]),) if unknown else ()
    return frame, (*linelist.notes, *left_out, PUBLIC)


def _deaths_column(file: Path, said: str | None) -> str | None:
    """Give the column of deaths if this is a file of counts."""
    from tongchou.situation.files.headers import plain_header
    from tongchou.situation.plain.columns import names_of
    from tongchou.situation.plain.sheet import read_sheet

    header = read_sheet(file).cells.columns
    if said is None and any(plain_header(name) in _dates_of_persons() for name in header):
        return None
    for name in (said,) if said else DEATHS:
        if name in header:
            return name
    if said or any(plain_header(name) in names_of("counts")["cases"] for name in header):
        raise BadInput(
            [Fault(file=file.name, column=said or DEATHS[0], problem=_NO_DEATHS, remedy=_WHICH)]
        )
    return None


def _dates_of_persons() -> set[str]:
    """Give the names of columns that only a line list has."""
    from tongchou.situation.plain.columns import names_of

    of_persons, of_counts = names_of("linelist"), names_of("counts")
    dates = ("onset_on", "confirmed_on", "died_on", "recovered_on")
    return set().union(*(of_persons[c] for c in dates)) - of_counts["date"]


def _delay(said: dict[str, Any]) -> tuple["Delays | None", Sequence[Text]]:
    from tongchou.surveillance.severity import uncertain_delay
    from tongchou.vocabulary.distributions import Gamma, Lognormal
    from tongchou.vocabulary.parameter import parameter

    mean, sd = said["delay_mean"], said["delay_sd"]
    if mean is None or sd is None:
        if said["event"] != "death":
            return None, (NO_DELAY,)
        known = parameter("onset_to_death_mean")
        note = ASSUMED.fill(mean=known.value, sd=known.sd, source=known.source)
        return known.delay(), (note,)
    one = (
        Gamma(mean=mean, sd=sd)
        if said["delay_family"] == "gamma"
        else Lognormal.from_mean_sd(mean=mean, sd=sd)
    )
    if said["delay_se"] <= 0:
        return one, ()
    return uncertain_delay(one, said["delay_se"]), ()


TITLE = Text(zh="严重程度：病例中{event}的比例", en="Severity: share of cases that {event}")
EVENTS = {
    "death": Text(zh="死亡", en="die"),
    "admission": Text(zh="住院", en="are admitted"),
    "severe": Text(zh="转为重型", en="become severe"),
    "critical": Text(zh="转为危重型", en="become critical"),
}
ASSUMED = Text(
    zh="延迟取发病至死亡：均值 {mean} 天，标准差 {sd} 天（{source}）。若计数按确诊日，延迟应从确诊算起，请用 --delay-mean 与 --delay-sd 指明，否则校正值偏高。",
    en="Delay taken from onset to death: mean {mean} days, sd {sd} ({source}). With counts by day of confirmation the delay from confirmation belongs here: say it with --delay-mean and --delay-sd, or the adjusted figure is too high.",
)
_NO_DEATHS = Text(
    zh="计数文件中没有这一列（死亡）。", en="was not found (deaths) in this file of counts."
)
_WHICH = Text(
    zh="请用 --deaths 列名 指明，或改用个案清单。",
    en="Say which it is with --deaths NAME, or give a line list.",
)
NO_DELAY = Text(
    zh="未给出到此结局的延迟（--delay-mean、--delay-sd），不作延迟校正；仅列粗值与竞争结局法。",
    en="No delay to this event was given (--delay-mean, --delay-sd): no adjusted figure, only naive and competing outcomes.",
)
LEFT_OUT = Text(
    zh="{n} 例没有 {start}，未计入。",
    en="{n} cases without {start} are left out.",
)
PUBLIC = Text(
    zh="个案清单只能代表其收录者：公开清单往往漏记轻症和结局，据此算出的比例不是疾病的病死率。",
    en="A line list speaks for those on it: public lists miss mild cases and outcomes, and a share computed from one is not the fatality of the disease.",
)
