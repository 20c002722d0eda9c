"""What predictions are judged by: a measure's name, its meaning, and where its values come from.

A measure's value comes from scikit-learn or SciPy. Its interval needs it thousands of times, on resamples; for that
each has a second form, a function of how often each example counts (see `resampling`), which sorts once and then only
sums.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.resampling import Counts
from unspool.evaluation.wording import significant, significant_with_interval

_ROUNDING = 1e-12
"""How far sums of rounded numbers, such as the trapezoids of an AUC, may lie from the bound that they should equal."""

Targets = NDArray[Any]
Outputs = NDArray[np.float64]
Figure = Callable[[Counts], NDArray[np.float64]]
"""Gives (rows,) figures from counts (rows, N)."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One way to judge predictions.

    Attributes:
        title: what it is called in a table, and in a sentence.
        meaning: in a few words.
        value: of targets, outputs and threshold; NaN where it is undefined.
        prepare: the same as a function of counts.
        say: a figure as people read it.
        say_difference: a difference of two, with its interval and, where it is not 95%, the interval's level.
        higher_is_better: whether it is.
        bounds: its least and its greatest value.
        judges: whether more, or less, of it is always better, so that a verdict can rest on it.
        share: whether it is the share of examples that something is true of.
        of_probabilities: whether it needs probabilities, or the intervals of forecasts; for labels or forecasts alone
            it adds nothing to the other measures.
        by_label: whether it weighs both of two labels the same, however rare one is.
        trials: of targets and units (see `resampling`): how many trials, all with one outcome, tell as much as a figure
            at one of its bounds, which no resample changes; None where that is unknown.
        decisions: (N, ...) what it depends on, of each example: the outputs, or less. Examples on which two models have
            the same do not tell them apart.
    """

    title: str
    meaning: str
    value: Callable[[Targets, Outputs, float], float]
    prepare: Callable[[Targets, Outputs, float], Figure]
    say: Callable[[float], str] = significant
    say_difference: Callable[..., str] = significant_with_interval
    higher_is_better: bool = True
    bounds: tuple[float, float] = (0.0, 1.0)
    judges: bool = True
    share: bool = False
    of_probabilities: bool = False
    by_label: bool = False
    trials: Callable[[Targets, NDArray[np.int64]], int] | None = None
    decisions: Callable[[Targets, Outputs, float], NDArray[Any]] = lambda targets, outputs, threshold: outputs

    def of(self, targets: Targets, outputs: Outputs, threshold: float) -> float:
        """The value, without rounding errors at its bounds, which have intervals of their own; NaN if undefined."""
        value = self.value(targets, outputs, threshold)
        if not np.isfinite(self.bounds).all():  # an error, whose unit may be tiny
            return value
        return next((bound for bound in self.bounds if abs(value - bound) < _ROUNDING), value)

    @property
    def noun(self) -> str:
        """The title with its article, as in "an accuracy"."""
        spelt = self.title[0] in "aeiAR" and not self.title.startswith("ROUGE")  # which is said as a word
        return f"{'an' if spelt else 'a'} {self.title}"
