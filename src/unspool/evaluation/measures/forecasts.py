"""How forecasts are judged: by how far they are from what came, and by whether intervals cover as much as they say.

Targets are (N, H, 3): of each step its value, 1 where it is scored and else 0, and the unit of its series (the error of
the seasonal naive forecast before the forecast begins; 0 of a constant series). Outputs are (N, H, 3): the quantiles
.1, .5 and .9.

Sources: R. J. Hyndman and A. B. Koehler, "Another look at measures of forecast accuracy", International Journal of
Forecasting 22 (2006), 679-688; R. Koenker and G. Bassett, "Regression quantiles", Econometrica 46 (1978), 33-50.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.measures import weighted
from unspool.evaluation.measures.measure import Figure, Measure, Outputs, Targets
from unspool.evaluation.result import Score
from unspool.evaluation.wording import percent, points_with_interval

QUANTILES = (0.1, 0.5, 0.9)
"""That a model answers with."""
_WITHIN = QUANTILES[2] - QUANTILES[0]
"""The share of values that should lie between the first and the last."""

Floats = NDArray[np.float64]
Parts = tuple[Floats, Floats]
"""(N,) what is summed, and by what it is divided."""


def parted(targets: Targets, outputs: Outputs) -> tuple[Floats, Floats, Floats, Floats]:
    """(N, H) values, whether each is scored, units, and forecasts."""
    return targets[..., 0], targets[..., 1], targets[..., 2], outputs[..., 1]


def scaled_errors(targets: Targets, outputs: Outputs) -> tuple[Floats, Floats]:
    """(N, H) absolute errors in units of the series, and 1 where they are defined and scored, else 0.

    Example:
        >>> scaled_errors(np.array([[[5.0, 1, 2], [5.0, 1, 0]]]), np.array([[[3.0, 4, 5], [3.0, 4, 5]]]))[0].tolist()
        [[0.5, 0.0]]
    """
    values, scored, units, forecasts = parted(targets, outputs)
    counted = scored * (units > 0)
    return counted * np.abs(values - forecasts) / np.where(units > 0, units, 1.0), counted


def _mase(targets: Targets, outputs: Outputs) -> Parts:
    errors, counted = scaled_errors(targets, outputs)
    return errors.sum(axis=1), counted.sum(axis=1)


def _smape(targets: Targets, outputs: Outputs) -> Parts:
    values, scored, _, forecasts = parted(targets, outputs)
    size = np.abs(values) + np.abs(forecasts)
    shares = np.where(size > 0, 2 * np.abs(values - forecasts) / np.where(size > 0, size, 1.0), 0.0)
    return (scored * shares).sum(axis=1), scored.sum(axis=1)


def _mae(targets: Targets, outputs: Outputs) -> Parts:
    values, scored, _, forecasts = parted(targets, outputs)
    return (scored * np.abs(values - forecasts)).sum(axis=1), scored.sum(axis=1)


def _squared(targets: Targets, outputs: Outputs) -> Parts:
    values, scored, _, forecasts = parted(targets, outputs)
    return (scored * (values - forecasts) ** 2).sum(axis=1), scored.sum(axis=1)


def _quantile_loss(targets: Targets, outputs: Outputs) -> Parts:
    values, scored = targets[..., 0, None], targets[..., 1, None]
    levels, errors = np.array(QUANTILES), values - outputs
    losses = scored * np.maximum(levels * errors, (levels - 1) * errors)
    return 2 * losses.mean(axis=2).sum(axis=1), (scored * np.abs(values))[..., 0].sum(axis=1)


def _scored_units(targets: Targets, units: NDArray[np.int64]) -> int:
    return len(np.unique(units[targets[..., 1].any(axis=1)]))


def _covered(targets: Targets, outputs: Outputs) -> Parts:
    values, scored = targets[..., 0], targets[..., 1]
    inside = (outputs[..., 0] <= values) & (values <= outputs[..., 2])
    return (scored * inside).sum(axis=1), scored.sum(axis=1)


def _measure(
    title: str,
    meaning: str,
    parts: Callable[[Targets, Outputs], Parts],
    root: bool = False,
    **more: object,
) -> Measure:
    def value(targets: Targets, outputs: Outputs, _: float) -> float:
        above, below = parts(targets, outputs)
        found = float(above.sum() / below.sum()) if below.sum() > 0 else float("nan")
        return float(np.sqrt(found)) if root else found

    def prepare(targets: Targets, outputs: Outputs, _: float) -> Figure:
        found = weighted.ratio(*parts(targets, outputs))
        return (lambda counts: np.sqrt(found(counts))) if root else found

    settings: dict[str, object] = {"higher_is_better": False, "bounds": (0.0, np.inf)}
    return Measure(title, meaning, value, prepare, **(settings | more))  # type: ignore[arg-type]


MEASURES = {
    "mase": _measure(
        "MASE",
        "mean absolute error, divided by that of the seasonal naive forecast in the history of the series; lower is "
        "better",
        _mase,
    ),
    "smape": _measure(
        "sMAPE",
        "absolute error as a share of the mean of forecast and value, from 0% to 200%; lower is better",
        _smape,
        say=percent,
        say_difference=points_with_interval,
        bounds=(0.0, 2.0),
    ),
    "rmse": _measure(
        "root mean squared error",
        "in the unit of the values, large errors counting more; lower is better",
        _squared,
        root=True,
    ),
    "mae": _measure("mean absolute error", "in the unit of the values; lower is better", _mae),
    "wql": _measure(
        "weighted quantile loss",
        "how far the quantiles 0.1, 0.5 and 0.9 are off, as a share of the values; lower is better",
        _quantile_loss,
        of_probabilities=True,
    ),
    "coverage": _measure(
        "coverage of the 80% interval",
        "share of the values between the quantiles 0.1 and 0.9; 80% is right, more is too wide, less too narrow",
        _covered,
        of_probabilities=True,
        say=percent,
        say_difference=points_with_interval,
        higher_is_better=True,
        judges=False,
        bounds=(0.0, 1.0),
        trials=_scored_units,
    ),
}
"""By name."""


def errors_by_step(targets: Targets, outputs: Outputs) -> Floats:
    """(H,) the MASE of each step ahead; NaN where none is scored."""
    errors, counted = scaled_errors(targets, outputs)
    total = counted.sum(axis=0)
    return np.where(total > 0, errors.sum(axis=0) / np.where(total > 0, total, 1), np.nan)


def coverage_in_words(coverage: Score) -> str:
    """A sentence on the share of test values that lie in their 80% interval.

    Example:
        >>> from unspool.evaluation.result import Interval
        >>> coverage_in_words(Score(0.583, Interval(0.433, 0.733)))
        'The 80% intervals contain 58.3% of the test values (95% interval 43.3% to 73.3%): they are too narrow.'
    """
    low, high = coverage.interval.low, coverage.interval.high
    verdict = ": they are too narrow" if high < _WITHIN else ": they are too wide" if low > _WITHIN else ""
    return (
        f"The 80% intervals contain {percent(coverage.value)} of the test values (95% interval {percent(low)} to "
        f"{percent(high)}){verdict}."
    )
