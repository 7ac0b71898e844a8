"""The page in a real browser: on a desk, on a phone, in the dark, without script, on paper."""

import dataclasses
import io
from types import ModuleType

import pypdf
import pytest
from playwright.sync_api import Browser, Page, expect

from tongchou.morning.documents import bulletin, html
from tongchou.morning.documents.tier_map import Shapes
from tongchou.morning.order import Order
from tongchou.morning.words import WORDS
from tongchou.vocabulary.text import LANGUAGES, Lang, Text

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def files(
    order: Order, geography: Shapes, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("documents")
    made = {f"order.{lang}": html.render(order, lang, geography) for lang in LANGUAGES}
    made |= {f"bulletin.{lang}": bulletin.render(order, lang) for lang in LANGUAGES}
    for name, text in made.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in made}


def opened(browser: Browser, address: str, **options: object) -> Page:
    """Open a page that may ask nothing from outside and must not complain."""
    page = browser.new_page(**options)  # type: ignore[arg-type]
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request", lambda r: said.append(r.url) if not r.url.startswith(("file", "data")) else 0
    )
    page.goto(address)
    assert said == []
    return page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_number_leads_in_one_click_to_its_formula_and_rows(
    browser: Browser, files: dict[str, str], lang: Lang
) -> None:
    page = opened(browser, files[f"order.{lang}"])
    rows = page.locator("#ev-rt table.rows")
    assert not rows.is_visible()
    page.click("#fig-rt .value a")
    rows.wait_for(state="visible")
    expect(page.locator("#ev-rt .formula")).to_be_visible()
    expect(page.locator("#ev-rt")).to_be_focused()  # a screen reader goes on here
    page.click("#ev-rt .back")
    page.wait_for_url("**#fig-rt")
    page.close()


def test_an_annex_is_sorted_by_its_numbers_up_then_down(
    browser: Browser, files: dict[str, str]
) -> None:
    page = opened(browser, files["order.en"])
    column = "#table-places tbody tr td:nth-child(8)"  # population
    button = page.locator("#table-places thead th:nth-child(8) button")

    def numbers() -> list[int]:
        return [int(t.replace(",", "")) for t in page.locator(column).all_inner_texts()]

    page.locator("#table-places thead th:nth-child(4) button").click()
    before = numbers()
    button.focus()
    page.keyboard.press("Enter")
    head = page.locator("#table-places thead th:nth-child(8)")
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert numbers() == sorted(before)
    button.click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert numbers() == sorted(before, reverse=True)
    unknown = page.locator("#table-places thead th:nth-child(6) button")
    unknown.click()  # R is unknown in most places: those stand last, whichever way it is sorted
    unknown.click()
    expect(page.locator("#table-places tbody tr td:nth-child(6)").last).to_have_text("–")
    page.close()


