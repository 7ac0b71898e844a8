"""Movement beside what was counted: people who left Wuhan, cases that followed them, exports abroad, R on the same flows.

Run: ``TONGCHOU_DATA=… python -m validation.validate_mobility``. Published figures: Jia and others 2020 (doi
10.1038/s41586-020-2284-y): correlation of people leaving Wuhan with confirmed cases 0.522 on 24 January and
0.919 on 5 February. Imai and others 2020 (Imperial College London, report 2): 3,301 travellers abroad a day from
Wuhan. Li and others 2020 (doi 10.1056/NEJMoa2001316): doubling in 7.4 days.
"""

import os
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr
from scipy import sparse
from scipy.stats import beta, chi2, pearsonr, spearmanr

from tongchou.situation.recipes.china2020.mobility import mobility
from tongchou.transmission.mobility.arrivals import expected_imports
from tongchou.transmission.mobility.brakes import fit_brakes
from tongchou.transmission.mobility.counties import share_out
from tongchou.transmission.mobility.defence import lines_of_defence, weakest_lines
from tongchou.transmission.mobility.flows import Flows, daily_flows
from tongchou.transmission.mobility.gravity import fit_gravity
from tongchou.transmission.mobility.links import travel_links
from tongchou.transmission.mobility.radiation import compare_models
from tongchou.transmission.mobility.spatial import common_part, kilometres, unit_vectors
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.places import china
from validation.lines import Line, absent, agreement, band, report
from validation.r_peer import ask_r

Floats = npt.NDArray[np.float64]

WUHAN, HUBEI = "420100", "42"
ABROAD_A_DAY = 3301
GROWTH = float(np.log(2)) / parameter("doubling_time").value
CLOSED = np.datetime64("2020-01-23")
REPEATS = 200

R_FITS = """
d <- read.csv("pairs.csv")
free <- glm(flow ~ log(m) + log(n) + log(km), family = quasipoisson, data = d, control = list(epsilon = 1e-14, maxit = 100))
given <- glm(flow ~ factor(origin) + log(n) + log(km), family = quasipoisson, data = d, control = list(epsilon = 1e-14, maxit = 100))
write.csv(data.frame(value = c(coef(free)[2:4], tail(coef(given), 2), 1 - free$deviance / free$null.deviance)), "fits.csv", row.names = FALSE)
"""


def simulated(rng: np.random.Generator, places: int) -> tuple[sparse.csr_array, Floats, Floats]:
    """Make a country whose flows follow the gravity law with exponents 0.7, 0.9, 1.6 and much noise."""
    people = np.exp(rng.normal(13, 1, places))
    points = np.stack([rng.uniform(100, 120, places), rng.uniform(22, 40, places)], axis=1)
    mean = np.outer(people**0.7, people**0.9) * kilometres(unit_vectors(points)) ** -1.6
    mean *= (1 - np.eye(places)) * 3 / mean.mean()
    noise = rng.gamma(2.0, 0.5, mean.shape)
    return sparse.csr_array(rng.poisson(mean * noise).astype(float)), people, points


def exponents() -> list[Line]:
    """Give how often the bands hold the exponents that made the flows."""
    rng = np.random.default_rng(20200123)
    free, given = [], []
    for _ in range(REPEATS):
        world = simulated(rng, 80)
        model, other = (fit_gravity(*world, constrained=c) for c in (False, True))
        found = np.array([model.origin, model.destination, model.distance])
        free.append(np.abs(found - [0.7, 0.9, 1.6]) < 1.99 * np.array(model.errors))
        found = np.array([other.destination, other.distance])
        given.append(np.abs(found - [0.9, 1.6]) < 1.99 * np.array(other.errors))
    return [
        band("gravity, simulated: bands of the three exponents hold the truth", np.array(free)),
        band("the same with departures given: two exponents", np.array(given)),
    ]


def beside_r() -> Line:
    """Give the largest difference from the Poisson regression of R on the same flows."""
    claim = "gravity with and without departures given, against glm of R"
    flow, people, points = simulated(np.random.default_rng(5), 30)
    row, column = np.nonzero(~np.eye(30, dtype=bool))
    km = kilometres(unit_vectors(points))
    pairs = pl.DataFrame(
        {
            "origin": row,
            "m": people[row],
            "n": people[column],
            "km": km[row, column],
            "flow": flow.toarray()[row, column],
        }
    )
    theirs = ask_r(R_FITS, ["stats"], {"pairs": pairs})
    if theirs is None:
        return absent(claim, "R")
    free, given = (fit_gravity(flow, people, points, constrained=c) for c in (False, True))
    ours = [free.origin, free.destination, -free.distance, given.destination, -given.distance, free.explained]  # fmt: skip
    return agreement(claim, ours, theirs["fits"]["value"].to_numpy(), 1e-6)


