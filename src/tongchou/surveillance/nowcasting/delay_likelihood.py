"""How likely the delays seen are, given the hazard of being reported, and the climb to the likeliest hazard."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg
from scipy.linalg import lapack

from tongchou.vocabulary.compiled import compiled

Floats = npt.NDArray[np.float64]

MOST_STEPS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """Gaussian prior of the parameters γ_0 … γ_(D−1), e_0 …: mean, precision and its lower Cholesky factor."""

    mean: Floats
    precision: Floats
    root: Floats


def climb(
    n: Floats, after: Floats, first: int, prior: Prior, start: Floats
) -> tuple[Floats, Floats, float]:
    """Climb to the mode by Newton steps, damped where they overshoot."""
    x, damping = start, 0.0
    value, slope, bend = _objective(n, after, first, prior, x)
    for _ in range(MOST_STEPS):
        root, used = _positive_root(bend, damping)
        step = lapack.dpotrs(root, slope, lower=1)[0]
        # Of a sum of n log probabilities no more than 10⁻¹¹ n can be told apart.
        if float(slope @ step) < 1e-4 + 1e-11 * abs(value) and used < 1e-3:
            break
        trial = _objective(n, after, first, prior, x + step / max(1.0, np.abs(step).max()))
        if np.isfinite(trial[0]) and trial[0] >= value:
            x = x + step / max(1.0, np.abs(step).max())
            value, slope, bend = trial
            damping = used / 10 if used > 1e-4 else 0.0
        elif used > 1e6:
            break
        else:
            damping = max(10 * used, 1e-3)
    return x, _positive_root(bend, 0.0)[0], value


def _positive_root(bend: Floats, damping: float) -> tuple[Floats, float]:
    """Give the Cholesky factor of the curvature, its diagonal raised as far as needed, and how far."""
    matrix = bend[0] - bend[1]
    while True:
        raised = matrix.copy()
        if damping > 0:
            raised[np.diag_indices(len(raised))] += damping * np.diag(bend[0])
        try:
            return cholesky(raised), damping
        except linalg.LinAlgError:
            damping = max(10 * damping, 1e-4)


def cholesky(matrix: Floats) -> Floats:
    """Give the lower Cholesky factor; the checks of the general routine take longer than the work itself."""
    root, fault = lapack.dpotrf(matrix, lower=1)
    if fault:
        raise linalg.LinAlgError(f"leading minor {fault} is not positive")
    return np.asarray(root)


def _objective(
    n: Floats, after: Floats, first: int, prior: Prior, x: Floats
) -> tuple[float, Floats, Floats]:
    value, slope, bend, lost = likelihood(n, after, first, x)
    apart = x - prior.mean
    pull = prior.precision @ apart
    return value - float(apart @ pull) / 2, slope - pull, np.stack([bend + prior.precision, lost])


@compiled()
def by_report_day(n, after, first, x):  # type: ignore[no-untyped-def]
    """Give the reports of each day, and those due by the hazard from the cases then open."""
    days, delays = n.shape[0], n.shape[1] - 1
    seen, due = np.zeros(days), np.full(days, 1e-9)
    for t in range(days):
        last = min(days - 1 - t, delays - 1)
        start = max(first - t, 0)
        total = 0.0
        for d in range(start, last + 1):
            total += np.exp(x[d] + x[delays + t + d])
        y = after[t, 0] + n[t, 0]
        missing = 0.0
        if days - 1 - t < delays and y > 0 and total > 0:
            missing = y * np.exp(-total) / -np.expm1(-total)
        for d in range(start, last + 1):
            seen[t + d] += n[t, d]
            hazard = np.exp(x[d] + x[delays + t + d])
            at_risk = n[t, d] + after[t, d] + missing
            if missing > 0 and d == last:
                # Today's own reports must not say how many were open this morning.
                before = total - hazard
                at_risk = 0.0
                if before > 1e-9:
                    at_risk = (y - n[t, d]) * np.exp(-before) / -np.expm1(-before)
            due[t + d] += at_risk * -np.expm1(-hazard)
            if at_risk == 0:
                seen[t + d] -= n[t, d]
    return seen, due


@compiled()
def inverse(A):  # type: ignore[no-untyped-def]
    """Invert a small positive matrix; threads of a linear algebra library would wait for each other."""
    size = len(A)
    W = A.copy()
    for k in range(size):
        pivot = 1.0 / W[k, k]
        for i in range(size):
            if i != k:
                factor = W[i, k] * pivot
                for j in range(size):
                    if j != k:
                        W[i, j] -= factor * W[k, j]
                W[i, k] = -factor
        for j in range(size):
            if j != k:
                W[k, j] *= pivot
        W[k, k] = pivot
    for i in range(size):
        for j in range(i):
            W[i, j] = W[j, i] = (W[i, j] + W[j, i]) / 2
    return W


@compiled()
def likelihood(n, after, first, x):  # type: ignore[no-untyped-def]
    """Give the log likelihood, its slope, and its curvature in two parts: complete minus lost."""
    days, delays = n.shape[0], n.shape[1] - 1
    size = delays + days
    value = 0.0
    slope = np.zeros(size)
    bend = np.zeros((size, size))
    lost = np.zeros((size, size))
    hazard = np.zeros(delays)
    for t in range(days):
        last = min(days - 1 - t, delays - 1)
        is_open = days - 1 - t < delays
        start = max(first - t, 0)
        total = 0.0
        y = after[t, 0] + n[t, 0]
        for d in range(start, last + 1):
            hazard[d] = np.exp(x[d] + x[delays + t + d])
            total += hazard[d]
        missing, curve = 0.0, 0.0
        if is_open and y > 0 and total > 0:
            share = -np.expm1(-total)
            missing = y * (1 - share) / share
            curve = missing / share
            value -= y * np.log(share)
        for d in range(start, last + 1):
            H = hazard[d]
            risk = after[t, d] + missing
            value -= H * after[t, d]
            first_part, second_part = 0.0, 0.0
            if n[t, d] > 0:
                value += n[t, d] * np.log(-np.expm1(-H))
                grown = np.expm1(H)
                a = H / grown
                first_part = n[t, d] * a
                second_part = n[t, d] * H * (grown - H * (grown + 1)) / grown**2
            g = first_part - H * risk
            b = H * risk - second_part
            c = delays + t + d
            slope[d] += g
            slope[c] += g
            bend[d, d] += b
            bend[c, c] += b
            bend[d, c] += b
            bend[c, d] += b
        if curve > 0:
            for d in range(start, last + 1):
                for k in range(start, last + 1):
                    w = curve * hazard[d] * hazard[k]
                    lost[d, k] += w
                    lost[delays + t + d, k] += w
                    lost[d, delays + t + k] += w
                    lost[delays + t + d, delays + t + k] += w
    return value, slope, bend, lost
