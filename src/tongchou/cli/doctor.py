"""``tongchou doctor``: what is wrong with a station, and the next step."""

import click

from tongchou.cli.language import reader_language
from tongchou.vocabulary.text import Lang, Text


@click.command()
@click.option("--full", is_flag=True, help="核对全部审计记录。Walk the whole audit trail.")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。Print JSON.")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="输出语言。Language of the output.")
def doctor(full: bool, as_json: bool, lang: Lang | None) -> int:
    """检查安装、数据库与运行状况，并给出下一步。Says what is wrong with a setup and the next step."""
    import json

    from rich.console import Console
    from rich.table import Column, Table

    from tongchou.station.operations.doctor import examine
    from tongchou.station.operations.findings import STATE_NAMES
    from tongchou.vocabulary.errors import ExitCode

    spoken = lang or reader_language([])
    findings = list(examine(full=full))
    wrong = sum(f.state == "bad" for f in findings)
    if as_json:
        click.echo(json.dumps([f.as_dict() for f in findings], ensure_ascii=False, indent=2))
    else:
        table = Table(*(Column(head[spoken], overflow="fold") for head in _HEADS))
        for f in findings:
            table.add_row(
                STATE_NAMES[f.state][spoken], f.name[spoken], f.found[spoken], f.step[spoken]
            )
        Console().print(table)
        look = sum(f.state == "warn" for f in findings)
        click.echo(_SUM.fill(n=len(findings), wrong=wrong, look=look)[spoken])
    return ExitCode.CHECK_FAILED if wrong else ExitCode.OK


_HEADS = (
    Text(zh="状态", en="state"),
    Text(zh="项目", en="looked at"),
    Text(zh="结果", en="found"),
    Text(zh="下一步", en="next step"),
)
_SUM = Text(
    zh="共检查 {n} 项：有误 {wrong}，留意 {look}。",
    en="{n} things looked at: {wrong} wrong, {look} to look at.",
)
