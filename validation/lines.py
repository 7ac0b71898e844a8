"""What a validation prints: a claim, what was found, what was wanted, and whether it holds."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from benchmarks.measure import table


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One claim beside its target; ``holds`` None where the peer is not on this machine."""

    claim: str
    found: str
    wanted: str
    holds: bool | None


def band(claim: str, inside: npt.ArrayLike, low: float = 0.90, high: float = 0.97) -> Line:
    """Give the line of a coverage: the share of repeats whose 95 % band held the truth.

    Parameters
    ----------
    claim
        What was covered, and by what.
    inside
        True or false for each repeat.
    low, high
        Shares between which the coverage must lie.
    """
    held = np.asarray(inside, dtype=bool)
    share = float(held.mean())
    return Line(
        claim=claim,
        found=f"{share:.1%} of {held.size}",
        wanted=f"{low:.0%} to {high:.0%}",
        holds=low <= share <= high,
    )


def agreement(claim: str, ours: npt.ArrayLike, theirs: npt.ArrayLike, within: float) -> Line:
    """Give the line of an agreement: the largest relative difference of two sets of numbers.

    A cell is missing on both sides or on none; a difference is relative to the peer's number, or
    absolute where that is below 1.
    """
    a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    same = a.shape == b.shape and bool((np.isnan(a) == np.isnan(b)).all())
    apart = float(np.nanmax(np.abs(a - b) / np.maximum(np.abs(b), 1.0))) if same else float("inf")
    return Line(
        claim=claim,
        found=f"{apart:.1e} over {a.size:,}",
        wanted=f"at most {within:.0e}",
        holds=apart <= within,
    )


def absent(claim: str, peer: str) -> Line:
    """Give the line of a comparison whose peer is not on this machine."""
    return Line(claim=claim, found=f"{peer} is not here", wanted="–", holds=None)


def report(title: str, lines: Iterable[Line]) -> None:
    """Print the lines as they are found and leave with 1 if any does not hold."""
    kept = list(lines)
    words = {True: "yes", False: "NO", None: "not tried"}
    rows = [[line.claim, line.found, line.wanted, words[line.holds]] for line in kept]
    print(f"\n## {title}\n\n{table(['claim', 'found', 'wanted', 'holds'], rows)}", flush=True)
    sys.exit(any(line.holds is False for line in kept))
