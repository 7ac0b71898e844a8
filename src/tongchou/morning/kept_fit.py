"""A night's fit kept in one file, read again on the same picture, or carried on to one a few days later.

The file is a compressed NumPy archive: ``manifest`` (JSON: what was fitted, by which version) beside the arrays
of the draws. People, contacts and beds are not kept; they are read from the picture again.
"""

import hashlib
import json
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from tongchou.morning import calibration_inputs as inputs
from tongchou.morning.calibrated import NightFit, days_lived
from tongchou.morning.picture import Picture
from tongchou.transmission.calibration.ahead import pipeline
from tongchou.transmission.calibration.members import live_members
from tongchou.transmission.calibration.priors import Parameters
from tongchou.transmission.calibration.result import Calibration
from tongchou.transmission.calibration.seeds import Seeds
from tongchou.transmission.metapopulation.chance import EXPECTED
from tongchou.transmission.metapopulation.compartments import S
from tongchou.transmission.metapopulation.disease import disease
from tongchou.version import __version__
from tongchou.vocabulary.errors import ExitCode, TongchouError
from tongchou.vocabulary.text import Text, day

FORMAT = 1
OLDEST = 7
"""Days that a fit is carried on; after them tonight's counts say more than its R (assumption)."""

REVISED = 0.2
"""Share of the fitted cases by which counts may have been revised since and still be those of the same pack."""

DRAWN = ("log_reproduction", "noise", "place", "seeds", "reporting")
PLAIN = ("state", "infections", "arriving", "delay")


class FitRefused(TongchouError):
    """A kept fit that is none, or not of this picture."""

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, file: Path, why: Text) -> None:
        self.file, self.why = file, why
        super().__init__(str(file))

    def text(self) -> Text:
        """Give the file, what is wrong with it and the next step."""
        return Text(
            zh=f"不能用 {self.file.name} 中的校准：{self.why.zh}请用 tongchou calibrate --keep 对当夜重新校准。",
            en=f"The calibration in {self.file.name} cannot be used: {self.why.en} Calibrate this night anew with tongchou calibrate --keep.",
        )


def keep(fit: NightFit, path: Path) -> None:
    """Write a fit to a file, whole or not at all."""
    found, origin = fit.calibration, fit.picture.situation.origin
    manifest = {
        "format": FORMAT,
        "version": __version__,
        "pack": origin.pack,
        "digest": pack_digest(origin.digests),
        "place": fit.picture.scope.place,
        "night": fit.fitted_on.isoformat(),
        "first": str(found.model.dates[0]),
        "ill_with": fit.ill_with,
        "seed": fit.seed,
        "whole_areas": any(len(m) > 1 for m in fit.ground.members.values()),
        "places": fit.ground.places,
        "groups": list(found.groups),
        "dispersion": found.dispersion,
        "notes": [[note["zh"], note["en"]] for note in fit.notes],
    }
    arrays: dict[str, Any] = {n: getattr(found.parameters, n) for n in DRAWN}
    arrays |= {n: getattr(found, n) for n in PLAIN}
    arrays |= {"first": found.seeds.first, "daily": found.seeds.daily, "group": found.model.group}
    arrays |= {"observed": found.observed.to_numpy(), "sparks": fit.sparks}
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.part")
    with half.open("wb") as file:
        np.savez_compressed(file, manifest=json.dumps(manifest, ensure_ascii=False), **arrays)
    half.replace(path)


def pack_digest(digests: Any) -> str:
    """Give one SHA-256 for all files of a pack.

    >>> pack_digest({"b": "2", "a": "1"}) == pack_digest({"a": "1", "b": "2"})
    True
    """
    return hashlib.sha256(repr(sorted(digests.items())).encode()).hexdigest()


def read_fit(path: Path, picture: Picture) -> NightFit:
    """Read a fit for a picture: of the same night, or of one up to a week earlier, which is carried on.

    Raises
    ------
    FitRefused
        If the file is no fit, of another pack or place, of a later night or too old.
    """
    manifest, arrays = _opened(path)
    scope, origin, cut = picture.scope, picture.situation.origin, picture.situation.cut
    night = date.fromisoformat(manifest["night"])
    if manifest["pack"] != origin.pack or manifest["place"] != scope.place:
        raise FitRefused(path, _OTHER.fill(pack=manifest["pack"], place=manifest["place"]))
    if not 0 <= (cut - night).days <= OLDEST:
        raise FitRefused(path, _NIGHT.fill(night=day(night), days=OLDEST))
    ground = inputs.ground_of(
        picture, disease(manifest["ill_with"]), whole_areas=manifest["whole_areas"]
    )
    if sorted(ground.places) != sorted(manifest["places"]):
        raise FitRefused(path, _PLACES)
    ground = replace(
        ground,
        people=ground.people.sel(place=manifest["places"]),
        counts=ground.counts.sel(place=manifest["places"]),
    )
    fit = _rebuilt(manifest, arrays, picture, ground, night)
    notes = list(fit.notes)
    if manifest["digest"] != pack_digest(origin.digests):
        known = ground.counts.sel(date=fit.calibration.observed["date"]).to_numpy()
        apart = np.abs(known - arrays["observed"]).sum()
        if apart > REVISED * max(arrays["observed"].sum(), 1.0):
            raise FitRefused(path, _REVISED)
        notes.append(_CHANGED)
    fit = replace(fit, notes=tuple(notes))
    return fit if night == cut else carried_on(fit, picture, ground)


