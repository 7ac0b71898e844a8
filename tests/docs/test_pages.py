"""The pages are true: links lead somewhere, sessions print what they show, nothing has drifted."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import tongchou.cli.main
from tongchou.morning.order import Evidence
from tongchou.vocabulary.errors import ExitCode, TongchouError

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda p: p.relative_to(ROOT)
)
METHODS = {p.stem for p in (ROOT / "docs/methods").glob("*.md")} - {"README"}
MORNING = ROOT / "src/tongchou/morning"


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """Give the headings of a page as links write them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    heads = re.findall(r"^#+ (.+)$", text, flags=re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_and_picture_leads_somewhere(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name_of(page)} → {link}"
        if anchor:
            assert anchor in anchors(target), f"{name_of(page)} → {link}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_names_a_machine(page):
    """No path of somebody's machine, no host of a package registry, no address but published ones."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(
        r"/home/|/root/|/Users/|/work/|/tmp/|site-packages|\bpypi\b|pythonhosted|artifactory|\bnexus\b|localhost|127\.0\.0\.1",
        text,
    )
    assert found == []


@pytest.mark.parametrize("page", sorted(METHODS))
def test_every_method_is_in_the_index_and_speaks_chinese_too(page):
    index = (ROOT / "docs/methods/README.md").read_text(encoding="utf-8")
    assert index.count(f"({page}.md)") == 1
    text = (ROOT / f"docs/methods/{page}.md").read_text(encoding="utf-8")
    assert re.search(r"[一-鿿]{4}", text), page


def test_every_page_can_be_reached_from_the_first():
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        waiting += [(page.parent / link).resolve() for link in links if "://" not in link]
    assert set(PAGES) - seen == set()


def expanded(path: str) -> list[str]:
    """Give the paths that braces stand for: ``a/{b,c}.py`` is ``a/b.py`` and ``a/c.py``."""
    found = re.fullmatch(r"(.*)\{(.*)\}(.*)", path)
    return [found[1] + word + found[3] for word in found[2].split(",")] if found else [path]


@pytest.mark.parametrize("page", sorted(METHODS))
def test_code_named_on_a_page_exists(page):
    text = (ROOT / f"docs/methods/{page}.md").read_text(encoding="utf-8")
    named = [
        p for line in re.findall(r"^Code: .*", text, re.M) for p in re.findall(r"`(.+?)`", line)
    ]
    named += [
        f"../../{p}"
        for p in re.findall(r"`((?:tests|benchmarks|tools|validation)/[^`]+\.py)`", text)
    ]
    named += re.findall(r"`(reference/[^`]+\.\w+)`", text)
    wrong = [p for n in named for p in expanded(n) if not (ROOT / "src/tongchou" / p).exists()]
    assert wrong == []


def methods_in_code() -> Iterator[tuple[str, str]]:
    """Give (file, method) for every page that evidence of the morning run is said to stand on."""
    for path in sorted(MORNING.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            values = [k.value for k in node.keywords if k.arg == "method"]
            if isinstance(node.func, ast.Name) and node.func.id == "evidence":
                values += node.args[2:3]
            for value in values:
                if isinstance(value, ast.Constant):
                    yield path.name, value.value


def test_every_method_named_in_the_code_has_a_page():
    named = list(methods_in_code())
    assert len(named) > 10
    assert [(file, m) for file, m in named if m not in METHODS] == []


def test_every_number_of_an_order_stands_on_a_page(exercise_order):
    assert all(isinstance(e, Evidence) for e in exercise_order.evidence.values())
    assert {e.method for e in exercise_order.evidence.values()} - METHODS == set()


def test_generated_pages_have_not_drifted(make_docs):
    for name, write in make_docs.PAGES.items():
        assert (ROOT / name).read_text(encoding="utf-8") == write(), f"{name}: run make docs"


def sessions(language: str, real: bool) -> list[str]:
    """Give the pages with sessions of a language, with or without the real pack."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        bodies = re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.M | re.S)
        if any(("china2020" in b) == real and re.match(r">>> |\$ ", b) for b in bodies):
            found.append(name_of(page))
    return found


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    """Give an empty library, so that a session makes its exercise itself; maps may be kept."""
    monkeypatch.setenv("TONGCHOU_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.mark.drill
@pytest.mark.parametrize("name", sorted({*sessions("python", False), *sessions("console", False)}))
def test_sessions_print_what_the_page_shows(name, make_docs, own_home):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert make_docs.refreshed(text, own_home, real=False) == text, f"{name}: run make docs"
    assert name in make_docs.SESSIONS


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("name", sessions("console", True))
def test_sessions_on_the_real_pack_print_what_the_page_shows(name, make_docs, own_home):
    if not make_docs.real_pack_at_hand():
        pytest.skip("TONGCHOU_DATA names no folder with china2020")
    text = (ROOT / name).read_text(encoding="utf-8")
    assert make_docs.refreshed(text, own_home, real=True) == text, f"{name}: run make docs"


def test_every_python_block_is_a_session_or_reads_as_python():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for body in re.findall(r"^```python\n(.*?)^```$", text, flags=re.M | re.S):
            if ">>>" not in body:
                ast.parse(body)


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands(below, f"{path} {name}")


def test_every_command_and_option_is_on_the_page_of_commands():
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (tongchou[^\n]*)\n(.*?)(?=^## |\Z)", page, flags=re.M | re.S))
    for path, command in commands(tongchou.cli.main.tongchou, "tongchou"):
        options = [p for p in command.params if isinstance(p, click.Option)]
        for word in (word for option in options for word in option.opts):
            assert word in sections[path], f"{path} {word}"


def test_every_environment_variable_is_on_the_page_of_commands():
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    code = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "src").rglob("*.py"))
    read = set(re.findall(r"environ(?:\.get\(|\[)\"(TONGCHOU_\w+)\"", code))
    assert read == set(re.findall(r"^\| `(TONGCHOU_\w+)`", page, flags=re.M))


def test_every_name_of_the_glossary_stands_in_the_code_and_once_on_the_page():
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \|[^|]*\|([^|]*)\|[^|]*\|$",
        (ROOT / "docs/glossary.md").read_text(encoding="utf-8"),
        flags=re.M,
    )
    assert len(rows) > 50
    files = [p for p in (ROOT / "src/tongchou").rglob("*") if p.suffix in (".py", ".csv")]
    words = set(re.findall(r"\w+", "\n".join(p.read_text(encoding="utf-8") for p in files)))
    named = {n for _, _, cell in rows for n in re.findall(r"`([^`]+)`", cell)}
    assert {n for n in named if n not in words} == set()
    for column in (0, 1):
        terms = [row[column] for row in rows]
        assert len(terms) == len(set(terms))


