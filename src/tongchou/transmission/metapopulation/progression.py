"""The course of illness of one place and age, step by step.

Everybody moves at most once in a substep, those furthest along first, with probability rate ×
length of the substep: the mean stay in each compartment is then exact and the reproduction number
too (see :mod:`.next_generation`). Where a share decides between outcomes that do not move again
within the step, it is drawn once for all substeps together: the sum of binomials of one share is
binomial.
"""

from typing import Any

from tongchou.transmission.metapopulation.chance import moved
from tongchou.transmission.metapopulation.compartments import (
    ADMISSIONS,
    CLINICAL,
    CONFIRMED,
    COUNT,
    CRITICAL,
    DEATHS,
    E1,
    E2,
    ICU_DEATH,
    MOVE,
    NO_BED_DEATH,
    NO_ICU_DEATH,
    ONSETS,
    QA,
    SEVERE,
    SLOT,
    SPLITS,
    SUBSTEPS,
    WARD_DEATH,
    A,
    C,
    D,
    I,
    P,
    Q,
    R,
    U,
    W,
    X,
)
from tongchou.vocabulary.compiled import compiled


@compiled(forceinline=True, _nrt=False)
def slot(substep: Any, compartment: Any, split: Any) -> Any:
    """Give the first number of the stream for a draw."""
    return ((substep * COUNT + compartment) * SPLITS + split) * SLOT


@compiled(forceinline=True, _nrt=False)
def _leave(
    cell: Any, c: Any, rows: Any, found: Any, start: Any, step: Any, sub: Any, mode: Any
) -> Any:
    """Take out of a compartment those who leave it in a substep, by the course or because they are found."""
    if cell[c] <= 0.0 or (sub > 0 and rows[SUBSTEPS + c] == 1.0):
        return 0.0
    out = moved(cell[c], rows[MOVE + c] + found, start, step, slot(sub, c, 0), mode)
    cell[c] -= out
    return out


@compiled(forceinline=True, _nrt=False)
def _of(n: Any, share: Any, start: Any, step: Any, number: Any, mode: Any) -> Any:
    """Give how many of n belong to a share."""
    if n <= 0.0 or share <= 0.0:
        return 0.0
    return moved(n, share, start, step, number, mode)


@compiled(forceinline=True, _nrt=False)
def _end(
    cell: Any, n: Any, c: Any, fatal: Any, split: Any, start: Any, step: Any, mode: Any, row: Any
) -> None:
    """Let those who leave care die or recover."""
    if n > 0.0:
        die = _of(n, fatal, start, step, slot(0, c, split), mode)
        cell[D] += die
        cell[R] += n - die
        row[DEATHS] += die


@compiled(forceinline=True, _nrt=False)
def _become_ill(
    cell: Any, rows: Any, traced: Any, sub: Any, start: Any, step: Any, mode: Any, row: Any
) -> None:
    """Let those at the end of the latent period become infectious; who is traced in time is isolated before."""
    out = _leave(cell, E2, rows, 0.0, start, step, sub, mode)
    if out <= 0.0:
        return
    clinical = _of(out, rows[CLINICAL], start, step, slot(sub, E2, 1), mode)
    silent = out - clinical
    caught = _of(clinical, traced, start, step, slot(sub, E2, 2), mode)
    caught_silent = _of(silent, traced, start, step, slot(sub, E2, 3), mode)
    cell[P] += clinical - caught
    cell[Q] += caught
    cell[A] += silent - caught_silent
    cell[QA] += caught_silent
    row[ONSETS] += caught
    row[CONFIRMED] += caught + caught_silent


@compiled(forceinline=True, _nrt=False)
def _times(rows: Any, first: Any) -> Any:
    """Give the substeps of a step for those in a compartment and wherever they may come to."""
    times = 1.0
    for c in range(first, R):
        times = max(times, rows[SUBSTEPS + c])
    return int(times)


