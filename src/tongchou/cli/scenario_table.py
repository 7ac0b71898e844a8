"""An answer to "what if" on the screen: what each option brings, how it differs, what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from tongchou.vocabulary.text import Lang, Text, day, estimate, share

if TYPE_CHECKING:
    from tongchou.morning.picture import Picture
    from tongchou.morning.what_if import Answer

PLACES_WRITTEN = 4
"""Places of which the screen shows tables; ``--out`` writes them all."""

WIDE, NARROW = 132, 112
"""Characters of a line where the output is no terminal, and below which fewer columns are written."""


def write_answer(found: "Answer", picture: "Picture", lang: Lang) -> None:
    """Write tables of the whole area and of the places the question names, then what was assumed."""
    from rich.console import Console

    from tongchou.morning import what_if

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDE)
    rows = {
        (r["option"], r["place"], r["outcome"]): r
        for r in what_if.table(found).iter_rows(named=True)
    }
    head = _HEAD.fill(
        title=found.question.title, place=picture.scope.name, cut=day(picture.situation.cut),
        days=found.question.horizon, replicates=found.comparison.totals.sizes["replicate"],
    )  # fmt: skip
    click.echo(head[lang])
    for place in found.shown[:PLACES_WRITTEN]:
        name = found.names.get(place, Text(zh=place, en=place))
        click.echo(f"\n{name[lang]}")
        told = _Told(found, rows, place, picture, lang, narrow=console.width < NARROW)
        for table in (told.health(), told.differences(), told.costs()):
            console.print(table)
    for note in found.notes:
        click.echo(note[lang], err=True)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is written of one place: three tables, with fewer columns and taller cells on a narrow screen."""

    found: "Answer"
    rows: Mapping[tuple[str, str, str], Any]
    place: str
    picture: "Picture"
    lang: Lang
    narrow: bool

    def health(self) -> Any:
        told = [
            "infections",
            "deaths",
            "peak_ward",
            "peak_icu",
            "short_bed_days",
            "peak_day",
            "gone",
        ]
        kinds = [k for k in told if not (self.narrow and k in ("peak_icu", "peak_day"))]
        table = self._table(_HEALTH, [_OUTCOMES[k] for k in kinds])
        for choice in self.found.comparison.choices:
            table.add_row(choice.name[self.lang], *(self._cell(choice.id, k) for k in kinds))
        return table

    def differences(self) -> Any:
        kinds = ("infections", "deaths", "short_bed_days")
        heads = [_OUTCOMES["infections"], _FEWER, _MORE, *(_OUTCOMES[k] for k in kinds[1:])]
        table = self._table(_DIFFERENCES, heads)
        for choice in self.found.comparison.choices[1:]:
            infections = self.rows[choice.id, self.place, "infections"]
            chances = [share(infections[f"chance_{k}"]) for k in ("better", "worse")]
            cells = [self._difference(self.rows[choice.id, self.place, k]) for k in kinds]
            table.add_row(choice.name[self.lang], cells[0], *chances, *cells[1:])
        return table

    def costs(self) -> Any:
        """Give what each option costs, and in the whole area how it stands beside the others."""
        first = self.found.shown[0] == self.place
        kinds = [k for k in _COSTS if not (self.narrow and k == "people_touched")]
        table = self._table(_COST, [_COSTS[k] for k in kinds] + ([_TRADE] if first else []))
        verdicts = _verdicts(self.found) if first else {}
        for choice in self.found.comparison.choices:
            means = [self.rows[choice.id, self.place, k]["mean"] for k in kinds]
            verdict = [verdicts[choice.id][self.lang]] if first else []
            table.add_row(choice.name[self.lang], *(_large(m, self.lang) for m in means), *verdict)
        return table

    def _table(self, title: Text, heads: Sequence[Text]) -> Any:
        from rich.table import Column, Table

        columns = [Column(title[self.lang], overflow="fold")]
        columns += [Column(h[self.lang], justify="right", overflow="fold") for h in heads]
        return Table(*columns, show_lines=True)

    def _cell(self, option: str, kind: str) -> str:
        row = self.rows[option, self.place, kind]
        if kind == "gone":
            return share(row["mean"])
        if row["median"] is None:
            return "–"
        write = self._date if kind == "peak_day" else _persons
        low, high = write(row["q025"]), write(row["q975"])
        return f"{write(row['median'])}\n{low}–{self._turn}{high}"

    def _difference(self, row: Any) -> str:
        low, high = (_signed(row[f"difference_{q}"]) for q in ("q025", "q975"))
        return f"{_signed(row['difference'])}\n{low}…{self._turn}{high}"

    @property
    def _turn(self) -> str:
        """What stands between the ends of a band: on a narrow screen each has its own line, so that no number is cut in two."""
        return "\n" if self.narrow else ""

    def _date(self, number: float) -> str:
        when = self.picture.situation.cut + timedelta(days=round(number))
        return Text(zh=f"{when.month}/{when.day}", en=f"{when.day} {when:%b}")[self.lang]


