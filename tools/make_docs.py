"""Writes the generated reference pages; ``--check`` only says whether one has drifted."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tongchou.situation.contract_page import contract_page
from tongchou.situation.recipes.china2020.page import china2020_page

ROOT = Path(__file__).parent.parent
PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reference/tables.md": contract_page,
    "docs/reference/china2020.md": china2020_page,
}


def main(check: bool) -> int:
    """Write every page, or give 1 where a page is not what it would be written as."""
    drifted = []
    for name, write in PAGES.items():
        path, text = ROOT / name, write()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        drifted.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for name in drifted:
        print(f"{'has drifted, run make docs' if check else 'written'}: {name}")
    return int(check and bool(drifted))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
