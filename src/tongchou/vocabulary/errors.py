"""The exceptions of the project.

::

    TongchouError
    ├── BadInput            data that break their contract: every fault at once
    │   └── CorruptPack     a data pack whose files or tables cannot be trusted
    ├── NotFound            a name that stands for nothing here
    │   ├── UnknownPlace
    │   ├── UnknownPack
    │   └── UnknownTable
    ├── MissingData         a table or column that a calculation needs and a pack lacks
    ├── BadParameter        a parameter outside its allowed range
    └── SourceUnreachable   a public source that did not answer

An error is a class with fields; its sentence is written in the reader's language by
:meth:`TongchouError.text`, always in three parts: what is wrong, why it matters, the next step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from tongchou.vocabulary.text import Lang, Text, same


class ExitCode(IntEnum):
    """What a command says to the shell, by name."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    BAD_INPUT = 3
    CORRUPT_PACK = 4
    NOT_FOUND = 5
    MISSING_DATA = 6
    BAD_PARAMETER = 7
    SOURCE_UNREACHABLE = 8
    STATION = 9
    CHECK_FAILED = 10


class TongchouError(Exception):
    """Any refusal of the project, with a name for the shell and a sentence for the reader."""

    exit_code = ExitCode.INTERNAL

    def text(self) -> Text:
        """Give the whole message in both languages."""
        return same(str(self.args[0]) if self.args else type(self).__name__)

    def __str__(self) -> str:
        return self.text()["en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of an input: where it stands, what stands there, what to do.

    ``row`` counts data rows from 1 as a spreadsheet shows them below the header line
    (so file line = row + 1); ``None`` where the fault concerns the whole file or column.
    """

    file: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    problem: Text
    remedy: Text

    def line(self, lang: Lang) -> str:
        """Write the fault as one line."""
        where = [self.file]
        if self.row is not None:
            where.append(f"第 {self.row} 行" if lang == "zh" else f"row {self.row}")
        if self.column is not None:
            where.append(f"{self.column} 列" if lang == "zh" else f"column {self.column}")
        if self.value is not None:
            where.append(f"值 “{self.value}”" if lang == "zh" else f"value “{self.value}”")
        if lang == "zh":
            return f"{'，'.join(where)}：{self.problem.zh}{self.remedy.zh}"
        return f"{', '.join(where)}: {self.problem.en} {self.remedy.en}"


class BadInput(TongchouError):
    """Data that break their contract, with every fault found; ``unlisted`` more are only counted."""

    exit_code = ExitCode.BAD_INPUT
    headline = Text(
        zh="输入有 {n} 处错误，未载入任何数据。",
        en="The input has {n} faults; nothing was loaded.",
    )

    def __init__(self, faults: Sequence[Fault], *, unlisted: int = 0) -> None:
        self.faults, self.unlisted = tuple(faults), unlisted
        super().__init__(self.faults)

    def text(self) -> Text:
        """Give the headline and one line for each fault."""
        count = len(self.faults) + self.unlisted
        head = self.headline.fill(n=count)
        if count == 1:
            head = Text(zh=head.zh, en=head.en.replace("1 faults", "1 fault"))
        more = Text(
            zh=f"  另有 {self.unlisted:,} 处，未一一列出。", en=f"  And {self.unlisted:,} more."
        )

        def lines(lang: Lang) -> str:
            listed = [f"  {i}. {f.line(lang)}" for i, f in enumerate(self.faults, 1)]
            return "\n".join([head[lang], *listed, *([more[lang]] if self.unlisted else [])])

        return Text(zh=lines("zh"), en=lines("en"))


class CorruptPack(BadInput):
    """A data pack that does not match its manifest or whose tables break their contracts."""

    exit_code = ExitCode.CORRUPT_PACK
    headline = Text(
        zh="数据包有 {n} 处错误，拒绝使用：未载入任何数据。",
        en="The data pack has {n} faults and is refused: nothing was loaded.",
    )


class NotFound(TongchouError):
    """A name that stands for nothing here; says what was near it."""

    exit_code = ExitCode.NOT_FOUND
    kind = Text(zh="名称", en="name")

    def __init__(self, name: str, near: Sequence[str] = (), next_step: Text | None = None) -> None:
        self.name, self.near, self.next_step = name, tuple(near), next_step
        super().__init__(name)

    def text(self) -> Text:
        """Give what was looked for, what is near, and the next step."""
        near_zh = f"相近的有：{'、'.join(self.near)}。" if self.near else ""
        near_en = f" Near it: {', '.join(self.near)}." if self.near else ""
        step = self.next_step or same("")
        return Text(
            zh=f"找不到{self.kind.zh}“{self.name}”。{near_zh}{step.zh}",
            en=f"There is no {self.kind.en} “{self.name}”.{near_en} {step.en}".rstrip(),
        )


class UnknownPlace(NotFound):
    """A code or name that no place bears."""

    kind = Text(zh="地区", en="place")


class UnknownPack(NotFound):
    """A data pack that is neither built nor buildable here."""

    kind = Text(zh="数据包", en="data pack")


class UnknownTable(NotFound):
    """A table that the data contract does not know."""

    kind = Text(zh="数据表", en="table")


class MissingData(TongchouError):
    """A table or column that a calculation needs and the pack, or a plain ``file``, lacks."""

    exit_code = ExitCode.MISSING_DATA

    def __init__(self, table: str, needed_for: Text, column: str | None = None) -> None:
        self.table, self.column, self.needed_for = table, column, needed_for
        self.file: str | None = None
        super().__init__(table)

    def text(self) -> Text:
        """Give the missing table or column and what stands still without it."""
        if self.file is not None and self.column is not None:
            first = self.column.split()[0]
            return Text(
                zh=f"{self.file}：没有 {self.column} 列，或该列全空。没有它无法计算{self.needed_for.zh}。若列名不同，请用 --column {first}=列名 指明。",
                en=f"{self.file}: no column {self.column}, or nothing in it. Without it there is no {self.needed_for.en}. If it bears another name, say so with --column {first}=NAME.",
            )
        what = self.table if self.column is None else f"{self.table}.{self.column}"
        return Text(
            zh=f"缺少数据：表 {what}。没有它无法计算{self.needed_for.zh}。",
            en=f"No data: table {what}. Without it there is no {self.needed_for.en}.",
        )


class BadParameter(TongchouError):
    """A parameter outside its allowed range."""

    exit_code = ExitCode.BAD_PARAMETER

    def __init__(self, name: str, value: object, allowed: Text) -> None:
        self.name, self.value, self.allowed = name, value, allowed
        super().__init__(name)

    def text(self) -> Text:
        """Give the parameter, its value and what is allowed."""
        return Text(
            zh=f"参数 {self.name} 的值 {self.value} 不可用：{self.allowed.zh}",
            en=f"Parameter {self.name} cannot be {self.value}: {self.allowed.en}",
        )


class SourceUnreachable(TongchouError):
    """A public source that did not answer, or answered with something else."""

    exit_code = ExitCode.SOURCE_UNREACHABLE

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(url)

    def text(self) -> Text:
        """Give the address, the reason and the next step."""
        return Text(
            zh=f"无法取得 {self.url}：{self.reason}。已下载的文件保留，修复后重新运行同一命令即可续传。",
            en=f"Could not fetch {self.url}: {self.reason}. Files already fetched are kept; run the same command again to go on.",
        )
