"""Some test forecasts, and how errors grow with the steps ahead, for a report to show."""

from dataclasses import dataclass

Numbers = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ForecastExample:
    """One forecast.

    Attributes:
        place: "best", "median" or "worst" among the series of the test.
        series: its name; empty where there is one.
        begins: the time of the first step that is forecast.
        past: P values before it.
        came: H values that came.
        forecast: H.
        low: the lower end of each 80% interval.
        high: the upper end.
        baseline: what the simple model of the verdict said.
        mase: of this forecast; of a single series' part, of the whole forecast.
    """

    place: str
    series: str
    begins: str
    past: Numbers
    came: Numbers
    forecast: Numbers
    low: Numbers
    high: Numbers
    baseline: Numbers
    mase: float


def counted_in(drawn: str) -> str:
    """What the rows of test forecasts are: forecasts, or blocks of steps if there are too few series to draw from.

    Example:
        >>> counted_in("series"), counted_in("periods")
        ('forecasts', 'blocks of steps')
    """
    return "forecasts" if drawn == "series" else "blocks of steps"


def drawn_in(drawn: str) -> str:
    """What is drawn as a whole for intervals, in the plural.

    Example:
        >>> drawn_in("series"), drawn_in("periods"), drawn_in("halves")
        ('series', 'forecast periods', 'halves of a single forecast period')
    """
    return {
        "periods": "forecast periods",
        "halves": "halves of a single forecast period",
        "blocks": "blocks of steps",
    }.get(drawn, "series")


@dataclass(frozen=True, slots=True)
class Forecasted:
    """What a report shows of forecasts.

    Attributes:
        examples: the best first.
        by_step: the MASE of each step ahead; None where none was scored.
        baseline_by_step: the same of the simple model of the verdict.
        baseline: its title.
        season: steps of a season.
        series: how many were forecast.
        origins: how many forecasts were made for each series, on average.
        drawn: what is drawn for intervals: "series", "periods" of the horizon's length, the "halves" of a single
            period, or in runs of earlier versions "blocks" of steps.
        compared_by: the name of the measure by which candidates were compared.
    """

    examples: tuple[ForecastExample, ...]
    by_step: tuple[float | None, ...]
    baseline_by_step: tuple[float | None, ...]
    baseline: str
    season: int
    series: int
    origins: float
    drawn: str
    compared_by: str = "mase"
