import numpy as np
import polars as pl
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from tongchou.planning.beds import mean_bed_days
from tongchou.scenario.compare import compare, pareto
from tongchou.scenario.measures import (
    KEEP,
    Option,
    burden_points,
    multiplier_between,
    options,
    people_touched,
    work_stopped,
)
from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.renewal import forecast as renewal_forecast
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.measure import UnknownMeasure, measures
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

FATALITY = parameter("case_fatality_adjusted")
LEVELS = [0.05, 0.5, 0.95]
PLACES = pl.DataFrame(
    {
        "place": ["420100", "421100"],
        "population": [11_000_000, 6_000_000],
        "gross_product": [1.46e12, None],
    }
)
DAYS = 14


def linear(multiplier: xr.DataArray, rng: np.random.Generator) -> xr.Dataset:
    """Ten cases a day in each place, times the multiplier, times a chance that all options share."""
    luck = rng.uniform(0.9, 1.1)
    daily = (multiplier * 10 * luck).expand_dims(date=DAYS).transpose("place", "date")
    spread = xr.DataArray([0.5, 1.0, 1.5], coords={"quantile": LEVELS}, dims="quantile")
    return xr.Dataset({"mean": daily, "cumulative": daily.cumsum("date") * spread})


def compared(in_force: list[str], **kwargs: object) -> pl.DataFrame:
    rng = np.random.default_rng(1)
    return compare(linear, PLACES, in_force, FATALITY, rng, **kwargs)  # type: ignore[arg-type]


def row(frame: pl.DataFrame, option: str) -> dict[str, float]:
    return frame.filter(pl.col("option") == option).row(0, named=True)


TRACE = Option(id="t", name=Text(zh="追踪", en="trace"), add=("trace_contacts",))
HOME = Option(id="h", name=Text(zh="居家", en="stay home"), add=("stay_home",))


def test_the_table_carries_the_published_reductions() -> None:
    # Brauner et al 2020, version 3, abstract: mean reduction of R and 95 % interval.
    published = {
        "limit_gatherings": (0.36, 0.16, 0.53),
        "close_high_risk_business": (0.31, 0.13, 0.46),
        "close_nonessential_business": (0.40, 0.22, 0.55),
        "close_schools": (0.39, 0.21, 0.55),
        "stay_home": (0.18, 0.04, 0.31),
        "masks": (0.02, -0.14, 0.16),
    }
    for name, (mean, least, most) in published.items():
        m = measures()[name]
        assert (m.multiplier, m.high, m.low) == pytest.approx((1 - mean, 1 - least, 1 - most))


def test_tracing_is_worth_what_the_table_of_kucharski_says() -> None:
    # Kucharski et al 2020, table 3: R 1.6 with household quarantine; 1.1, 0.94 and 1.4 with tracing.
    m = measures()["trace_contacts"]
    assert (1.6 * m.multiplier, 1.6 * m.low, 1.6 * m.high) == pytest.approx((1.1, 0.94, 1.4))


def test_a_measure_contained_in_another_counts_once() -> None:
    both = ["close_high_risk_business", "close_nonessential_business"]
    assert multiplier_between([], both) == multiplier_between([], both[1:])
    assert work_stopped(both) == work_stopped(both[1:])


ids = st.sets(st.sampled_from(sorted(measures())))


@given(before=ids, after=ids)
def test_there_and_back_changes_nothing_and_no_change_is_a_factor_of_one(
    before: set[str], after: set[str]
) -> None:
    low, central, high = multiplier_between(before, after)
    assert low <= central <= high
    assert central * multiplier_between(after, before)[1] == pytest.approx(1.0)
    assert multiplier_between(after, after) == (1.0, 1.0, 1.0)


@given(before=ids)
def test_adding_a_measure_never_lowers_burden_or_the_work_it_stops(before: set[str]) -> None:
    for name in measures():
        more = before | {name}
        assert work_stopped(more) >= work_stopped(before) - 1e-12
        assert people_touched(more) >= people_touched(before) - 1e-12
        assert burden_points(more) >= burden_points(before) - 1e-12


def test_a_measure_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(UnknownMeasure, match="curfew"):
        multiplier_between([], ["curfew"])


def test_keep_is_always_compared() -> None:
    assert KEEP in compared([], choices=[TRACE])["option"].to_list()
    assert options([])[0].id == KEEP


def test_a_hand_worked_comparison() -> None:
    frame = compared([], choices=[TRACE], where=["420100"])
    keep, trace = row(frame, KEEP), row(frame, "t")
    # Tracing in Wuhan only: its 140 × luck cases fall to 0.6875; Huanggang keeps its own.
    assert trace["infections"] == pytest.approx(keep["infections"] * (1 + 0.6875) / 2)
    assert trace["averted"] == pytest.approx(keep["infections"] * (1 - 0.6875) / 2)
    assert keep["averted"] == 0
    # Same chance on both sides: the range of what is averted is that of the multiplier alone.
    assert trace["averted_low"] == pytest.approx(keep["infections"] * (1 - 0.875) / 2)
    assert trace["averted_high"] == pytest.approx(keep["infections"] * (1 - 0.5875) / 2)
    assert trace["infections_low"] == pytest.approx(0.5 * keep["infections"] * (1 + 0.5875) / 2)
    assert trace["deaths_high"] == pytest.approx(trace["infections_high"] * 0.0153)
    assert trace["bed_days"] == pytest.approx(trace["infections"] * mean_bed_days())
    assert trace["people_under_burden"] == pytest.approx(11_000_000 * 0.002)


