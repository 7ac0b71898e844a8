"""One line list with its links, all answers: who infected whom, how soon, how many, how unequally."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.surveillance.chains.candidates import Candidates, find_candidates
from tongchou.surveillance.chains.cluster_size import fit_clusters
from tongchou.surveillance.chains.generation import Generation, fit_generation_time
from tongchou.surveillance.chains.gibbs import OUTSIDE
from tongchou.surveillance.chains.interval import AnyInterval, Family, ImpliedInterval, Interval
from tongchou.surveillance.chains.interval_fit import (
    IntervalFit,
    Pairs,
    fit_interval,
    interval_loglik,
)
from tongchou.surveillance.chains.listed import ListedLinks, check_links
from tongchou.surveillance.chains.offspring import Offspring, fit_offspring
from tongchou.surveillance.chains.posterior import Posterior, draw_trees
from tongchou.surveillance.chains.superspreading import observed_share, superspreading_events
from tongchou.surveillance.chains.trees import (
    generations,
    label_trees,
    offspring_counts,
    probability_over,
)
from tongchou.vocabulary.distributions import Delay, Gamma
from tongchou.vocabulary.parameter import parameter

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ENOUGH_PAIRS = 10
"""Infectees with dated links from which the serial interval is taken; with fewer it is from elsewhere."""

DRAWS = 400
LEAST_SHOWN = 0.005
OTHER_DATES = ("visited_on", "sampled_on", "confirmed_on", "reported_on", "isolated_on", "admitted_on", "known_on")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStudy:
    """Everything that is said of the chains of one list.

    ``links``: ``infector`` (null: nobody on the list), ``infectee, probability, known, listed,
    serial_interval_days, infectee_on, dated`` (whether that day is the onset) and ``shown`` (in the
    most credible tree). ``cases``: one row each with generation, people infected and how open the
    source is. ``chains``: one row for each chain of two or more of the most credible tree.
    ``interval`` and ``generation`` are None where fewer than 3 infectees have dated links;
    ``assumed`` is the serial interval by which links were weighed. ``top_fifth`` is the share of the
    infections made by the fifth of the cases who infected most, the mean over trees; ``clusters`` are R and k
    from the sizes of clusters, where the list has clusters and no link.
    """

    links: pl.DataFrame
    cases: pl.DataFrame
    chains: pl.DataFrame
    events: pl.DataFrame
    faults: pl.DataFrame
    assumed: AnyInterval
    interval: IntervalFit | None
    generation: Generation | None
    offspring: Offspring
    top_fifth: float
    clusters: Offspring | None
    trees: xr.DataArray
    posterior: Posterior


def incubation_period() -> Delay:
    """Give the incubation period taken where the caller names none."""
    return parameter("incubation_mean", "181 cases outside Hubei and abroad").delay()


def usual_interval() -> Interval:
    """Give the serial interval taken where the list holds too few dated pairs of its own."""
    found = parameter("serial_interval_mean", "outside Hubei").delay()
    return Interval(family="gamma", mean=found.mean, sd=found.sd)


def study_chains(
    cases: pl.DataFrame,
    links: pl.DataFrame | None = None,
    *,
    serial_interval: AnyInterval | None = None,
    family: Family | None = None,
    incubation: Delay | None = None,
    as_of: date | None = None,
    beyond_list: bool = True,
    draws: int = DRAWS,
    rng: np.random.Generator,
) -> ChainStudy:
    """Study the chains of transmission of a line list.

    Parameters
    ----------
    cases
        ``case_id, onset_on``, and what there is of ``place, household_id, cluster_id, exposed_at,
        imported, infector_id``.
    links
        ``infector, infectee`` and maybe ``known``; besides what ``infector_id`` says.
    serial_interval
        By which links are weighed; by default as the listed pairs have it (as fitted, or as their
        generation time implies it where that agrees better), or where these are fewer than 10 as
        elsewhere (:func:`usual_interval`).
    family
        Of the serial interval fitted; by default as the data say.
    incubation
        Incubation period, days.
    as_of
        Last day on which a case could come on the list; None if no more can come.
    beyond_list
        Whether links that nobody named are looked for.
    draws
        Trees drawn.
    rng
        Random numbers.
    """
    cases = _prepared(cases)
    listed = check_links(cases, _all_links(cases, links))
    pairs = _pairs(cases, listed, as_of)
    enough = pairs is not None and pairs.infectees >= 3
    interval = fit_interval(pairs, family) if pairs is not None and enough else None
    delta = incubation or incubation_period()
    generation = fit_generation_time(pairs, delta) if pairs is not None and enough else None
    assumed = serial_interval or usual_interval()
    if serial_interval is None and interval is not None and interval.infectees >= ENOUGH_PAIRS:
        assumed = _agrees_best(interval, generation if family is None else None, delta, pairs)
    candidates = find_candidates(cases, listed, assumed, as_of=as_of, beyond_list=beyond_list)
    posterior = draw_trees(candidates, draws, rng)
    counts = offspring_counts(posterior.trees)
    offspring: Offspring = (
        fit_offspring(counts[0], exposure=candidates.exposure)
        if posterior.is_certain
        else posterior.offspring()
    )
    shown = _most_credible(posterior)
    return ChainStudy(
        links=_link_table(cases, posterior, shown),
        cases=_case_table(cases, posterior, counts, shown),
        chains=_chain_table(cases, posterior, shown),
        events=superspreading_events(candidates.case_id, counts, offspring.R.value),
        faults=listed.faults,
        assumed=assumed,
        interval=interval,
        generation=generation,
        offspring=offspring,
        top_fifth=_top_fifth(counts),
        clusters=fit_clusters(cases, candidates.exposure) if listed.links.is_empty() else None,
        trees=label_trees(posterior.trees, candidates.case_id),
        posterior=posterior,
    )


def _prepared(cases: pl.DataFrame) -> pl.DataFrame:
    """Give each case once, with the day it stands on in a picture."""
    if "onset_on" not in cases.columns:
        cases = cases.with_columns(onset_on=pl.lit(None, dtype=pl.Date))
    others = [column for column in OTHER_DATES if column in cases.columns]
    return cases.with_columns(
        pl.col("case_id").cast(pl.String),
        stands_on=pl.coalesce("onset_on", *(pl.col(c).cast(pl.Date) for c in others)),
    ).unique("case_id", keep="first", maintain_order=True)


def _all_links(cases: pl.DataFrame, links: pl.DataFrame | None) -> pl.DataFrame:
    columns = {"infector": pl.String, "infectee": pl.String, "known": pl.Boolean}
    parts = [pl.DataFrame(schema=columns)]
    if "infector_id" in cases.columns:
        said = cases.filter(pl.col("infector_id").is_not_null())
        parts.append(
            said.select(
                infector=pl.col("infector_id").cast(pl.String),
                infectee="case_id",
                known=pl.lit(None, dtype=pl.Boolean),
            )
        )
    if links is not None:
        known = pl.col("known") if "known" in links.columns else pl.lit(None, dtype=pl.Boolean)
        parts.append(
            links.select(
                pl.col("infector", "infectee").cast(pl.String), known=known.cast(pl.Boolean)
            )
        )
    return pl.concat(parts)


def _pairs(cases: pl.DataFrame, listed: ListedLinks, as_of: date | None) -> Pairs | None:
    dated = listed.links.drop_nulls("serial_interval_days")
    if dated.is_empty():
        return None
    reach = None
    if as_of is not None:
        onsets = dict(cases.select("case_id", "onset_on").iter_rows())
        reach = [(as_of - onsets[i]).days for i in dated["infector"].to_list()]
    return Pairs.of(
        dated["serial_interval_days"].to_numpy(),
        infectee=dated["infectee"].to_numpy(),
        reach=reach,
        infector=dated["infector"].to_numpy(),
    )


def _top_fifth(counts: Ints) -> float:
    """Give the share made by the fifth who infected most, the mean over trees in which anybody did."""
    shares = [observed_share(row) for row in counts if row.any()]
    return float(np.mean(shares)) if shares else float("nan")


def _agrees_best(
    fit: IntervalFit, generation: Generation | None, incubation: Delay, pairs: Pairs | None
) -> AnyInterval:
    """Give the interval fitted, or the one that the generation time implies if its AIC is less."""
    if generation is None or pairs is None:
        return fit.interval
    X = Gamma(mean=generation.mean.value, sd=generation.sd.value)
    implied = ImpliedInterval(X, incubation)
    return implied if 4 - 2 * interval_loglik(implied, pairs) < fit.aic else fit.interval


def _most_credible(posterior: Posterior) -> Ints:
    """Give the drawn tree whose links are most probable, taken together."""
    c = posterior.candidates
    n = len(c.case_id)
    link = c.infectee * n + c.infector  # in rising order: candidates stand by infectee and infector
    best, most = posterior.trees[0], -np.inf
    for tree in np.unique(posterior.trees, axis=0):
        inside = np.flatnonzero(tree >= 0)
        at = np.searchsorted(link, inside * n + tree[inside])
        p = np.concatenate([posterior.probability[at], posterior.outside[tree < 0]])
        score = float(np.log(np.maximum(p, 1e-12)).sum())
        if score > most:
            best, most = tree, score
    return np.asarray(best)


def _link_table(cases: pl.DataFrame, posterior: Posterior, shown: Ints) -> pl.DataFrame:
    c: Candidates = posterior.candidates
    names = np.array(c.case_id, dtype=object)
    infectee = c.infectee
    inside = pl.DataFrame(
        {
            "infector": names[c.infector].tolist(),
            "infectee": names[infectee].tolist(),
            "probability": posterior.probability,
            "known": c.known,
            "listed": c.listed,
            "shown": shown[infectee] == c.infector,
        },
        schema_overrides={"infector": pl.String, "infectee": pl.String},
    )
    outside = pl.DataFrame(
        {
            "infector": [None] * len(names),
            "infectee": names.tolist(),
            "probability": posterior.outside,
            "known": c.imported & (np.diff(c.start) == 0),
            "listed": np.zeros(len(names), dtype=bool),
            "shown": shown == OUTSIDE,
        },
        schema_overrides={"infector": pl.String, "infectee": pl.String},
    )
    days = cases.select("case_id", "onset_on", "stands_on")
    return (
        pl.concat([inside, outside])
        .filter((pl.col("probability") >= LEAST_SHOWN) | "listed" | "shown")
        .join(days, left_on="infectee", right_on="case_id", how="left", maintain_order="left")
        .join(
            days.select("case_id", first="onset_on"),
            left_on="infector",
            right_on="case_id",
            how="left",
            maintain_order="left",
        )
        .select(
            "infector",
            "infectee",
            "probability",
            "known",
            "listed",
            serial_interval_days=(pl.col("onset_on") - pl.col("first")).dt.total_days(),
            infectee_on=pl.col("stands_on"),
            dated=pl.col("onset_on").is_not_null(),
            shown=pl.col("shown"),
        )
        .sort(
            "infectee_on",
            "infectee",
            "probability",
            descending=[False, False, True],
            nulls_last=True,
        )
    )


def _case_table(
    cases: pl.DataFrame, posterior: Posterior, counts: Ints, shown: Ints
) -> pl.DataFrame:
    names = posterior.candidates.case_id
    depth, _ = generations(posterior.trees)
    low, high = np.quantile(counts, [0.025, 0.975], axis=0)
    table = pl.DataFrame(
        {
            "case_id": list(names),
            "infector": [names[i] if i >= 0 else None for i in shown],
            "outside": posterior.outside,
            "entropy_bits": posterior.entropy,
            "generation": depth.mean(axis=0),
            "infected": counts.mean(axis=0),
            "q025": low,
            "q975": high,
        },
        schema_overrides={"infector": pl.String},
    )
    return cases.select("case_id", "onset_on").join(table, "case_id", "left", maintain_order="left")


def _chain_table(cases: pl.DataFrame, posterior: Posterior, shown: Ints) -> pl.DataFrame:
    c = posterior.candidates
    depth, first = generations(shown[None, :])
    over = probability_over(shown[None, :], c.exposure, *_one(posterior))
    table = pl.DataFrame(
        {
            "first_case": np.array(c.case_id, dtype=object)[first[0]].tolist(),
            "generation": depth[0],
            "over": over,
            "on": cases["stands_on"],
        }
    )
    return (
        table.group_by("first_case")
        .agg(
            cases=pl.len(),
            generations=pl.col("generation").max(),
            first_on=pl.col("on").min(),
            last_on=pl.col("on").max(),
            probability_open=1 - pl.col("over").first(),
        )
        .filter(pl.col("cases") > 1)
        .sort("cases", "first_on", "first_case", descending=[True, False, False])
    )


def _one(posterior: Posterior) -> tuple[Floats, Floats]:
    """Give R and k of the middle of the draws, for the one tree shown."""
    return np.array([np.median(posterior.R)]), np.array([np.median(posterior.k)])
