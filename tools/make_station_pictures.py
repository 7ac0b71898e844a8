"""Makes the pictures of the station in the README again: the first page of a demonstration, in both languages.

Run: ``python tools/make_station_pictures.py`` where Debian's ``chromium`` (``CHROMIUM`` names
another) and ``fonts-noto-cjk`` are installed. It opens a demonstration of its own in a temporary
folder, with an invented outbreak, waits for the order of its province, and closes it.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent.parent / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ACCOUNT = "duty_officer.province"
WIDTH, HEIGHT = 1440, 1060
MOST_BYTES = 300_000
PATIENCE = 600
LOCALES = {"zh": "zh-CN", "en": "en-GB"}


def main() -> None:
    """Open a demonstration, wait for its order, and keep the first page in both languages."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        demonstration(Path(home)) as (address, password),
        sync_playwright() as driver,
    ):
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for lang in LOCALES:
            page = opened.new_page(
                viewport={"width": WIDTH, "height": HEIGHT}, locale=LOCALES[lang]
            )
            sign_in(page, address, password)
            wait_for_order(page, address)
            page.goto(address)
            if page.locator("html").get_attribute("class") != f"lang-{lang}":
                page.locator('form[action="/language/"] button').click()
            page.wait_for_selector("section[aria-labelledby='panel-tiers'] svg.chart")
            keep(f"station-{lang}.png", page.screenshot())
        opened.close()


def keep(name: str, picture: bytes) -> None:
    """Write a picture, unless it is too large for a README."""
    if len(picture) > MOST_BYTES:
        raise SystemExit(f"{name} has {len(picture):,} bytes; lower HEIGHT")
    (IMAGES / name).write_bytes(picture)
    print(f"{name}: {len(picture):,} bytes")


def sign_in(page: Page, address: str, password: str) -> None:
    """Sign in as the duty officer."""
    page.goto(f"{address}accounts/login/")
    page.fill("#id_login", ACCOUNT)
    page.fill("#id_password", password)
    page.click("main button[type=submit]")


def wait_for_order(page: Page, address: str) -> None:
    """Wait until the morning run, which a station starts by itself, has put its map on the first page."""
    until = time.monotonic() + PATIENCE
    while (
        page.goto(address)
        and not page.locator("section[aria-labelledby='panel-tiers'] svg.chart").count()
    ):
        if time.monotonic() > until:
            raise SystemExit("the morning run made no order")
        time.sleep(2)


@contextmanager
def demonstration(home: Path) -> Iterator[tuple[str, str]]:
    """Run ``tongchou serve --demo`` in a folder; give its address and the password of the account."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    address, said = f"http://127.0.0.1:{port}/", home / "said"
    tongchou = Path(sys.executable).with_name("tongchou")
    wanted = [str(tongchou), "serve", "--demo", "--port", str(port), "--lang", "en"]
    with said.open("w", encoding="utf-8") as out:
        station = subprocess.Popen(
            wanted, stdout=out, stderr=out, env={**os.environ, "TONGCHOU_HOME": str(home), "COLUMNS": "160"}
        )  # fmt: skip
    try:
        wait_for(f"{address}accounts/login/")
        found = re.search(
            rf"{re.escape(ACCOUNT)}\b.*?((?:\w{{4}}-){{3}}\w{{4}})", said.read_text("utf-8")
        )
        if found is None:
            raise SystemExit(f"no password of {ACCOUNT}:\n{said.read_text('utf-8')}")
        yield address, found[1]
    finally:
        station.terminate()
        station.wait(timeout=PATIENCE)


def wait_for(address: str) -> None:
    """Ask until the station answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(address)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(1)
        else:
            return
    raise SystemExit(f"{address} did not answer")


if __name__ == "__main__":
    main()
