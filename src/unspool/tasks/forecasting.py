"""Forecasting: the next values of a series, each with an interval."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from unspool.data.forecasting.limits import MOST_HORIZON, MOST_SEASON
from unspool.data.labels import Label, Targets
from unspool.errors import AdvisedError, UserError
from unspool.evaluation.measures.forecasts import MEASURES, QUANTILES, parted
from unspool.evaluation.result import Predictions
from unspool.evaluation.wording import percent
from unspool.tasks.base import Outputs, ShownLabels, Task

_FAR_OFF = 2.0
"""Times that forecasts may add up to what came, or the reverse, without a remark."""


@dataclass(frozen=True)
class Forecasting(Task):
    """The next values; targets and outputs are as `measures.forecasts` has them, (N, H, 3).

    Attributes:
        horizon: H, steps that are forecast.
        season: steps of a season; 1 where there is none.

    Example:
        >>> task = Forecasting(horizon=2, season=12)
        >>> task.decide(np.array([[[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]]]), None)[0]
        [[(2.0, 1.0, 3.0), (4.0, 2.0, 6.0)]]
    """

    horizon: int = 1
    season: int = 1

    name = "forecasting"
    title = "forecasting (the next values of a series)"
    counts_labels = False
    pipeline_of_series = "time-series-forecasting"
    measures = MEASURES
    compared = ("mase", "smape", "wql")
    shapes = ("choice",)
    activation = "linear"
    loss = "mae"
    figures = ("headline", "forecasts", "errors-by-step")
    sections = ("forecasted.html.j2",)
    explainable = False
    has_probabilities = False
    no_probabilities = "This model forecasts numbers, without probabilities. Use predict."

    def __post_init__(self) -> None:
        if self.names:
            raise ValueError(f"{len(self.names)} names do not suit the task forecasting")
        if not 1 <= self.horizon <= MOST_HORIZON or not 1 <= self.season <= MOST_SEASON:
            raise ValueError("horizon or season is out of bounds")

    # Labels

    @classmethod
    def learn(cls, labels: Sequence[Label]) -> Self:
        """Not from labels.

        Raises:
            UserError: always; says how a forecast is asked for.
        """
        raise UserError(
            "The task forecasting reads a table with a row for each time step. Say how many steps are forecast "
            "(--horizon; in Python horizon=)."
        )

    @property
    def outputs(self) -> int:
        """Three quantiles of each step."""
        return len(QUANTILES) * self.horizon

    @property
    def shape_of_outputs(self) -> tuple[int, ...]:
        """(H, 3)."""
        return (self.horizon, len(QUANTILES))

    def encode(self, labels: Sequence[Any]) -> Targets:
        """N arrays (H, 3) of what came, as one."""
        return np.asarray(labels, dtype=np.float64).reshape(len(labels), self.horizon, 3)

    def _encode(self, labels: Sequence[Label]) -> Targets:
        return self.encode(labels)

    def decode(self, targets: Any) -> ShownLabels:
        """N lists of the values that came."""
        return cast(ShownLabels, np.asarray(targets)[..., 0].tolist())

    def truth(self, targets: Any) -> NDArray[Any]:
        """As they are."""
        return np.asarray(targets, dtype=np.float64)

    # Decisions

    def decide(self, outputs: Outputs, threshold: float | None) -> tuple[ShownLabels, list[Any]]:
        """N lists of a forecast, the lower and the upper end of its interval for each step."""
        return [[(row[1], row[0], row[2]) for row in one] for one in outputs.tolist()], []

    def answers_in_words(self, threshold: float | None) -> str:
        """How much is forecast."""
        steps = "the next step" if self.horizon == 1 else f"the next {self.horizon:,} steps"
        return f"{steps} of a series, each a number with its 80% interval"

    def portable(self, threshold: float | None) -> dict[str, Any]:
        """How much is forecast, and the season that errors are measured by."""
        return {"horizon": self.horizon, "season": self.season}

    # Evaluation

    def scores_of_candidates(self, measure: str | None) -> Mapping[str, Callable[[float], str]]:
        """The measure of the verdict if it is an error in the unit of the values, else the MASE."""
        by = self.measures[measure if measure in ("mae", "rmse") else self.headline]
        return {by.title: by.say}

    def check(self, targets: NDArray[Any], what: str) -> None:
        """There must be two values to score, and a unit to measure errors in.

        Raises:
            UserError: there are not.
        """
        if len(targets) < 2:
            raise AdvisedError(f"Only one value is left for the {what}, and scores need two.", "Give a longer series.")
        if not (targets[..., 1] * targets[..., 2] > 0).any():
            raise AdvisedError(
                f"No {what} forecast can be scored: every series is constant before it, or the file has no numbers for "
                "its steps.",
                "Give series that change.",
            )

    def details(self, predictions: Predictions, threshold: float | None) -> dict[str, Any]:
        """How many forecasts have no MASE because their series is constant before them."""
        targets = np.asarray(predictions.targets)
        return {"constant": int(((targets[..., 2] <= 0).all(axis=1)).sum())}

    def caution(self, predictions: Predictions, threshold: float | None, measure: str | None = None) -> str:
        """Say if forecasts of amounts add up to far less or more than what came."""
        values, scored, _, forecasts = parted(np.asarray(predictions.targets), np.asarray(predictions.outputs))
        came, foretold = float((scored * values).sum()), float((scored * forecasts).sum())
        if (scored * values).min() < 0 or came <= 0 or 1 / _FAR_OFF <= foretold / came <= _FAR_OFF:
            return ""
        said = f"The forecasts add up to {percent(foretold / came)} of the actual total."
        if foretold > came or measure not in ("mase", "mae"):
            return said
        return (
            f"{said} The {self.measures[measure].title} is lowest for forecasts near the median, which is 0 if most "
            "values are. If totals matter, use --set evaluation.measure=rmse, which is lowest near the mean."
        )

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """Make it from what `save` wrote."""
        for name in ("horizon", "season"):
            if not isinstance(content[name], int) or isinstance(content[name], bool):
                raise ValueError(f"{name} is {content[name]!r}")
        return super().from_content(content)
