"""Regression: a number."""

import math
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import why_no_number
from unspool.data.labels import Label, Targets, as_number, shown
from unspool.data.stand_ins import stand_in
from unspool.data.tables.problems import Flaw, Reason
from unspool.errors import UserError
from unspool.evaluation.baselines.linear import fit_numbers
from unspool.evaluation.baselines.simple_models import SimpleModel
from unspool.evaluation.measures import weighted
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.measures.numbers import r2, spearman
from unspool.evaluation.result import Predictions
from unspool.evaluation.wording import significant, three_decimals
from unspool.lazy_module import LazyModule
from unspool.tasks.base import Outputs
from unspool.tasks.multiclass import MOST_NUMBERED_CLASSES
from unspool.tasks.other_answers import number_of_answer
from unspool.tasks.whole import WholeTask

metrics = LazyModule("sklearn.metrics")

_TIMES = 1000
"""If the standard deviations of training and test labels differ by this factor, a few labels are the cause."""
_MOST_DECIMALS = 300
"""The most that NumPy can round to without an overflow."""
_DIGITS = 14
"""The digits of a number that survive standardising and scaling back in double precision."""
_FAR = 1e4
"""If the mean is more than this many times the median size of the numbers, the others lose digits beside it."""
_MOST = 1e100
"""Labels are no larger, nor smaller than one divided by it, so that squares of errors neither overflow nor vanish."""
_MOST_CODES, _ROWS_OF_A_CODE = 200, 10
"""So few different whole numbers, with so many rows each on average, may be the codes of classes."""
_FEW_OF, _FEWEST_SKEWED = 100, 50
"""If one in so many test numbers, or a single one of at least 50, makes up half of their variance, it is said."""
_NUMBERS_SHARE = 0.9  # of the labels must be numbers for the others to be mistakes


def mean_and_scale(numbers: NDArray[np.float64]) -> tuple[float, float]:
    """Mean and standard deviation (1 where it is 0) of (N,) numbers, by which targets are standardised.

    Raises:
        UserError: they overflow.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        mean, scale = float(numbers.mean()), float(numbers.std()) or 1.0
    if not (math.isfinite(mean) and math.isfinite(scale)):
        largest = float(numbers[np.abs(numbers).argmax()])
        raise UserError(
            f"The labels cannot be learned: the squares of numbers as large as {largest:g} overflow. Correct the "
            "label, or give all labels in a larger unit."
        )
    return mean, scale


@dataclass(frozen=True)
class Regression(WholeTask):
    """A number; targets are standardised, outputs are (N,) in the labels' own unit.

    The root mean squared error comes first, because models and baselines are fitted to squared errors.

    Attributes:
        mean: of the training numbers; or their median, if a few very large ones would cost the others their digits.
        scale: their standard deviation, by which targets are divided.

    Example:
        >>> task = Regression.learn(["1", "3"])
        >>> task.encode([5.0]).tolist(), task.decode([3.0])
        ([3.0], [5.0])
    """

    mean: float = 0.0
    scale: float = 1.0

    candidate_scores = {"root mean squared error": significant}  # noqa: RUF012

    name = "regression"
    title = "regression"
    predicts_numbers = True
    measures = {  # noqa: RUF012
        "rmse": Measure(
            "root mean squared error",
            "in the unit of the number, large errors counting more; lower is better",
            lambda y, p, _: float(metrics.root_mean_squared_error(y, p)),
            lambda y, p, _: weighted.root_mean((y - p) ** 2),
            higher_is_better=False,
            bounds=(0.0, np.inf),
        ),
        "mae": Measure(
            "mean absolute error",
            "in the unit of the number, all errors counting as large as they are; lower is better",
            lambda y, p, _: float(metrics.mean_absolute_error(y, p)),
            lambda y, p, _: weighted.mean(np.abs(y - p)),
            higher_is_better=False,
            bounds=(0.0, np.inf),
        ),
        "r2": Measure(
            "R²",
            "the share of the numbers’ variance that is explained; always predicting their mean scores 0",
            r2,
            lambda y, p, _: weighted.r2(y, p),
            three_decimals,
            bounds=(-np.inf, 1.0),
        ),
        "spearman": Measure(
            "Spearman’s rank correlation",
            "whether larger predictions go with larger numbers; 1 is the same order, 0 no relation",
            spearman,
            lambda y, p, _: weighted.spearman(y, p),
            three_decimals,
            bounds=(-1.0, 1.0),
        ),
    }
    compared = ("mae", "rmse")
    activation = "linear"
    loss = "mse"
    metrics = ("mae",)
    regression = "ridge"
    has_probabilities = False
    figures = ("headline", "loss", "example", "predicted-and-true", "errors")
    sections = ("numbers.html.j2",)

    def __post_init__(self) -> None:
        if self.names:
            raise ValueError(f"{len(self.names)} names do not suit the task regression")
        if not (math.isfinite(self.mean) and math.isfinite(self.scale) and self.scale > 0):
            raise ValueError("mean and scale are not finite numbers")

    @classmethod
    def recognise(cls, counts: Counter[Label]) -> str:
        """Numbers that are not all whole, or more than 20 different ones; one label in ten may be a mistake.

        Example:
            >>> print(Regression.recognise(Counter({"0.5": 3, "1.7": 2, "2": 4, "-999": 2})))
            labels are numbers that are not all whole; -999 (2 times) is far from all others: if it stands for a \