@pytest.mark.parametrize("width", [360, 768, 1280, 3840])
@pytest.mark.parametrize("name", ["order.zh", "order.en", "bulletin.zh", "bulletin.en"])
def test_no_page_scrolls_sideways(
    browser: Browser, files: dict[str, str], name: str, width: int
) -> None:
    page = opened(browser, files[name], viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


CONTRAST = """() => {
  const part = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const rgba = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const [r, g, b, a = 1] = rgba(getComputedStyle(node).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  let worst = [99, ""];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !node.checkVisibility() || node.closest("svg, script, style, .hidden, .skip")) continue;
    const a = light(rgba(getComputedStyle(node).color)), b = light(ground(node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst[0]) worst = [ratio, node.className + ": " + walk.currentNode.data.trim().slice(0, 40)];
  }
  return worst;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["order.zh", "bulletin.en"])
def test_every_word_stands_out_from_its_ground(
    browser: Browser, files: dict[str, str], name: str, scheme: str
) -> None:
    page = opened(browser, files[name], color_scheme=scheme)
    ratio, where = page.evaluate(CONTRAST)
    assert ratio >= 4.5, where  # WCAG 2.2, success criterion 1.4.3
    page.close()


def test_the_reader_can_change_light_for_dark(browser: Browser, files: dict[str, str]) -> None:
    page = opened(browser, files["order.zh"], color_scheme="light")
    paper = "getComputedStyle(document.querySelector('.sheet')).backgroundColor"
    before = page.evaluate(paper)
    page.click("#theme")
    dark = page.evaluate(paper)
    page.click("#theme")
    assert before == page.evaluate(paper) != dark
    page.close()


def test_a_phone_still_reads_tables_as_tables(browser: Browser, files: dict[str, str]) -> None:
    """The strip becomes cards on a phone; a screen reader hears the same table."""
    page = opened(browser, files["order.en"], viewport={"width": 360, "height": 800})
    table = page.get_by_role("table", name="Figures with range")
    assert table.get_by_role("rowheader").count() == 14
    assert page.get_by_role("img", name="Map of tiers: ").count() == 1
    page.close()


def test_without_script_everything_is_there(browser: Browser, files: dict[str, str]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(files["order.en"])
    page.click("#fig-rt .value a")
    expect(page.locator("#ev-rt .formula")).to_be_visible()
    page.locator("#ev-rt summary").click()
    expect(page.locator("#ev-rt table.rows")).to_be_visible()
    expect(page.locator("#theme")).to_be_hidden()
    context.close()


def test_a_decision_is_signed_by_keyboard(browser: Browser, files: dict[str, str]) -> None:
    page = opened(browser, files["order.zh"])
    first = page.locator("#decision-d01")
    first.get_by_label("签发").focus()
    page.keyboard.press("ArrowRight")
    expect(first.get_by_label("修改")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("床位不足")
    expect(first.get_by_label("理由")).to_have_value("床位不足")
    page.close()


def printed(browser: Browser, page_text: str) -> list[str]:
    page = browser.new_page()
    page.set_content(page_text)
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    return [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(paper)).pages]


def longer(order: Order, factor: float) -> Order:
    """Give the order with every text of page two drawn out."""

    def more(text: Text) -> Text:
        zh, en = (int(len(side) * (factor - 1)) for side in (text.zh, text.en))
        return Text(zh=text.zh + "续" * zh, en=text.en + ("and so on " * 40)[:en])

    decisions = [
        dataclasses.replace(
            d,
            sentence=more(d.sentence),
            would_change=more(d.would_change),
            options=tuple(
                dataclasses.replace(o, effect=more(o.effect), burden=more(o.burden))
                for o in d.options
            ),
        )
        for d in order.decisions
    ]
    headline = tuple(more(sentence) for sentence in order.headline)
    return dataclasses.replace(order, decisions=tuple(decisions), headline=headline)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("decisions", "factor"), [(12, 1.0), (12, 1.4), (7, 1.0), (3, 1.0), (0, 1.0)]
)
def test_the_two_pages_fill_one_sheet_each_and_the_annexes_begin_on_the_third(
    browser: Browser,
    sample: ModuleType,
    geography: Shapes,
    lang: Lang,
    decisions: int,
    factor: float,
) -> None:
    order = longer(sample.sample_order(decision_count=decisions), factor)
    # pypdf gives some radicals for the characters they look like; figures and Latin are exact.
    sheets = printed(browser, html.render(order, lang, geography))
    last_gap = order.gaps[-1].oldest
    assert last_gap is not None
    assert last_gap[lang][:2] in sheets[0]
    assert str(order.signoff.seed) not in sheets[0]
    assert str(order.signoff.seed) in sheets[1]  # the foot of the sign-off
    assert order.signoff.digest[:16] in sheets[1]
    assert "420102" in sheets[2]  # the first row of annex A


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sheet_of_an_exercise_says_so(
    browser: Browser, order: Order, geography: Shapes, lang: Lang
) -> None:
    sheets = printed(browser, html.render(order, lang, geography))
    said = WORDS["exercise_banner"][lang].split(" · ")[0]
    assert len(sheets) >= 4
    assert all(said in sheet for sheet in sheets)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_wider_than_the_paper(
    browser: Browser, order: Order, geography: Shapes, lang: Lang
) -> None:
    """A table too wide would make the browser print everything smaller."""
    page = browser.new_page(viewport={"width": 703, "height": 1035})  # 186 mm between margins
    page.emulate_media(media="print")
    page.set_content(html.render(order, lang, geography))
    assert page.evaluate("document.documentElement.scrollWidth") <= 703
    page.close()


def test_no_decision_is_broken_between_columns_or_sheets(
    browser: Browser, order: Order, geography: Shapes
) -> None:
    page = browser.new_page(viewport={"width": 703, "height": 1035})
    page.emulate_media(media="print")
    page.set_content(html.render(order, "en", geography))
    pieces = page.evaluate(
        "[...document.querySelectorAll('.decision')].map((d) => d.getClientRects().length)"
    )
    assert pieces == [1] * len(order.decisions)
    page.close()
