"""Candidates of series that learn numbers which single precision could not tell apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unspool.candidates.pace import UNHURRIED, Pace
from unspool.candidates.series.base import Candidate, Rows, Series, Target, Task, Terms
from unspool.candidates.series.blend import Blend
from unspool.candidates.series.neighbours import constant
from unspool.candidates.series.truth import Truth


@dataclass(frozen=True, slots=True)
class Standardised:
    """A candidate that learns standardised numbers; its model predicts in their original unit.

    Attributes:
        candidate: that learns them.
    """

    candidate: Candidate

    @property
    def name(self) -> str:
        """That of the candidate."""
        return self.candidate.name

    @property
    def cost(self) -> float:
        """That of the candidate."""
        return self.candidate.cost

    def terms(self, count: int, task: Task) -> Terms:
        """Those of the candidate."""
        return self.candidate.terms(count, task)

    def serves(self, series: Series, task: Task, outputs: int = 1) -> str:
        """Why the candidate cannot."""
        return self.candidate.serves(series, task, outputs)

    def leaving_out(self, parts: Sequence[tuple[Rows, Rows]], count: int) -> "Standardised | None":
        """That of the candidate."""
        own = self.candidate.leaving_out(parts, count)
        return None if own is None else Standardised(own)

    def without_folds(self) -> "Standardised":
        """The candidate without folds, on standardised numbers."""
        return Standardised(self.candidate.without_folds())

    def fit(
        self,
        series: Series,
        target: Target,
        task: Task,
        seed: int,
        pace: Pace = UNHURRIED,
        groups: Rows | None = None,
    ) -> Blend:
        """Fit the candidate to (N, K) numbers less their mean, in units of the largest standard deviation."""
        values = Truth.of(target, task).values
        mean, unit = values.mean(axis=0), float(values.std(axis=0).max()) or 1.0
        model = self.candidate.fit(series, (values - mean) / unit, task, seed, pace, groups)
        held_out = None if model.held_out is None else mean + unit * model.held_out
        return Blend((model, constant(mean, series[0].shape[1])), np.array([unit, 1.0]), None, held_out)
