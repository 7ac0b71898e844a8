"""The reference page of the pack ``china2020``: sources, corrections, totals, assumptions."""

from collections.abc import Sequence

import polars as pl

from tongchou import reference
from tongchou.situation.recipes.china2020.received import sources
from tongchou.situation.recipes.china2020.tables import corrections, published_totals
from tongchou.situation.recipes.china2020.upstream import upstream_sets

_HEAD = """# 数据包 china2020 · The pack china2020

<!-- 由打包的表生成，请勿手改：make docs。 Generated from the packaged tables, do not edit: make docs. -->

中国，2020年1月10日至5月30日，地级单位。 China, 10 January to 30 May 2020, prefecture level.
"""


def china2020_page() -> str:
    """Give the page ``docs/reference/china2020.md`` as Markdown."""
    parts = [_HEAD, _sources(), _upstream(), _corrections(), _totals(), _assumptions()]
    return "\n".join(parts)


def _sources() -> str:
    rows = [
        (
            f"`{s.file}`",
            ", ".join(s.used_for) or "–",
            s.producer,
            f"{s.title.zh} · {s.title.en}",
            " ".join(filter(None, (s.url, s.commit[:12], s.upstream_path))),
            s.checked,
            s.licence,
            "是 yes" if s.redistributable else "否 no",
            f"{s.note.zh} {s.note.en}",
        )
        for s in sources()
    ]
    head = (
        "文件 File",
        "用于 Used for",
        "生产者 Producer",
        "内容 Content",
        "出处 Where from",
        "校验日期 Checksum taken",
        "许可 Licence",
        "可再分发 May be passed on",
        "说明 Note",
    )
    return f"## 来源 · Sources\n\n{_table(head, rows)}"


def _upstream() -> str:
    rows = [
        (
            f"`{part.name}`",
            f"{part.title.zh} · {part.title.en}",
            f"{part.repository} @ {part.commit}",
            str(len(part.paths)),
            ", ".join(f"`{f}`" for f in part.makes),
            part.licence,
            "是 yes" if part.restricted else "否 no",
            part.layout,
        )
        for part in upstream_sets()
    ]
    head = (
        "组 Set",
        "内容 Content",
        "仓库与版本 Repository and commit",
        "文件数 Files",
        "生成 Makes",
        "许可 Licence",
        "须明确要求 Only when asked for",
        "格式 Layout",
    )
    return f"## 上游 · Upstream, for `tongchou data pull`\n\n{_table(head, rows)}"


def _corrections() -> str:
    rows = [
        (
            row["correction_id"],
            row["table"],
            row["place"] or "–",
            str(row["date"]),
            row["column"] or "–",
            row["action"],
            row["value"] or "–",
            f"{row['reason_zh']} {row['reason_en']}",
            row["confidence"],
        )
        for row in corrections().iter_rows(named=True)
    ]
    head = (
        "编号 No.",
        "表 Table",
        "地区 Place",
        "日期 Date",
        "列 Column",
        "动作 Action",
        "值 Value",
        "理由 Reason",
        "置信度 Confidence",
    )
    return f"## 更正 · Corrections\n\n{_table(head, rows)}"


def _totals() -> str:
    rows = [
        (
            row["place"],
            str(row["date"]),
            row["column"],
            row["series"],
            f"{row['published']:,}",
            f"{row['here']:,}",
            f"{row['reason_zh']} {row['reason_en']}",
        )
        for row in published_totals().iter_rows(named=True)
    ]
    head = (
        "地区 Place",
        "日期 Date",
        "列 Column",
        "序列 Series",
        "当时公布 Published",
        "此处 Here",
        "差异原因 Reason",
    )
    return f"## 核对过的总数 · Checked totals\n\n{_table(head, rows)}"


def _assumptions() -> str:
    table = pl.read_csv(reference.path("china2020/assumptions.csv"), infer_schema=False)
    rows = [
        (
            f"`{row['name']}`",
            row["value"],
            row["unit"],
            row["source"],
            row["confidence"],
            f"{row['note_zh']} {row['note_en']}",
        )
        for row in table.iter_rows(named=True)
    ]
    head = ("名称 Name", "值 Value", "单位 Unit", "来源 Source", "置信度 Confidence", "说明 Note")
    return f"## 假定 · Assumptions\n\n{_table(head, rows)}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return (
        "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
        + "\n"
    )
