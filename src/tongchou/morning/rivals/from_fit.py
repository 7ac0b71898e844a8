"""The engine as a member of the outlook when it goes on from a calibration of the night."""

import numpy as np

from tongchou.morning.calibrated import NightFit
from tongchou.morning.rivals.members import (
    ENGINE,
    HORIZON,
    REPLICATES,
    Member,
    quantiles_of,
    upper_of,
)
from tongchou.transmission.calibration.ahead import counts_ahead


def calibrated_member(fit: NightFit, seed: int, *, replicates: int = REPLICATES) -> Member:
    """Let the engine go on from a calibration: reports are delayed, found and scattered as fitted, draw by draw.

    Where the places of the fit are not the units themselves, units are left to the renewal forecast.
    """
    scope = fit.picture.scope
    model = fit.model(HORIZON)
    told = counts_ahead(fit.calibration, model, replicates=replicates, areas=fit.areas, seed=seed)
    known = set(told["place"].values)
    single = {p for p, of in fit.ground.members.items() if list(of) == [p]}
    units = told.sel(place=[u for u in scope.units if u in known & single])
    rng = np.random.default_rng(seed)
    return Member(
        name=ENGINE,
        upper=quantiles_of(told.sel(place=[a for a in upper_of(scope) if a in known]), None, rng),
        units=quantiles_of(units, None, rng),
        futures=units,
        notes=fit.notes,
    )
