"""What candidates of series are fitted to and scored against: one label, several labels, or numbers."""

import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.heads.calibration import smoothed
from unspool.candidates.heads.ridge import limits_of
from unspool.candidates.series.base import Outputs, Rows, Target, Task
from unspool.candidates.transformation import Transformation

FINEST = 1e4
"""Numbers this many times as large as their spread, or larger, lose too much in single precision."""
FARTHEST = 1e30
"""Numbers from here on, or with a spread as far below 1, may overflow or vanish in single precision."""


@dataclass(frozen=True)
class Truth:
    """Targets as candidates need them: here one label for each series, see `Indicators` and `Numbers`.

    Attributes:
        task: what is predicted.
        labels: (N,) int64, of a classification.
        values: (N, K) float64: one column for each class, 1 in the right one, or what `Indicators` or `Numbers` has.
        transformation: what turned numbers into `values`; None if they are the numbers themselves.
        absolute_errors: whether the losses of numbers are absolute errors, not squared ones.
    """

    task: Task
    labels: NDArray[np.int64]
    values: NDArray[np.float64]
    transformation: Transformation | None = None
    absolute_errors: bool = False

    numbers = False
    """Whether each column of `values` is learned as a number by itself, not one class of several."""
    coarse = False
    """Whether single precision, in which models compute, would round away much of the differences between numbers."""

    @staticmethod
    def of(target: Target, task: Task) -> "Truth":
        """Read targets.

        Raises:
            ValueError: they are not finite, not whole numbers from 0 (one label), or not 0 and 1 (several labels).

        Example:
            >>> Truth.of(np.array([0, 1]), "multiclass").classes, Truth.of(np.eye(3)[[0, 1]], "multiclass").classes
            (2, 3)
        """
        target = np.asarray(target)
        if len(target) < 2:
            raise ValueError(f"{len(target)} examples: there must be two or more")
        if task == "regression":
            values = target.astype(np.float64).reshape(len(target), -1)
            if not np.isfinite(values).all():
                raise ValueError("targets must be finite")
            return Numbers(task, np.zeros(len(target), np.int64), values)
        if task == "multilabel":
            return Indicators.of_several(target)
        if target.ndim == 2 and np.isin(target, (0, 1)).all() and (target.sum(axis=1) == 1).all():
            return Truth(task, target.argmax(axis=1), target.astype(np.float64))
        labels = target.astype(np.int64)
        if labels.ndim != 1 or np.any(labels != target) or labels.min() < 0:
            raise ValueError("labels must be (N,) whole numbers from 0, or (N, K) with a single 1 in each row")
        return Truth(task, labels, np.eye(max(int(labels.max()) + 1, 2))[labels])

    def take(self, rows: Rows) -> Self:
        """Those of some examples, (M,); K stays."""
        return replace(self, labels=self.labels[rows], values=self.values[rows])

    @property
    def loss_name(self) -> str:
        """The loss by which candidates are compared, in words."""
        return "log loss"

    @property
    def classes(self) -> int:
        """K."""
        return int(self.values.shape[1])

    @property
    def limits(self) -> Outputs:
        """(2, K) the least and the greatest numbers that a linear model may predict."""
        return limits_of(self.values)

    def losses(self, outputs: Outputs) -> Outputs:
        """(N,) cross-entropies in nats of (N, K) outputs.

        The targets are smoothed, like those that probabilities are calibrated on.
        """
        found: Outputs = -(smoothed(self.labels, self.classes) * np.log(np.maximum(outputs, 1e-15))).sum(axis=1)
        return found

    def errors(self, outputs: Outputs) -> Outputs:
        """(N, K) differences of outputs from `values`, by whose squares a blend is weighed if they are numbers."""
        return outputs - self.values

    def scores(self, outputs: Outputs) -> tuple[float, float]:
        """Accuracy and mean loss of (N, K) outputs."""
        return float((outputs.argmax(axis=1) == self.labels).mean()), float(self.losses(outputs).mean())

    def known(self, outputs: Outputs, rest: Rows, held: Rows) -> Outputs:
        """(M, K) of (M, k) outputs for `held` by a fit to `rest`: NaN for examples whose class is not in `rest`."""
        wide = np.zeros((len(held), self.classes))
        wide[:, : outputs.shape[1]] = outputs
        wide[~np.isin(self.labels[held], self.labels[rest])] = np.nan
        return wide


