"""The order of the day as a Word document: order.docx, two pages and the annexes.

The same content as the page. An annex table beyond :data:`ROWS_SHOWN` rows shows its first rows
and says where all of them are; the rows behind each number are in order.html and order.json.
"""

from collections.abc import Sequence

from docx.document import Document as Doc
from docx.table import _Cell

from tongchou.morning.documents import gazette as g
from tongchou.morning.documents.cells import NUMERIC, all_evidence, cell, heading
from tongchou.morning.documents.fit import page_sizes
from tongchou.morning.documents.html import (
    AHEAD_SHOWN,
    CORRECTIONS_SHOWN,
    short_day,
    tier_rows,
    whole_annexes,
)
from tongchou.morning.order import FLAG_WORDS, Decision, Figure, Order, Table
from tongchou.morning.words import AHEAD_KINDS, TIER_LETTERS, TIER_NAMES, word
from tongchou.vocabulary.text import Lang, count, day, estimate, join, share

ROWS_SHOWN = 60
BOX = "□"


def render(order: Order, lang: Lang, map_png: bytes, curve_png: bytes) -> bytes:
    """Give the order of the day in one language as the bytes of a Word document.

    Parameters
    ----------
    order
        The content.
    lang
        Language of everything a reader sees.
    map_png, curve_png
        The two drawings (:func:`tongchou.morning.documents.ink.for_word`); the curve may be empty where
        there is no case series.
    """
    page = _Page(order, lang)
    page.one(map_png, curve_png)
    page.two()
    page.annexes()
    name = f"{order.head.name[lang]} {word('order', lang)} {order.head.edition[lang]}"
    return g.finish(
        page.made,
        title=name,
        author=order.head.name[lang],
        on=order.head.cut,
        language="zh-CN" if lang == "zh" else "en-GB",
    )


