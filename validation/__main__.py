"""Every validation, each in a process of its own, as one page of Markdown tables.

Run: ``make validate``. Where Debian's packages of R are installed (``r-cran-epiestim``,
``r-cran-surveillance``, ``r-cran-fitdistrplus``) they answer the same questions beside ours.
"""

import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run the parts one after another; the result is 1 if anything does not hold."""
    parts = sys.argv[1:] or sorted(p.stem for p in Path(__file__).parent.glob("validate_*.py"))
    codes = [
        subprocess.run([sys.executable, "-m", f"validation.{part}"], check=False).returncode
        for part in parts
    ]
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
