"""Which test forecasts a report shows: those of the best, the median and the worst series."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.forecasted import Forecasted, ForecastExample, Numbers
from unspool.evaluation.measures.forecasts import errors_by_step, scaled_errors
from unspool.evaluation.result import Baseline, Predictions

_PAST, _MOST_PAST = 3, 300
"""Horizons (or seasons, where these are longer) of the history that are shown, and steps at most."""


FEW_TIMES = 6
"""With fewer times at which forecasts begin, a win over series is said to rest on them."""


@dataclass(frozen=True, slots=True)
class ForecastPlaces:
    """Where the N test forecasts are made, for `forecasted`.

    Attributes:
        series: (N,) the number of the series of each.
        names: of all series.
        begins: N times of the first step, as people read them.
        pasts: N arrays (T_i,), the values before.
        origins: (N,) how many steps of the series are known.
        season: steps of a season.
        drawn: see `Forecasted`.
        times: given the row of a forecast, returns the times of its H steps, as a table has them.
        dated: whether series have times, rather than steps that are counted from the first.
    """

    series: NDArray[np.int64]
    names: Sequence[str]
    begins: Sequence[str]
    pasts: Sequence[NDArray[np.floating]]
    origins: NDArray[np.int64]
    season: int
    drawn: str
    times: Callable[[int], Sequence[Any]]
    dated: bool = True

    @property
    def on_few_times(self) -> str:
        """A sentence of caution if intervals are drawn over series, and all forecasts begin at a few times; else empty.

        Series share what happens then, such as a holiday or a strike, so their forecasts err together.
        """
        count = len({*self.begins})
        if self.drawn != "series" or not self.dated or count >= FEW_TIMES:
            return ""
        when = f"at the same time ({self.begins[0]})" if count == 1 else f"at only {count} different times"
        return f"The forecasts begin {when}: intervals over series do not cover what affects all series at once."

    def of(self, rows: NDArray[np.integer]) -> list[tuple[str, str]]:
        """The name of the series, and the time of the first step, of some forecasts."""
        return [(self.names[self.series[row]], self.begins[row]) for row in rows.tolist()]


def forecasted(places: ForecastPlaces, predictions: Predictions, baseline: Baseline) -> Forecasted:
    """Choose what a report shows: the best, the median and the worst series (or forecast, of a single series)."""
    targets, outputs = np.asarray(predictions.targets), np.asarray(predictions.outputs)
    origins = np.stack([places.series, places.origins])
    _, first, whole = np.unique(origins, axis=1, return_index=True, return_inverse=True)
    of_whole = _errors_of_whole(targets, outputs, whole.ravel())
    if len(places.names) > 1:  # one forecast of each series, its last
        last = {int(places.series[row]): number for number, row in enumerate(first)}
        shown = np.array(sorted(last.values()))
    else:
        shown = np.arange(len(first))
    shown = shown[~np.isnan(of_whole[shown])]
    order = shown[np.argsort(of_whole[shown], kind="stable")]
    chosen = dict(zip(("best", "median", "worst"), (0, len(order) // 2, len(order) - 1), strict=True))
    examples: list[ForecastExample] = []
    taken: set[int] = set()
    for place, rank in chosen.items():
        if len(order) and order[rank] not in taken:
            taken.add(int(order[rank]))
            row, score = int(first[order[rank]]), float(of_whole[order[rank]])
            examples.append(_example(place, row, score, places, targets, outputs, baseline))
    return Forecasted(
        tuple(examples),
        _known(errors_by_step(targets, outputs)),
        _known(errors_by_step(targets, np.asarray(baseline.outputs))),
        baseline.title,
        places.season,
        len(places.names),
        len(of_whole) / len(places.names),
        places.drawn,
    )


def _example(
    place: str,
    row: int,
    score: float,
    places: ForecastPlaces,
    targets: NDArray[np.float64],
    outputs: NDArray[np.float64],
    baseline: Baseline,
) -> ForecastExample:
    horizon = targets.shape[1]
    past = places.pasts[row][-min(_MOST_PAST, _PAST * max(horizon, places.season)) :]
    low, middle, high = (_numbers(outputs[row, :, number]) for number in range(3))
    return ForecastExample(
        place,
        places.names[int(places.series[row])],
        places.begins[row],
        _numbers(past),
        _numbers(targets[row, :, 0]),
        middle,
        low,
        high,
        _numbers(np.asarray(baseline.outputs)[row, :, 1]),
        score,
    )


def _numbers(values: NDArray[np.floating]) -> Numbers:
    return tuple(float(f"{value:.7g}") for value in values.tolist())


def _known(errors: NDArray[np.float64]) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(one) else float(one) for one in errors)


def _errors_of_whole(
    targets: NDArray[np.float64], outputs: NDArray[np.float64], whole: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The MASE of each whole forecast, whose blocks of steps are rows; NaN where none of its steps is scored."""
    errors, counted = (np.bincount(whole, one.sum(axis=1)) for one in scaled_errors(targets, outputs))
    return np.asarray(np.divide(errors, counted, out=np.full(len(counted), np.nan), where=counted > 0))
