"""What a renewal forecast takes for granted: one record, every field a row of the parameter table."""

from dataclasses import dataclass
from typing import Self

from tongchou.vocabulary.distributions import Gamma, Lognormal
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastAssumptions:
    """The assumptions of a forecast, by name.

    ``dataclasses.replace`` gives a variant for a sensitivity run.

    Attributes
    ----------
    serial_interval
        Mean and standard deviation, days.
    window
        Days over which R is taken as constant.
    basic_reproduction, reproduction_ceiling
        Where the common R starts from, and what no R may exceed.
    prior_cases
        Weight of ``basic_reproduction`` in the common R, as cases.
    pooling_cases
        Weight of the common R in the R of a place, as cases.
    response_half_life
        Days in which log R above 0 is halved.
    trend_damping, trend_limit
        Share of a falling trend of log R kept from day to day; steepest daily fall believed.
    drift_sd
        Standard deviation of the daily step of log R.
    dispersion_low, dispersion_high, dispersion_window
        Range and days of the estimate of the negative-binomial dispersion k.
    spark_window, spark_shape, quiet_infectivity
        Days and evenness of the rate of first cases; infectivity under which a place is quiet.
    """

    serial_interval: Gamma | Lognormal
    window: int
    basic_reproduction: float
    reproduction_ceiling: float
    prior_cases: float
    pooling_cases: float
    response_half_life: float
    trend_damping: float
    trend_limit: float
    drift_sd: float
    dispersion_low: float
    dispersion_high: float
    dispersion_window: int
    spark_window: int
    spark_shape: float
    quiet_infectivity: float

    @classmethod
    def from_table(
        cls,
        *,
        serial_interval_population: str = "outside Hubei",
        basic_reproduction_population: str = "Wuhan early",
    ) -> Self:
        """Read the assumptions from the parameter table.

        Examples
        --------
        >>> ForecastAssumptions.from_table().basic_reproduction
        2.2
        """
        basic = parameter("basic_reproduction", basic_reproduction_population)
        return cls(
            serial_interval=parameter("serial_interval_mean", serial_interval_population).delay(),
            window=int(parameter("reproduction_window").value),
            basic_reproduction=basic.value,
            reproduction_ceiling=basic.value if basic.high is None else basic.high,
            prior_cases=parameter("forecast_prior_cases").value,
            pooling_cases=parameter("forecast_pooling_cases").value,
            response_half_life=parameter("forecast_response_half_life").value,
            trend_damping=parameter("forecast_trend_damping").value,
            trend_limit=parameter("forecast_trend_limit").value,
            drift_sd=parameter("forecast_drift_sd").value,
            dispersion_low=parameter("forecast_dispersion_low").value,
            dispersion_high=parameter("forecast_dispersion_high").value,
            dispersion_window=int(parameter("forecast_dispersion_window").value),
            spark_window=int(parameter("forecast_spark_window").value),
            spark_shape=parameter("forecast_spark_shape").value,
            quiet_infectivity=parameter("forecast_quiet_infectivity").value,
        )

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if name in ("serial_interval", "drift_sd", "trend_limit") or value > 0:
                continue
            raise BadParameter(
                name,
                value,
                Text(
                    zh="必须大于零。请核对参数表中的这一行。",
                    en="it must be positive. Check its row in the table of parameters.",
                ),
            )