def _opened(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        with path.open("rb") as file, np.load(file) as read:
            arrays = {name: read[name] for name in read.files}
        manifest = json.loads(str(arrays.pop("manifest")))
        if manifest["format"] != FORMAT:
            raise FitRefused(path, _FORMAT.fill(version=manifest["version"]))
        lost = {*DRAWN, *PLAIN, "first", "daily", "group", "observed", "sparks"} - set(arrays)
        if lost:
            raise KeyError(*lost)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as broken:
        raise FitRefused(path, _NONE) from broken
    return manifest, arrays


def _rebuilt(
    manifest: dict[str, Any], arrays: dict[str, Any], picture: Picture, ground: inputs.Ground, night: date
) -> NightFit:  # fmt: skip
    dates = np.arange(np.datetime64(manifest["first"]), np.datetime64(night) + 1)
    model = replace(days_lived(ground, disease(manifest["ill_with"]), dates), group=arrays["group"])
    start = np.zeros(arrays["state"].shape[1:])
    start[..., S] = ground.people.to_numpy()
    counted = dates[len(dates) - arrays["observed"].shape[1] :].astype("datetime64[ns]")
    return NightFit(
        calibration=Calibration(
            model=model,
            groups=tuple(manifest["groups"]),
            nobody_ill=start,
            seeds=Seeds(arrays["first"], arrays["daily"]),
            parameters=Parameters(**{n: arrays[n] for n in DRAWN}),
            observed=xr.DataArray(
                arrays["observed"], {"place": ground.places, "date": counted}, ("place", "date")
            ),
            dispersion=manifest["dispersion"],
            **{n: arrays[n] for n in PLAIN},
        ),
        picture=picture,
        fitted_on=night,
        ground=ground,
        ill_with=manifest["ill_with"],
        seed=manifest["seed"],
        sparks=arrays["sparks"],
        notes=tuple(Text(zh=zh, en=en) for zh, en in manifest["notes"]),
    )


def carried_on(fit: NightFit, picture: Picture, ground: inputs.Ground) -> NightFit:
    """Let the draws of an earlier night live to tonight in expectation; counts since then change nothing.

    R and the share reported of those days are the ones drawn as ahead of the fit.
    """
    old = fit.calibration
    tonight = np.datetime64(picture.situation.cut)
    dates = np.arange(old.model.dates[-1] + 1, tonight + 1)
    model = replace(days_lived(ground, disease(fit.ill_with), dates), group=old.model.group)
    at = slice(len(old.model.dates), len(old.model.dates) + len(dates))
    state = old.state.copy()
    delay = np.repeat(old.delay[-1:], len(dates), axis=0)
    before = pipeline(old, dates)
    infections, arriving = live_members(
        model,
        state,
        np.exp(old.parameters.log_reproduction[:, at]),
        np.exp(old.parameters.place),
        delay,
        mode=EXPECTED,
    )
    whole = np.concatenate([old.model.dates, dates])
    first = old.observed["date"].to_numpy()[0]
    carried = replace(
        old,
        model=replace(days_lived(ground, disease(fit.ill_with), whole), group=old.model.group),
        seeds=Seeds(old.seeds.first, np.vstack([old.seeds.daily, np.zeros((len(dates), len(ground.places)))])),
        state=state,
        infections=np.concatenate([old.infections, infections], axis=1),
        arriving=np.concatenate([old.arriving, arriving + before], axis=1),
        delay=np.vstack([old.delay, delay]),
        observed=ground.counts.sel(date=slice(first, None)),
    )  # fmt: skip
    note = _CARRIED.fill(night=day(fit.fitted_on), n=len(dates))
    return replace(
        fit, calibration=carried, picture=picture, ground=ground, notes=(*fit.notes, note)
    )


_NONE = Text(zh="它不是一份完整的校准。", en="it is no whole calibration.")
_FORMAT = Text(
    zh="它由版本 {version} 写成，格式不同。", en="version {version} wrote it, in another form."
)
_OTHER = Text(
    zh="它属于数据包 {pack} 的 {place}。", en="it is of place {place} of the pack {pack}."
)
_NIGHT = Text(
    zh="它拟合到{night}；只能用于当夜或其后 {days} 天之内。",
    en="it was fitted to {night}, and is of use on that night and for {days} days after it only.",
)
_PLACES = Text(zh="如今报告的单位与当时不同。", en="other units report now than when it was made.")
_REVISED = Text(
    zh="同名数据包的病例数与拟合时所见相差过大。",
    en="the pack of that name holds other counts than those it was fitted to.",
)
_CHANGED = Text(
    zh="数据包在校准之后有改动，校准所见的病例数大体未变。",
    en="the pack has changed since the calibration; the counts it saw are nearly the same.",
)
_CARRIED = Text(
    zh="校准拟合到{night}，按其再生数推进 {n} 天至当夜；其间的报告未再拟合。",
    en="the calibration is that of {night}, carried on by its R for {n} days to tonight; reports since then were not fitted.",
)