missing label, empty these cells
        """
        numbers = {label: number for label in counts if (number := as_number(label)) is not None}
        if sum(counts[label] for label in numbers) < _NUMBERS_SHARE * counts.total():
            return ""
        if not all(number == int(number) for number in numbers.values()):
            return "labels are numbers that are not all whole" + _on_stand_in(counts, numbers)
        if len(numbers) <= MOST_NUMBERED_CLASSES:
            return ""
        classes = len(numbers) <= _MOST_CODES and counts.total() >= _ROWS_OF_A_CODE * len(numbers)
        why = f"labels are {len(numbers):,} different whole numbers"
        return why + "; --task multiclass reads them as classes" * classes + _on_stand_in(counts, numbers)

    @classmethod
    def refuse(cls, counts: Counter[Label]) -> None:
        """Refuse lists, and labels of which none is a number."""
        if any(isinstance(label, tuple) for label in counts):
            raise UserError("The task regression asks for one label an example, but labels are lists. Use multilabel.")
        if not any(as_number(label) is not None for label in counts):
            example = shown(next(iter(counts)))
            raise UserError(f"The task regression asks for numbers, but labels are such as {example}.")

    @classmethod
    def learn(cls, labels: Sequence[Label]) -> Self:
        """Learn the mean and the scale of the numbers."""
        numbers = np.array([number for label in labels if (number := as_number(label)) is not None])
        mean, scale = mean_and_scale(numbers)
        if mean and abs(mean) > _FAR * np.median(np.abs(numbers[numbers != 0])):
            mean = float(np.median(numbers))
        return cls(mean=mean, scale=scale)

    @classmethod
    def from_content(cls, content: Any) -> Self:
        """Make it from what `save` wrote."""
        return super().from_content({**content, "mean": float(content["mean"]), "scale": float(content["scale"])})

    @property
    def outputs(self) -> int:
        """One number."""
        return 1

    def flaw(self, label: Label) -> Flaw | None:
        """No finite number."""
        if as_number(label) is None:
            return Flaw(Reason.NOT_FINITE, f"the label {shown(label)!r} {why_no_number(label)}")
        return None

    def flaw_in_truth(self, label: Label) -> Flaw | None:
        """No finite number, or one whose square may be too large to add up."""
        flaw = self.flaw(label)
        if flaw is None and abs(as_number(label) or 0.0) > _MOST:
            return Flaw(
                Reason.TOO_LARGE,
                f"the label {shown(label)!r} is larger than {_MOST:g} in size, so that it cannot be scored",
            )
        return flaw

    def _encode(self, labels: Sequence[Label]) -> Targets:
        numbers = np.array([as_number(label) for label in labels], dtype=np.float64)
        # In double precision: beside one very large number, single precision would make all others equal.
        return (numbers - self.mean) / self.scale

    def examples(self, inputs: Any, targets: Targets, balanced: bool) -> tuple[Any, ...]:
        """Targets in single precision, as networks compute with them."""
        return super().examples(inputs, targets.astype(np.float32), balanced)

    def decode(self, targets: Any) -> list[Any]:
        """Numbers in their own unit."""
        return [float(target) * self.scale + self.mean for target in np.asarray(targets).ravel()]

    def truth(self, targets: Targets) -> NDArray[Any]:
        """Numbers in their own unit, without the last digits, which standardising changes.

        Example:
            >>> task = Regression.learn(["1.1", "2.2", "7.7"])
            >>> task.truth(task.encode([2.2, 7.7])).tolist()
            [2.2, 7.7]
        """
        numbers = np.array(self.decode(targets))
        largest = np.maximum(np.abs(numbers), max(abs(self.mean), sys.float_info.min))
        decimals = np.minimum(_DIGITS - np.ceil(np.log10(largest)), _MOST_DECIMALS).astype(np.int64)
        for places in np.unique(decimals).tolist():
            some = decimals == places
            numbers[some] = np.round(numbers[some], places)
        return numbers

    def check(self, targets: NDArray[Any], what: str) -> None:
        """Numbers whose squared errors can be added up and kept, neither too large nor too small."""
        super().check(targets, what)
        largest = float(np.abs(targets).max())
        size = max(largest, self.unit) if self.unit > _MOST else largest
        if size > _MOST or 0 < size < 1 / _MOST:
            raise UserError(
                f"Labels as {'large' if size > 1 else 'small'} as {size:.2g} cannot be scored: the squares of errors "
                f"are too {'large' if size > 1 else 'small'} to add up. Give all labels in another unit, so that they "
                f"are between {1 / _MOST:g} and {_MOST:g} in size."
            )

    def true_labels(self, truth: NDArray[Any]) -> list[Any]:
        """The numbers themselves."""
        return list(truth.tolist())

    def decided(self, answers: Sequence[Any], truth: NDArray[Any]) -> Outputs:
        """The numbers, in the labels' own unit."""
        return np.array([number_of_answer(answer, position) for position, answer in enumerate(answers)])

    @property
    def unscaled(self) -> Self:
        """The same for standardised numbers."""
        return replace(self, mean=0.0, scale=1.0)

    @property
    def unit(self) -> float:
        """The size of the labels."""
        return max(abs(self.mean), self.scale)

    def portable(self, threshold: float | None) -> dict[str, Any]:
        """The unit of the numbers."""
        return {"mean": self.mean, "scale": self.scale}

    def answers(self, outputs: NDArray[Any]) -> Outputs:
        """(N, 1) standardised numbers to (N,) in their own unit."""
        return np.array(self.decode(outputs.astype(np.float64)))

    def decide(self, outputs: Outputs, threshold: float | None) -> tuple[list[Any], list[Any]]:
        """The numbers themselves."""
        return outputs.tolist(), []

    def explained_score(self, output: Any, threshold: float | None) -> tuple[int, float]:
        """The number, in its own unit."""
        return 0, self.scale

    def score_in(self, output: Any, index: int) -> float:
        """The standardised number."""
        return float((output - self.mean) / self.scale)

    def answers_in_words(self, threshold: float | None) -> str:
        """A number."""
        return "a number"

    def caution(self, predictions: Predictions, threshold: float | None, measure: str | None = None) -> str:
        """Say if a few labels of training, or of the test, are far larger than all others, or decide squared errors."""
        of_test = float(np.std(predictions.targets))
        if not of_test:
            return ""
        if 1 / _TIMES <= of_test / self.scale <= _TIMES:
            return "" if measure in ("mae", "spearman") else _on_skew(predictions.targets)
        return (
            f"The standard deviation of the training labels is {significant(self.scale)}, that of the test labels "
            f"{significant(of_test)}: a few labels are far larger than all others. Check whether they are mistakes."
        )

    def scores_of_candidates(self, measure: str | None) -> Mapping[str, Callable[[float], str]]:
        """The mean absolute error if the verdict rests on it, else the root mean squared error."""
        return {"mean absolute error": significant} if measure == "mae" else self.candidate_scores

    def most_frequent(
        self, training: NDArray[Any], validation: NDArray[Any], test: NDArray[Any], measure: str | None = None
    ) -> SimpleModel:
        """The mean of the training numbers, or their median if the measure is the mean absolute error."""
        numbers = np.asarray(training, dtype=np.float64)
        name, same = ("median", np.median(numbers)) if measure == "mae" else ("mean", numbers.mean())
        return SimpleModel(name, f"the {name} of the training numbers", np.full(len(test), same), None, 0.0)

    def fit_linear(self, features: Any, targets: NDArray[Any]) -> Callable[[Any], Outputs]:
        """A ridge regression."""
        return fit_numbers(features, targets)