def received(folder: Path) -> tuple[Flows, Floats, Floats]:
    """Give the daily flows of the quarter among prefectures, their residents and points."""
    index = pl.read_csv(folder / "mobility_index_city_daily.csv", schema_overrides={"adcode": pl.String})  # fmt: skip
    table = mobility(folder / "mobility_od_outflow_share_2020.parquet", index)
    gazetteer = china()
    units = gazetteer.reporting_units("prefecture")
    census = pl.read_csv(folder / "census2020_county.csv", schema_overrides={"adcode": pl.String}, infer_schema_length=None)  # fmt: skip
    counted = dict(census.drop_nulls("adcode").select("adcode", "population").iter_rows())
    people = np.array([float(counted.get(p.code) or p.population or 0) for p in units])
    points = np.array([[p.longitude, p.latitude] for p in units])
    days = np.datetime64("2020-01-01") + np.arange(91)
    return daily_flows(table, [p.code for p in units], days), people, points


def left_wuhan(flows: Flows, folder: Path) -> list[Line]:
    """Give the people who left Wuhan beside the count of a carrier and the mayor's words."""
    w = flows.places.index(WUHAN)
    out = flows.departures.isel(place=w).to_numpy()
    arrived = flows.persons[flows.destination == w].sum(axis=0)
    net = float((out[:23] - arrived[:23]).sum())
    facts = pl.read_csv(folder / "city_facts.csv", schema_overrides={"adcode": pl.String})
    carrier = facts.select("adcode", count="unicom_wuhan_outflow_20200101_0124").drop_nulls()
    mine = flows.origin == w
    ours = pl.DataFrame(
        {
            "adcode": [flows.places[j] for j in flows.destination[mine]],
            "ours": flows.persons[mine, :24].sum(axis=1),
        }
    )
    both = carrier.join(ours, on="adcode").filter(pl.col("ours") > 0)
    r = float(pearsonr(both["count"], both["ours"])[0])
    rho = float(spearmanr(both["count"], both["ours"])[0])
    return [
        Line(
            claim="left Wuhan, 1–24 January: people (the level was set on this count)",
            found=f"{out[:24].sum() / 1e6:.1f} million",
            wanted="11.5 million counted",
            holds=abs(out[:24].sum() / 11_478_484 - 1) < 0.05,
        ),
        Line(
            claim="the same, departures less arrivals to 23 January, beside the mayor's words",
            found=f"{net / 1e6:.1f} million",
            wanted="5 million, ± 1",
            holds=4e6 < net < 6e6,
        ),
        Line(
            claim=f"destinations of those who left Wuhan, beside a carrier's count, {both.height} cities",
            found=f"r {r:.3f}, rank {rho:.3f}",
            wanted="r from 0.95",
            holds=r >= 0.95,
        ),
    ]


def cumulative(folder: Path) -> pl.DataFrame:
    """Give the panel of cumulative confirmed cases by prefecture and day."""
    return pl.read_csv(folder / "cases_prefecture_panel.csv", schema_overrides={"adcode": pl.String}, try_parse_dates=True)  # fmt: skip


def published_correlation(folder: Path) -> Line:
    """Give the correlation of the carrier's count with cases on two days, as Jia and others printed it."""
    facts = pl.read_csv(folder / "city_facts.csv", schema_overrides={"adcode": pl.String})
    carrier = facts.select("adcode", count="unicom_wuhan_outflow_20200101_0124").drop_nulls()
    cases = cumulative(folder)
    found = []
    for day in (date(2020, 1, 24), date(2020, 2, 5)):
        both = carrier.join(cases.filter(pl.col("date") == day), on="adcode")
        found.append(float(pearsonr(both["count"], both["confirmed"])[0]))
    return Line(
        claim="a carrier's count of people leaving Wuhan with cases, 24 January and 5 February",
        found=", ".join(f"{r:.3f}" for r in found),
        wanted="0.522, 0.919 published",
        holds=bool(np.abs(np.array(found) - [0.522, 0.919]).max() < 0.001),
    )


def carried(flows: Flows, prevalence_at_closing: float) -> Floats:
    """Give the infected people carried from Wuhan to each place until the closing, growth before it exponential."""
    before = flows.dates <= CLOSED
    weight = prevalence_at_closing * np.exp(GROWTH * (flows.dates[before] - CLOSED).astype(float))
    w = flows.places.index(WUHAN)
    mine = flows.origin == w
    total = np.zeros(len(flows.places))
    total[flows.destination[mine]] = flows.persons[mine][:, before] @ weight
    return total


