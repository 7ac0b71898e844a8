"""What the commands on plain files share: their arguments and options, and how they end.

A command is written as ::

    @click.command()
    @plain.reads_counts
    @plain.writes_result
    def rt(counts: Counts, out: Path | None, plot: Path | None, lang: Lang) -> None:
        ...
        plain.finish(frame, out=out, plot=plot, draw=reproduction_chart, title=TITLE, lang=lang, notes=counts.notes)

``reads_counts`` and ``reads_linelist`` add the argument and every option of reading, and hand the
command what was read; the single options stand below for commands that read something else.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tongchou.cli.language import reader_language
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    import polars as pl

Command = Callable[..., Any]
Draw = Callable[["pl.DataFrame", Lang], Any]
"""Makes the Altair drawing of a result."""


def pairs_of(
    _context: click.Context, _option: click.Parameter, said: Sequence[str]
) -> dict[str, str]:
    """Give ``ours=theirs`` as said on the command line, as a mapping."""
    pairs = {}
    for pair in said:
        ours, mark, theirs = pair.partition("=")
        if not (mark and ours and theirs):
            raise click.BadParameter(f"{pair}：请写成 ours=theirs。Write it as ours=theirs.")
        pairs[ours.strip()] = theirs.strip()
    return pairs


def _day(_context: click.Context, _option: click.Parameter, said: datetime | None) -> date:
    return said.date() if said is not None else date.today()  # noqa: DTZ011 - the reader's own day


def _language(_context: click.Context, _option: click.Parameter, said: Lang | None) -> Lang:
    return said or reader_language([])


counts_argument = click.argument(
    "counts_file", metavar="COUNTS", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
linelist_argument = click.argument(
    "linelist_file",
    metavar="LINELIST",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
column_option = click.option(
    "--column",
    "columns",
    multiple=True,
    callback=pairs_of,
    metavar="OURS=THEIRS",
    help="列名对应，可重复，如 place=city。Which column is which, repeatable, such as place=city.",
)
date_order_option = click.option(
    "--date-order",
    type=click.Choice(["dmy", "mdy"]),
    help="3/2/2020 之类日期的写法：日在前或月在前。How dates such as 3/2/2020 are meant: day or month first.",
)
blank_option = click.option(
    "--blank",
    type=click.Choice(["refuse", "zero", "carry"]),
    default="refuse",
    show_default=True,
    help="空格的含义：报错、零例、沿用上一日期。What a blank cell means: a fault, no case, as on the date before.",
)
today_option = click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_day,
    metavar="YYYY-MM-DD",
    help="数据截至日期，默认今天。Day up to which the data go; today by default.",
)
out_option = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="结果表（.csv 或 .parquet）；默认在屏幕上写 CSV。Result table (.csv or .parquet); CSV on the screen by default.",
)
plot_option = click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="图（.html、.svg 或 .png）。Drawing (.html, .svg or .png).",
)
unreadable_option = click.option(
    "--unreadable",
    type=click.Choice(["refuse", "blank"]),
    default="refuse",
    show_default=True,
    help="读不出的单元格：拒绝整个文件，或按未知处理并计数。A cell that cannot be read: refuse the file, or take it as unknown and count it.",
)
lang_option = click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    callback=_language,
    help="说明与图的语言。Language of notes and drawing.",
)


def reads_counts(command: Command) -> Command:
    """Add the counts file and its options to a command, and hand it ``counts``."""

    @wraps(command)
    def reading(
        counts_file: Path,
        columns: dict[str, str],
        date_order: Any,
        blank: Any,
        today: date,
        **rest: Any,
    ) -> Any:
        from tongchou.situation.plain.counts import read_counts

        counts = read_counts(
            counts_file, columns=columns, today=today, date_order=date_order, blank=blank
        )
        return command(counts=counts, **rest)

    return _stacked(
        reading, counts_argument, column_option, date_order_option, blank_option, today_option
    )


def reads_linelist(*need: str) -> Callable[[Command], Command]:
    """Add the line list and its options to a command, and hand it ``linelist`` and ``today``.

    Parameters
    ----------
    need
        Columns of the contract that the command cannot do without.
    """

    def add(command: Command) -> Command:
        @wraps(command)
        def reading(
            linelist_file: Path,
            columns: dict[str, str],
            date_order: Any,
            unreadable: Any,
            today: date,
            **rest: Any,
        ) -> Any:
            from tongchou.situation.plain.linelist import read_linelist

            linelist = read_linelist(
                linelist_file,
                columns=columns,
                need=need,
                today=today,
                date_order=date_order,
                unreadable=unreadable,
            )
            with missing_in(linelist_file):
                return command(linelist=linelist, today=today, **rest)

        return _stacked(
            reading,
            linelist_argument,
            column_option,
            date_order_option,
            unreadable_option,
            today_option,
        )

    return add


@contextmanager
def missing_in(file: Path) -> Iterator[None]:
    """Let a column that is missing be told with the file that lacks it."""
    try:
        yield
    except MissingData as missing:
        missing.file = file.name
        raise


def writes_result(command: Command) -> Command:
    """Add ``--out``, ``--plot`` and ``--lang`` to a command."""
    return _stacked(command, out_option, plot_option, lang_option)


def _stacked(command: Command, *decorators: Callable[[Command], Command]) -> Command:
    for decorate in reversed(decorators):
        command = decorate(command)
    return command


def finish(
    frame: "pl.DataFrame",
    *,
    out: Path | None,
    plot: Path | None,
    draw: Draw,
    title: Text,
    lang: Lang,
    notes: Sequence[Text] = (),
) -> None:
    """Write a result where it was asked for, and say what was assumed.

    Parameters
    ----------
    frame
        The result, one row for each place and date.
    out
        Table to write; without it and without ``plot`` the table goes to standard output as CSV.
    plot
        Drawing to write.
    draw
        Makes the drawing of the frame.
    title
        Of the drawing.
    notes
        What was assumed; goes to standard error, one line each.
    """
    for note in notes:
        click.echo(note[lang], err=True)
    if out is not None:
        from tongchou.situation.plain.results import write_result

        write_result(frame, out)
        click.echo(_WROTE.fill(n=f"{frame.height:,}", file=out)[lang], err=True)
    if plot is not None:
        from tongchou.morning.plots import ground

        ground.save(draw(frame, lang), plot, lang, title, frame)
        click.echo(_DREW.fill(file=plot)[lang], err=True)
    if out is None and plot is None:
        click.echo(frame.write_csv(), nl=False)


_WROTE = Text(zh="已写出 {n} 行：{file}", en="Wrote {n} rows: {file}")
_DREW = Text(zh="已画图：{file}", en="Drew: {file}")
