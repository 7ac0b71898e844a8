"""Ask a package of R: tables in, tables out, None where R or the package is not on this machine."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl


def ask_r(
    script: str, packages: Sequence[str], given: Mapping[str, pl.DataFrame] | None = None
) -> dict[str, pl.DataFrame] | None:
    """Run a script of R in a folder of its own and give the tables that it wrote.

    Parameters
    ----------
    script
        It finds each table as ``NAME.csv`` in its working folder and writes others there.
    packages
        Attached before the script; Debian ships them as ``r-cran-…``.
    given
        Tables to hand in.

    Raises
    ------
    CalledProcessError
        If the packages are there and the script fails; its words are shown.
    """
    if shutil.which("Rscript") is None:
        return None
    asked = "".join(
        f'if (!requireNamespace("{p}", quietly = TRUE)) quit(status = 77)\n' for p in packages
    )
    asked += "".join(f"suppressPackageStartupMessages(library({p}))\n" for p in packages)
    with tempfile.TemporaryDirectory() as folder:
        for name, frame in (given or {}).items():
            frame.write_csv(Path(folder, f"{name}.csv"))
        Path(folder, "script.R").write_text(asked + script)
        ran = subprocess.run(
            ["Rscript", "--vanilla", "script.R"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode == 77:
            return None
        if ran.returncode:
            print(ran.stderr)
            ran.check_returncode()
        found = (p for p in Path(folder).glob("*.csv") if p.stem not in (given or {}))
        return {p.stem: pl.read_csv(p, null_values="NA", infer_schema_length=None) for p in found}