def followed(flows: Flows, people: Floats, folder: Path) -> list[Line]:
    """Give how well the infected people carried foretell the cases that followed."""
    seeds = pl.DataFrame({"adcode": flows.places, "seeds": carried(flows, 1.0)})
    by_people = pl.DataFrame({"adcode": flows.places, "people": people})
    lines = []
    for day, bar in ((date(2020, 1, 31), 0.9), (date(2020, 2, 5), 0.9)):
        cases = cumulative(folder).filter((pl.col("date") == day) & (pl.col("adcode") != WUHAN))
        both = seeds.join(cases, on="adcode").join(by_people, on="adcode")
        out = both.filter(~pl.col("adcode").str.starts_with(HUBEI))
        r = float(pearsonr(both["seeds"], both["confirmed"])[0])
        rank = [float(spearmanr(t["seeds"], t["confirmed"])[0]) for t in (both, out)]
        plain = float(spearmanr(both["people"], both["confirmed"])[0])
        lines.append(
            Line(
                claim=f"infected carried from Wuhan with cases on {day:%-d %B}, {both.height} places",
                found=f"r {r:.3f}, rank {rank[0]:.3f} ({rank[1]:.3f} outside Hubei; residents alone {plain:.3f})",
                wanted="r from 0.9, rank above residents alone",
                holds=r >= bar and rank[0] > plain,
            )
        )
    return lines


def evacuees(folder: Path) -> tuple[int, int]:
    """Give passengers and infected of the flights out of Wuhan whose result is known."""
    flights = pl.read_csv(folder / "evacuee_infections_wuhan.csv").filter(
        pl.col("Pending").is_null()
    )
    known = flights.drop_nulls("Infected")
    return int(known["Passengers"].sum()), int(known["Infected"].sum())


def abroad(flows: Flows, folder: Path) -> list[Line]:
    """Give exports expected from the prevalence among evacuees, and cases at home expected from exports."""
    passengers, infected = evacuees(folder)
    low, high = beta.ppf([0.025, 0.975], [infected, infected + 1], [passengers - infected + 1, passengers - infected])  # fmt: skip
    seen = pl.read_csv(folder / "exported_cases_from_wuhan.csv").height
    days = 1 / GROWTH
    weeks = float(np.exp(-GROWTH * 7))
    middle, least, most = (
        ABROAD_A_DAY * days * share * back
        for share, back in ((infected / passengers, weeks**0.5), (low, weeks), (high, 1.0))
    )
    inside = np.array([not p.startswith(HUBEI) for p in flows.places])
    at_closing = seen / (ABROAD_A_DAY * days)
    home = float(carried(flows, at_closing)[inside].sum())
    chance = np.array(chi2.ppf([0.025, 0.975], [2 * seen, 2 * seen + 2])) / 2 / seen
    points = parameter("persons_per_index_point")
    fewest = home * chance[0] * (points.low or 0.0) / points.value
    largest = home * chance[1] * (points.high or 0.0) / points.value
    day = cumulative(folder).filter((pl.col("date") == date(2020, 1, 31)) & ~pl.col("adcode").str.starts_with(HUBEI))  # fmt: skip
    cases = int(day["confirmed"].sum())
    return [
        Line(
            claim=f"exports abroad to 23 January, from {infected} infected among {passengers:,} evacuees a week later",
            found=f"{middle:.0f} ({least:.0f}–{most:.0f}) expected, {seen} seen",
            wanted="seen inside the range",
            holds=least <= seen <= most,
        ),
        Line(
            claim="infected carried to other provinces to 23 January, from exports abroad, beside cases by 31 January",
            found=f"{home:,.0f} ({fewest:,.0f}–{largest:,.0f}) expected, {cases:,} confirmed",
            wanted="confirmed inside the range of persons per point",
            holds=fewest <= cases <= largest,
        ),
    ]


def models(flows: Flows, people: Floats, points: Floats) -> list[Line]:
    """Give the gravity model of ordinary days, and which model foretells held-out pairs."""
    ordinary = flows.matrix(slice(0, 9))
    free, given = (fit_gravity(ordinary, people, points, constrained=c) for c in (False, True))
    provinces = [place[:2] for place in flows.places]
    known = fit_gravity(ordinary, people, points, constrained=True, regions=provinces)
    judged = compare_models(
        ordinary, people, points, regions=provinces, rng=np.random.default_rng(1)
    )
    scores = {row["model"]: row for row in judged.iter_rows(named=True)}
    cpc = ", ".join(f"{name} {row['cpc']:.3f}" for name, row in scores.items())
    likelihood = ", ".join(f"{row['log_likelihood']:.2f}" for row in scores.values())
    errors = [f"{e:.2f}" for e in free.errors]
    return [
        Line(
            claim="gravity, 1–9 January: exponents of origin, destination, distance (standard errors)",
            found=f"{free.origin:.2f} ({errors[0]}), {free.destination:.2f} ({errors[1]}), {free.distance:.2f} ({errors[2]})",
            wanted="deviance explained from 75 %: "
            + f"{free.explained:.1%}, departures given {given.explained:.1%}",
            holds=min(free.explained, given.explained) >= 0.75,
        ),
        Line(
            claim="the same with departures and provinces given: destination, distance, times more within a province",
            found=f"{known.destination:.2f} ({known.errors[0]:.2f}), {known.distance:.2f} ({known.errors[1]:.2f}), {np.exp(known.region or 0.0):.1f}",
            wanted=f"deviance explained from {given.explained:.1%}: {known.explained:.1%}",
            holds=known.explained > given.explained,
        ),
        Line(
            claim="held-out pairs: common part of commuters",
            found=f"{cpc}; log-likelihood {likelihood}",
            wanted="the model that knows provinces best",
            holds=scores["gravity_regions"]["log_likelihood"] == judged["log_likelihood"].max(),
        ),
    ]


