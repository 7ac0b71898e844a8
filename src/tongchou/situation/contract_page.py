"""The reference page of the data contract, written from the contract itself."""

from tongchou.situation.contract import Column, TableContract, contracts

_HEAD = """# 数据契约 · Data contract

<!-- 由数据契约生成，请勿手改：make docs。 Generated from the data contract, do not edit: make docs. -->

每张表一节；列的含义中英文并列。字段来自 `reference/table_list.csv` 与 `reference/tables.csv`，读取、校验、导出与本页都出自这两个文件。

One section a table, each column in both languages. Reader, validator, exporter and this page all come from `reference/table_list.csv` and `reference/tables.csv`.

**作用 · Role.** `key` 标识一行 identifies a row · `known` 知悉日期，截止日之后的行看不到 the day it became known: later rows are not seen at a cut-off · `event` 所述之日 the day it speaks of · `milestone` 可能尚未到来的日期，到来之前为空 a date that may lie ahead, blank until it has come · `outcome` 与某个日期同时知悉的值 a value known with the milestone it names · `value` 其他 anything else.

**类型 · Type.** `string` · `date`（YYYY-MM-DD）· `int` · `float` · `bool`（true/false）。空白即未知。 Blank means unknown. 标 \\* 的列必填。 Columns marked \\* are required.
"""


def contract_page() -> str:
    """Give the page ``docs/reference/tables.md`` as Markdown."""
    index = "\n".join(
        f"- [`{t.name}`](#{t.name}) {t.title.zh} · {t.title.en}" for t in contracts().values()
    )
    sections = "\n".join(_section(table) for table in contracts().values())
    return f"{_HEAD}\n{index}\n\n{sections}"


def _section(table: TableContract) -> str:
    personal = "\n含个人信息。 Holds personal data.\n" if table.personal else ""
    rows = "\n".join(_row(column) for column in table.columns)
    return (
        f"## {table.name}\n\n{table.title.zh} · {table.title.en}"
        f"（{', '.join(table.groups)}）\n{personal}\n"
        "| 列 Column | 类型 Type | 单位 Unit | 作用 Role | 允许 Allowed | 含义 | Meaning |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n"
        f"{rows}\n"
    )


def _row(column: Column) -> str:
    role = f"outcome of `{column.outcome_of}`" if column.outcome_of else " ".join(column.roles)
    star = "\\*" if column.required else ""
    cells = (
        f"`{column.name}`{star}",
        column.type,
        column.unit,
        role,
        _allowed(column),
        column.meaning.zh,
        column.meaning.en,
    )
    return f"| {' | '.join(cells)} |"


def _allowed(column: Column) -> str:
    words = [f"`{w}`" for w in column.allowed]
    if column.minimum is not None:
        words.append(f"≥ {column.minimum:g}")
    if column.maximum is not None:
        words.append(f"≤ {column.maximum:g}")
    if column.refers is not None:
        words.append(f"→ `{column.refers[0]}.{column.refers[1]}`")
    return " ".join(words)
