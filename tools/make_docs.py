"""Writes the generated reference pages and the output of sessions; ``--check`` only says what has drifted.

Sessions on the real pack are run where ``TONGCHOU_DATA`` names it.
"""

import csv
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click
from sessions import refreshed

from tongchou import reference
from tongchou.cli.main import tongchou
from tongchou.situation.contract_page import contract_page
from tongchou.situation.recipes.china2020.page import china2020_page
from tongchou.vocabulary.parameter import Parameter, parameters
from tongchou.vocabulary.text import Text

ROOT = Path(__file__).parent.parent
WIDTH = 100
GENERATED = "<!-- 自动生成，请勿手改：make docs。 Generated, do not edit: make docs. -->"


def cli_page() -> str:
    """Give ``docs/reference/cli.md`` from the help of every command."""
    context = click.Context(
        tongchou,
        info_name="tongchou",
        terminal_width=WIDTH,
        help_option_names=tongchou.context_settings["help_option_names"],
    )
    sections = "\n".join(_commands(tongchou, context))
    return f"""# 命令 · Commands

{GENERATED}

下文即各命令的 `--help`。文件语言由 `--lang`、环境变量 `TONGCHOU_LANG` 或系统区域设置决定。退出码见[错误与退出码](errors.md)。

What follows is the `--help` of each command. The language is that of `--lang`, of `TONGCHOU_LANG`, or of the locale. Exit codes are on the page of [errors](errors.md).

## 环境变量 · Environment variables

| 变量 Variable | 含义 | Meaning |
|---|---|---|
| `TONGCHOU_DATA` | 来源文件所在文件夹，其中有 `china2020/` | folder of the received files; `china2020/` is in it |
| `TONGCHOU_HOME` | 数据包与下载文件的存放处；默认在用户数据目录 | where packs and pulled files are kept; by default the user's data folder |
| `TONGCHOU_CACHE` | 地图缓存；可随时删除 | cache of maps; may be deleted at any time |
| `TONGCHOU_LANG` | `zh` 或 `en` | `zh` or `en` |
| `TONGCHOU_DEBUG` | 工作站：`1` 为仅限本机的演示 | station: `1` for a demonstration on this machine only |
| `TONGCHOU_HOSTS` | 工作站：应答的主机名，以逗号分隔 | station: host names it answers to, separated by commas |
| `TONGCHOU_PROXY` | 工作站：`1` 表示前面的反向代理提供 HTTPS | station: `1` behind a reverse proxy that speaks HTTPS |
| `TONGCHOU_SECRET_KEY` | 工作站：密钥；默认首次启动时生成并存于 `TONGCHOU_HOME` | station: secret key; by default made at the first start and kept in `TONGCHOU_HOME` |
| `TONGCHOU_OIDC` | 工作站：统一身份认证，`签发者\\|客户端\\|密钥` | station: OpenID Connect provider, `issuer\\|client id\\|client secret` |
| `TONGCHOU_TIME_ZONE` | 工作站：业务日的时区，默认 `Asia/Shanghai` | station: time zone of the operational day, by default `Asia/Shanghai` |

`DATABASE_URL` 指定数据库服务器；不设则使用内置的 PostgreSQL。 `DATABASE_URL` names a database server; without it the embedded PostgreSQL is used.

{sections}"""


