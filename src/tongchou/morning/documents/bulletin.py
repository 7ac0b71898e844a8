"""The public bulletin and the open data beside it, from the same numbers as the order.

Corrections come first. Counts of 1 to 4 persons are masked (:mod:`tongchou.morning.documents.masking`),
nothing in it is about a person, and it needs neither script nor network to be read.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import polars as pl
from markupsafe import Markup

from tongchou import reference
from tongchou.morning.documents.html import environment_of, static
from tongchou.morning.documents.masking import SMALL, Cell, mask
from tongchou.morning.order import Figure, Order, TierRow
from tongchou.morning.words import TIER_NAMES, WORDS, word
from tongchou.tiering.rules import tier_rules
from tongchou.vocabulary.text import Lang, Text, count, day, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPlace:
    """One place as the public sees it."""

    code: str
    name: Text
    tier: str
    before: str | None
    confirmed: Cell
    new_14: Cell
    population: int | None
    why: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """The numbers of the bulletin, masked once and used by page and files alike."""

    places: tuple[PublicPlace, ...]
    confirmed: Cell
    new_14: Cell
    figures: tuple[Figure, ...]


def render(order: Order, lang: Lang) -> str:
    """Give the public bulletin in one language as an HTML page that needs nothing else."""
    seen = public(order)
    changed = [p for p in seen.places if p.before is not None and p.before != p.tier]
    template = environment_of(lang).get_template("bulletin.html.j2")
    return template.render(
        order=order,
        css=Markup(static("bulletin.css")),
        exercise="synthetic" in order.head.flags,
        cut=day(order.head.cut),
        headline=_headline(order, seen, lang),
        seen=seen,
        changes=[_change(place, lang) for place in changed],
        tiers=_tier_words(),
        ask=order.head.contact or WORDS["ask_office"].fill(name=order.head.name),
        files=[(name, FILES[name]) for name in FILES],
        show=_show,
    )


def open_data(order: Order) -> dict[str, bytes]:
    """Give the files beside the bulletin: the same numbers, and what each field means.

    A masked cell is empty in ``confirmed`` or ``new_14`` and its mark stands in the column
    beside it, so that numbers stay numbers.
    """
    seen = public(order)
    places = [_place_row(p, order) for p in seen.places]
    figures = [_figure_row(f, order) for f in seen.figures]
    fields = [
        {"file": file, "field": name, "zh": text.zh, "en": text.en}
        for file, names in FIELDS.items()
        for name, text in names.items()
    ]
    whole = {
        "area": order.head.place,
        "name": order.head.name.as_dict(),
        "date": order.head.cut.isoformat(),
        "edition": order.head.edition.as_dict(),
        "flags": list(order.head.flags),
        "reported_units": order.head.reported_units,
        "expected_units": order.head.expected_units,
        "corrections": [c.as_dict() for c in order.corrections],
        "places": places,
        "figures": figures,
        "totals": {
            "confirmed": _number(seen.confirmed),
            "confirmed_mask": _mark(seen.confirmed),
            "new_14": _number(seen.new_14),
            "new_14_mask": _mark(seen.new_14),
        },
        "fields": fields,
    }
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    return {
        "places.csv": _csv(places, list(FIELDS["places.csv"])),
        "figures.csv": _csv(figures, list(FIELDS["figures.csv"])),
        "fields.csv": _csv(fields, ["file", "field", "zh", "en"]),
        "bulletin.json": f"{text}\n".encode(),
    }


def public(order: Order) -> Public:
    """Give the numbers of the order as the public may see them."""
    rows = sorted(order.tiers.rows, key=lambda r: r.path)
    groups = [r.path.rpartition("/")[0] for r in rows]
    new = [r.new_14 for r in rows]
    confirmed = mask([r.confirmed for r in rows], groups, floors=new)
    known = [c if isinstance(c, int) else float("inf") for c in confirmed.cells]
    recent = mask(new, groups, ceilings=known)
    places = tuple(
        _place(row, c, n) for row, c, n in zip(rows, confirmed.cells, recent.cells, strict=True)
    )
    figures = tuple(_public_figure(f) for f in order.figures if f.missing is None)
    return Public(places=places, confirmed=confirmed.total, new_14=recent.total, figures=figures)


def _place(row: TierRow, confirmed: Cell, new_14: Cell) -> PublicPlace:
    open_cells = isinstance(confirmed, int) and isinstance(new_14, int)
    return PublicPlace(
        code=row.place,
        name=row.name,
        tier=row.tier,
        before=row.before,
        confirmed=confirmed,
        new_14=new_14,
        population=row.population,
        # A reason names counts; where those are masked, the wording of the rule stands instead.
        why=row.reason if open_cells else _rule_of(row.tier),
    )


@cache
def _rule_of(tier: str) -> Text:
    wordings = [c.wording for c in tier_rules().clauses if c.tier == tier]
    return Text(
        zh=f"规则：{'，或'.join(w.zh for w in wordings)}。",
        en=f"The rule: {', or '.join(w.en for w in wordings)}.",
    )


_PERSONS = frozenset({"persons", "person", "cases", "people", "patients", "deaths"})


def _public_figure(figure: Figure) -> Figure:
    """Mask a figure that is a count of 1 to 4 persons, with everything that would give it away."""
    counted = figure.unit.en.split(" ")[0] in _PERSONS
    if not counted or figure.value is None or not 0 < figure.value < SMALL:
        return figure
    return replace(
        figure,
        value=None,
        shown="<5",
        low=None,
        high=None,
        day_change=None,
        week_change=None,
        trend=(),
        was=None,
        small=None,
    )


def _headline(order: Order, seen: Public, lang: Lang) -> list[str]:
    """Give what changed and how the tiers stand; no sentence that carries a masked figure."""
    board, head = order.tiers, order.head
    told = [] if any(f.shown == "<5" for f in seen.figures) else [order.headline[0][lang]]
    tiers = {tier: count(board.counts.get(tier, 0)) for tier in TIER_NAMES}
    units = word("tier_sentence", lang, **tiers)
    reported = word("reporting", lang, n=count(head.reported_units), of=count(head.expected_units))
    return [*told, units, reported]


def _change(place: PublicPlace, lang: Lang) -> str:
    before, after = TIER_NAMES[str(place.before)], TIER_NAMES[place.tier]
    return word("tier_change", lang, name=place.name, before=before, after=after, why=place.why)


@cache
def _tier_words() -> tuple[tuple[str, Text, Text], ...]:
    rows = pl.read_csv(reference.path("morning/tier_public.csv")).iter_rows(named=True)
    return tuple((str(r["tier"]), text_of(r, "household"), text_of(r, "firm")) for r in rows)


def _show(value: Cell) -> str:
    return count(value) if isinstance(value, int) else value


def _number(value: Cell) -> int | None:
    return value if isinstance(value, int) else None


def _mark(value: Cell) -> str:
    return "" if isinstance(value, int) else {"<5": "under_5", "※": "withheld"}[value]


FILES: Mapping[str, Text] = {
    "places.csv": Text(zh="各地数字", en="figures by place"),
    "figures.csv": Text(zh="主要数字", en="main figures"),
    "fields.csv": Text(zh="字段说明", en="what each field means"),
    "bulletin.json": Text(zh="以上全部，一个文件", en="all of it in one file"),
}

FIELDS: Mapping[str, Mapping[str, Text]] = {
    "places.csv": {
        "date": Text(zh="数据截至的日期（24时）", en="day the data run to (24:00)"),
        "code": Text(zh="行政区划代码", en="division code"),
        "name_zh": Text(zh="地名，中文", en="name, Chinese"),
        "name_en": Text(zh="地名，英文", en="name, English"),
        "tier": Text(zh="风险等级：low、medium、high", en="tier: low, medium, high"),
        "tier_before": Text(zh="前一日的风险等级", en="tier on the day before"),
        "confirmed": Text(
            zh="累计确诊，人；遮蔽时为空", en="confirmed so far, persons; empty where masked"
        ),
        "confirmed_mask": Text(
            zh="遮蔽标记：under_5 为1至4人，withheld 为防倒推而不列",
            en="mask: under_5 is 1 to 4 persons, withheld is left out to protect another cell",
        ),
        "new_14": Text(
            zh="近14日新增确诊，人；遮蔽时为空", en="new in 14 days, persons; empty where masked"
        ),
        "new_14_mask": Text(zh="遮蔽标记，同上", en="mask, as above"),
        "population": Text(zh="人口", en="population"),
    },
    "figures.csv": {
        "date": Text(zh="数据截至的日期（24时）", en="day the data run to (24:00)"),
        "figure": Text(zh="指标代号", en="name of the figure"),
        "label_zh": Text(zh="指标，中文", en="figure in Chinese"),
        "label_en": Text(zh="指标，英文", en="figure in English"),
        "unit_zh": Text(zh="单位，中文", en="unit in Chinese"),
        "unit_en": Text(zh="单位，英文", en="unit in English"),
        "value": Text(zh="数值；遮蔽时为空", en="value; empty where masked"),
        "shown": Text(zh="公报所印的写法", en="as printed in the bulletin"),
        "low": Text(zh="区间下限，按所印写法", en="lower end of the range, as printed"),
        "high": Text(zh="区间上限，按所印写法", en="upper end of the range, as printed"),
        "was": Text(zh="修订前的数值", en="value before revision"),
        "flags": Text(
            zh="标记：synthetic 演练、assumed 含假设、revised 已修订、partial 不完整",
            en="flags: synthetic, assumed, revised, partial",
        ),
    },
}


def _place_row(place: PublicPlace, order: Order) -> dict[str, object]:
    return {
        "date": order.head.cut.isoformat(),
        "code": place.code,
        "name_zh": place.name.zh,
        "name_en": place.name.en,
        "tier": place.tier,
        "tier_before": place.before,
        "confirmed": _number(place.confirmed),
        "confirmed_mask": _mark(place.confirmed),
        "new_14": _number(place.new_14),
        "new_14_mask": _mark(place.new_14),
        "population": place.population,
    }


def _figure_row(figure: Figure, order: Order) -> dict[str, object]:
    known = figure.value is not None and figure.value == figure.value
    return {
        "date": order.head.cut.isoformat(),
        "figure": figure.id,
        "label_zh": figure.label.zh,
        "label_en": figure.label.en,
        "unit_zh": figure.unit.zh,
        "unit_en": figure.unit.en,
        "value": figure.value if known else None,
        "shown": figure.shown,
        "low": figure.low,
        "high": figure.high,
        "was": figure.was,
        "flags": " ".join(figure.flags),
    }


def _csv(rows: Sequence[Mapping[str, object]], names: Sequence[str]) -> bytes:
    """Write rows as CSV in UTF-8 with a mark that spreadsheets know it by."""
    page = io.StringIO()
    writer = csv.DictWriter(page, fieldnames=list(names), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return page.getvalue().encode("utf-8-sig")
