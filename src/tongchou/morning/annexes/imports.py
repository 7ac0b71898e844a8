"""Annex B, what comes from elsewhere: expected imports by unit, where they set out, what each line of defence lets pass."""

from collections.abc import Iterator, Mapping

from tongchou.morning.annexes.common import Row, head, named_rows
from tongchou.morning.evidence import evidence
from tongchou.morning.imports import Defence, Imports
from tongchou.morning.order import Heading, Table
from tongchou.morning.picture import Picture
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text, count, day, estimate, run_on

SHOWN = 30
"""Units and origins written out; the rest is summed in a note."""

A_DAY = Text(zh="人／日", en="persons a day")
ID, TITLE = "imports", Text(zh="明日预计输入感染", en="Imported infections expected tomorrow")


def imports_tables(picture: Picture, found: Imports | None) -> Iterator[Table]:
    """Give the tables of what comes from elsewhere; one that says why there is nothing, without flows."""
    if found is None:
        yield Table(id=ID, title=TITLE, headings=(), rows=(), missing=_NO_FLOWS)
        return
    yield units_table(picture, found)
    if found.in_persons:
        yield origins_table(picture, found)
        yield defence_table(picture, found)


def units_table(picture: Picture, found: Imports) -> Table:
    """Give the units most exposed."""
    frame = found.frame
    headings = (head("name", "单位", "Unit"), *_columns(found))
    return Table(
        id=ID,
        title=TITLE if found.in_persons else _INDEX_TITLE,
        headings=headings,
        rows=named_rows(picture, list(frame.head(SHOWN).iter_rows(named=True))),
        note=run_on(_notes(found)),
        evidence=evidence(
            ID,
            TITLE,
            "mobility",
            _FORMULA if found.in_persons else _INDEX_FORMULA,
            frame,
            parameters=[
                parameter(n)
                for n in ("persons_per_index_point", "infectious_days", "ascertainment")
            ],
            notes=[n for d in found.defences for n in _sources(d)],
        ),
    )


def _columns(found: Imports) -> tuple[Heading, ...]:
    """Give the columns that say something: nobody is from outside where the area is the whole country."""
    if not found.in_persons:
        return (head("pressure", "输入压力指数", "Importation index", "estimate"),)
    kinds = (
        head("outside", "其中来自本地区之外", "Of them from outside the area", "estimate", A_DAY),
        head("city", "来自城区", "From districts of cities", "estimate", A_DAY),
        head("country", "来自县乡", "From counties", "estimate", A_DAY),
    )
    return (
        head("arriving", "启程的感染者", "Set out infected", "estimate", A_DAY),
        *(h for h in kinds if float(found.frame[h.key].sum() or 0) > 0),
        head("pressure", "越过各道防线", "Pass all lines", "estimate", A_DAY),
        head("low", "95%低", "95 % low", "estimate", A_DAY),
        head("high", "95%高", "95 % high", "estimate", A_DAY),
    )


def _notes(found: Imports) -> Iterator[Text]:
    rest = found.frame[SHOWN:]
    if rest.height:
        yield (_REST if found.in_persons else _REST_INDEX).fill(
            n=count(rest.height), p=estimate(float(rest["pressure"].sum()))
        )
    yield _FLOWS_OF.fill(d=day(found.flows_of))
    if found.assumed:
        yield _ASSUMED
    if found.unknown > 0:
        yield _UNKNOWN.fill(n=count(round(found.unknown)))
    yield _RANGE if found.in_persons else _INDEX_NOTE


def origins_table(picture: Picture, found: Imports) -> Table:
    """Give the places that send most infected travellers into the area's units."""
    assert found.origins is not None
    gazetteer = picture.situation.gazetteer
    whole = float(found.origins["arriving"].sum())
    rows: list[Row] = [
        {
            "name": gazetteer.place(r["place"]).name,
            "within": _OUTSIDE if r["outside"] else _INSIDE,
            "arriving": r["arriving"],
            "share": r["arriving"] / whole,
        }
        for r in found.origins.head(SHOWN).iter_rows(named=True)
    ]
    return Table(
        id="import_origins",
        title=Text(zh="感染者从何处启程", en="Where they set out"),
        headings=(
            head("name", "出发地", "Origin"),
            head("within", "所在", "Where"),
            head("arriving", "启程的感染者", "Set out infected", "estimate", A_DAY),
            head("share", "占全部", "Share of all", "share"),
        ),
        rows=tuple(rows),
        note=None if rows else Text(zh="无。", en="None."),
    )


