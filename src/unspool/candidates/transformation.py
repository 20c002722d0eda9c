"""Learning the square root or the logarithm of numbers: what turns numbers into targets, and outputs back into numbers.

Shared with the runtime, so it imports nothing but NumPy.
"""

import math
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LEAST_FACTOR = 1e-12
"""Instead of a factor of 0."""

KINDS = ("square root", "logarithm")


@dataclass(frozen=True)
class Transformation:
    """A model learns the square roots or the logarithms of numbers; its outputs are transformed back.

    The inverse of a predicted mean is not the mean of the inverse (Duan, "Smearing estimate: a nonparametric
    retransformation method", 1983), so numbers are multiplied by a factor: the one that gives the held-out examples the
    least squared, or absolute, errors. Outputs beyond the training targets are cut off, as an exponential would magnify
    their errors.

    Attributes:
        kind: one of `KINDS`.
        least: the smallest training target, transformed.
        greatest: the largest.
        factor: by which numbers are multiplied after they are transformed back.

    Example:
        >>> learned = Transformation.of("logarithm", np.array([1.0, 10.0, 100.0]))
        >>> targets = learned.targets(np.array([1.0, 100.0]))
        >>> targets.round(3).tolist(), learned.numbers(targets + 1).round(3).tolist()
        ([0.0, 4.605], [2.718, 100.0])
    """

    kind: str
    least: float
    greatest: float
    factor: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no transformation {self.kind!r}")
        ends = (self.least, self.greatest, self.factor)
        if not (all(map(math.isfinite, ends)) and self.least <= self.greatest and self.factor > 0):
            raise ValueError("the range or the factor of the transformation is invalid")
        if self.kind == "square root" and self.least < 0:
            raise ValueError("a square root is negative")

    @classmethod
    def of(cls, kind: str, numbers: Floats) -> Self:
        """The transformation of the training numbers (N,); none is negative, for logarithms none 0."""
        targets = _FORWARD[kind](numbers)
        return cls(kind, float(targets.min()), float(targets.max()))

    def targets(self, numbers: Floats) -> Floats:
        """Numbers of any shape as a model learns them."""
        found: Floats = _FORWARD[self.kind](numbers)
        return found

    def numbers(self, outputs: Floats) -> Floats:
        """A model's outputs of any shape as numbers in their own unit; NaN stays NaN."""
        found: Floats = self.factor * _BACK[self.kind](np.clip(outputs, self.least, self.greatest))
        return found

    def fitted(self, outputs: Floats, targets: Floats, *, absolute_errors: bool = False) -> Self:
        """The same with the factor that gives held-out examples the least squared, or absolute, errors.

        Args:
            outputs: for these, by models that were fitted without them; those that are NaN do not count.
            targets: of the same shape, transformed.
            absolute_errors: whether to minimise their absolute errors instead of their squared ones.

        Example:
            >>> learned = Transformation.of("logarithm", np.array([1.0, 9.0]))
            >>> outputs, targets = np.zeros(5), np.log([1.0, 2.0, 2.0, 2.0, 8.0])
            >>> round(learned.fitted(outputs, targets).factor, 6)
            3.0
            >>> round(learned.fitted(outputs, targets, absolute_errors=True).factor, 6)
            2.0
        """
        seen = ~np.isnan(outputs)
        predicted = replace(self, factor=1.0).numbers(outputs[seen])
        largest = float(predicted.max(initial=0.0))
        if largest == 0:
            return replace(self, factor=1.0)
        predicted = predicted / largest  # so that squares do not overflow
        true = _BACK[self.kind](targets[seen]) / largest
        if absolute_errors:
            factor = _least_absolute(predicted, true)
        else:
            factor = float((predicted * true).sum() / np.square(predicted).sum())
        return replace(self, factor=factor if factor > 0 and math.isfinite(factor) else 1.0)

    def slopes(self, targets: Floats) -> Floats:
        """By how much numbers change with their targets: small errors of outputs times this are errors of numbers."""
        found: Floats = _SLOPES[self.kind](targets)
        return found

    @property
    def share(self) -> float:
        """What contributions to an output are multiplied by to add up to the root or the logarithm of the number."""
        return math.sqrt(self.factor) if self.kind == "square root" else 1.0

    def state(self) -> dict[str, Any]:
        """All that the constructor needs, as JSON has it."""
        return {"kind": self.kind, "least": self.least, "greatest": self.greatest, "factor": self.factor}


def _least_absolute(predicted: Floats, true: Floats) -> float:
    """The factor on predictions that gives the least absolute errors: the median of the quotients, weighted by them."""
    some = predicted > 0
    quotients, weights = true[some] / predicted[some], predicted[some]
    order = np.argsort(quotients)
    reached = np.cumsum(weights[order])
    return max(float(quotients[order][np.searchsorted(reached, reached[-1] / 2)]), _LEAST_FACTOR)  # of many zeros


_FORWARD: dict[str, Any] = {"square root": np.sqrt, "logarithm": np.log}
_BACK: dict[str, Any] = {"square root": np.square, "logarithm": np.exp}
_SLOPES: dict[str, Any] = {"square root": lambda root: 2 * root, "logarithm": np.exp}