def test_commands_shown_on_pages_exist():
    """Each `tongchou word --option` in a shell block is a command with that option."""
    known = dict(commands(tongchou.cli.main.tongchou, "tongchou"))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for body in re.findall(r"^```(?:sh|console)\n(.*?)^```$", text, flags=re.M | re.S):
            for line in re.findall(r"^(?:\$ )?(?:\w+=\S+ )*(tongchou .+?)(?:\s+#.*)?$", body, re.M):
                words = line.split()
                path = max(
                    (" ".join(words[:n]) for n in (1, 2, 3) if " ".join(words[:n]) in known),
                    key=len,
                )
                options = {o for p in known[path].params for o in p.opts} | {"--help"}
                assert path != "tongchou", f"{name_of(page)}: {line}"
                used = {w.split("=")[0] for w in words if w.startswith("--")}
                assert used <= options, f"{name_of(page)}: {line}"


def test_make_targets_named_on_pages_are_in_the_makefile():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        named = re.findall(r"`make (\w+)`|^make (\w+)", text, flags=re.M)
        assert {a or b for a, b in named} <= targets, name_of(page)


def every_subclass(base: type) -> set[type]:
    return {s for c in base.__subclasses__() for s in (c, *every_subclass(c))}


def test_every_error_and_exit_code_is_on_the_page_of_errors():
    for path in sorted((ROOT / "src/tongchou").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
        if re.search(r"^class \w+\(", path.read_text(encoding="utf-8"), flags=re.M):
            __import__(module.removesuffix(".__init__"))
    page = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")
    for code in ExitCode:
        assert f"| {int(code)} | `{code.name}` |" in page
    for error in {TongchouError, *every_subclass(TongchouError)}:
        parent = f"`{error.__base__.__name__}`" if error is not TongchouError else ""
        if error.__module__.startswith("tongchou."):
            assert re.search(rf"^\| `{error.__name__}` \| {parent}", page, flags=re.M), error
