"""Which data, of which night, for which area: the options of all that starts from a night's picture."""

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from tongchou.situation.pack import Pack


def of_a_night(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--data``, ``--as-of`` and ``--place`` to a command."""
    for option in (
        click.option(
            "--place",
            metavar="CODE|NAME",
            help="地区代码或名称；默认为最高一级。Area; the highest by default.",
        ),
        click.option(
            "--as-of",
            type=click.DateTime(["%Y-%m-%d"]),
            help="截止日（24时）；默认为数据包指定的日子。Data to 24:00 of this day.",
        ),
        click.option(
            "--data",
            "pack",
            metavar="PACK",
            help="数据包名或文件夹。Data pack: a name or a folder.",
        ),
    ):
        command = option(command)
    return command


def open_night(pack: str | None, as_of: datetime | None) -> "tuple[Pack, date]":
    """Open a pack, the usual one where none is named, and give its day, the usual one where none is named."""
    from tongchou.situation import library

    opened = library.open_pack(pack or library.default_pack())
    return opened, as_of.date() if as_of else library.usual_day(opened)
