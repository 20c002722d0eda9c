"""The result of a run as frozen values, from which its report is made."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.descriptions.published import PublishedFigures
from unspool.evaluation.certificate import Certificate
from unspool.evaluation.forecasted import Forecasted, counted_in, drawn_in
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
    """A figure with its interval."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Predictions:
    """The outputs of a model for N examples, and their targets; what the arrays hold depends on the task.

    Attributes:
        targets: the truth: (N,) 0 or 1 for binary, class indices, or numbers in their unit; (N, L) 0 or 1 for
            multilabel; (N, T) tag indices, -1 for padding.
        outputs: (N,) probabilities of label 1, or numbers in the unit of the targets; (N, C) probabilities of classes
            or labels; (N, T, C) of tags; (N, E) reconstruction errors; (N, L) the bytes of translations, with those of
            the references as targets; (N, H, 3) quantiles of forecasts, see `measures.forecasts`.
        groups: (N,) whole numbers, or None. Examples of a group (such as both forms of a sentence) are not independent,
            and are resampled together when an interval is computed.
    """

    targets: Array = field(repr=False)
    outputs: Array = field(repr=False)
    groups: NDArray[np.integer] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of predictions.

    Attributes:
        examples: the number of examples.
        figures: by the name of the measure, that of the verdict first; without measures that are undefined for these
            examples.
        threshold: probabilities at or above it count as yes; None if the task has none.
        details: further values of the task, such as a confusion matrix, as plain values.
    """

    examples: int
    figures: dict[str, Score]
    threshold: float | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, measure: str) -> Score:
        return self.figures[measure]

    def get(self, measure: str) -> Score | None:
        """Return the score of a measure, or None if it is undefined."""
        return self.figures.get(measure)


@dataclass(frozen=True, slots=True)
class Baseline:
    """A simple model that a run must beat, scored on the same test examples.

    Attributes:
        name: its key, as in "tfidf-logistic-regression".
        title: what it is, in words.
        scores: on the test set.
        outputs: its predictions there, as in `Predictions`.
        seconds: that fitting and predicting took, when it was computed and not read from the cache.
    """

    name: str
    title: str
    scores: Scores
    outputs: Array = field(repr=False)
    seconds: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a run beats the simple models on the test set.

    Attributes:
        baseline: the name of the baseline.
        measure: the name of the compared measure.
        difference: the run's score minus the baseline's.
        interval: of the difference, paired: both are scored on the same resampled examples.
        beats_baseline: whether the whole interval is on the better side of zero.
        words: the verdict in a sentence or two.
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
        ids: the same as the model reads it, padding included.
        words: the word of each id.
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
    """The data of a run.

    Attributes:
        name: the dataset's name in the registry, or the file's.
        title: what it is, in words.
        source: where it comes from.
        licence: its licence.
        digest: of its content.
        label_names: of labels 0, 1, ...; empty if numbers are predicted.
        examples: the numbers of examples in "training", "validation" and "test".
        counts: the same by label: {"training": (12500, 12500), ...}; empty if labels are not predicted.
        example: a training example, or None.
        test_digest: of the test examples and their labels alone; empty if `digest` is of a dataset with its own test
            set.
        steps: the numbers of time steps and of channels if all sequences have the same; else None.
        unlabelled: the number of unlabelled texts that the model has read.
        columns: the columns of a table that are read, by their use; empty if there are none, or in earlier runs.
        ignored: the columns that are not read.
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
    """A layer, with the shape of its output (None for the batch) and its number of parameters."""

    name: str
    kind: str
    output_shape: tuple[int | None, ...]
    parameters: int


@dataclass(frozen=True, slots=True)
class ParameterCounts:
    """The numbers of weights of a model."""

    total: int
    trainable: int
    non_trainable: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that was considered for a run.

    Attributes:
        name: its key, as in "convolution".
        title: what it is, in words.
        score: in cross-validation within the training data: accuracy, root mean squared or mean absolute
            error, or MASE of forecasts; None if it was not tried.
        seconds: that it took; 0 for a blend of candidates that were tried before.
        chosen: whether it was chosen.
        note: why it was not tried, why it was chosen, or other remarks.
        loss: its log loss there, by which classifiers are compared; None for others, and in earlier records.
    """

    name: str
    title: str
    score: float | None
    seconds: float
    chosen: bool
    note: str = ""
    loss: float | None = None


@dataclass(frozen=True, slots=True)
class BothDirections:
    """Training in both directions: the number of epochs, and the epoch whose weights were kept, counted from 1."""

    epochs: int
    best_epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Everything that a report shows about a run.

    Attributes:
        task: its name, see `unspool.tasks`.
        recipe: its name.
        title: of the run, in one line.
        description: of the run, in a paragraph.
        protocol: "honest" or "chapter".
        seed: of the split, the weights, the batches and the dropout.
        command: that runs it again.
        layers: the architecture.
        parameters: the numbers of weights.
        history: for each logged quantity ("loss", "val_loss", "learning_rate", ...) a list of one number per epoch.
        epochs: the number of epochs.
        best_epoch: the epoch whose weights were kept, counted from 1.
        both_directions: the earlier epochs in which a translation model was trained in both directions, or None.
        seconds: wall time of the whole run.
        training_seconds: the part that training took; 0 in records of earlier versions.
        environment: versions, machine and threads, on which the result depends.
        data: the data.
        validation: scores on the examples that the threshold was picked on (in protocol "chapter", the test set).
        test: scores on the test set.
        test_predictions: from which `test` was computed.
        baselines: on the same test set.
        verdict: on the run and the simple models.
        candidates: the models that were considered, including the chosen one; empty if the recipe names its model.
        compared_by: the measure that candidates were compared by, where the task leaves a choice; None in records of
            earlier versions, which compared by the task's first.
        by_time: whether candidates were fitted to earlier examples and compared on later ones.
        network_stopped: whether the budget ended the training of a network, the model itself or a candidate.
        transformed: a sentence that says so, and why, if the models learned square roots or logarithms of numbers.
        published: the chapter's figures, if it has any.
        pictures: from which an autoencoder's figures are drawn.
        tagged: some test examples with their tags.
        translated: some test examples with their translations.
        forecasted: some test forecasts with the actual values.
        certificate: whether predictions are consistent; None if it was not checked.
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
    both_directions: BothDirections | None = None
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
    compared_by: str | None = None
    by_time: bool = False
    network_stopped: bool = False
    transformed: str = ""
    published: PublishedFigures | None = None
    pictures: Pictures | None = None
    tagged: TaggedExamples | None = None
    translated: Translated | None = None
    forecasted: Forecasted | None = None
    certificate: Certificate | None = None

    @property
    def chosen(self) -> Candidate | None:
        """The candidate that was chosen; None if no models were compared."""
        return next((one for one in self.candidates if one.chosen), None)

    @property
    def counted(self) -> str:
        """What the scores on the test set are averages over, in the plural."""
        return "examples" if self.forecasted is None else counted_in(self.forecasted.drawn)

    @property
    def drawn(self) -> str:
        """What groups of test examples are, which intervals draw as a whole, in the plural."""
        return "groups" if self.forecasted is None else drawn_in(self.forecasted.drawn)
