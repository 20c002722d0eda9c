"""What is known of a finished run that tells several classes apart, gives several labels at once, or a number.

The same types serve the three tasks. What they have that depends on the task is named in `measures.MEASURES`.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unspool.data.task import Task
from unspool.evaluation.result import DataSummary, RunRecord, Score, Verdict


@dataclass(frozen=True, slots=True)
class TaskPredictions:
    """What a model said of each of N examples.

    Attributes:
        targets: the truth: (N,) the number of the class; (N, L) 0 or 1 for each label; (N,) numbers in their own unit.
        outputs: (N, C) the probability of each class; (N, L) of each label; (N,) numbers in the same unit.
        groups: (N,) whole numbers, or None. Examples of one group are drawn together when an interval is computed.
    """

    targets: NDArray[np.generic] = field(repr=False)
    outputs: NDArray[np.floating] = field(repr=False)
    groups: NDArray[np.integer] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, slots=True)
class TaskScores:
    """How good predictions are.

    Attributes:
        examples: how many were scored.
        figures: by the name of a measure (see `measures.MEASURES`), the one that the verdict rests on first. A measure
            that these examples leave undefined is not in it.
        threshold: a probability at or above it is a yes, for each of several labels; None for other tasks.
    """

    examples: int
    figures: dict[str, Score]
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class TaskBaseline:
    """A simple model that a run must beat, scored on the same test examples.

    Attributes:
        name: its key, as in "tfidf-ridge-regression".
        title: what it is, in words.
        scores: on the test set.
        outputs: its predictions there, as in `TaskPredictions`.
        seconds: what fitting and predicting took (when it was computed, not when it came from the cache).
    """

    name: str
    title: str
    scores: TaskScores
    outputs: NDArray[np.floating] = field(repr=False)
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult(RunRecord):
    """Everything a report shows about one run.

    Attributes:
        task: "multiclass", "multilabel" or "regression".
        data: what it was trained on.
        validation: scores on the examples that stopped the training, and on which the threshold was picked.
        test: scores on the test set.
        test_predictions: what `test` was computed from.
        baselines: on the same test set.
        verdict: against the strongest of them.
    """

    task: Task
    data: DataSummary
    validation: TaskScores
    test: TaskScores
    test_predictions: TaskPredictions
    baselines: tuple[TaskBaseline, ...]
    verdict: Verdict