def _persons(value: float) -> str:
    """Write a number of persons or days: whole, three figures."""
    return estimate(round(value)) if value >= 100 else f"{value:.0f}"


def _signed(value: float) -> str:
    if abs(value) < 0.005:
        return "0"
    size = _persons(abs(value)) if abs(value) >= 10 else estimate(abs(value), 2)
    return ("+" if value > 0 else "−") + size


def _large(value: float | None, lang: Lang) -> str:
    """Write a large number in ten thousands or hundred millions, or in thousands and millions."""
    if value is None:
        return "–"
    steps = ((1e8, "亿"), (1e4, "万")) if lang == "zh" else ((1e9, " bn"), (1e6, " m"), (1e3, " k"))
    for size, name in steps:
        if value >= size:
            return f"{estimate(value / size)}{name}"
    return estimate(value)


def _verdicts(found: "Answer") -> dict[str, Text]:
    """Say of each option whether another is no worse in anything, else what it trades for what."""
    judged = found.comparison.judged
    names = {c.id: c.name for c in found.comparison.choices}
    keep = judged.row(0, named=True)
    said = {}
    for row in judged.iter_rows(named=True):
        if row["dominated_by"] is not None:
            said[row["option"]] = _BEATEN.fill(name=names[row["dominated_by"]])
        elif row["option"] == keep["option"]:
            said[row["option"]] = _MEASURE
        else:
            health = {_side(row[k], keep[k]) for k in ("infections", "deaths", "short_bed_days")}
            spent = {_side(row[k], keep[k]) for k in ("work_stopped", "burden")}
            said[row["option"]] = _TRADED[_all(health), _all(spent)]
    return said


def _side(value: float, kept: float) -> int:
    return (value > kept) - (value < kept)


def _all(sides: set[int]) -> int:
    """Give −1 where all is less, 1 where all is more, 0 where it is neither."""
    moved = sides - {0}
    return moved.pop() if len(moved) == 1 else 0


_HEAD = Text(
    zh="{title}　{place}　数据至{cut}，推演 {days} 天，每方案 {replicates} 次",
    en="{title} · {place} · data to {cut}, {days} days ahead, {replicates} futures each",
)
_HEALTH = Text(zh="方案（中位数，95%区间）", en="option (median, 95 % band)")
_OUTCOMES = {
    "infections": Text(zh="感染", en="infections"),
    "deaths": Text(zh="死亡", en="deaths"),
    "peak_ward": Text(zh="住院最多", en="most on wards"),
    "peak_icu": Text(zh="ICU 最多", en="most in ICU"),
    "short_bed_days": Text(zh="缺床（人天）", en="bed-days short"),
    "peak_day": Text(zh="高峰日", en="peak"),
    "gone": Text(zh="期末无感染者", en="nobody infected by the end"),
}
_DIFFERENCES = Text(zh="与维持现状之差（均值，95%区间）", en="less keeping on (mean, 95 % band)")
_FEWER = Text(zh="感染较少的机会", en="chance of fewer")
_MORE = Text(zh="感染较多的机会", en="chance of more")
_COST = Text(zh="方案的代价", en="what it costs")
_COSTS = {
    "work_stopped": Text(zh="停工（人天）", en="work stopped, person-days"),
    "output_at_stake": Text(zh="停产（元）", en="output stopped, CNY"),
    "people_touched": Text(zh="受措施影响（人天）", en="under a measure, person-days"),
    "burden": Text(zh="负担（分天）", en="burden, point-days"),
}
_TRADE = Text(zh="权衡", en="trade-off")
_BEATEN = Text(zh="“{name}”样样不差且有更好", en="“{name}” is at least as good in all")
_MEASURE = Text(zh="比较的基准", en="what others are compared with")
_MIXED = Text(zh="有好有坏", en="better in some, worse in some")
_TRADED = {
    (-1, -1): Text(zh="疫情更轻，负担也更轻", en="less illness and less burden"),
    (-1, 1): Text(zh="疫情更轻，负担更重", en="less illness, more burden"),
    (1, -1): Text(zh="疫情更重，负担更轻", en="more illness, less burden"),
    (1, 1): Text(zh="疫情更重，负担也更重", en="more illness and more burden"),
} | {
    (h, s): _MIXED for h in (-1, 0, 1) for s in (-1, 0, 1) if 0 in (h, s)
}  # fmt: skip
