"""The signed document is the draft with its boxes filled in; what was proposed stays beside it."""

import io
import re
from datetime import UTC, datetime

import pytest
from docx import Document

from tongchou.morning.documents import html, signing, word
from tongchou.morning.learn import Receipts
from tongchou.vocabulary.text import Text, same

PLAIN = [("sign", ""), ("change", "床位不足"), ("refuse", "<b>not now</b>")]


def signature(order):
    answers = []
    for n, d in enumerate(order.decisions):
        reply, reason = PLAIN[n % 3]
        words = Text(zh="改为甲", en="changed to A") if reply == "change" else d.sentence
        answers.append(
            signing.Answer(
                reply=reply,
                words=words,
                owner=d.owner,
                due=d.due,
                was=(d.sentence, d.owner, d.due),
                reason=reason,
            )
        )
    return signing.Signature(
        name="王某", post=Text(zh="指挥长", en="commander"), at=datetime(2030, 3, 2, 7, 5, tzinfo=UTC),
        digest="d" * 64, anchor=(17, "a" * 64), answers=tuple(answers),
    )  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_carries_each_answer_and_the_signature(order, lang):
    page = html.render(order, lang, None)
    signed = signing.sign_page(page, signature(order), lang)
    assert page.count('<fieldset class="sign">') == len(order.decisions)
    assert '<fieldset class="sign">' not in signed
    assert len(re.findall(r'<p class="answer', signed)) == len(order.decisions)
    assert "王某" in signed
    assert "<b>not now</b>" not in signed
    assert "a" * 64 in signed
    assert "d" * 64 in signed


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_word_document_carries_them_too(order, lang):
    signed = signing.sign_word(word.render(order, lang, b"", b""), signature(order), lang)
    text = "\n".join(
        p.text for t in Document(io.BytesIO(signed)).tables for c in t._cells for p in c.paragraphs
    )
    assert "王某" in text
    assert "____" not in text
    assert word.BOX not in text
    assert same("改为甲" if lang == "zh" else "changed to A").zh in text


def test_receipts_speak_in_one_sentence():
    told = Receipts(cut=datetime(2030, 3, 1, tzinfo=UTC).date(), done=3, late=1, refused=0, open=2)
    assert (
        told.sentence().en
        == "Orders made from data to 2030-03-01: 3 done, 1 late, 0 sent back, 2 under way."
    )
    assert told.digest != Receipts(cut=told.cut, done=4, late=1, refused=0, open=2).digest