def _commands(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from _commands(
                below, click.Context(below, parent=context, info_name=name, terminal_width=WIDTH)
            )


def parameters_page() -> str:
    """Give ``docs/reference/parameters.md`` from the tables of parameters and assumptions."""
    rows = sorted(parameters().values(), key=lambda p: (p.is_assumption, p.name))
    taken = "\n".join(_parameter(p) for p in rows if not p.is_assumption)
    judged = "\n".join(_parameter(p) for p in rows if p.is_assumption)
    rooms = "\n".join(_assumptions())
    head = "| 名称 Name | 含义 Meaning | 人群 Population | 值 Value | 单位 Unit | {last} | 说明 Note |\n|---|---|---|---|---|---|---|"
    return f"""# 参数与假设 · Parameters and assumptions

{GENERATED}

表在 `src/tongchou/reference/`；代码、页面与测试读同一行。换一种疾病就换这些行。区间为95%置信区间；假设的区间是应当试算的范围。

The tables are under `src/tongchou/reference/`; code, pages and tests read the same row. Another disease is other rows. Ranges are 95 % confidence intervals; for an assumption, the range to try.

## 有出处的数值 · Numbers from elsewhere

{head.format(last="来源 Source（可信度 confidence）")}
{taken}

## 我们的判断 · Judgements of our own

{head.format(last="谁可修改 Who may change it")}
{judged}

## 各室的假设 · Assumptions of the rooms

| 表 Table | 名称 Name | 值 Value | 单位 Unit | 含义 Meaning | 谁可修改 Who may change it |
|---|---|---|---|---|---|
{rooms}
"""


def _parameter(p: Parameter) -> str:
    bounds = "" if p.low is None or p.high is None else f" ({p.low:g}–{p.high:g})"
    spread = "" if p.sd is None else f", sd {p.sd:g}"
    doi = f", doi {p.doi}" if p.doi else ""
    standing = _both(p.may_change) if p.is_assumption else f"{p.source}{doi} ({p.confidence})"
    return _line(
        f"`{p.name}`",
        _both(p.label),
        _both(p.population),
        f"{p.value:g}{bounds}{spread}",
        p.unit,
        standing,
        _both(p.note),
    )


def _assumptions() -> Iterator[str]:
    for path in sorted(reference.path("parameters.csv").parent.glob("*/assumptions.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                meaning = [row.get("zh") or row.get("note_zh"), row.get("en") or row.get("note_en")]
                yield _line(
                    f"`{path.parent.name}`",
                    f"`{row['name']}`",
                    row["value"],
                    row["unit"],
                    " · ".join(m for m in meaning if m),
                    row.get("may_change") or row.get("source") or "",
                )


def _both(text: Text) -> str:
    return " · ".join(dict.fromkeys(words for words in (text.zh, text.en) if words))


def _line(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def interface_page() -> str:
    """Give ``docs/reference/api.md``; the station is set up for it, and nothing of it is kept."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("TONGCHOU_SECRET_KEY", "only for the pages")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongchou.station.settings")
        os.environ["TONGCHOU_HOME"], before = folder, os.environ.get("TONGCHOU_HOME")
        try:
            import django

            django.setup()
            from tongchou.station.api.ground import ground
            from tongchou.station.api.reference_page import api_page

            return api_page(ground().get_openapi_schema())
        finally:
            if before is None:
                del os.environ["TONGCHOU_HOME"]
            else:
                os.environ["TONGCHOU_HOME"] = before


PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reference/tables.md": contract_page,
    "docs/reference/china2020.md": china2020_page,
    "docs/reference/cli.md": cli_page,
    "docs/reference/parameters.md": parameters_page,
    "docs/reference/api.md": interface_page,
}
SESSIONS = (
    "docs/guides/plain-files.md",
    "README.md",
    "README.zh.md",
    "docs/tutorials/1-first-order.md",
    "docs/tutorials/2-five-lines.md",
    "docs/methods/backtest.md",
)
"""Pages whose sessions are run."""


def real_pack_at_hand() -> bool:
    """Whether the received files of the real pack are there."""
    named = os.environ.get("TONGCHOU_DATA")
    return named is not None and named != "" and (Path(named) / "china2020").is_dir()


def session_page(name: str, folder: Path) -> str:
    """Give a page with its sessions run anew."""
    return refreshed((ROOT / name).read_text(encoding="utf-8"), folder, real_pack_at_hand())


def main(check: bool) -> int:
    """Write every page, or give 1 where a page is not what it would be written as."""
    drifted = []
    with tempfile.TemporaryDirectory() as folder:
        made = {name: write() for name, write in PAGES.items()}
        made |= {name: session_page(name, Path(folder)) for name in SESSIONS}
    for name, text in made.items():
        path = ROOT / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        drifted.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for name in drifted:
        print(f"{'has drifted, run make docs' if check else 'written'}: {name}")
    return int(check and bool(drifted))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
