"""A draft becomes the signed document: its boxes are filled in, and who signed what is written down.

The draft is not made anew. The page and the Word document that the commander read are the ones
that are signed: each decision gets its answer, the sign-off gets name, post and time, and a table
of signatures keeps what was proposed beside what was signed.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from docx import Document
from docx.document import Document as Doc
from docx.text.paragraph import Paragraph
from markupsafe import escape

from tongchou.morning.documents import gazette as g
from tongchou.morning.documents.word import BOX
from tongchou.morning.words import word
from tongchou.vocabulary.text import Lang, Text

Reply = Literal["sign", "change", "refuse"]
CHECKED = "■"
REPLIES: Mapping[Reply, str] = {
    "sign": "signed_sign",
    "change": "signed_change",
    "refuse": "signed_refuse",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the commander made of one decision.

    ``words``, ``owner`` and ``due`` are what was signed; ``was`` is what was proposed (words, owner,
    due). ``reason`` is as typed.
    """

    reply: Reply
    words: Text
    owner: Text
    due: Text
    was: tuple[Text, Text, Text]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signed, when, which draft, and where the audit chain stood.

    ``digest`` is the SHA-256 of the draft's ``order.json``; ``anchor`` number and hash of the last
    entry of the audit chain before the signature.
    """

    name: str
    post: Text
    at: datetime
    digest: str
    anchor: tuple[int, str]
    answers: tuple[Answer, ...]


def sign_page(page: str, signature: Signature, lang: Lang) -> str:
    """Give the page of an order with its answers and signature."""
    answers = iter(signature.answers)

    def answered(_: re.Match[str]) -> str:
        answer = next(answers)
        kind = " refused" if answer.reply == "refuse" else ""
        return f'<p class="answer{kind}">{escape(_answer_line(answer, lang))}</p>'

    page = re.sub(r'<fieldset class="sign">.*?</fieldset>', answered, page, flags=re.DOTALL)
    proposal = f'<p class="note">{escape(word("proposal", lang))}</p>'
    page = page.replace(proposal, f'<p class="note">{escape(word("signed_note", lang))}</p>', 1)
    lines = "".join(
        f"<p><b>{escape(head)}</b> {escape(value)}</p>" for head, value in _who(signature, lang)
    )
    page = re.sub(
        r'<div class="lines">.*?</div>',
        lambda _: f'<div class="lines">{lines}</div>',
        page,
        count=1,
        flags=re.DOTALL,
    )
    return page.replace('<div id="signed"></div>', _section(signature, lang), 1)


def _section(signature: Signature, lang: Lang) -> str:
    heads = "".join(f'<th scope="col">{escape(h)}</th>' for h in _heads(lang))
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>"
        for row in _rows(signature, lang)
    )
    proof = "".join(
        f'<p><b>{escape(head)}</b> <code translate="no">{escape(value)}</code></p>'
        for head, value in _proof(signature, lang)
    )
    return (
        f'<section class="sheet signed" id="signed"><h2>{escape(word("signed_title", lang))}</h2>'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{proof}</section>"
    )


def sign_word(content: bytes, signature: Signature, lang: Lang) -> bytes:
    """Give the Word document of an order with its answers and signature."""
    made: Doc = Document(io.BytesIO(content))
    paragraphs = [p for t in made.tables for p in _paragraphs(t)]
    boxes = [p for p in paragraphs if p.text.startswith(BOX)]
    for paragraph, answer in zip(boxes, signature.answers, strict=True):
        _rewrite(paragraph, f"{CHECKED} {_answer_line(answer, lang)}")
    for key, (_, value) in zip(("name", "post", "time"), _who(signature, lang), strict=True):
        blank = f"{word(key, lang)} {'_' * 26}"
        for paragraph in paragraphs:
            if paragraph.text == blank:
                _rewrite(paragraph, f"{word(key, lang)} {value}")
    for paragraph in paragraphs:
        if paragraph.text == word("proposal", lang):
            _rewrite(paragraph, word("signed_note", lang))
    g.heading(made, word("signed_title", lang), 2, on_new_page=True)
    rows = list(_rows(signature, lang))
    g.table(
        made,
        _heads(lang),
        rows,
        widths=(1, 2, 6, 6, 3, 3, 4),
        numeric=[False] * 7,
        size=7.5,
    )
    for head, value in (*_who(signature, lang), *_proof(signature, lang)):
        g.write(g.write(made.add_paragraph(), f"{head} ", bold=True), value)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _paragraphs(table: object) -> list[Paragraph]:
    found: list[Paragraph] = []
    for cell in table._cells:  # type: ignore[attr-defined]
        found += cell.paragraphs
    return found


def _rewrite(paragraph: Paragraph, text: str) -> None:
    """Put other words in the place of a paragraph's own, in the type of its first run."""
    first, *rest = paragraph.runs
    first.text = text
    for run in rest:
        run._element.getparent().remove(run._element)


def _answer_line(answer: Answer, lang: Lang) -> str:
    told = [word(REPLIES[answer.reply], lang)]
    if answer.reply == "change":
        told.append(answer.words[lang])
    if answer.reason:
        told.append(f"{word('reason', lang)}{'：' if lang == 'zh' else ': '}{answer.reason}")
    return ("；" if lang == "zh" else "; ").join(told)


def _who(signature: Signature, lang: Lang) -> tuple[tuple[str, str], ...]:
    return (
        (word("name", lang), signature.name),
        (word("post", lang), signature.post[lang]),
        (word("time", lang), f"{signature.at:%Y-%m-%d %H:%M %Z}".rstrip()),
    )


def _proof(signature: Signature, lang: Lang) -> tuple[tuple[str, str], ...]:
    seq, digest = signature.anchor
    return (
        (word("draft_digest", lang), signature.digest),
        (word("anchor", lang, seq=seq), digest),
    )


def _heads(lang: Lang) -> list[str]:
    keys = ("answer", "proposed_words", "signed_words", "owner", "due", "reason")
    return ["", *(word(k, lang) for k in keys)]


def _rows(signature: Signature, lang: Lang) -> Sequence[list[str]]:
    rows = []
    for number, answer in enumerate(signature.answers, 1):
        refused = answer.reply == "refuse"
        words, owner, due = answer.was
        rows.append(
            [
                str(number),
                word(REPLIES[answer.reply], lang),
                words[lang],
                "–" if refused else answer.words[lang],
                "–" if refused else _changed(answer.owner, owner, lang),
                "–" if refused else _changed(answer.due, due, lang),
                answer.reason or "–",
            ]
        )
    return rows


def _changed(now: Text, was: Text, lang: Lang) -> str:
    if now[lang] == was[lang]:
        return now[lang]
    return word("owner_was", lang, now=now, was=was)