def test_output_at_stake_is_the_product_of_the_days_stopped_and_says_what_is_missing() -> None:
    home = row(compared([], choices=[HOME]), "h")
    assert home["output_at_stake"] == pytest.approx(1.46e12 / 365 * 0.40 * 14)
    assert home["product_missing"] == 1


def test_where_no_product_is_known_nothing_is_made_up() -> None:
    frame = compared([], choices=[HOME], where=["421100"])
    assert frame["output_at_stake"].to_list() == [None, None]
    assert frame["pareto"].to_list() == [None, None]


def test_lifting_shows_as_more_infections_and_less_output_at_stake() -> None:
    frame = compared(["stay_home"])
    assert "reopen_home" in frame["option"].to_list()
    keep, lifted = row(frame, KEEP), row(frame, "reopen_home")
    assert lifted["output_at_stake"] < keep["output_at_stake"]
    assert lifted["burden_days"] < keep["burden_days"]
    # 0.90 ÷ 0.82, protection at work in place of the order.
    assert lifted["infections"] == pytest.approx(keep["infections"] * 0.90 / 0.82)


def test_an_option_that_lifts_nothing_in_force_is_not_offered() -> None:
    assert not [o.id for o in options([]) if o.lift]


def test_the_lighter_way_to_the_same_effect_is_named() -> None:
    heavy = Option(
        id="heavy",
        name=Text(zh="追踪并戴口罩", en="trace and masks"),
        add=("trace_contacts", "masks"),
    )
    frame = compared([], choices=[TRACE, heavy])
    # Masks avert 2 % of what is left, within the tolerance of a tenth of what is averted.
    assert row(frame, "heavy")["lighter"] == "t"
    assert row(frame, "t")["lighter"] is None
    assert frame.filter(pl.col("least_burden"))["option"].to_list() == ["t"]


def test_an_option_far_weaker_is_not_the_same_effect() -> None:
    weak = Option(id="weak", name=Text(zh="口罩", en="masks"), add=("masks",))
    frame = compared([], choices=[HOME, weak])
    assert row(frame, "h")["lighter"] is None
    assert frame.filter(pl.col("least_burden"))["option"].to_list() == ["h"]


def test_a_forecast_without_the_quantiles_of_the_range_is_refused() -> None:
    def bare(multiplier: xr.DataArray, rng: np.random.Generator) -> xr.Dataset:
        return linear(multiplier, rng).sel(quantile=[0.5])

    with pytest.raises(BadParameter, match=r"0\.05"):
        compare(bare, PLACES, [], FATALITY, np.random.default_rng(1))


@given(points=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8))
def test_every_option_off_the_frontier_is_beaten_by_one_on_it(
    points: list[tuple[int, int]],
) -> None:
    flags = pareto([float(h) for h, _ in points], [float(c) for _, c in points])
    front = [p for p, on in zip(points, flags, strict=True) if on]
    assert front
    for (h, c), on in zip(points, flags, strict=True):
        beaten = any(a <= h and b <= c and (a, b) != (h, c) for a, b in front)
        assert beaten is not on


def test_with_the_renewal_forecast_stronger_packages_never_bring_more_cases() -> None:
    dates = np.datetime64("2020-01-24", "ns") + np.arange(30) * np.timedelta64(1, "D")
    rng = np.random.default_rng(5)
    cases = xr.DataArray(
        rng.poisson([[30.0], [3.0]], (2, 30)).astype(float),
        {"place": PLACES["place"].to_list(), "date": dates},
        ("place", "date"),
    )

    def renewal(multiplier: xr.DataArray, rng: np.random.Generator) -> xr.Dataset:
        return renewal_forecast(
            cases,
            ForecastAssumptions.from_table(),
            draws=100,
            multiplier=multiplier,
            rng=rng,
        )

    frame = compare(renewal, PLACES, [], FATALITY, np.random.default_rng(1))
    # From "keep" on, each packaged option adds to the one before: same chance, so fewer cases.
    assert frame["option"].to_list() == [
        KEEP,
        "trace",
        "trace_gatherings",
        "trace_high_risk",
        "close_work",
        "close_all",
    ]
    assert (frame["infections"].diff().drop_nulls() < 0).all()
    assert (frame["burden_days"].diff().drop_nulls() > 0).all()
    again = compare(renewal, PLACES, [], FATALITY, np.random.default_rng(1))
    assert frame.equals(again)
