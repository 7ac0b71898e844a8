"""What can be wrong with a question: where it stands, what it is, what to do."""

import re
from dataclasses import dataclass, field

from tongchou.vocabulary.errors import BadInput, Fault
from tongchou.vocabulary.text import Lang, Text, same


class BadQuestion(BadInput):
    """A question file with every fault found; nothing was run."""

    headline = Text(
        zh="问题文件有 {n} 处错误，未作推演。",
        en="The question has {n} faults; nothing was run.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class At(Fault):
    """A fault of a question: its line, the option or entry, and the key."""

    where: Text = field(default=same(""))

    def line(self, lang: Lang) -> str:
        """Write the fault as one line."""
        parts = [self.file]
        if self.row is not None:
            parts.append(f"第 {self.row} 行" if lang == "zh" else f"line {self.row}")
        if self.where[lang]:
            parts.append(self.where[lang])
        if self.column is not None:
            parts.append(f"键 {self.column}" if lang == "zh" else f"key {self.column}")
        if self.value is not None:
            parts.append(f"值“{self.value}”" if lang == "zh" else f"value “{self.value}”")
        if lang == "zh":
            return f"{'，'.join(parts)}：{self.problem.zh}{self.remedy.zh}"
        return f"{', '.join(parts)}: {self.problem.en} {self.remedy.en}"


def row_of(text: str, key: str | None, option: int | None, entry: int | None) -> int | None:
    r"""Give the line where a key stands, as near as the text tells.

    Parameters
    ----------
    text
        Of the file.
    key
        The key; None for the option or the entry itself.
    option, entry
        Numbers of the option and of the entry in it, from 0; without an option the entry is one of
        what is in force.

    Examples
    --------
    >>> row_of("horizon = 9\n[[options]]\nname = 3\n[[options]]\nname = 4", "name", 1, None)
    5
    """
    lines = text.splitlines()
    begin, end = 0, len(lines)
    heads = [i for i, line in enumerate(lines) if re.match(r"\s*\[\[\s*options\s*\]\]", line)]
    if option is not None and option < len(heads):
        begin = heads[option]
        end = heads[option + 1] if option + 1 < len(heads) else len(lines)
        if key is None and entry is None:
            return begin + 1
    elif option is None and heads:
        end = heads[0]
    if entry is not None:
        starts = [i for i in range(begin, end) if re.search(r"\b(add|lift)\s*=", lines[i])]
        if entry < len(starts):
            begin = starts[entry]
            end = starts[entry + 1] if entry + 1 < len(starts) else end
    asked = re.escape(key) if key else "add|lift"
    found = (i + 1 for i in range(begin, end) if re.search(rf"\b({asked})\b[\s.\w]*=", lines[i]))
    return next(found, begin + 1 if option is not None else None)


UNTITLED = Text(zh="方案比较", en="Options compared")
OPTION = Text(zh="方案“{name}”", en="option “{name}”")
OPTION_ENTRY = Text(zh="方案“{name}”第 {n} 条", en="option “{name}”, entry {n}")
IN_FORCE = Text(zh="in_force 第 {n} 条", en="in_force, entry {n}")
TOML = Text(zh="不是有效的 TOML（{error}）。", en="This is not valid TOML ({error}).")
TOML_STEP = Text(
    zh="请改正该行；tongchou scenario --example 可打印一份样例。",
    en="Correct that line; tongchou scenario --example prints one that is right.",
)
NO_KEY = Text(zh="没有这个键。", en="There is no such key.")
ONE_OF = Text(zh="请用：{known}。", en="Use: {known}.")
NO_SUCH = Text(zh="没有这个选择。", en="There is no such choice.")
NO_DISEASE = Text(zh="疾病表中没有这种病。", en="The table of diseases does not hold it.")
NO_MEASURE = Text(zh="措施库中没有这项措施。", en="The library holds no such measure.")
NO_OPTIONS = Text(zh="没有可比较的方案。", en="There is no option to compare.")
ADD_OPTION = Text(
    zh="请加入 [[options]]；“维持现状”不用写，总会比较。",
    en="Add [[options]]; “keep” is always compared and need not stand there.",
)
NOT_HERE = Text(zh="此处只列在行措施。", en="Only what is in force stands here.")
ONLY_ADD = Text(zh="请用 add。", en="Use add.")
TWICE = Text(zh="编号已用，或与“维持现状”（keep）相同。", en="The id is taken, or that of “keep”.")
OWN_ID = Text(zh="请换一个编号。", en="Give the option its own.")
BAD_ID = Text(zh="不能作为编号。", en="It cannot be an id.")
ID_STEP = Text(
    zh="编号只用字母、数字、_ 和 -，至多 40 个。",
    en="Use letters, digits, _ and -, at most 40.",
)
NOT_BOOL = Text(zh="不是真假值。", en="It is neither true nor false.")
TRUE_FALSE = Text(zh="请写 true 或 false。", en="Write true or false.")
CHANGES_NOTHING = Text(zh="这一方案什么也不改变。", en="This option changes nothing.")
SAY_WHAT = Text(
    zh="请用 entries 写明加什么或解除什么，或写 shift_days、close_travel。",
    en="Say in entries what is added or lifted, or give shift_days or close_travel.",
)
ADD_OR_LIFT = Text(
    zh="一条须有 add 或 lift 之一。", en="An entry needs add or lift, and one of them only."
)
SAY_ONE = Text(
    zh='例如 {{ lift = "stay_home", places = ["汉阳区"], from = "周一" }}。',
    en='For example {{ lift = "stay_home", places = ["Hanyang"], from = "monday" }}.',
).fill()
PAST = Text(
    zh="早于推演的第一天：数据截至 {day}。",
    en="This lies before the first day of the outlook: data go to {day}.",
)
PAST_STEP = Text(
    zh="请改为之后的日期；若要问“当初如何”，请用 --as-of 从更早的一天推演。",
    en="Give a later day; to ask what might have been, start from an earlier one with --as-of.",
)
TOO_LATE = Text(
    zh="晚于推演的最后一天 {day}。", en="This lies after the last day of the outlook, {day}."
)
LONGER = Text(zh="请改早，或加大 horizon。", en="Give an earlier day, or a longer horizon.")
BACKWARDS = Text(zh="结束早于开始日 {day}。", en="It ends before it begins on {day}.")
CORRECT_DAYS = Text(zh="请更正 from 与 until。", en="Correct from and until.")
NOT_LIFTED = Text(zh="解除措施时不用这一项。", en="Nothing that is lifted has this.")
NO_DELAY = Text(zh="这一措施不以时延起作用。", en="Not every measure here works by a delay.")
LEAVE_OUT = Text(zh="请去掉。", en="Leave it out.")
EMPTY = Text(zh="一个也没有列出。", en="Nothing is listed.")
PLACE_STEP = Text(
    zh="请写推演范围内的地区代码或名称。",
    en="Give the code or name of a place within the area asked about.",
)
PLACES_STEP = Text(
    zh="请列出地区，或去掉 places（即全部范围）。",
    en="List places, or leave places out for the whole area.",
)
NO_DAY = Text(zh="不是日期。", en="This is not a day.")
DAY_STEP = Text(
    zh="请写成 2020-02-24，或“周一”（其后第一个周一）。",
    en="Write 2020-02-24, or “monday” for the first one to come.",
)
NO_NUMBER = Text(zh="超出范围或不是数。", en="It is out of range, or no number.")
WHOLE = Text(
    zh="请写 {low} 至 {high} 之间的整数。", en="Write a whole number from {low} to {high}."
)
ANY = Text(zh="请写 {low} 至 {high} 之间的数。", en="Write a number from {low} to {high}.")
NO_TEXT = Text(zh="不是文字。", en="This is no text.")
TEXT_STEP = Text(
    zh='请写成 {key} = "……"，或 {key} = {{ zh = "……", en = "…" }}。',
    en='Write {key} = "…", or {key} = {{ zh = "…", en = "…" }}.',
)
NO_TABLES = Text(zh="不是表的列表。", en="This is not a list of tables.")
TABLES_STEP = Text(
    zh="请写成 [[{key}]]，或 {key} = [{{ … }}]。", en="Write [[{key}]], or {key} = [{{ … }}]."
)
