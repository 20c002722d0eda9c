"""What is known of a finished run, as plain frozen values: the one thing that a report is made from."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.certificate import Certificate


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided 95% interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Score:
    """One figure and the interval around it."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a binary classifier said of each example.

    Attributes:
        labels: (N,) 0 or 1, the truth.
        probabilities: (N,) in [0, 1], the predicted probability of label 1.
        groups: (N,) whole numbers, or None. Examples of one group (both forms of one sentence) are not independent
            of each other and are drawn together when an interval is computed.
    """

    labels: NDArray[np.integer]
    probabilities: NDArray[np.floating]
    groups: NDArray[np.integer] | None = None


@dataclass(frozen=True, slots=True)
class BinaryScores:
    """How good binary predictions are.

    Attributes:
        examples: how many were scored.
        auc: area under the ROC curve.
        balanced_accuracy: mean of the two classes' recalls at `threshold`.
        accuracy: share of right answers at `threshold`.
        brier: mean squared difference of probability and label.
        threshold: a probability at or above it is read as label 1.
        confusion_matrix: ((true 0 read as 0, as 1), (true 1 read as 0, as 1)).
    """

    examples: int
    auc: Score
    balanced_accuracy: Score
    accuracy: Score
    brier: Score
    threshold: float
    confusion_matrix: tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Baseline:
    """A simple model that a run must beat, scored on the same test examples.

    Attributes:
        name: its key, as in "tfidf-logistic-regression".
        title: what it is, in words.
        scores: on the test set.
        probabilities: (N,) its predictions there, in the order of the run's own.
        seconds: what fitting and predicting took (when it was computed, not when it came from the cache).
    """

    name: str
    title: str
    scores: BinaryScores
    probabilities: NDArray[np.floating] = field(repr=False)
    seconds: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a run beats its strongest baseline on the test set.

    Attributes:
        baseline: the name of the baseline.
        measure: what is compared: "accuracy", "cross_entropy" or "mse".
        difference: the run's `measure` less the baseline's.
        interval: of the difference, paired: both are scored on the same resampled examples.
        beats_baseline: the whole interval lies on the better side of zero: above for "accuracy", below for the losses.
        words: the same as one or two plain sentences.
    """

    baseline: str
    measure: str
    difference: float
    interval: Interval
    beats_baseline: bool
    words: str


@dataclass(frozen=True, slots=True)
class ExampleText:
    """One training text.

    Attributes:
        label: its label, in words.
        text: as it was read.
        ids: the same as the model sees it, padding included.
        words: one word for each id.
    """

    label: str
    text: str
    ids: tuple[int, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExampleSeries:
    """One training series.

    Attributes:
        label: its label, in words.
        channels: C names.
        steps: T time steps of C numbers, as they were read.
    """

    label: str
    channels: tuple[str, ...]
    steps: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class DataSummary:
    """What a run was trained and scored on.

    Attributes:
        name: the dataset's name in the registry, or the file's.
        title: what it is, in words.
        source: where it comes from.
        licence: on what terms.
        digest: of its content.
        label_names: of label 0, 1, ...; none where a number is predicted.
        examples: how many are in "training", "validation" and "test".
        counts: the same by label: {"training": (12500, 12500), ...}.
        example: one of those for training.
        test_digest: of the test examples and their labels alone, whatever was trained on; empty where `digest` is of a
            dataset that has a test set of its own.
    """

    name: str
    title: str
    source: str
    licence: str
    digest: str
    label_names: tuple[str, ...]
    examples: dict[str, int]
    counts: dict[str, tuple[int, ...]]
    example: ExampleText | ExampleSeries
    test_digest: str = ""


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """One row of the architecture: a layer, its output's shape (None is the batch), its number of parameters."""

    name: str
    kind: str
    output_shape: tuple[int | None, ...]
    parameters: int


@dataclass(frozen=True, slots=True)
class ParameterCounts:
    """How many weights a model has."""

    total: int
    trainable: int
    non_trainable: int


@dataclass(frozen=True, slots=True)
class PublishedFigures:
    """What the chapter printed for this recipe, to stand beside our figures."""

    source: str
    auc: float
    balanced_accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What is told of every run, whatever it was for.

    Attributes:
        recipe: its name.
        title: one line on what it is.
        description: a paragraph on what it shows.
        protocol: "honest" or "chapter".
        seed: of the split, the weights, the batches and the dropout.
        command: what a person types to run it again.
        layers: the architecture.
        parameters: how many weights.
        history: a list for each logged quantity ("loss", "val_loss", "learning_rate", ...), one number an epoch.
        epochs: how many were run.
        best_epoch: the one whose weights were kept, counted from 1.
        seconds: wall time of the whole run.
        environment: versions, machine, threads: what the result depends on.
        certificate: whether the model answers alike however it is asked, where that has been checked.
    """

    recipe: str
    title: str
    description: str
    protocol: str
    seed: int
    command: str
    layers: tuple[LayerSummary, ...]
    parameters: ParameterCounts
    history: dict[str, list[float]]
    epochs: int
    best_epoch: int
    seconds: float
    environment: dict[str, str]
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(RunRecord):
    """Everything a report shows about one run of a classifier.

    Attributes:
        data: what it was trained on.
        validation: scores where the threshold was picked (in the protocol "chapter", the test set itself).
        test: scores on the test set.
        validation_predictions: what `validation` was computed from.
        test_predictions: what `test` was computed from.
        baselines: on the same test set.
        verdict: against the strongest of them.
        published: the chapter's figures, where it has some.
    """

    data: DataSummary
    validation: BinaryScores
    test: BinaryScores
    validation_predictions: Predictions
    test_predictions: Predictions
    baselines: tuple[Baseline, ...]
    verdict: Verdict
    published: PublishedFigures | None
