"""The morning run: eight steps from data to 24:00 to an order that a person can sign."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tongchou.morning.compose import compose
from tongchou.morning.decide import decide
from tongchou.morning.documents import bulletin, charts, html, ink, serialise, tier_map, word
from tongchou.morning.gaps import OpenGap, find_gaps
from tongchou.morning.learn import Receipts, learn
from tongchou.morning.order import Order
from tongchou.morning.outlook import Outlook, look_ahead
from tongchou.morning.picture import Picture, assess
from tongchou.morning.proposals.common import Context
from tongchou.morning.solve import solve
from tongchou.situation.pack import Pack
from tongchou.vocabulary.places import Gazetteer
from tongchou.vocabulary.text import Lang, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One of the eight steps."""

    number: int
    name: Text


CHECK, PICTURE, GAPS, AHEAD, SOLVE, DECIDE, LEARN, SEND = STEPS = (
    Step(number=1, name=Text(zh="核对数据", en="Check the data")),
    Step(number=2, name=Text(zh="形成态势", en="Draw the picture")),
    Step(number=3, name=Text(zh="清点缺口", en="Count the gaps")),
    Step(number=4, name=Text(zh="展望14日", en="Look 14 days ahead")),
    Step(number=5, name=Text(zh="统筹求解", en="Solve together")),
    Step(number=6, name=Text(zh="提出决定", en="Put decisions")),
    Step(number=7, name=Text(zh="复盘昨日", en="Learn from yesterday")),
    Step(number=8, name=Text(zh="发送文件", en="Send the documents")),
)


def silence(step: Step) -> None:
    """Tell nobody."""


def order_of_the_day(
    pack: Pack,
    cut: date,
    *,
    place: str | None = None,
    seed: int = 1,
    receipts: Receipts | None = None,
    calibration: Path | None = None,
    tell: Callable[[Step], None] = silence,
) -> Order:
    """Walk the steps and give the order as content.

    Parameters
    ----------
    pack
        An opened data pack; opening it checked every file and row.
    cut
        Data to 24:00 of this day.
    place
        Code or name of the area; the highest reporting one by default.
    seed
        The same pack, day, place, seed and receipts give the same order, byte for byte.
    receipts
        What became of the orders last signed; without a station nobody knows, and the page says so.
    calibration
        A kept fit that the transmission engine starts from; by default it starts from the reports.
    tell
        Called as each step begins.
    """
    tell(CHECK)
    situation = pack.as_of(cut)
    tell(PICTURE)
    picture = assess(situation, place, seed=seed)
    tell(GAPS)
    gaps = find_gaps(situation, picture.scope, picture.quality)
    tell(AHEAD)
    outlook = look_ahead(picture, seed, calibration=calibration)
    return complete(picture, outlook, gaps, receipts=receipts, tell=tell)


def complete(
    picture: Picture,
    outlook: Outlook,
    gaps: tuple[OpenGap, ...],
    *,
    receipts: Receipts | None = None,
    tell: Callable[[Step], None] = silence,
) -> Order:
    """Walk the steps that follow the outlook and give the order."""
    tell(SOLVE)
    plan = solve(picture, outlook)
    tell(DECIDE)
    decisions, further = decide(Context(picture=picture, outlook=outlook, plan=plan, gaps=gaps))
    tell(LEARN)
    lesson = learn(picture, outlook)
    return compose(picture, outlook, plan, gaps, decisions, further, lesson, outlook.seed, receipts)


def send(
    order: Order,
    pack: Pack,
    folder: Path,
    lang: Lang,
    *,
    tell: Callable[[Step], None] = silence,
) -> list[Path]:
    """Write the documents of an order in one language; all of them or, on an error, none.

    ``order.html``, ``order.docx``, ``order.json``, ``bulletin.html`` and the open-data files.
    """
    tell(SEND)
    shapes = shapes_of_order(order, pack.whole.gazetteer)
    content = {
        "order.html": html.render(order, lang, shapes).encode(),
        "order.docx": word.render(order, lang, *drawings(order, lang, shapes)),
        "order.json": serialise.to_json(order),
        "bulletin.html": bulletin.render(order, lang).encode(),
        **bulletin.open_data(order),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in content.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in content]


def drawings(order: Order, lang: Lang, shapes: tier_map.Shapes | None) -> tuple[bytes, bytes]:
    """Give the map and the curve as PNG for Word; an empty one where there is no geography."""
    board = b"" if shapes is None else ink.for_word(tier_map.map_svg(order.tiers, shapes, lang))
    return board, ink.for_word(charts.curve_svg(order.curve, lang))


def shapes_of_order(order: Order, gazetteer: Gazetteer) -> tier_map.Shapes | None:
    """Give the map shapes of the order's units, None where the country has no boundaries."""
    if not gazetteer.boundaries.available:
        return None
    units = [r.place for r in order.tiers.rows]
    lines = [p.code for p in gazetteer.children(order.head.place)] or [order.head.place]
    return tier_map.shapes_of(units, lines, gazetteer)


def spoken(order: Order, lang: Lang) -> list[str]:
    """Give an order in a few lines: where and when, the headline, the figures that have a value."""
    head = order.head
    shown = [f for f in order.figures if f.missing is None and f.value is not None]
    return [
        f"{head.name[lang]} · {head.cut} 24:00 · {order.signoff.pack}",
        *(s[lang] for s in order.headline),
        ("；" if lang == "zh" else "; ").join(f"{f.label[lang]} {f.shown}" for f in shown),
    ]


def summary(order: Order, written: list[Path], lang: Lang) -> list[str]:
    """Give what the terminal shows at the end: the order in a few lines and where the files are."""
    return [*spoken(order, lang), *(str(p) for p in written)]