class Numbers(Truth):
    """Numbers as targets."""

    numbers = True

    @property
    def loss_name(self) -> str:
        """The mean absolute, or the root mean squared error."""
        return "mean absolute error" if self.absolute_errors else "root mean squared error"

    @property
    def coarse(self) -> bool:  # type: ignore[override]
        """Whether they are to be standardised before a model learns them.

        Example:
            >>> seconds = 1.7e9 + np.arange(100.0)
            >>> Truth.of(seconds, "regression").coarse, Truth.of(seconds - 1.7e9, "regression").coarse
            (True, False)
        """
        largest, spread = np.abs(self.values).max(axis=0), self.values.std(axis=0)
        known = (spread > 0) & (spread < np.inf)
        far = (largest > FINEST * spread) | (largest > FARTHEST) | (spread < 1 / FARTHEST)
        return bool((known & far).any())

    def losses(self, outputs: Outputs) -> Outputs:
        """(N,) squared or absolute errors of (N, K) outputs, in the unit of the numbers."""
        values, unit = self.values, self.transformation
        if unit is not None:
            fitted = unit.fitted(outputs, values, absolute_errors=self.absolute_errors)
            outputs, values = fitted.numbers(outputs), unit.numbers(values)
        off = outputs - values
        found: Outputs = (np.abs(off) if self.absolute_errors else np.square(off)).mean(axis=1)
        return found

    def errors(self, outputs: Outputs) -> Outputs:
        """(N, K) errors of outputs in the unit of the numbers, approximate if the targets are transformed."""
        off: Outputs = outputs - self.values
        return off if self.transformation is None else off * self.transformation.slopes(self.values)

    def scores(self, outputs: Outputs) -> tuple[float, float]:
        """The mean absolute, or the root mean squared error, as score and as loss."""
        error = float(self.losses(outputs).mean())
        error = error if self.absolute_errors else math.sqrt(error)
        return error, error

    def known(self, outputs: Outputs, rest: Rows, held: Rows) -> Outputs:
        """All of them."""
        return outputs


class Indicators(Truth):
    """Any number of labels for each series.

    `values` are 1 - e for a label that a series has and e for others, where e = 1 / (N + 2) (Laplace's rule of
    succession). They are learned as numbers: a model with the least squared error predicts probabilities, none of
    them more certain than N series justify.
    """

    numbers = True

    @staticmethod
    def of_several(target: Target) -> "Indicators":
        """Read (N, K) 0 and 1.

        Raises:
            ValueError: they are something else.

        Example:
            >>> Indicators.of_several(np.array([[1, 0], [1, 1]])).values.tolist()
            [[0.75, 0.25], [0.75, 0.75]]
        """
        if target.ndim != 2 or not np.isin(target, (0, 1)).all():
            raise ValueError("several labels must be (N, K) 0 and 1")
        least = 1 / (len(target) + 2)
        return Indicators("multilabel", np.zeros(len(target), np.int64), np.where(target > 0, 1 - least, least))

    @property
    def limits(self) -> Outputs:
        """(2, K): e and 1 - e."""
        least = np.minimum(self.values, 1 - self.values).min()
        return np.repeat([[least], [1 - least]], self.classes, axis=1)

    def losses(self, outputs: Outputs) -> Outputs:
        """(N,) cross-entropies in nats of (N, K) outputs, the mean over the labels."""
        outputs = np.clip(outputs, 1e-15, 1 - 1e-15)
        found: Outputs = -(self.values * np.log(outputs) + (1 - self.values) * np.log1p(-outputs)).mean(axis=1)
        return found

    def scores(self, outputs: Outputs) -> tuple[float, float]:
        """The share of right decisions, and the mean loss of (N, K) outputs."""
        return float(((outputs > 0.5) == (self.values > 0.5)).mean()), float(self.losses(outputs).mean())

    def known(self, outputs: Outputs, rest: Rows, held: Rows) -> Outputs:
        """All of them."""
        return outputs