class _Page:
    """One document being written: the order, its language and its type sizes."""

    def __init__(self, order: Order, lang: Lang) -> None:
        self.order, self.lang = order, lang
        self.ahead = sorted(order.ahead, key=lambda a: (a.on, a.kind, a.where.en))
        shown = [join([a.where, a.text]) for a in self.ahead[:AHEAD_SHOWN]]
        sizes = page_sizes(order, lang, shown, order.corrections[:CORRECTIONS_SHOWN])
        # Word sets lines wider apart than a page does: a little smaller to fill the same sheet.
        self.small, self.tight = round(sizes.one * 0.92, 1), round(sizes.two * 0.92, 1)
        self.made: Doc = g.blank(self.small)
        self.colon, self.semi = ("：", "；") if lang == "zh" else (": ", "; ")
        exercise = word("exercise_banner", lang) if "synthetic" in order.head.flags else ""
        foot = f"{order.head.name[lang]} · {word('order', lang)} · {order.head.edition[lang]}"
        before, _, after = word("page_of", lang, page="\0").partition("\0")
        g.header_and_footer(self.made, exercise, foot, (before, after))

    def w(self, key: str, **values: object) -> str:
        return word(key, self.lang, **values)

    # page one

    def one(self, map_png: bytes, curve_png: bytes) -> None:
        self._head()
        g.heading(self.made, self.w("page_one"), 2)
        for key, sentence in zip(("changed", "matters", "today"), self.order.headline, strict=True):
            line = g.write(self.made.add_paragraph(), f"{self.w(key)}　", bold=True, colour=g.RED)
            g.write(line, sentence[self.lang], size=self.small * 1.12)
        self._figures()
        self._drawings(map_png, curve_png)
        self._gaps()

    def _head(self) -> None:
        head, lang = self.order.head, self.lang
        top = g.panes(self.made, 1, (3, 2))._cells
        g.write(top[0].paragraphs[0], " › ".join(p[lang] for p in head.path), colour=g.GREY)
        title = top[0].add_paragraph(style="Heading 1")
        title.add_run(f"{head.name[lang]}　{self.w('order')}")
        for text, bold in ((head.edition[lang], True), (head.period[lang], False)):
            line = top[1].paragraphs[0] if bold else top[1].add_paragraph()
            line.alignment = g.RIGHT
            g.write(line, text, bold=bold, colour=g.RED if bold else g.GREY)
        reported = self.w(
            "reported_of",
            n=count(head.reported_units),
            of=count(head.expected_units),
            share=share(head.reported_units / max(1, head.expected_units)),
        )
        level = (
            f"{head.level[lang]}{self.semi}{self.w('level_basis')}{self.colon}{head.level_basis[lang]}"
            f"{self.semi}{self.w('level_review')}{self.colon}{head.level_review[lang]}"
        )
        flags = [FLAG_WORDS[f] for f in head.flags]
        g.table(
            self.made,
            [self.w("level"), self.w("cut"), self.w("reported"), self.w("flags")],
            [
                [
                    level,
                    self.w("cut_at", day=day(head.cut)),
                    reported,
                    join(flags)[lang] if flags else self.w("no_flags"),
                ]
            ],
            widths=(2.4, 1.2, 1.2, 1),
            numeric=[False] * 4,
            size=self.small,
        )
        for notice in head.notices:
            g.write(self.made.add_paragraph(), f"※ {notice[lang]}")

    def _figures(self) -> None:
        keys = ("figure", "value", "range", "vs_day", "vs_week", "remarks")
        g.table(
            self.made,
            [self.w(key) for key in keys],
            [self._figure(figure) for figure in self.order.figures],
            widths=(3.2, 1, 1.4, 1, 1, 2.6),
            numeric=(False, True, True, True, True, False),
            size=self.small,
        )

    def _figure(self, figure: Figure) -> list[str]:
        label = f"{figure.label[self.lang]}（{figure.unit[self.lang]}）"
        if self.lang == "en":
            label = f"{figure.label.en} ({figure.unit.en})"
        if figure.missing is not None:
            return [label, "–", "", "", "", figure.missing[self.lang]]
        remarks = [self.w("was", was=figure.was)] if figure.was else []
        remarks += [figure.small[self.lang]] if figure.small else []
        shared = self.order.head.flags
        remarks += [FLAG_WORDS[f][self.lang] for f in figure.flags if f not in shared]
        spread = f"{figure.low}–{figure.high}" if figure.low else ""
        changes = [figure.day_change or "–", figure.week_change or "–"]
        return [label, figure.shown, spread, *changes, self.semi.join(remarks)]

    def _drawings(self, map_png: bytes, curve_png: bytes) -> None:
        lang, board = self.lang, self.order.tiers
        left, right = g.panes(self.made, 1, (1, 1))._cells
        g.write(left.paragraphs[0], f"{self.w('map')}　{board.unit_level[lang]}", bold=True)
        counts = {tier: count(board.counts.get(tier, 0)) for tier in TIER_NAMES}
        said = self.w("map_text", up=len(board.moved_up), down=len(board.moved_down), **counts)
        if map_png:
            g.picture(left.add_paragraph(), map_png, 66, said)
        for name, units, people, up, down in tier_rows(self.order):
            text = (
                f"{TIER_LETTERS[name][lang]} {TIER_NAMES[name][lang]}{self.colon}{count(units)}"
                f"{self.semi}{self.w('population')} {count(people)}"
                f"{self.semi}{self.w('moved_up')} {up}{self.semi}{self.w('moved_down')} {down}"
            )
            g.write(left.add_paragraph(), text)
        if board.coarse is not None:
            g.write(left.add_paragraph(), board.coarse[lang], colour=g.GREY)
        g.write(right.paragraphs[0], f"{self.w('curve')}　{self.w('curve_unit')}", bold=True)
        sentence = self.order.curve.sentence[lang]
        if curve_png:
            g.picture(right.add_paragraph(), curve_png, 88, self.w("curve_text", sentence=sentence))
        g.write(right.add_paragraph(), sentence)
        key = self.w("curve_key")
        if self.order.curve.nowcast.height:
            key += self.w("curve_key_nowcast")
        g.write(right.add_paragraph(), key, colour=g.GREY)

    def _gaps(self) -> None:
        g.heading(self.made, self.w("gaps"), 3)
        mark = "、" if self.lang == "zh" else ", "
        rows = []
        for gap in self.order.gaps:
            if gap.missing is not None:
                rows.append([gap.label[self.lang], "–", gap.missing[self.lang], ""])
                continue
            worst = mark.join(f"{place[self.lang]} {count(n)}" for place, n in gap.worst)
            oldest = gap.oldest[self.lang] if gap.oldest else "–"
            rows.append([gap.label[self.lang], count(gap.count), worst or "–", oldest])
        g.table(
            self.made,
            [self.w(key) for key in ("gap", "count", "worst", "oldest")],
            rows,
            widths=(2.4, 0.8, 4.6, 2),
            numeric=(False, True, False, False),
            size=self.small,
        )

    # page two

    def two(self) -> None:
        decisions = self.order.decisions
        g.heading(self.made, self.w("page_two"), 2, on_new_page=True)
        if not decisions:
            g.write(self.made.add_paragraph(), self.w("no_decisions"))
        else:
            note = self.w("decisions_rank", n=len(decisions))
            g.write(self.made.add_paragraph(), note, colour=g.GREY, size=self.tight)
            places = g.panes(self.made, -(-len(decisions) // 2), (1, 1))._cells
            for number, (decision, place) in enumerate(zip(decisions, places, strict=False), 1):
                self._decision(place, number, decision)
        rest = g.panes(self.made, 1, (1.3, 1, 1.1))._cells
        self._ahead(rest[0])
        self._yesterday(rest[1])
        self._signoff(rest[2])

    def _decision(self, place: _Cell, number: int, d: Decision) -> None:
        lang, size = self.lang, self.tight
        g.rule_above(place)
        g.write(place.paragraphs[0], f"{number}　{d.sentence[lang]}", bold=True, size=size * 1.1)
        about = f"{d.where[lang]}　{self.w('harm', n=estimate(d.harm_per_day))}"
        if d.takes_freedom:
            about += f"　{self.w('freedom')}"
        g.write(place.add_paragraph(), about, colour=g.GREY, size=size)
        for option in d.options:
            line = place.add_paragraph()
            mark = f"〔{self.w('recommended')}〕" if option.recommended else "– "
            g.write(line, f"{mark}{option.name[lang]}{self.colon}", bold=True, size=size)
            told = [option.effect[lang]]
            told += [f"{self.w('cost')} {option.cost[lang]}"] if option.cost[lang] else []
            told += [f"{self.w('burden')} {option.burden[lang]}"] if option.burden[lang] else []
            g.write(line, self.semi.join(told), size=size)
        terms = [
            f"{self.w('basis')} {d.legal_basis[lang]}",
            self.w("from_to", start=short_day(d.start), expiry=short_day(d.expiry)),
            f"{self.w('owner')} {d.owner[lang]}",
            f"{self.w('due')} {d.due[lang]}",
            f"{self.w('would_change')} {d.would_change[lang]}",
        ]
        g.write(place.add_paragraph(), " · ".join(terms), colour=g.GREY, size=size)
        boxes = "　".join(f"{BOX}{self.w(key)}" for key in ("sign", "change", "refuse"))
        line = g.write(place.add_paragraph(), f"{boxes}　{self.w('reason')}", size=size * 1.05)
        g.write(line, " " + "_" * 28, colour=g.GREY, size=size)

    def _ahead(self, place: _Cell) -> None:
        lang, size = self.lang, self.tight
        g.write(place.paragraphs[0], self.w("ahead"), bold=True, size=size * 1.1)
        for entry in self.ahead[:AHEAD_SHOWN]:
            chance = "" if entry.probability is None else f" {round(100 * entry.probability)}%"
            text = (
                f"{short_day(entry.on)[lang]} {AHEAD_KINDS[entry.kind][lang]} {entry.where[lang]}"
            )
            g.write(
                place.add_paragraph(), f"{text}{self.colon}{entry.text[lang]}{chance}", size=size
            )
        more = len(self.ahead) - AHEAD_SHOWN
        if more > 0:
            g.write(place.add_paragraph(), self.w("ahead_more", n=more), size=size)
        if not self.ahead:
            g.write(place.add_paragraph(), self.w("ahead_none"), size=size)

    def _yesterday(self, place: _Cell) -> None:
        lang, size, past = self.lang, self.tight, self.order.yesterday
        g.write(place.paragraphs[0], self.w("yesterday"), bold=True, size=size * 1.1)
        for text in (past.orders, past.score_sentence):
            g.write(place.add_paragraph(), text[lang], size=size)
        line = g.write(place.add_paragraph(), self.w("corrections"), bold=True, size=size)
        shown = [c[lang] for c in self.order.corrections[:CORRECTIONS_SHOWN]]
        joined = ("" if lang == "zh" else " ").join(shown) or self.w("no_corrections")
        g.write(line, f"{self.colon}{joined}", size=size)
        more = len(self.order.corrections) - CORRECTIONS_SHOWN
        if more > 0:
            g.write(line, f" {self.w('corrections_more', n=more)}", size=size)

    def _signoff(self, place: _Cell) -> None:
        lang, size, sign = self.lang, self.tight, self.order.signoff
        g.write(place.paragraphs[0], self.w("signoff"), bold=True, size=size * 1.1)
        g.write(place.add_paragraph(), self.w("proposal"), colour=g.GREY, size=size)
        for key in ("name", "post", "time"):
            g.write(place.add_paragraph(), f"{self.w(key)} {'_' * 26}", size=size * 1.25)
        notes = ("" if lang == "zh" else " ").join(n[lang] for n in sign.handover)
        line = g.write(place.add_paragraph(), self.w("handover"), bold=True, size=size)
        g.write(line, f"{self.colon}{notes or self.w('no_handover')}", size=size)
        g.write(place.add_paragraph(), self._again(sign.digest[:16]), colour=g.GREY, size=size)

    def _again(self, digest: str) -> str:
        sign = self.order.signoff
        parts = (
            ("digest", digest),
            ("version", sign.version),
            ("seed", str(sign.seed)),
            ("pack", sign.pack),
        )
        return " · ".join(f"{self.w(key)} {value}" for key, value in parts)

    # annexes

    def annexes(self) -> None:
        g.heading(self.made, self.w("annexes"), 2, on_new_page=True)
        self._whole_lists()
        for annex in whole_annexes(self.order):
            g.heading(self.made, f"{annex.letter}　{annex.title[self.lang]}", 2)
            for data in annex.tables:
                self._table(data)
            if annex.letter == "J":
                self._evidence()

    def _whole_lists(self) -> None:
        if len(self.ahead) > AHEAD_SHOWN:
            g.heading(self.made, self.w("ahead_all"), 3)
            for entry in self.ahead:
                text = f"{entry.on.isoformat()} {AHEAD_KINDS[entry.kind][self.lang]} "
                text += f"{entry.where[self.lang]}{self.colon}{entry.text[self.lang]}"
                g.write(self.made.add_paragraph(), text)
        if len(self.order.corrections) > CORRECTIONS_SHOWN:
            g.heading(self.made, self.w("corrections_all"), 3)
            for correction in self.order.corrections:
                g.write(self.made.add_paragraph(), correction[self.lang])

    def _table(self, data: Table) -> None:
        lang = self.lang
        g.heading(self.made, data.title[lang], 3)
        if data.missing is not None or not data.rows:
            text = data.missing[lang] if data.missing is not None else self.w("empty_table")
            g.write(self.made.add_paragraph(), text)
            return
        rows = [
            [cell(row.get(h.key), h.kind, lang) for h in data.headings]
            for row in data.rows[:ROWS_SHOWN]
        ]
        heads = [heading(h, lang) for h in data.headings]
        g.table(
            self.made,
            heads,
            rows,
            widths=_widths(heads, rows),
            numeric=[h.kind in NUMERIC for h in data.headings],
            size=7,
        )
        if len(data.rows) > ROWS_SHOWN:
            text = self.w("top_rows", n=ROWS_SHOWN, total=count(len(data.rows)))
            g.write(self.made.add_paragraph(), text, colour=g.GREY)
        if data.note is not None:
            g.write(self.made.add_paragraph(), data.note[lang], colour=g.GREY)

    def _evidence(self) -> None:
        lang = self.lang
        g.heading(self.made, self.w("evidence"), 3)
        g.write(self.made.add_paragraph(), self.w("evidence_word"), colour=g.GREY)
        for found in all_evidence(self.order).values():
            g.write(self.made.add_paragraph(), found.title[lang], bold=True)
            g.write(self.made.add_paragraph(), f"{self.w('formula')} {found.formula[lang]}")
            used = "; ".join(f"{n[lang]} = {v[lang]} ({s[lang]})" for n, v, s in found.parameters)
            told = f"{self.w('method')} docs/methods/{found.method}.md"
            told += f" · {self.w('rows')} {count(found.total_rows)}"
            told += f" · {self.w('parameters')} {used}" if used else ""
            g.write(self.made.add_paragraph(), told, colour=g.GREY)
            for note in found.notes:
                g.write(self.made.add_paragraph(), note[lang], colour=g.GREY)
        g.heading(self.made, self.w("made_again"), 3)
        g.write(self.made.add_paragraph(), self._again(self.order.signoff.digest))
        for name, digest in sorted(self.order.signoff.inputs.items()):
            g.write(self.made.add_paragraph(), f"{name} {digest}", colour=g.GREY)


def _widths(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
    """Share the field between columns by their longest words, none too narrow or too wide."""
    longest = [
        max(len(text.encode("gbk", "replace")) for text in column)
        for column in zip(heads, *rows, strict=True)
    ]
    return [float(min(max(n, 6), 40)) for n in longest]
