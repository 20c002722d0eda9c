"""What is compared: test predictions of runs, and the answers of models that are not runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.result import Predictions


class Answers(NamedTuple):
    """Outputs for the test examples (see `Predictions`), and the probability from which the answer is positive."""

    outputs: NDArray[np.floating]
    threshold: float | None


class SeedRun(NamedTuple):
    """The test predictions of one training run of a recipe, and those of its baselines, by title.

    For a model that is not a run, `decided` holds outputs that give its decisions at a threshold of one half, and
    `predictions` its probabilities, or its decisions again if it gave none.
    """

    seed: int
    predictions: Predictions
    threshold: float | None
    baselines: Mapping[str, Answers] = {}
    decided: NDArray[np.floating] | None = None

    def answers(self, measure: Measure) -> Answers:
        """The model's own answers, in the form that a measure needs."""
        if self.decided is None or measure.of_probabilities:
            return Answers(self.predictions.outputs, self.threshold)
        return Answers(self.decided, None)


@dataclass(frozen=True, slots=True)
class OtherModel:
    """The answers of a contender that is not a run, such as another program or people, to the test examples.

    Attributes:
        source: where the answers come from, in words.
        decided: outputs that give its decisions at a threshold of one half, see `Predictions`.
        outputs: its probabilities as outputs, or its numbers or texts; None if it gave only labels.
        notes: how its answers were read, as sentences.
    """

    source: str
    decided: NDArray[np.floating] = field(repr=False)
    outputs: NDArray[np.floating] | None = field(repr=False)
    notes: tuple[str, ...] = ()

    def as_run(self, beside: Predictions) -> SeedRun:
        """The same answers as a run with seed 0, on the test examples of another run."""
        outputs = self.decided if self.outputs is None else self.outputs
        return SeedRun(0, Predictions(beside.targets, outputs, beside.groups), None, decided=self.decided)