def one_level_up(flows: Flows, people: Floats, points: Floats) -> Line:
    """Give how well flows of provinces, shared out over prefectures, come out as those counted there."""
    ordinary = flows.matrix(slice(0, 9))
    names, above = np.unique([place[:2] for place in flows.places], return_inverse=True)
    model = fit_gravity(ordinary, people, points, constrained=True, regions=names[above].tolist())
    group = sparse.csr_array((np.ones(above.size), (above, np.arange(above.size))))
    shared, _ = share_out(sparse.csr_array(group @ ordinary @ group.T), above, people, points, model, cap=10_000)  # fmt: skip
    apart = np.not_equal.outer(above, above)
    counted = np.where(apart, ordinary.toarray(), 0.0)
    even = group.T @ (group @ counted @ group.T / np.outer(group.sum(axis=1), group.sum(axis=1))) @ group  # fmt: skip
    by_model, by_none = common_part(counted, shared.toarray()), common_part(counted, even)
    return Line(
        claim="one level up, where it can be checked: flows of provinces shared out over prefectures, common part",
        found=f"{by_model:.3f} (shared out evenly {by_none:.3f})",
        wanted="from 0.6",
        holds=by_model >= 0.6,
    )


def layer(flows: Flows, people: Floats) -> list[Line]:
    """Give what two factors a day and a cap of 100 links leave out."""
    brakes = fit_brakes(flows)
    links, _ = travel_links(flows, people, brakes=brakes)
    known = brakes.misplaced[:31]
    present = links.layer.present.astype(float).sum(axis=1)
    apart = float(np.abs(present / people.sum() - 1).max())
    return [
        Line(
            claim="persons put on a wrong link by two factors a day, January and the whole quarter",
            found=f"{known.mean():.1%} (at most {known.max():.1%}), {brakes.misplaced.mean():.1%} (at most {brakes.misplaced.max():.1%})",
            wanted="at most 20 %",
            holds=float(brakes.misplaced.max()) <= 0.2,
        ),
        Line(
            claim="time away spread over other links by a cap of 100; people present against residents",
            found=f"{links.discarded_in_all:.1%}; {apart:.0e}",
            wanted="at most 2 %; 1e-6",
            holds=links.discarded_in_all <= 0.02 and apart < 1e-6,
        ),
    ]


def defence(flows: Flows) -> Line:
    """Give what the lines of defence leave of the infected who set out on 22 January for Beijing."""
    at_closing = 59 / (ABROAD_A_DAY / GROWTH)
    sick = xr.DataArray([at_closing if p == WUHAN else 0.0 for p in flows.places], {"place": list(flows.places)}, ("place",))  # fmt: skip
    lines = lines_of_defence("capital")
    found = expected_imports(flows.matrix(21), sick, lines, rng=np.random.default_rng(1)).sel(place="110000")  # fmt: skip
    worst = weakest_lines(lines)["line"][0]
    return Line(
        claim="Wuhan to Beijing on 22 January: infected a day who set out, and pass all lines of February",
        found=f"{found['arriving'].item():.0f}; {found['imports'].item():.1f} ({found['low'].item():.1f}–{found['high'].item():.0f}); mend first: {worst}",
        wanted="inside its range",
        holds=bool(found["low"] <= found["imports"] <= found["high"]),
    )


def main() -> None:
    """Print every claim; those on real movement only where the received files are."""
    title = "Movement between places"
    folder = Path(os.environ.get("TONGCHOU_DATA", ""), "china2020")
    lines = [*exponents(), beside_r()]
    if not (folder / "mobility_od_outflow_share_2020.parquet").is_file():
        report(title, [*lines, absent("movement of January to March 2020", "the mobility table")])
        return
    flows, people, points = received(folder)
    lines += left_wuhan(flows, folder)
    lines += [published_correlation(folder), *followed(flows, people, folder)]
    lines += [
        *abroad(flows, folder),
        *models(flows, people, points),
        one_level_up(flows, people, points),
    ]
    report(title, [*lines, *layer(flows, people), defence(flows)])


if __name__ == "__main__":
    main()
