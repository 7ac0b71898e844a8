"""A night's picture fitted by the engine: R, share reported and the infected of tonight as draws, ready to go on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.morning import calibration_inputs as inputs
from tongchou.morning.engine_inputs import ASSUMED, beds_of, reporting_of, travel_of
from tongchou.morning.picture import Picture
from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.calibration.ahead import report_ahead
from tongchou.transmission.calibration.priors import Beliefs
from tongchou.transmission.calibration.result import Calibration
from tongchou.transmission.calibration.smoother import calibrate
from tongchou.transmission.metapopulation.contacts import SETTINGS, contacts, intensities
from tongchou.transmission.metapopulation.course import course_of
from tongchou.transmission.metapopulation.disease import Disease, disease
from tongchou.transmission.metapopulation.model import Model, build_model
from tongchou.transmission.metapopulation.next_generation import (
    infectious_days,
    next_generation,
    spectral_radius,
)
from tongchou.vocabulary.text import Text, day

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]

MEMBERS, ROUNDS = 150, 5
AHEAD = 35
"""Days after the night for which R is drawn; beyond them it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightFit:
    """The engine fitted to what was known at 24:00 of a night.

    Attributes
    ----------
    calibration
        Draws: see :class:`tongchou.transmission.calibration.result.Calibration`.
    picture
        Of the night from which the days ahead start.
    fitted_on
        Night whose counts were fitted; earlier than that of the picture if the fit was carried on.
    ground
        Places, people and counts.
    ill_with, seed
        As asked for.
    sparks
        Infections a day (place) that come unforeseen to quiet places.
    notes
        What was assumed.
    """

    calibration: Calibration
    picture: Picture
    fitted_on: date
    ground: inputs.Ground
    ill_with: str
    seed: int
    sparks: Floats
    notes: tuple[Text, ...]

    @property
    def areas(self) -> dict[str, list[str]]:
        """Places of the scope and of each of its areas that is not a place itself."""
        scope, places = self.picture.scope, self.ground.places
        area = self.ground.area
        rest = [a for a in scope.areas if a not in places]
        return {scope.place: places} | {a: [p for p in places if area[p] == a] for a in rest}

    def model(self, horizon: int, timeline: xr.Dataset | None = None) -> Model:
        """Give the model of the days ahead: its start and scale are the draws.

        Parameters
        ----------
        horizon
            Days after the night.
        timeline : Dataset (date, place), optional
            What new measures do, relative to what is in force.
        """
        cut = np.datetime64(self.picture.situation.cut)
        dates = cut + np.arange(1, horizon + 1)
        parts = _parts(self.ground, disease(self.ill_with), timeline)
        places = self.ground.places
        people = self.ground.people.sum("age").to_numpy()
        travel, beds, icu = None, None, None
        catchments: dict[str, str] = {}
        if all(len(m) == 1 for m in self.ground.members.values()):
            travel, _ = travel_of(self.picture.situation, places, people, dates)
            beds, icu, catchments, _ = beds_of(self.picture, places)
        plain = xr.Dataset() if timeline is None else timeline.copy()
        plain["isolate"] = plain.get("isolate", xr.DataArray(0.0)) + parts.isolate
        sparks = xr.DataArray(self.sparks, {"place": places}, ("place",))
        plain["imported"] = plain.get("imported", xr.DataArray(0.0)) + sparks
        return build_model(
            self.ground.people,
            parts.intensity,
            parts.course,
            dates=dates,
            transmissibility=parts.transmissibility,
            state=self.calibration.start(rng=np.random.default_rng(self.seed)),
            scale=self.scale(dates),
            groups={p: p for p in places},
            timeline=plain,
            travel=travel,
            catchments=catchments,
            beds=beds,
            icu_beds=icu,
        )

    def scale(self, dates: Dates) -> xr.DataArray:
        """Give R by draw, day ahead and place: as the beliefs let it drift, but for growth, which is answered.

        With δ the drawn step of log R, from the night on::

            log R(t) = min(d(log R(t − 1)) + δ(t), log ceiling)

        d halves what is above 0 every ``response_half_life`` days and leaves the rest, as in the
        renewal forecast (:class:`tongchou.transmission.assumptions.ForecastAssumptions`).
        """
        answered = ForecastAssumptions.from_table()
        ceiling = np.log(answered.reproduction_ceiling)
        keep = 0.5 ** (1 / answered.response_half_life)
        drawn = self.calibration.scale(np.concatenate([dates[:1] - 1, dates]))
        path = np.log(drawn.to_numpy())
        now = np.minimum(path[:, 0], ceiling)
        for t in range(1, path.shape[1]):
            step = path[:, t] - path[:, t - 1]
            path[:, t - 1] = now
            now = np.minimum(np.where(now > 0, keep * now, now) + step, ceiling)
        path[:, -1] = now
        return drawn.copy(data=np.exp(path)).isel(date=slice(1, None))

    def reported(
        self, model: Model, *, replicates: int, quantiles: Sequence[float], seed: int
    ) -> tuple[xr.DataArray, xr.DataArray]:
        """Give quantiles and mean of the counts that will be reported, by place, area and scope."""
        return report_ahead(
            self.calibration,
            model,
            replicates=replicates,
            areas=self.areas,
            quantiles=quantiles,
            seed=seed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """Contacts, course and the transmissibility of R = 1 with the isolation in force."""

    intensity: Mapping[str, Floats]
    course: Floats
    isolate: float
    transmissibility: float


def _parts(ground: inputs.Ground, illness: Disease, timeline: xr.Dataset | None = None) -> _Parts:
    contact = intensities(contacts(illness.ages), ground.people.sum("place"))
    intensity = {str(s): contact.sel(setting=s).to_numpy() for s in SETTINGS}
    _, isolate, _ = reporting_of(illness)
    people = ground.people.sum("place").to_numpy()
    usual = course_of(illness, fastest_isolation=isolate)
    days = infectious_days(usual, isolate=isolate)
    radius = spectral_radius(next_generation(usual, sum(intensity.values()), people, days))  # type: ignore[arg-type]
    course = course_of(
        illness,
        fastest_isolation=isolate + _most(timeline, "isolate"),
        fastest_tracing=_most(timeline, "trace"),
    )
    return _Parts(
        intensity=intensity, course=course, isolate=isolate, transmissibility=1.0 / radius
    )


def days_lived(ground: inputs.Ground, illness: Disease, dates: Dates) -> Model:
    """Give the model of past days: transmissibility that of R = 1, the isolation in force, nobody travelling by layers."""
    parts = _parts(ground, illness)
    return build_model(
        ground.people,
        parts.intensity,
        parts.course,
        dates=dates,
        transmissibility=parts.transmissibility,
        timeline=xr.Dataset({"isolate": parts.isolate}),
    )


def _most(timeline: xr.Dataset | None, name: str) -> float:
    return 0.0 if timeline is None or name not in timeline else float(timeline[name].max())


def fit_night(
    picture: Picture,
    *,
    seed: int = 1,
    members: int = MEMBERS,
    rounds: int = ROUNDS,
    ill_with: str = "covid2020",
    whole_areas: bool = False,
    threads: int = 1,
    told: Callable[[int, int], None] | None = None,
) -> NightFit:
    """Fit the engine to the counts known tonight.

    Parameters
    ----------
    picture
        From :func:`tongchou.morning.picture.assess`: what was known, and nothing later.
    seed
        The same seed gives the same draws.
    members, rounds
        Size of the ensemble, and how often it lives.
    ill_with
        Disease of the table of diseases.
    whole_areas
        Take the areas below the scope as places, not their units: coarser and faster.
    threads, told
        See :func:`tongchou.transmission.calibration.smoother.calibrate`.
    """
    illness = disease(ill_with)
    ground = inputs.ground_of(picture, illness, whole_areas=whole_areas)
    groups, sources, source_note = inputs.sources_of(ground, picture.scope.names)
    seen = ground.counts.to_numpy().T
    cut = np.datetime64(picture.situation.cut)
    beliefs = Beliefs.from_table()
    spread = inputs.spread_on(ground)
    every = cut - np.arange(len(seen) + inputs.MARGIN)[::-1]
    delay, delay_note = inputs.delay_of(picture, every, spread)
    rough = inputs.rough_infections(seen, delay.to_numpy(), beliefs.reporting)
    begin = max(inputs.first_day(rough), len(rough) - inputs.LONGEST)
    truncated = bool(begin > inputs.first_day(rough))
    rough = rough[begin:]
    dates = cut - np.arange(len(rough))[::-1]
    turn = inputs.turn_of(picture, dates[0])
    spread = None if spread is None or np.datetime64(spread) <= dates[0] else spread
    beliefs = inputs.beliefs_of(turn, spread, truncated)
    sparks = inputs.sparks_of(seen, beliefs.reporting)
    journeys, journey_note = inputs.journeys_of(picture, ground, groups, sources, dates)
    daily = inputs.arrivals_of(rough, sparks)
    limit = 0.2 * ground.people.sum("age").to_numpy()
    daily *= np.minimum(1.0, limit / np.maximum(daily.sum(axis=0), 1e-9))
    model = days_lived(ground, illness, dates)
    labels = {"place": ground.places, "date": dates.astype("datetime64[ns]")}
    counted = ground.counts.sel(date=slice(str(dates[0]), None))
    found = calibrate(
        model,
        counted,
        groups=groups,
        sources=sources,
        seeds={},
        arrivals=xr.DataArray(daily.T, labels, ("place", "date")),
        delay=delay,
        beliefs=beliefs,
        ahead=AHEAD,
        members=members,
        rounds=rounds,
        journeys=journeys,
        unread={} if spread is None else dict.fromkeys(groups.values(), spread),
        threads=threads,
        told=told,
        rng=np.random.default_rng(seed),
    )
    return NightFit(
        calibration=found,
        picture=picture,
        fitted_on=picture.situation.cut,
        ground=ground,
        ill_with=ill_with,
        seed=seed,
        sparks=sparks,
        notes=(*ground.notes, source_note, delay_note, journey_note, _turn_note(turn), ASSUMED),
    )


def _turn_note(turn: date | None) -> Text:
    return _NO_TURN if turn is None else _TURN.fill(day=day(turn))


_TURN = Text(
    zh="自{day}（最先启动一级响应或最早措施之日）起，再生数与报告比例可有大的变化。",
    en="from {day} on, the day of the first response of level I or of the first measure, R and the share reported may change a lot.",
)
_NO_TURN = Text(
    zh="未记录响应或措施：再生数逐步变化。",
    en="no response or measure is on record: R changes little by little.",
)