def _on_stand_in(counts: Counter[Label], numbers: Mapping[Label, float]) -> str:
    """A remark if one of the numbers that labels are may stand for a missing one, such as -999."""
    found = stand_in(np.repeat([*numbers.values()], [counts[label] for label in numbers]))
    if found is None:
        return ""
    often = "once" if found.times == 1 else f"{found.times:,} times"
    return (
        f"; {found.number:.10g} ({often}) is far from all others: if it stands for a missing label, empty these cells"
    )


def _on_skew(numbers: NDArray[Any]) -> str:
    """A sentence of caution if very few of (N,) test numbers make up half of their variance.

    Example:
        >>> _on_skew(np.arange(300.0)), _on_skew(np.array([*range(300), 5000.0]))[:75]
        ('', 'Squared errors are dominated by 1 of the 301 test examples, with 91% of the')
    """
    squares = np.sort(np.square(numbers - numbers.mean()))[::-1]
    count = int(np.argmax(np.cumsum(squares) > squares.sum() / 2)) + 1
    if len(numbers) < _FEWEST_SKEWED or count > max(1, len(numbers) // _FEW_OF):
        return ""
    return (
        f"Squared errors are dominated by {count:,} of the {len(numbers):,} test examples, with "
        f"{squares[:count].sum() / squares.sum():.0%} of the variance of the true numbers. To choose and judge models "
        "by absolute errors, train with --set evaluation.measure=mae."
    )
