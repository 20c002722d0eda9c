"""What is known of a finished run, as plain frozen values: the one thing that a report is made from."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.descriptions.published import PublishedFigures
from unspool.evaluation.certificate import Certificate
from unspool.evaluation.forecasted import Forecasted, counted_in
from unspool.evaluation.pictures import Pictures
from unspool.evaluation.tagged import TaggedExamples
from unspool.evaluation.translated import Translated

Array: TypeAlias = NDArray[Any]


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
    """The outputs of a model for N examples, and their targets; what the arrays hold depends on the task.

    Attributes:
        targets: the truth: (N,) 0 or 1 for two labels, or the number of the class, or a number in its own unit; (N, L)
            0 or 1 for each of several labels; (N, T) the number of each step's tag, -1 where there is no step.
        outputs: (N,) the probability of label 1, or numbers in the same unit; (N, C) the probability of each class or
            label; (N, T, C) of each tag; (N, E) the errors of a reconstruction; (N, L) the bytes of a translation, and
            of its reference as targets; (N, H, 3) quantiles of a forecast, see `measures.forecasts`.
        groups: (N,) whole numbers, or None. Examples of one group (both forms of one sentence) are not independent of
            each other and are drawn together when an interval is computed.
    """

    targets: Array = field(repr=False)
    outputs: Array = field(repr=False)
    groups: NDArray[np.integer] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, slots=True)
class Scores:
    """How good predictions are.

    Attributes:
        examples: how many were scored.
        figures: by the name of a measure of the task, the one that the verdict rests on first. A measure that these
            examples leave undefined is not in it.
        threshold: a probability at or above it is a yes; None where the task needs none.
        details: what else the task tells of them, as plain values: a confusion matrix, say.
    """

    examples: int
    figures: dict[str, Score]
    threshold: float | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, measure: str) -> Score:
        return self.figures[measure]

    def get(self, measure: str) -> Score | None:
        """Return the score by a measure, or None where it is undefined."""
        return self.figures.get(measure)


@dataclass(frozen=True, slots=True)
class Baseline:
    """A simple model that a run must beat, scored on the same test examples.

    Attributes:
        name: its key, as in "tfidf-logistic-regression".
        title: what it is, in words.
        scores: on the test set.
        outputs: its predictions there, as in `Predictions`.
        seconds: what fitting and predicting took (when it was computed, not when it came from the cache).
    """

    name: str
    title: str
    scores: Scores
    outputs: Array = field(repr=False)
    seconds: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a run beats its strongest baseline on the test set.

    Attributes:
        baseline: the name of the baseline.
        measure: what is compared, by its name in the task's measures.
        difference: the run's `measure` less the baseline's.
        interval: of the difference, paired: both are scored on the same resampled examples.
        beats_baseline: the whole interval lies on the better side of zero.
        words: the same as one or two plain sentences.
    """

    baseline: str
    measure: str
    difference: float
    interval: Interval
    beats_baseline: bool
    words: str

    def __str__(self) -> str:
        return self.words


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
        counts: the same by label: {"training": (12500, 12500), ...}; none where labels are not predicted.
        example: one of those for training, or None.
        test_digest: of the test examples and their labels alone, whatever was trained on; empty where `digest` is of a
            dataset that has a test set of its own.
        steps: time steps of a sequence and numbers at each, where all have the same; else None.
        unlabelled: how many texts without a label the model has read besides.
        columns: of a table, those that are read, by what each is for; none where the data has no named columns, or in a
            run that is older than this.
        ignored: those that are not read.
    """

    name: str
    title: str
    source: str
    licence: str
    digest: str
    label_names: tuple[str, ...]
    examples: dict[str, int]
    counts: dict[str, tuple[int, ...]] = field(default_factory=dict)
    example: ExampleText | ExampleSeries | None = None
    test_digest: str = ""
    steps: tuple[int, int] | None = None
    unlabelled: int = 0
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


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
class Candidate:
    """A model that was considered for a run.

    Attributes:
        name: its key, as in "convolution".
        title: what it is, in words.
        score: what it reached in cross-validation within the training data: accuracy, the root mean squared error, or
            the MASE of a forecast.
        seconds: what that took; 0 where it came from what others had taken.
        chosen: whether it was taken.
        note: why it was not tried, why it was chosen, or what else there is to say.
        loss: its log loss there, by which models were compared that predict labels; None for others, and in the records
            of earlier versions.
    """

    name: str
    title: str
    score: float | None
    seconds: float
    chosen: bool
    note: str = ""
    loss: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Everything a report shows about one run, whatever its task.

    Attributes:
        task: its name, see `unspool.tasks`.
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
        training_seconds: of that, what training took; 0 where an earlier version did not say.
        environment: versions, machine, threads: what the result depends on.
        data: what it was trained on.
        validation: scores where the threshold was picked (in the protocol "chapter", the test set itself).
        test: scores on the test set.
        test_predictions: what `test` was computed from.
        baselines: on the same test set.
        verdict: against the strongest of them.
        candidates: the models that were considered, the chosen one among them; none where the recipe names its model.
        by_time: whether these were compared in the order of time: fitted to earlier examples, scored on later ones.
        published: the chapter's figures, where it has some.
        pictures: what an autoencoder's figures are drawn from.
        tagged: some test examples with their tags.
        translated: some test examples with their translations.
        forecasted: some test forecasts beside what came.
        certificate: whether predictions are consistent, where that has been checked.
    """

    task: str
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
    training_seconds: float = 0.0
    environment: dict[str, str]
    data: DataSummary
    validation: Scores
    test: Scores
    test_predictions: Predictions
    baselines: tuple[Baseline, ...]
    verdict: Verdict
    candidates: tuple[Candidate, ...] = ()
    by_time: bool = False
    published: PublishedFigures | None = None
    pictures: Pictures | None = None
    tagged: TaggedExamples | None = None
    translated: Translated | None = None
    forecasted: Forecasted | None = None
    certificate: Certificate | None = None

    @property
    def counted(self) -> str:
        """What the scores on the test set count."""
        return "examples" if self.forecasted is None else counted_in(self.forecasted.drawn)
