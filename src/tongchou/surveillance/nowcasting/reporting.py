"""How fast reports come in, and on which days of the calendar: the pooled hazard of being reported."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize

from tongchou.surveillance.nowcasting.compiled import compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WEEK = 7
DELAY_STEP_SD = 0.7
"""Prior sd of the change of a log hazard from one day of delay to the next: twofold is ordinary."""
LEVEL_SD = 3.0
"""Prior sd of the log hazard on the day of onset itself: nearly flat."""
LEVEL_MEAN = -2.0
SCALES = {"drift": 0.05, "weekday": 0.5, "day": 0.3}
"""Medians of the prior of the three calendar scales (log hazard; drift per square root of a day)."""
SCALE_SPREAD = 1.5
"""Log sd of that prior: a factor of 20 either way is within reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """The fitted hazard of being reported, as a Gaussian around its mode.

    Attributes
    ----------
    mode : (delay + calendar day,)
        γ_0 … γ_(D−1), then e of each day of the window.
    root : lower triangle
        Cholesky factor of the precision around the mode.
    scales
        Estimated drift, weekday and day effects.
    days, delays
        Days of the window; D.
    first_report
        Index of the first day on which anything was reported: before it there was no reporting.
    """

    mode: Floats
    root: Floats
    scales: dict[str, float]
    days: int
    delays: int
    first_report: int

    def draws(self, number: int, rng: np.random.Generator) -> Floats:
        """Give draws of the parameters (draw, parameter)."""
        z = rng.standard_normal((len(self.mode), number))
        return np.asarray(
            (self.mode[:, None] + linalg.solve_triangular(self.root, z, lower=True, trans="T")).T
        )

    def cumulated(self, parameters: Floats) -> Floats:
        """Give Λ_t, the hazard cumulated until today, for the D open days, oldest first (…, day)."""
        gamma, effect = parameters[..., : self.delays], parameters[..., self.delays :]
        result = np.zeros((*parameters.shape[:-1], self.delays))
        for place, age in enumerate(range(self.delays - 1, -1, -1)):
            onset = self.days - 1 - age
            lag = np.arange(age + 1)
            lag = lag[(onset + lag >= self.first_report) & (onset >= 0)]
            if len(lag):
                result[..., place] = np.exp(gamma[..., lag] + effect[..., onset + lag]).sum(-1)
        return result

    def hazards(self) -> Floats:
        """Give exp(γ_d + e_(t+d)) at the mode (onset, delay), 0 where nothing could be reported."""
        t, d = np.arange(self.days)[:, None], np.arange(self.delays)[None, :]
        day = t + d
        seen = (day < self.days) & (day >= self.first_report)
        effect = self.mode[self.delays :][np.minimum(day, self.days - 1)]
        return np.where(seen, np.exp(self.mode[: self.delays] + effect), 0.0)


