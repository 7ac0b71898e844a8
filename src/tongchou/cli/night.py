"""Which data, of which night, for which area: the options of all that starts from a night's picture."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from tongchou.vocabulary.text import Text

if TYPE_CHECKING:
    from tongchou.morning.picture import Picture
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


MODES: tuple[Literal["exact", "hybrid", "expected"], ...] = ("exact", "hybrid", "expected")

disease_option = click.option(
    "--disease", "ill_with", default="covid2020", show_default=True, help="疾病参数。Disease."
)
seed_option = click.option(
    "--seed", type=int, default=1, show_default=True, help="随机种子。Random seed."
)


def how_lived(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--mode``, ``--scheduler`` and ``--from`` to a command that lives futures."""
    for option in (
        click.option(
            "--from",
            "start",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="FIT",
            help="从 tongchou calibrate --keep 存放的校准出发；默认从报告数出发。Start from a fit kept by tongchou calibrate --keep; from the reports by default.",
        ),
        click.option(
            "--scheduler",
            metavar="ADDRESS",
            help="在 Dask 集群上计算。Compute on a Dask cluster, such as tcp://host:8786.",
        ),
        click.option(
            "--mode",
            type=click.Choice(MODES),
            default="exact",
            show_default=True,
            help="抽样方式。How chance is drawn.",
        ),
    ):
        command = option(command)
    return command


def titled(what: Text, picture: "Picture", cut: date) -> Text:
    """Give the title of a drawing: what it shows, where, on which night."""
    return Text(
        zh=f"{what.zh} · {picture.scope.name.zh} · {cut}",
        en=f"{what.en} · {picture.scope.name.en} · {cut}",
    )


def open_night(pack: str | None, as_of: datetime | None) -> "tuple[Pack, date]":
    """Open a pack, the usual one where none is named, and give its day, the usual one where none is named."""
    from tongchou.situation import library

    opened = library.open_pack(pack or library.default_pack())
    return opened, as_of.date() if as_of else library.usual_day(opened)
