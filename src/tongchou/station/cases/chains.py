"""Chains of transmission: who is known to have infected whom, drawn over time.

Pure: from cases and links to a layout, from a layout to an SVG and to the table that says the same in
words. A case stands on its day of onset; each generation is one step further from the first case.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from typing import Literal

from tongchou.vocabulary.text import Lang, Text, day

Kind = Literal["infector", "contact", "shared"]
KIND_NAMES: Mapping[str, Text] = {
    "infector": Text(zh="调查认定", en="found by investigation"),
    "contact": Text(zh="密接转为病例", en="contact who became a case"),
    "shared": Text(zh="同一场所", en="same venue"),
}
NO_SOURCE = Text(zh="来源不明", en="source not known here")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A case; ``on`` is its onset, or its report where onset is not known."""

    case: str
    on: date
    setting: str = "unknown"
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How two cases hang together; ``shared`` has no direction and makes no generation."""

    source: str
    target: str
    kind: Kind
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A case in the picture."""

    node: Node
    row: int
    generation: int
    parent: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A picture laid out: cases by row, links between them, and how many cases were left out."""

    placed: tuple[Placed, ...]
    shared: tuple[Link, ...]
    left_out: int = 0

    @property
    def generations(self) -> int:
        """How many generations are seen, the first case counted as one."""
        return max((p.generation for p in self.placed), default=0)


def lay_out(nodes: Iterable[Node], links: Iterable[Link], *, most: int | None = None) -> Chain:
    """Place cases in rows: each below its source, siblings by onset.

    An investigator's finding goes before a contact record; a link that would close a circle is
    passed over, so that the picture is always a tree.

    >>> from datetime import date
    >>> n = [Node(case=c, on=date(2020, 2, d)) for c, d in (("A", 1), ("B", 5), ("C", 9))]
    >>> l = [Link(source="A", target="B", kind="contact"), Link(source="B", target="C", kind="infector")]
    >>> [(p.node.case, p.generation) for p in lay_out(n, l).placed]
    [('A', 1), ('B', 2), ('C', 3)]
    """
    ordered = sorted(nodes, key=lambda n: (n.on, n.case))
    shown = ordered if most is None else ordered[:most]
    known = {n.case: n for n in shown}
    parents = _parents(known, links := list(links))
    children: dict[str, list[str]] = defaultdict(list)
    for node in shown:
        children[parents[node.case].source if node.case in parents else ""].append(node.case)
    placed: list[Placed] = []
    stack = [(case, 1) for case in reversed(children[""])]
    while stack:
        case, generation = stack.pop()
        link = parents.get(case)
        placed.append(
            Placed(
                node=known[case],
                row=len(placed),
                generation=generation,
                parent=link.source if link else "",
                how=link.kind if link else "",
            )
        )
        stack += [(child, generation + 1) for child in reversed(children[case])]
    return Chain(
        placed=tuple(placed),
        shared=tuple(_shared(known, parents, links)),
        left_out=len(ordered) - len(shown),
    )


def _parents(known: Mapping[str, Node], links: Sequence[Link]) -> dict[str, Link]:
    rank = {"infector": 0, "contact": 1}
    found: dict[str, Link] = {}
    directed = [x for x in links if x.kind in rank and x.source in known and x.target in known]
    for link in sorted(directed, key=lambda x: (rank[x.kind], x.target, x.source)):
        if link.target in found or link.source == link.target:
            continue
        above: str | None = link.source
        while above in found and above != link.target:
            above = found[above].source
        if above != link.target:
            found[link.target] = link
    return found


def _shared(
    known: Mapping[str, Node], parents: Mapping[str, Link], links: Sequence[Link]
) -> Iterable[Link]:
    seen = {frozenset((p.source, p.target)) for p in parents.values()}
    for link in links:
        pair = frozenset((link.source, link.target))
        if link.kind == "shared" and len(pair) == 2 and pair <= set(known) and pair not in seen:
            seen.add(pair)
            yield link


SHAPES: Mapping[str, str] = {
    "household": '<circle r="6.5"/>',
    "workplace": '<rect x="-6" y="-6" width="12" height="12"/>',
    "health_facility": '<path d="M-2.4-7h4.8v4.6h4.6v4.8h-4.6v4.6h-4.8v-4.6h-4.6v-4.8h4.6z"/>',
    "transport": '<path d="M0-8 8 0 0 8-8 0z"/>',
    "community": '<path d="M0-7.5 7.5 6h-15z"/>',
    "travel": '<path d="M0 7.5 7.5-6h-15z"/>',
    "unknown": '<circle r="5" class="hollow"/>',
}
"""The shape of each setting: told apart without colour."""

WIDTH, LEFT, RIGHT, TOP, ROW = 960, 24, 150, 34, 26


def draw(chain: Chain, lang: Lang, *, settings: Mapping[str, Text]) -> str:
    """Give the picture as SVG; it takes its colours from the page."""
    if not chain.placed:
        return ""
    first = min(p.node.on for p in chain.placed)
    last = max(p.node.on for p in chain.placed)
    days = max((last - first).days, 1)
    height = TOP + ROW * len(chain.placed) + 14
    at = {
        p.node.case: (
            LEFT + (WIDTH - LEFT - RIGHT) * (p.node.on - first).days / days,
            TOP + ROW * p.row + ROW / 2,
        )
        for p in chain.placed
    }
    title = Text(
        zh="传播链：{n} 例，{g} 代", en="Chain of transmission: {n} cases, {g} generations"
    ).fill(n=len(chain.placed), g=chain.generations)[lang]
    parts = [
        f'<svg class="chain" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="chain-title">',
        f'<title id="chain-title">{escape(title)}</title>',
        *_axis(first, days, height),
        *(_joined(at[p.parent], at[p.node.case], p.how) for p in chain.placed if p.parent),
        *(_arc(at[x.source], at[x.target], x.note) for x in chain.shared),
        *(_mark(p, at[p.node.case], lang, settings) for p in chain.placed),
        "</svg>",
    ]
    return "".join(parts)


def _axis(first: date, days: int, height: int) -> Iterable[str]:
    step = next(s for s in (1, 2, 7, 14, 28, 91, 10_000) if days / s <= 12)
    for n in range(0, days + 1, step):
        x = LEFT + (WIDTH - LEFT - RIGHT) * n / days
        on = first + timedelta(days=n)
        yield f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{height - 8}"/>'
        yield f'<text class="day" x="{x:.1f}" y="{TOP - 14}" text-anchor="middle">{on:%m-%d}</text>'


def _joined(one: tuple[float, float], other: tuple[float, float], how: str) -> str:
    (x1, y1), (x2, y2) = one, other
    return f'<path class="link {how}" d="M{x1:.1f} {y1:.1f}V{y2:.1f}H{x2:.1f}"/>'


def _arc(one: tuple[float, float], other: tuple[float, float], note: str) -> str:
    (x1, y1), (x2, y2) = one, other
    bow = max(x1, x2) + 26
    return f'<path class="link shared" d="M{x1:.1f} {y1:.1f}C{bow:.1f} {y1:.1f} {bow:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"><title>{escape(note)}</title></path>'


def _mark(placed: Placed, at: tuple[float, float], lang: Lang, settings: Mapping[str, Text]) -> str:
    node = placed.node
    setting = settings.get(node.setting, settings["unknown"])[lang]
    told = f"{node.case} · {day(node.on)[lang]} · {setting}"
    shape = SHAPES.get(node.setting, SHAPES["unknown"])
    inner = (
        f'<g class="mark set-{escape(node.setting)}" transform="translate({at[0]:.1f} {at[1]:.1f})">'
        f"<title>{escape(told)}</title>{shape}"
        f'<text x="12" y="4">{escape(node.case)}</text></g>'
    )
    return f'<a href="{escape(node.url)}">{inner}</a>' if node.url else inner


def legend(lang: Lang, *, settings: Mapping[str, Text]) -> str:
    """Give the shapes with their meaning, as SVG pieces of a page."""
    return "".join(
        f'<span class="key"><svg class="chain" viewBox="-9 -9 18 18" width="18" height="18" aria-hidden="true">'
        f'<g class="mark set-{name}">{shape}</g></svg> {escape(settings[name][lang])}</span>'
        for name, shape in SHAPES.items()
        if name in settings
    )
