"""Chance by number instead of by order: the draw of a replicate, day, place, age and transition is always the same one.

A stream is opened by its address and not by what was drawn before, so the same futures come out
for any number of threads, and two scenarios of one seed meet the same chance.

References
----------
Salmon JK, Moraes MA, Dror RO, Shaw DE. SC '11, doi 10.1145/2063384.2063405 (Philox). Steele GL,
Lea D, Flood CH. OOPSLA '14, doi 10.1145/2660193.2660195 (SplitMix64, one odd step per stream).
"""

from typing import Any

import numpy as np

from tongchou.vocabulary.compiled import compiled

M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
HALF, MIX30, MIX27, MIX31 = np.uint64(32), np.uint64(30), np.uint64(27), np.uint64(31)
STIR0, STIR1 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
ONE, TOP53, STRETCH = np.uint64(1), np.uint64(11), np.uint64(20)
TO_UNIT = 1.0 / 9007199254740992.0


@compiled(inline="always")
def philox(a: Any, b: Any, c: Any, d: Any, key: Any) -> Any:
    """Give the 128 bits of Philox4x32-10 for a counter of four words and a key, as two numbers of 64.

    Examples
    --------
    The first test vector of the authors, all zero:

    >>> zero = np.uint64(0)
    >>> [hex(int(x)) for x in philox(zero, zero, zero, zero, zero)]
    ['0xe169c58d6627e8d5', '0x9b00dbd8bc57ac4c']
    """
    k0, k1 = key & LOW, key >> HALF
    for _ in range(10):
        left, right = M0 * a, M1 * c
        a, c = (right >> HALF) ^ b ^ k0, (left >> HALF) ^ d ^ k1
        b, d = right & LOW, left & LOW
        k0, k1 = (k0 + W0) & LOW, (k1 + W1) & LOW
    return (a | (b << HALF)), (c | (d << HALF))


@compiled(inline="always")
def open_stream(seed: Any, replicate: Any, day: Any, place: Any, purpose: Any) -> Any:
    """Give the start and the odd step of the stream of an address."""
    start, step = philox(
        np.uint64(day), np.uint64(place), np.uint64(purpose), np.uint64(replicate), np.uint64(seed)
    )
    return start, step | ONE


@compiled(inline="always")
def stretch(start: Any, step: Any, age: Any) -> Any:
    """Give the start of an age's own stretch of the stream of a place, a million numbers long."""
    return start + step * (np.uint64(age) << STRETCH)


@compiled(inline="always")
def uniform(start: Any, step: Any, number: Any) -> Any:
    """Give the draw of a number in a stream: above 0 and below 1, 53 bits."""
    z = start + step * np.uint64(number)
    z = (z ^ (z >> MIX30)) * STIR0
    z = (z ^ (z >> MIX27)) * STIR1
    z ^= z >> MIX31
    return (np.float64(z >> TOP53) + 0.5) * TO_UNIT
