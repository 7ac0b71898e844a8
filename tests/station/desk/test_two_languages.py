"""Every visible word of the station stands in both languages: templates read as text, code as trees.

A page may hold letters only inside ``{% say "中文" "English" %}`` or a ``Text``; what is the same in
every language (a key, a code, the name of a language in itself) stands in ``kbd``, ``code`` or an
element that says its ``lang``.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import tongchou.station

STATION = Path(tongchou.station.__file__).parent
TEMPLATES = sorted(STATION.glob("*/templates/**/*.html"))
MODULES = sorted(p for p in STATION.rglob("*.py") if "migrations" not in p.parts)

CJK = re.compile(r"[㐀-鿿豈-﫿]")
LETTERS = re.compile(r"[A-Za-z]{2,}|[㐀-鿿豈-﫿]")
QUOTED = r"(\"[^\"]*\"|'[^']*')"
SAY = re.compile(rf"{{%\s*say\s+{QUOTED}\s+{QUOTED}\s*((?:\w+=[^%]+?)?)(?:\s+as\s+\w+)?\s*%}}")
READ_ALOUD = re.compile(
    r"\b(?:title|placeholder|aria-label|alt|content|data-none|data-some)=\"([^\"]*)\""
)
SAME_EVERYWHERE = re.compile(r"<(kbd|code|pre|script|style)\b.*?</\1>|<(\w+)\b[^>]*\blang=\"[^\"]*\"[^>]*>[^<]*</\2>", re.S)  # fmt: skip

FORMATS = {"CSV", "Excel", "XLSX", "JSON", "FHIR", "API", "URL", "SHA"}
"""Names of formats, which are the same in both languages."""


def name(path: Path) -> str:
    return str(path.relative_to(STATION))


def placeholders(sentence: str) -> set[str]:
    return set(re.findall(r"\{(\w*)", sentence.replace("{{", "")))


def faults(zh: str, en: str) -> Iterator[str]:
    """Say what is wrong with a pair of sentences."""
    if bool(zh.strip()) != bool(en.strip()):
        yield "one of the two is empty"
    if CJK.search(re.sub(r"“[^”]*”", "", en)):
        yield "the English sentence is Chinese"
    if LETTERS.search(re.sub(r"\{[^}]*\}", "", zh)) and not CJK.search(zh) and zh != en:
        yield "the Chinese sentence has no Chinese"
    if len(placeholders(zh)) != len(placeholders(en)):
        yield "the placeholders differ"


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_sentence_of_a_template_is_said_twice(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    said = list(SAY.finditer(text))
    assert len(said) == len(re.findall(r"{%\s*say\s", text)), (
        "a say tag is not two quoted sentences"
    )
    wrong = []
    for found in said:
        zh, en = found[1][1:-1], found[2][1:-1]
        given = set(re.findall(r"(\w+)=", re.sub(QUOTED, "", found[3])))
        wrong += [f"{zh!r} / {en!r}: {fault}" for fault in faults(zh, en)]
        if given != placeholders(zh) | placeholders(en):
            wrong.append(f"{zh!r} / {en!r}: given {sorted(given)}")
    assert not wrong


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_word_of_a_template_stands_outside_a_sentence(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"{%\s*(trans|translate|blocktrans|blocktranslate)\b", text)
    text = re.sub(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}|<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.S)
    text = re.sub(r"<meta\b[^>]*>|<!doctype[^>]*>", "", text)
    aloud = " ".join(READ_ALOUD.findall(text))
    shown = re.sub(r"<[^>]*>", " ", SAME_EVERYWHERE.sub(" ", text), flags=re.S)
    shown = re.sub(r"&\w+;|\b[\w-]+\.(json|csv|xlsx|zip)\b", " ", shown)
    assert set(LETTERS.findall(shown + " " + aloud)) - FORMATS == set()


def pairs(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Give the line and both sentences of each text that is written out in code."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id not in ("Text", "lazy", "say"):
            continue
        given = [*node.args, *(k.value for k in node.keywords if k.arg in ("zh", "en"))]
        if len(given) >= 2 and all(
            isinstance(v, ast.Constant) and isinstance(v.value, str) for v in given[:2]
        ):
            yield node.lineno, given[0].value, given[1].value


def test_every_text_of_the_code_is_whole_in_both_languages() -> None:
    wrong = [
        f"{name(path)}:{line}: {zh!r} / {en!r}: {fault}"
        for path in MODULES
        for line, zh, en in pairs(ast.parse(path.read_text(encoding="utf-8")))
        for fault in faults(zh, en)
    ]
    assert not wrong, "\n".join(wrong)
