"""An ensemble that learns its weights as it goes: from the days of past forecasts that have come since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.ensemble import median_of, trained_weights
from tongchou.transmission.score import weighted_interval_score
from tongchou.vocabulary.parameter import parameter

Floats = npt.NDArray[np.float64]

SHARPNESS = parameter("forecast_ensemble_sharpness").value
"""How strongly past scores decide the weights."""
FORGET_DAYS = parameter("forecast_ensemble_half_life").value
"""Days after which the score of a day weighs half."""


@dataclass(slots=True, kw_only=True)
class Training:
    """The forecasts of an ensemble's members so far, and how they have done.

    On each day: :meth:`learn` from what is known, :meth:`combine` today's members, then :meth:`remember` them.
    The weights of a day rest on scores of days that are known by then, and on no other.

    Attributes
    ----------
    of
        Names of the members.
    sharpness
        See :func:`tongchou.transmission.ensemble.trained_weights`.
    """

    of: Sequence[str]
    sharpness: float = SHARPNESS
    _waiting: list[dict[str, xr.DataArray]] = field(default_factory=list)
    _total: Floats | None = None
    _learnt: np.datetime64 | None = None

    def learn(self, known: xr.DataArray) -> None:
        """Score the days of past forecasts that have become known.

        Parameters
        ----------
        known : DataArray (place, date), persons per day
            What is known today, up to today.
        """
        days = known["date"].to_numpy()
        if self._total is not None and self._learnt is not None:
            passed = (days[-1] - self._learnt) / np.timedelta64(1, "D")
            self._total = self._total * 0.5 ** (float(passed) / FORGET_DAYS)
        for members in self._waiting:
            dates = next(iter(members.values()))["date"].to_numpy()
            fresh = np.intersect1d(dates, days)
            if self._learnt is not None:
                fresh = fresh[fresh > self._learnt]
            if len(fresh):
                added = self._score(members, known, fresh)
                self._total = added if self._total is None else self._total + added
        self._learnt = days[-1]
        self._waiting = [m for m in self._waiting if _last_day(m) > days[-1]]

    def weights(self) -> dict[str, float]:
        """Give the weights of the members; equal before anything was learnt.

        A member's score is its mean over places of score relative to the mean of the members there, so that
        the place with most cases does not decide alone.
        """
        if self._total is None:
            return dict.fromkeys(self.of, 1 / len(self.of))
        usual = self._total.mean(axis=0)
        scored = usual > 0
        relative = (self._total[:, scored] / usual[scored]).mean(axis=1) if scored.any() else None
        if relative is None:
            return dict.fromkeys(self.of, 1 / len(self.of))
        return trained_weights(dict(zip(self.of, relative.tolist(), strict=True)), self.sharpness)

    def combine(self, members: Mapping[str, xr.DataArray]) -> xr.DataArray:
        """Give the weighted median of today's members."""
        return median_of({name: members[name] for name in self.of}, self.weights())

    def remember(self, members: Mapping[str, xr.DataArray]) -> None:
        """Keep today's members to be scored when their days have come."""
        self._waiting.append({name: members[name] for name in self.of})

    def _score(
        self,
        members: Mapping[str, xr.DataArray],
        known: xr.DataArray,
        days: npt.NDArray[np.datetime64],
    ) -> Floats:
        stacked = xr.concat([members[n].sel(date=days) for n in self.of], dim="model", join="exact")
        came = known.sel(place=stacked["place"], date=days)
        wis = weighted_interval_score(stacked, came.expand_dims(model=len(self.of)))
        return np.asarray(wis.transpose("model", "place", "date").to_numpy().sum(axis=2))


def _last_day(members: Mapping[str, xr.DataArray]) -> np.datetime64:
    last: np.datetime64 = next(iter(members.values()))["date"].to_numpy()[-1]
    return last
