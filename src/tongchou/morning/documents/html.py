"""The order of the day as one page that needs nothing else: order.html.

Two A4 pages when printed, then the annexes; on a screen light or dark, from a phone to a wall.
No script is needed to read it, no address outside it is asked for.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from tongchou.morning.documents import charts, ink, tier_map
from tongchou.morning.documents.cells import NUMERIC, all_evidence, cell, heading, raw
from tongchou.morning.documents.fit import page_sizes
from tongchou.morning.order import FLAG_WORDS, Annex, Evidence, Figure, Order
from tongchou.morning.terms import named_cell, term
from tongchou.morning.words import AHEAD_KINDS, TIER_LETTERS, TIER_NAMES, word
from tongchou.vocabulary.text import Lang, Text, count, day, estimate, join, share

AHEAD_SHOWN = 12
CORRECTIONS_SHOWN = 3
"""What page two holds; the whole lists then stand before the annexes, and the page says so."""


def render(order: Order, lang: Lang, shapes: tier_map.Shapes | None) -> str:
    """Give the whole order of the day in one language as an HTML page.

    Parameters
    ----------
    order
        The content.
    lang
        Language of everything a reader sees.
    shapes
        Geography of the tier map; None where the area has no boundaries: tiles stand in its place.
    """
    environment = environment_of(lang)
    return environment.get_template("order.html.j2").render(_content(order, lang, shapes))


def fragment(order: Order, lang: Lang, shapes: tier_map.Shapes | None = None) -> str:
    """Give the whole order to be shown inside a notebook.

    It stands in a frame of its own, so that its style and the notebook's leave each other alone.
    """
    frame = (
        '<iframe title="{}" srcdoc="{}" style="width:100%;height:80vh;border:1px solid #999">'
        "</iframe>"
    )
    page = render(order, lang, shapes)
    return str(Markup(frame).format(word("order", lang), page))


@cache
def static(name: str) -> str:
    """Give a style sheet or script of this package."""
    return (files("tongchou.morning.documents") / "static" / name).read_text(encoding="utf-8")


@cache
def environment_of(lang: Lang) -> Environment:
    """Give a template environment that writes words, dates and cells in one language."""
    made = Environment(
        loader=PackageLoader("tongchou.morning.documents", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )

    def words(key: str, **values: object) -> str:
        return word(key, lang, **values)

    made.globals.update(
        w=words,
        lang=lang,
        numeric=NUMERIC,
        letters=TIER_LETTERS,
        tier_names=TIER_NAMES,
        flag_words=FLAG_WORDS,
        ahead_kinds=AHEAD_KINDS,
        colon="：" if lang == "zh" else ": ",
        semi="；" if lang == "zh" else "; ",
        comma="，" if lang == "zh" else ", ",
        list_comma="、" if lang == "zh" else ", ",
        gap="" if lang == "zh" else " ",
    )
    made.filters.update(
        t=lambda text: text[lang],
        cell=lambda value, kind: cell(value, kind, lang),
        heading=lambda column: heading(column, lang),
        count=count,
        estimate=estimate,
        percent=_percent,
        short=lambda on: short_day(on)[lang],
        cls=_cell_class,
        spark=lambda trend: Markup(charts.spark(trend, lang)),
        swatch=lambda tier: Markup(tier_map.swatch(tier)),
        direction=lambda figure, change: _direction(figure, change, lang),
        columns=lambda evidence: _columns(evidence, lang),
        rows=lambda evidence, names: _rows(evidence, names, lang),
    )
    return made


def short_day(on: date) -> Text:
    """Write a date without its year, as it stands in running lists.

    >>> short_day(date(2020, 2, 23))
    Text(zh='2月23日', en='23 Feb')
    """
    english = day(on).en.split()
    return Text(zh=f"{on.month}月{on.day}日", en=f"{english[0]} {english[1][:3]}")


def _content(order: Order, lang: Lang, shapes: tier_map.Shapes | None) -> dict[str, object]:
    board, head = order.tiers, order.head
    ahead = sorted(order.ahead, key=lambda a: (a.on, a.kind, a.where.en))
    drawn = tier_map.map_svg(board, shapes, lang) if shapes else tier_map.tiles(board, lang)
    has_curve = order.curve.history.height > 0
    return {
        "order": order,
        "css": Markup(static("order.css")),
        "js": Markup(static("order.js")),
        "hatches": Markup(f'<svg class="hatches" aria-hidden="true">{ink.hatches()}</svg>'),
        "exercise": "synthetic" in head.flags,
        "shared_flags": head.flags,
        "foot": Markup(
            _css_string(f"{head.name[lang]} · {word('order', lang)} · {head.edition[lang]}")
        ),
        "page_counter": Markup(_page_counter(lang)),
        "sizes": page_sizes(
            order,
            lang,
            [join([a.where, a.text]) for a in ahead[:AHEAD_SHOWN]],
            order.corrections[:CORRECTIONS_SHOWN],
        ),
        "cut": day(head.cut),
        "reported_share": share(head.reported_units / max(1, head.expected_units)),
        "map": Markup(ink.for_page(drawn, _map_text(order, lang))),
        "mapped": shapes is not None,
        "curve": Markup(
            ink.for_page(
                charts.curve_svg(order.curve, lang),
                word("curve_text", lang, sentence=order.curve.sentence),
            )
        )
        if has_curve
        else None,
        "tier_rows": tier_rows(order),
        "ahead_near": ahead[:AHEAD_SHOWN],
        "ahead_all": ahead,
        "ahead_more": max(0, len(ahead) - AHEAD_SHOWN),
        "corrections_near": order.corrections[:CORRECTIONS_SHOWN],
        "corrections_more": max(0, len(order.corrections) - CORRECTIONS_SHOWN),
        "annexes": whole_annexes(order),
        "proofs": tuple(all_evidence(order).values()),
        "homes": _homes(order),
    }


def whole_annexes(order: Order) -> tuple[Annex, ...]:
    """Give the annexes with a J among them, for the evidence stands there."""
    if any(annex.letter == "J" for annex in order.annexes):
        return order.annexes
    methods = Annex(
        letter="J", title=Text(zh="方法、参数、来源", en="Methods, parameters, sources"), tables=()
    )
    return tuple(sorted((*order.annexes, methods), key=lambda annex: annex.letter))


def _map_text(order: Order, lang: Lang) -> str:
    board = order.tiers
    counts = {tier: count(board.counts.get(tier, 0)) for tier in TIER_NAMES}
    return word("map_text", lang, up=len(board.moved_up), down=len(board.moved_down), **counts)


def tier_rows(order: Order) -> list[tuple[str, int, int | None, int, int]]:
    """Give for each tier: units, people, and how many came to it by moving up or down."""
    board = order.tiers
    tier = {row.place: row.tier for row in board.rows}

    def came(moved: Sequence[str], name: str) -> int:
        return sum(tier.get(place) == name for place in moved)

    return [
        (
            name,
            board.counts.get(name, 0),
            board.population.get(name),
            came(board.moved_up, name),
            came(board.moved_down, name),
        )
        for name in TIER_NAMES
    ]


def _homes(order: Order) -> Mapping[str, str]:
    """Give for each piece of evidence the place on the pages that leads to it."""
    homes: dict[str, str] = {}
    for figure in order.figures:
        if figure.evidence:
            homes.setdefault(figure.evidence.id, f"fig-{figure.id}")
    homes.setdefault(order.tiers.evidence.id, "map")
    homes.setdefault(order.curve.evidence.id, "curve")
    for gap in order.gaps:
        if gap.evidence:
            homes.setdefault(gap.evidence.id, f"gap-{gap.id}")
    for decision in order.decisions:
        homes.setdefault(decision.evidence.id, f"decision-{decision.id}")
    homes.setdefault(order.yesterday.evidence.id, "yesterday")
    for data in (table for annex in order.annexes for table in annex.tables):
        for found in (data.evidence, *data.proofs):
            if found:
                homes.setdefault(found.id, f"table-{data.id}")
    return homes


def _direction(figure: Figure, change: str | None, lang: Lang) -> Markup:
    """Say in a sign and a word whether a change is for the better."""
    if figure.better == "neither" or not change or change[0] not in "+−":
        return Markup("")
    rose = change[0] == "+"
    name = "better" if rose == (figure.better == "up") else "worse"
    sign = "▲" if rose else "▼"
    return Markup(
        '<span class="dir dir-{}" title="{}">{}<span class="hidden">{}</span></span>'
    ).format(name, word(name, lang), sign, word(name, lang))


def _percent(value: float) -> str:
    return f"{round(100 * value)}%"


def _cell_class(kind: str) -> Markup:
    if kind == "date":
        return Markup(' class="day"')
    return (
        Markup(' class="n"')
        if kind in NUMERIC
        else Markup(' class="code" translate="no"')
        if kind == "code"
        else Markup("")
    )


def _columns(evidence: Evidence, lang: Lang) -> list[tuple[str, bool]]:
    schema = evidence.rows.schema
    return [(term(name)[lang], kind.is_numeric()) for name, kind in schema.items()]


def _rows(evidence: Evidence, names: Mapping[str, Text], lang: Lang) -> Markup:
    """Write the rows of evidence; built here, for there may be thousands."""
    schema = evidence.rows.schema
    numeric = [kind.is_numeric() for kind in schema.values()]
    columns = list(schema)
    lines = []
    for values in evidence.rows.iter_rows():
        cells = (
            f'<td class="n">{escape(raw(v))}</td>'
            if n
            else f"<td>{escape(_cell_words(c, v, names, lang))}</td>"
            for c, v, n in zip(columns, values, numeric, strict=True)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return Markup("\n".join(lines))


def _cell_words(column: str, value: object, names: Mapping[str, Text], lang: Lang) -> str:
    named = named_cell(column, value, names)
    if named is not None:
        return named[lang]
    return cell(value, "code", lang) if isinstance(value, bool) else raw(value)


def _css_string(text: str) -> str:
    """Make a text safe inside a quoted string of a style sheet."""
    return "".join(c if c.isalnum() or c in " ·-" else f"\\{ord(c):x} " for c in text)


def _page_counter(lang: Lang) -> str:
    return '第 " counter(page) " 页' if lang == "zh" else 'page " counter(page) "'
