"""Draws by address have the distribution they claim, and Philox the published test vectors."""

import numpy as np
import pytest
from scipy import stats

from tongchou.transmission.metapopulation.chance import EXACT, EXPECTED, HYBRID, moved
from tongchou.transmission.metapopulation.streams import open_stream, philox, uniform
from tongchou.vocabulary.compiled import compiled


@compiled()
def draws(n, p, size, mode, seed):
    out = np.empty(size)
    for i in range(size):
        start, step = open_stream(seed, i, 3, 4, 0)
        out[i] = moved(n, p, start, step, 128, mode)
    return out


@compiled()
def firsts(rows):
    out = np.empty(len(rows))
    for i in range(len(rows)):
        r, day, place, age = rows[i]
        start, step = open_stream(np.uint64(3), r, day, place, age)
        out[i] = uniform(start, step, 0)
    return out


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [  # Random123, kat_vectors, philox4x32 10
        ((0, 0, 0, 0), 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (
            (0xFFFFFFFF,) * 4,
            0xFFFFFFFFFFFFFFFF,
            (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
        ),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            0x299F31D0A4093822,
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_published_vectors(counter, key, words):
    one, other = philox(*(np.uint64(c) for c in counter), np.uint64(key))
    found = [int(one) & 0xFFFFFFFF, int(one) >> 32, int(other) & 0xFFFFFFFF, int(other) >> 32]
    assert found == list(words)


@pytest.mark.parametrize("mode", [EXACT, HYBRID])
@pytest.mark.parametrize(
    ("n", "p"),
    [(1, 0.2), (7, 0.1), (40, 0.25), (300, 0.04), (300, 0.3), (100, 0.2), (40, 0.5), (2_000, 0.01), (2_000, 0.9), (10**6, 2e-6), (10**6, 1e-3)],
)  # fmt: skip
def test_counts_are_binomial(n, p, mode):
    """χ² of 200,000 draws against the law; a normal with correction stands in for large ones only."""
    size = 200_000
    found = draws(float(n), p, size, mode, np.uint64(19))
    low, high = stats.binom.ppf([1e-5, 1 - 1e-5], n, p)
    value = np.arange(low, high + 1)
    expected = stats.binom.pmf(value, n, p) * size
    seen = np.array([(found == v).sum() for v in value])
    enough = expected >= 10
    rest = size - expected[enough].sum()
    chi = ((seen - expected)[enough] ** 2 / expected[enough]).sum()
    chi += (size - seen[enough].sum() - rest) ** 2 / max(rest, 1.0)
    assert stats.chi2.sf(chi, enough.sum()) > 1e-3


def test_without_chance_the_mean_comes_out():
    assert draws(40.0, 0.25, 3, EXPECTED, np.uint64(1)).tolist() == [10.0, 10.0, 10.0]


@pytest.mark.parametrize("axis", range(4))
def test_neighbouring_addresses_are_not_alike(axis):
    """Rank correlation of 20,000 pairs of streams one replicate, day, place or age apart."""
    address = np.random.default_rng(1).integers(0, 1000, (20_000, 4))
    beside = address + np.eye(4, dtype=int)[axis]

    one, other = firsts(address), firsts(beside)
    assert abs(stats.spearmanr(one, other).statistic) < 4 / np.sqrt(20_000)
    assert stats.kstest(one, "uniform").pvalue > 1e-3
