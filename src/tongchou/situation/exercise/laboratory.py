"""Samples on their way through laboratories that can test only so many a day."""

import numpy as np

from tongchou.situation.exercise.settings import NEVER, Ints, improving


def capacity(taken: Ints, laboratory: Ints, laboratories: int, days: int) -> Ints:
    """Give how many tests each laboratory can do on each day (laboratory, day).

    Capacity grows along the exercise from less to more than what its mean day asks for.
    """
    mean = np.bincount(laboratory[(taken >= 0) & (taken < days)], minlength=laboratories) / days
    growth = improving("laboratory", np.arange(days), days)
    return np.maximum(3, np.ceil(mean[:, None] * growth[None, :])).astype(np.int64)


def results(received: Ints, urgent: Ints, laboratory: Ints, tests: Ints, days: int) -> Ints:
    """Give the day on which each sample's result is out (NEVER: after the exercise).

    Each day a laboratory tests the samples it holds, those of suspected cases first, then in order
    of arrival, until its capacity is used up. What is left waits.

    Parameters
    ----------
    received, urgent, laboratory
        Of each sample: day received, 0 for suspected cases and 1 for all others, laboratory.
    tests : (laboratory, day)
        Capacity of each laboratory and day; days before the first have the first day's.
    """
    out = np.full(len(received), NEVER)
    for lab in range(len(tests)):
        mine = np.flatnonzero(laboratory == lab)
        mine = mine[np.argsort(received[mine], kind="stable")]
        if not len(mine):
            continue
        start = int(received[mine[0]])
        waiting = np.empty(0, dtype=np.int64)
        edges = np.searchsorted(received[mine], np.arange(start, days + 1))
        for i, day in enumerate(range(start, days)):
            waiting = np.concatenate([waiting, mine[edges[i] : edges[i + 1]]])
            if not len(waiting):
                continue
            order = np.lexsort((waiting, received[waiting], urgent[waiting]))
            room = int(tests[lab, max(day, 0)])
            out[waiting[order[:room]]] = day
            waiting = waiting[order[room:]]
    return out
