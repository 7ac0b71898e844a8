"""The command line: one word after ``tongchou`` for each thing it does.

Messages are written in the language of ``--lang``, of ``TONGCHOU_LANG``, or of the locale.
Refusals go to standard error, and the shell gets an exit code with a name
(:class:`tongchou.vocabulary.errors.ExitCode`).
"""

import sys

import click

from tongchou.cli.alarms import alarms
from tongchou.cli.backtest import backtest
from tongchou.cli.calibrate import calibrate
from tongchou.cli.chains import chains
from tongchou.cli.clusters import clusters
from tongchou.cli.data import data
from tongchou.cli.delays import delays
from tongchou.cli.doctor import doctor
from tongchou.cli.exercise import exercise
from tongchou.cli.forecast import forecast
from tongchou.cli.help_text import WideFormatter
from tongchou.cli.language import reader_language
from tongchou.cli.morning import morning
from tongchou.cli.nowcast import nowcast
from tongchou.cli.project import project
from tongchou.cli.rt import rt
from tongchou.cli.scan import scan
from tongchou.cli.scenario import scenario
from tongchou.cli.serve import serve
from tongchou.cli.severity import severity
from tongchou.cli.station import backup, restore, station, upgrade
from tongchou.cli.tiers import tiers
from tongchou.version import __version__
from tongchou.vocabulary.errors import ExitCode, TongchouError

# All commands, those within commands too: click asks the context for its formatter.
click.Context.formatter_class = WideFormatter


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="tongchou")
def tongchou() -> None:
    """统筹：从截至24时的数据到可签署的每日工作部署。From data to 24:00 to an order of the day."""


for command in (
    morning,
    backtest,
    forecast,
    project,
    calibrate,
    scenario,
    severity,
    tiers,
    rt,
    nowcast,
    data,
    exercise,
    serve,
    doctor,
    backup,
    restore,
    upgrade,
    station,
    chains,
    delays,
    scan,
    clusters,
    alarms,
):
    tongchou.add_command(command)


def main() -> None:
    """Run the command and leave with its exit code."""
    arguments = sys.argv[1:]
    lang = reader_language(arguments)
    try:
        code = tongchou.main(args=arguments, prog_name="tongchou", standalone_mode=False)
    except TongchouError as error:
        click.echo(error.text()[lang], err=True)
        click.echo(f"[{error.exit_code.name} {int(error.exit_code)}]", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except click.Abort:
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else ExitCode.OK)