@compiled(nogil=True, _nrt=False)
def progress(
    state: Any,
    i: int,
    a: int,
    course: Any,
    isolate: float,
    trace: float,
    traced: float,
    start: Any,
    step: Any,
    mode: int,
    told: Any,
) -> None:
    """Move the people of one place and age along the course of illness for one step.

    ``state`` and ``told`` are changed in place. ``isolate`` and ``trace``
    are probabilities of the step.
    """
    cell, rows, row = state[i, a], course[:, a], told[i]
    before = cell[E1] + cell[E2] + cell[P] > 0.0
    ill = before or cell[A] + cell[I] + cell[Q] + cell[QA] > 0.0
    care = cell[U] + cell[W] + cell[X] + cell[C] > 0.0
    if not (ill or care):
        return
    times = _times(rows, E1 if before else (A if ill else U))
    icu, no_icu, no_bed, ward = 0.0, 0.0, 0.0, 0.0  # out of care in this step, by where they were
    well, released = 0.0, 0.0  # no longer symptomatic at large; no longer isolated
    for sub in range(times):
        if care:
            icu += _leave(cell, C, rows, 0.0, start, step, sub, mode)
            no_icu += _leave(cell, X, rows, 0.0, start, step, sub, mode)
            no_bed += _leave(cell, U, rows, 0.0, start, step, sub, mode)
            out = _leave(cell, W, rows, 0.0, start, step, sub, mode)
            critical = _of(out, rows[CRITICAL], start, step, slot(sub, W, 1), mode)
            cell[X] += critical
            ward += out - critical
        if ill:
            released += _leave(cell, Q, rows, 0.0, start, step, sub, mode)
            cell[R] += _leave(cell, QA, rows, 0.0, start, step, sub, mode)
            found_in = isolate / rows[SUBSTEPS + I]
            total = rows[MOVE + I] + found_in
            out = _leave(cell, I, rows, found_in, start, step, sub, mode)
            found = _of(out, found_in / total, start, step, slot(sub, I, 1), mode)
            cell[Q] += found
            row[CONFIRMED] += found
            well += out - found
            found_in = trace / rows[SUBSTEPS + A]
            total = rows[MOVE + A] + found_in
            out = _leave(cell, A, rows, found_in, start, step, sub, mode)
            found = _of(out, found_in / total, start, step, slot(sub, A, 1), mode)
            cell[QA] += found
            cell[R] += out - found
            row[CONFIRMED] += found
            if well + released > 0.0 and (sub == times - 1 or rows[SUBSTEPS + U] > 1.0):
                severe = _of(well, rows[SEVERE], start, step, slot(sub, I, 2), mode)
                row[CONFIRMED] += severe
                severe += _of(released, rows[SEVERE], start, step, slot(sub, Q, 1), mode)
                cell[U] += severe
                cell[R] += well + released - severe
                row[ADMISSIONS] += severe
                care = care or severe > 0.0
                well, released = 0.0, 0.0
        if before:
            found_in = trace / rows[SUBSTEPS + P]
            total = rows[MOVE + P] + found_in
            out = _leave(cell, P, rows, found_in, start, step, sub, mode)
            found = _of(out, found_in / total, start, step, slot(sub, P, 1), mode)
            cell[Q] += found
            cell[I] += out - found
            row[ONSETS] += out
            row[CONFIRMED] += found
            _become_ill(cell, rows, traced, sub, start, step, mode, row)
            cell[E2] += _leave(cell, E1, rows, 0.0, start, step, sub, mode)
    _end(cell, icu, C, rows[ICU_DEATH], 1, start, step, mode, row)
    _end(cell, no_icu, X, rows[NO_ICU_DEATH], 1, start, step, mode, row)
    _end(cell, no_bed, U, rows[NO_BED_DEATH], 1, start, step, mode, row)
    _end(cell, ward, W, rows[WARD_DEATH], 2, start, step, mode, row)