def fit_reporting(cells: Floats, weekday: Ints) -> Reporting:
    """Give the hazard of being reported by delay and by day of the calendar, from a pooled triangle.

    A case of onset t not reported within d − 1 days is reported after d with probability ::

        h_(t,d) = 1 − exp(−exp(γ_d + e_(t+d))),  d < D;     h_(t,D) = 1

    so that F_t(x) = 1 − exp(−Σ_(d ≤ x) exp(γ_d + e_(t+d))). γ is the course over the delay; e_c that of
    calendar day c: a holiday or a day of arrears shows in it, because the cases of all onsets still
    open meet it together. The likelihood conditions on what has been reported of each onset,
    Π_d (p_(t,d) / F_t(T − t))^n, so that right truncation and the number of onsets drop out.

    Priors: γ a random walk over the delay; e a sum of a random walk over time (the delays change), an
    effect of the day of the week, and one of the single day. The three scales maximise the
    Laplace approximation of the marginal likelihood.

    Parameters
    ----------
    cells : (onset, delay), persons
        Weighted counts, 0 where nothing can have been reported yet.
    weekday : (onset,)
        Day of the week of each day, 0 to 6.

    References
    ----------
    Günther F, Bender A, Katz K, Küchenhoff H, Höhle M. Biom J 2021;63:490-502, doi 10.1002/bimj.202000112
    (discrete hazards with effects of the reporting day). Höhle M, an der Heiden M. Biometrics
    2014;70:993-1002, doi 10.1111/biom.12194. Tierney L, Kadane JB. J Am Stat Assoc 1986;81:82-86,
    doi 10.1080/01621459.1986.10478240 (Laplace approximation).
    """
    days, delays = cells.shape[0], cells.shape[1] - 1
    n = np.ascontiguousarray(cells, dtype=float)
    first = _first_report(n)
    tail = np.cumsum(n[:, ::-1], axis=1)[:, ::-1]
    after = np.concatenate([tail[:, 1:], np.zeros((days, 1))], axis=1)
    start = np.concatenate([np.full(delays, LEVEL_MEAN), np.zeros(days)])
    state = {"mode": start}

    def evidence(log_scales: Floats) -> float:
        prior = _prior(np.exp(log_scales), weekday, delays)
        mode, root, fit = _mode(n, after, first, prior, state["mode"])
        state["mode"] = mode
        sharp = np.log(np.diag(prior.root)).sum() - np.log(np.diag(root)).sum()
        spread = ((log_scales - np.log(list(SCALES.values()))) / SCALE_SPREAD) ** 2
        return float(-(fit + sharp - spread.sum() / 2))

    best = optimize.minimize(
        evidence,
        np.log(list(SCALES.values())),
        method="Nelder-Mead",
        options={"maxfev": 60, "xatol": 0.1, "fatol": 0.05, "initial_simplex": _simplex()},
    )
    scales = np.exp(best.x)
    mode, root, _ = _mode(n, after, first, _prior(scales, weekday, delays), state["mode"])
    return Reporting(
        mode=mode,
        root=root,
        scales=dict(zip(SCALES, map(float, scales), strict=True)),
        days=days,
        delays=delays,
        first_report=first,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prior:
    mean: Floats
    precision: Floats
    root: Floats


def _first_report(n: Floats) -> int:
    onset, delay = np.nonzero(n)
    return int((onset + delay).min()) if len(onset) else 0


def _simplex() -> Floats:
    start = np.log(list(SCALES.values()))
    return np.vstack([start, start + np.eye(3)])


def _prior(scales: Floats, weekday: Ints, delays: int) -> _Prior:
    days = len(weekday)
    drift, week, day = scales
    back = np.arange(days)[::-1].astype(float)
    effect = drift**2 * np.minimum.outer(back, back)
    effect += week**2 * (weekday[:, None] == weekday[None, :])
    effect[np.diag_indices(days)] += day**2
    step = np.eye(delays) - np.eye(delays, k=-1)
    width = np.concatenate([[LEVEL_SD], np.full(delays - 1, DELAY_STEP_SD)])
    course = step.T @ (step / width[:, None] ** 2)
    precision = linalg.block_diag(
        course, linalg.lapack.dpotri(linalg.cholesky(effect, lower=True), lower=1)[0]
    )
    # LAPACK fills one triangle only.
    precision = np.tril(precision) + np.tril(precision, -1).T
    mean = np.concatenate([np.full(delays, LEVEL_MEAN), np.zeros(days)])
    return _Prior(mean=mean, precision=precision, root=linalg.cholesky(precision, lower=True))


def _mode(
    n: Floats, after: Floats, first: int, prior: _Prior, start: Floats
) -> tuple[Floats, Floats, float]:
    """Climb to the mode by Newton steps, halved where they overshoot."""
    x = start
    value, slope, bend = _objective(n, after, first, prior, x)
    for _ in range(50):
        root = _positive_root(bend, prior)
        step = linalg.cho_solve((root, True), slope)
        gain = float(slope @ step)
        if gain < 1e-7:
            break
        size = 1.0
        while size > 1e-4:
            trial = _objective(n, after, first, prior, x + size * step)
            if np.isfinite(trial[0]) and trial[0] >= value + 1e-4 * size * gain:
                break
            size /= 2
        else:
            break
        x = x + size * step
        value, slope, bend = trial
    return x, _positive_root(bend, prior), value


def _objective(
    n: Floats, after: Floats, first: int, prior: _Prior, x: Floats
) -> tuple[float, Floats, Floats]:
    value, slope, bend, lost = _likelihood(n, after, first, x)
    apart = x - prior.mean
    pull = prior.precision @ apart
    return value - float(apart @ pull) / 2, slope - pull, np.stack([bend + prior.precision, lost])


def _positive_root(bend: Floats, prior: _Prior) -> Floats:
    """Give the Cholesky factor of the curvature; without what truncation takes where it must be."""
    share = 1.0
    while True:
        try:
            return np.asarray(linalg.cholesky(bend[0] - share * bend[1], lower=True))
        except linalg.LinAlgError:
            share = share / 2 if share > 0.1 else 0.0


@compiled()
def _likelihood(n, after, first, x):  # type: ignore[no-untyped-def]
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
