"""Measures beside what was published: R by lever and disease, hazards beside simulated people."""

import numpy as np

from tongchou.transmission.metapopulation.contacts import (
    contacts,
    intensities,
    reference_people,
)
from tongchou.transmission.metapopulation.disease import disease
from tongchou.transmission.metapopulation.entries import tier_package
from tongchou.transmission.metapopulation.hazards import isolation_hazard, tracing
from tongchou.transmission.metapopulation.levers import End, combined
from tongchou.transmission.metapopulation.reproduction import reproduction_factor
from tongchou.vocabulary.distributions import Delay, Gamma, Lognormal, Weibull
from tongchou.vocabulary.measure import measures
from tongchou.vocabulary.parameter import parameter
from validation.lines import Line, report

AGES = (0, 20, 40, 60)
ENDS: tuple[End, ...] = ("low", "value", "high")
PEOPLE = 1_000_000
DELAYS: tuple[Delay, ...] = (
    Gamma(mean=4.6, sd=3.4),
    Gamma(mean=2.6, sd=0.5),
    Lognormal.from_mean_sd(mean=6.0, sd=3.0),
    Weibull(shape=1.5, scale=5.0),
)


def hazard_lines() -> list[Line]:
    """Compare the infectious time under a hazard with that of simulated people."""
    rng = np.random.default_rng(20200223)
    isolation, before, after = [], [], []
    for delay in DELAYS:
        for share in (0.3, 0.7, 1.0):
            g, latent = 1 / 2.9, 3.2
            ends = rng.exponential(1 / g, PEOPLE)
            found = np.where(rng.random(PEOPLE) < share, delay.quantile(rng.random(PEOPLE)), np.inf)
            left = 1 / (g + isolation_hazard(delay, share, g))
            isolation.append(left / np.minimum(ends, found).mean() - 1)
            period = rng.gamma(2.0, latent / 2, PEOPLE)
            traced, hazard = tracing(delay, share, latent, g)
            before.append(traced - (found < period).mean())
            at_large = found >= period
            left = 1 / (g + hazard)
            after.append(left / np.minimum(ends, found - period)[at_large].mean() - 1)
    return [
        _line("isolation: infectious days, largest relative difference", isolation, 0.005),
        _line("tracing: share found before they infect, largest difference", before, 0.003),
        _line("tracing: infectious days of the others, relative", after, 0.01),
    ]


def _line(claim: str, differences: list[float], most: float) -> Line:
    worst = float(np.abs(differences).max())
    return Line(
        claim=f"{claim} ({len(differences)} delays and shares, {PEOPLE:,} people)",
        found=f"{worst:.4f}",
        wanted=f"≤ {most}",
        holds=worst <= most,
    )


def factor_lines() -> list[Line]:
    """Compare factors on R with the two published ones that the levers can be held against."""
    people, covid = reference_people(), disease("covid2020", AGES)
    intensity = intensities(contacts(AGES), people)

    def line(claim: str, chosen: tuple[str, ...], wanted: float, source: str) -> Line:
        low, value, high = (
            reproduction_factor(
                combined(dict.fromkeys(chosen, 1.0), covid, end), covid, intensity, people
            )
            for end in ENDS
        )
        return Line(
            claim=f"factor on R of {claim}, COVID-19",
            found=f"{value:.3f} ({low:.3f} to {high:.3f})",
            wanted=f"range holds {wanted:.3f}, {source}",
            holds=low <= wanted <= high,
        )

    tracing_only = measures()["trace_contacts"].multiplier
    fall = parameter("reproduction_after").value / parameter("reproduction_before").value
    wuhan = (*tier_package("high"), "stay_home", "masks")
    return [
        line("tracing", ("trace_contacts",), tracing_only, "Kucharski et al 2020"),
        line("everything in force", wuhan, fall, "Wuhan, Wang et al 2020"),
    ]


def main() -> None:
    """Print all lines."""
    report("Measures as levers", [*hazard_lines(), *factor_lines()])


if __name__ == "__main__":
    main()