def defence_table(picture: Picture, found: Imports) -> Table:
    """Give the lines of defence in their order: what each lets pass, and what mending it saves."""
    rows = [row for d in found.defences for row in _lines(d)]
    return Table(
        id="defence",
        title=Text(
            zh="各道防线：由外向内，明日", en="Lines of defence, outermost first, tomorrow"
        ),
        headings=(
            head("profile", "适用", "For"),
            head("line", "防线", "Line"),
            head("passing", "遇到者中通过", "Passes, of all who come to it", "share"),
            head("left", "此后尚余", "Left after it", "estimate", A_DAY),
            head("slope", "漏检少1个百分点，少输入", "Saved by each point of leak", "estimate", A_DAY),
            head("cover", "若人人经过，少输入", "Saved if everyone meets it", "estimate", A_DAY),
            head("low", "若漏检降到下限，少输入", "Saved at the low end of its leak", "estimate", A_DAY),
            head("basis", "依据", "Rests on"),
        ),
        rows=tuple(rows),
        note=Text(
            zh="漏检率多为估计或假设，修改即重算；哪道防线最值得加固，看后三列。发现感染者只依核酸与症状，不依据其来自何处。",
            en="Leaks are mostly estimates or assumptions; change them and all is reckoned again. The last columns of figures say which line is worth mending. People are found by tests and symptoms, never by where they come from.",
        ),
        evidence=evidence(
            "defence",
            Text(zh="各道防线", en="Lines of defence"),
            "mobility",
            Text(
                zh="通过 = 1 − 覆盖 ×（1 − 漏检）；各道相乘。",
                en="Passes = 1 − coverage × (1 − leak); the lines multiply.",
            ),
            found.defences[0].frame,
            notes=[n for d in found.defences for n in _sources(d)],
        ),
    )  # fmt: skip


def _lines(defence: Defence) -> Iterator[Mapping[str, object]]:
    for line, row in zip(defence.lines, defence.frame.iter_rows(named=True), strict=True):
        yield {
            "profile": _PROFILES[defence.profile].fill(n=count(len(defence.units))),
            "line": line.name,
            "passing": line.passing,
            "left": row["left"],
            "slope": row["slope"] / 100,
            "cover": max(row["saved_at_full_cover"], 0.0),
            "low": max(row["saved_at_low"], 0.0),
            "basis": _ASSUMPTION if line.source == "assumption" else _PUBLISHED,
        }


def _sources(defence: Defence) -> Iterator[Text]:
    for line in defence.lines:
        yield Text(zh="{n}：漏检 {l}（{a}～{b}），覆盖 {c}；{s}", en="{n}: leak {l} ({a} to {b}), coverage {c}; {s}").fill(
            n=line.name, l=f"{line.leak:g}", a=f"{line.low:g}", b=f"{line.high:g}",
            c=f"{line.covers:g}", s=line.source,
        )  # fmt: skip


_NO_FLOWS = Text(
    zh="无数据：表 mobility 没有到达本地区的流动。",
    en="no data: table mobility has no flow into the area.",
)
_INDEX_TITLE = Text(zh="输入压力指数", en="Importation index")
_FORMULA = Text(
    zh="输入 = Σ 出发地（每日人次 × 出发地感染率）× Π 各道防线通过的比例。感染率 = 近7日日均新增 × 感染期 ÷（发现比例 × 人口）。",
    en="Imports = Σ over origins (trips a day × share infected there) × Π share that passes each line. Share infected = mean new cases of 7 days × infectious days ÷ (share found × residents).",
)
_INDEX_FORMULA = Text(
    zh="指数 = Σ 出发地（占其离开人数的比例 × 出发地感染率），以全部单位平均为 1。",
    en="Index = Σ over origins (share of departures × share infected there), with a mean of 1 over all units.",
)
_REST = Text(zh="其余 {n} 个单位合计 {p} 人／日。", en="The other {n} units together: {p} a day.")
_REST_INDEX = Text(zh="另有 {n} 个单位未列出。", en="Another {n} units are not listed.")
_FLOWS_OF = Text(zh="去向比例用 {d} 的数据。", en="Destinations are those of {d}.")
_ASSUMED = Text(
    zh="离开人数在有记录的日期之后按假设推算。",
    en="How many set out is assumed after the last day on record.",
)
_UNKNOWN = Text(
    zh="另有每日 {n} 人来自不报告病例的地区，其感染率不明，未计入。",
    en="Another {n} a day come from places that report no cases; how many of them are infected is unknown and not counted.",
)
_RANGE = Text(
    zh="区间计入流量、发现比例与漏检率的不确定，不含小数目的偶然。",
    en="The range holds what is not known of flows, share found and leaks, not the chance of small numbers.",
)
_INDEX_NOTE = Text(
    zh="只知占比，不知人数：指数可比高低，不可当作人数。",
    en="Shares are known and persons are not: the index ranks, it counts nobody.",
)
_INSIDE, _OUTSIDE = Text(zh="本地区", en="the area"), Text(zh="外地", en="outside")
_ASSUMPTION = Text(zh="假设", en="assumption")
_PUBLISHED = Text(zh="已发表", en="published")
_PROFILES = {
    "county": Text(zh="一般县区（{n} 个单位）", en="Counties (units: {n})"),
    "capital": Text(zh="首都通道（{n} 个单位）", en="Ways into the capital (units: {n})"),
    "epicentre_closed": Text(
        zh="离开通道已关闭（{n} 个单位）", en="Exits of the epicentre closed (units: {n})"
    ),
}
