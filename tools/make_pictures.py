"""Makes the pictures of the README again: page one of an order of the exercise, in both languages.

Run: ``python tools/make_pictures.py`` where Debian's ``chromium`` (``CHROMIUM`` names another),
``poppler-utils`` and ``fonts-noto-cjk`` are installed. No received data are shown: the exercise is
invented. The pictures of the station are made last, from a demonstration: see
``make_station_pictures.py``.
"""

import os
import subprocess
import tempfile
from datetime import date
from pathlib import Path

import make_station_pictures

import tongchou as tc
from tongchou.morning.documents import html
from tongchou.morning.run import shapes_of_order
from tongchou.vocabulary.text import LANGUAGES

IMAGES = Path(__file__).parent.parent / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
NIGHT = date(2030, 2, 20)
DOTS_PER_INCH = 110
MOST_BYTES = 300_000


def main() -> None:
    """Draw the order, print it as a commander would, and keep the picture of its first page."""
    pack = tc.open_pack("exercise")
    order = tc.order_of_the_day(pack, NIGHT)
    shapes = shapes_of_order(order, pack.whole.gazetteer)
    IMAGES.mkdir(parents=True, exist_ok=True)
    for lang in LANGUAGES:
        picture = first_page(html.render(order, lang, shapes))
        if len(picture) > MOST_BYTES:
            raise SystemExit(f"order-{lang}.png has {len(picture):,} bytes; lower DOTS_PER_INCH")
        (IMAGES / f"order-{lang}.png").write_bytes(picture)
        print(f"order-{lang}.png: {len(picture):,} bytes")
    make_station_pictures.main()


def first_page(page: str) -> bytes:
    """Print a page with chromium and draw its first sheet with pdftoppm."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "order.html").write_text(page, encoding="utf-8")
        browser = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu"]
        browser += ["--no-pdf-header-footer", f"--print-to-pdf={folder / 'order.pdf'}"]
        painter = ["pdftoppm", "-png", "-singlefile", "-f", "1", "-r", str(DOTS_PER_INCH)]
        for command in (
            [*browser, (folder / "order.html").as_uri()],
            [*painter, str(folder / "order.pdf"), str(folder / "order")],
        ):
            subprocess.run(command, check=True, capture_output=True)
        return (folder / "order.png").read_bytes()


if __name__ == "__main__":
    main()
