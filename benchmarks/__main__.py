"""Every benchmark, each in a process of its own, as one page of Markdown tables.

Run: ``python -m benchmarks`` (or ``make bench``) in the project folder, with ``TONGCHOU_DATA`` naming the
received files where they are. The accuracy of forecasts is another matter: ``backtest_forecast``.
"""

import os
import platform
import subprocess
import sys

PARTS = (
    "bench_alarms",
    "bench_morning",
    "bench_nowcast",
    "bench_plain",
    "bench_reproduction",
    "bench_delays",
    "bench_engine",
    "bench_mobility",
    "bench_scan",
    "bench_scenario",
    "bench_sciences",
    "bench_tiering",
    "bench_station",
    "bench_station_import",
)


def machine() -> str:
    """Say what the numbers were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def main() -> int:
    """Run the parts one after another; the result is that of the first that fails."""
    print(machine(), flush=True)
    codes = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{part}"], check=False).returncode
        for part in PARTS
    ]
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main())
