"""Where each future starts: from counts known for certain, or from draws of a present that is not."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.transmissibility import (
    Transmissibility,
    estimate_transmissibility,
    past_as_drawn,
)
from tongchou.vocabulary.distributions import Gamma, serial_interval_probabilities

Floats = npt.NDArray[np.float64]

BLOCK = 100
"""Draws of the past looked at together: bounds the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a chunk of futures starts from.

    Attributes
    ----------
    now
        R, trend, scatter and sparks; R per place, or per place and future.
    w
        Serial interval, probabilities of 0, 1, 2, … days.
    known : array (place, horizon) or (place, horizon, future)
        Infectivity that the cases so far will exert on each day ahead.
    """

    now: Transmissibility
    w: Floats
    known: Floats


class Present:
    """The counts so far, as certain or uncertain as they are.

    Parameters
    ----------
    counts : DataArray (place, date), persons per day
        Known for certain, or the mean of the draws.
    drawn : array (draw, place, date) or None
        Draws of a nowcast. Future number i starts from draw i modulo their number.
    assumptions
        See :class:`~tongchou.transmission.assumptions.ForecastAssumptions`.
    chosen
        Rows of the places whose futures are wanted; the others inform the common R.
    horizon
        Days ahead.
    serial_interval_se
        Standard error of the mean serial interval, days.
    """

    def __init__(
        self,
        counts: xr.DataArray,
        drawn: Floats | None,
        assumptions: ForecastAssumptions,
        chosen: npt.NDArray[np.intp],
        horizon: int,
        serial_interval_se: float,
    ) -> None:
        self.counts, self.drawn, self.assumptions = counts, drawn, assumptions
        self.chosen, self.horizon, self.se = chosen, horizon, serial_interval_se
        self._certain = self._with_interval(assumptions)
        # One serial interval for all futures: what each draw tells is found once, not once a chunk.
        self._told = None if drawn is None or self.se > 0 else self._by_draw(self._certain)

    @property
    def now(self) -> Transmissibility:
        """Give what the central counts tell, with the central serial interval."""
        return self._certain.now

    def start(self, part: slice, size: int, chance: np.random.Generator) -> Start:
        """Give the start of one chunk of futures.

        Parameters
        ----------
        part
            Numbers of the futures.
        size
            Futures simulated together.
        chance
            The stream for the serial interval of this chunk.
        """
        start = self._certain
        if self.se > 0:
            start = self._with_interval(
                replace(self.assumptions, serial_interval=self._interval(chance))
            )
        if self.drawn is None:
            return replace(start, now=start.now.of(self.chosen), known=start.known[self.chosen])
        numbers = np.arange(part.start, part.start + size) % len(self.drawn)
        if self._told is None:
            return self._from_draws(start, numbers)
        told = self._told
        trend = np.asarray(told.now.trend)[numbers]
        now = replace(
            told.now, shape=told.now.shape[:, numbers], rate=told.now.rate[:, numbers], trend=trend
        )
        return replace(told, now=now, known=told.known[:, :, numbers])

    def _by_draw(self, start: Start) -> Start:
        assert self.drawn is not None
        several = np.array_split(np.arange(len(self.drawn)), -(-len(self.drawn) // BLOCK))
        parts = [self._from_draws(start, numbers) for numbers in several]
        now = replace(
            parts[0].now,
            shape=np.concatenate([part.now.shape for part in parts], axis=1),
            rate=np.concatenate([part.now.rate for part in parts], axis=1),
            trend=np.concatenate([np.asarray(part.now.trend) for part in parts]),
        )
        return replace(start, now=now, known=np.concatenate([p.known for p in parts], axis=2))

    def _from_draws(self, start: Start, numbers: npt.NDArray[np.intp]) -> Start:
        """Give the start from some of the draws: one column of R and infectivity for each."""
        assert self.drawn is not None
        back = 2 * self.assumptions.window + len(start.w)
        recent = self.drawn[numbers, :, -back:]
        now = past_as_drawn(start.now, recent, start.w, self.assumptions)
        known = recent[:, self.chosen] @ _ahead(start.w, recent.shape[2], self.horizon)
        return replace(
            start, now=now.of(self.chosen), known=np.ascontiguousarray(known.transpose(1, 2, 0))
        )

    def _interval(self, chance: np.random.Generator) -> Gamma:
        centre = self.assumptions.serial_interval
        mean = max(centre.mean + self.se * chance.standard_normal(), 1.5)
        return Gamma(mean=mean, sd=centre.sd * mean / centre.mean)

    def _with_interval(self, assumptions: ForecastAssumptions) -> Start:
        w = serial_interval_probabilities(assumptions.serial_interval)
        I = self.counts.to_numpy()
        return Start(
            now=estimate_transmissibility(self.counts, assumptions),
            w=w,
            known=I @ _ahead(w, I.shape[1], self.horizon),
        )


def _ahead(w: Floats, days: int, horizon: int) -> Floats:
    """Give what a case of each day so far adds to the infectivity of each day ahead, (day, horizon)."""
    lag = days - np.arange(days)[:, None] + np.arange(horizon)
    return np.where(lag < len(w), w[np.minimum(lag, len(w) - 1)], 0.0)
