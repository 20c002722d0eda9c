"""The base class of tasks: everything that depends on what is predicted, saved with the model.

To add a task, write a file beside this one, enter it in `registry`, and add its test and its page of docs.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.data.definitions import write_definition
from unspool.data.labels import Label, Targets, checked_label, checked_names
from unspool.data.tables.problems import Flaw
from unspool.descriptions.published import PublishedFigures
from unspool.errors import UserError
from unspool.evaluation.baselines.simple_models import RawParts, SimpleModel
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.result import Predictions, Scores
from unspool.evaluation.scoring import cut_at, score
from unspool.evaluation.tagged import TaggedExamples
from unspool.evaluation.translated import Translated
from unspool.evaluation.wording import percent, significant

if TYPE_CHECKING:  # a report knows tasks, and needs no Keras
    import keras

    from unspool.descriptions.networks import Seq2Vec

PREDICTION_BATCH = 64

FILE = "labels.json"
WHAT = "label codec"
"""The kind of that file, as its content names it since the first version."""

Outputs: TypeAlias = NDArray[np.float64]
ShownLabels: TypeAlias = list[Any]

_UNSAVED = ("why", "suited_measure")


class Part(Protocol):
    """A part of the examples, as a model reads them."""

    @property
    def inputs(self) -> Any:
        """Of N examples."""

    @property
    def targets(self) -> Any:
        """Of the same, from `Task.encode`."""


@dataclass(frozen=True)
class Task(ABC):
    """What is predicted, and all that depends on it: labels, head, loss, decision, measures, baselines, figures.

    Attributes:
        names: of labels 0, 1, ..., if there are labels.
        why: why this task was chosen, in words; not saved.
        suited_measure: what a verdict on a file should rest on, by what is in it; None is the first measure; not saved.
    """

    names: tuple[str, ...] = ()
    why: str = field(default="it was set", compare=False, repr=False, kw_only=True)
    suited_measure: str | None = field(default=None, compare=False, repr=False, kw_only=True)

    name: ClassVar[str]
    """Its name in `--task` and labels.json."""
    title: ClassVar[str]
    """Its name in a sentence."""
    measures: ClassVar[Mapping[str, Measure]]
    """The measures by name; the verdict rests on the first."""
    compared: ClassVar[tuple[str, ...]]
    """The names of the measures by which models are compared."""
    candidate_scores: ClassVar[Mapping[str, Callable[[float], str]]] = {"log loss": significant, "accuracy": percent}
    """The scores of candidates on held-out training data, each with how to format it; lower is better for the first,
    unless they are compared on validation (`compared_on_validation`)."""
    compared_on_validation: ClassVar[bool] = False
    """Whether candidates are compared on the validation examples by the measure of the verdict, not by
    cross-validation."""
    shapes: ClassVar[tuple[str, ...]] = ("seq2vec", "choice")
    """The values of `model.shape` that suit the task."""
    activation: ClassVar[Literal["sigmoid", "softmax", "linear"]]
    """The activation of the model's head."""
    loss: ClassVar[str]
    metrics: ClassVar[tuple[str, ...]] = ()
    """What training logs besides the loss."""
    regression: ClassVar[Literal["logistic", "ridge"]] = "logistic"
    """The linear baseline."""
    figures: ClassVar[tuple[str, ...]]
    """The report's figures, by their names in `unspool.report.figures`, in the order of the page."""
    sections: ClassVar[tuple[str, ...]]
    """Templates that follow those of every task on the report's page."""
    pipeline_of_texts: ClassVar[str] = ""
    """The name of the task on model hubs for models of texts; empty if they have none."""
    pipeline_of_series: ClassVar[str] = ""
    """The same for models of series."""
    with_answer: ClassVar[str] = "labelled"
    """The word for an example with its answer, as in "labelled"."""
    chooses_among_labels: ClassVar[bool] = False
    """Whether each example has exactly one label, so that accuracy and balanced accuracy are defined."""

    counts_labels: ClassVar[bool] = True
    """Whether labels are counted before training, so that examples with only one can be refused."""

    predicts_numbers: ClassVar[bool] = False
    """Whether each example has one number, which other programs may have rounded."""

    network: ClassVar[str] = ""
    """What messages call the network of a task that trains one of its own kind; empty for other tasks."""

    def scores_of_candidates(self, measure: str | None) -> Mapping[str, Callable[[float], str]]:
        """`candidate_scores`, where the verdict rests on this measure (None: the first)."""
        if not self.compared_on_validation:
            return self.candidate_scores
        by = self.measures[measure or self.headline]
        return {by.title: by.say}

    # Labels

    @classmethod
    def recognise(cls, counts: Counter[Label]) -> str:
        """Say why labels with these counts call for this task; empty if they do not.

        Most tasks are only chosen by name.
        """
        return ""

    @classmethod
    def refuse(cls, counts: Counter[Label]) -> None:
        """Check that this task, which was asked for, can have labels with these counts.

        Raises:
            UserError: it cannot; says why, and what to do.
        """

    @classmethod
    @abstractmethod
    def learn(cls, labels: Sequence[Label]) -> Self:
        """Make a task that encodes labels like these training labels."""

    @property
    @abstractmethod
    def outputs(self) -> int:
        """The width of the model's head."""

    @property
    def shape_of_outputs(self) -> tuple[int, ...]:
        """The shape of one output of a model of raw examples; () for a single number."""
        return () if self.outputs == 1 else (self.outputs,)

    def flaw(self, label: Label) -> Flaw | None:
        """Return why a label cannot be encoded; None if it can."""
        return None

    def encode(self, labels: Sequence[object]) -> Targets:
        """Turn N labels into targets.

        Raises:
            UserError: a label is missing, was not known in training, or is not a number where one is needed.
        """
        plain = [self._checked(label, position) for position, label in enumerate(labels, start=1)]
        for position, label in enumerate(plain, start=1):
            flaw = self.flaw(label)
            if flaw is not None:
                raise UserError(f"Label {position}: {flaw.detail}.")
        return self._encode(plain)

    def _checked(self, value: object, position: int) -> Label:
        return checked_label(value, position)

    @abstractmethod
    def _encode(self, labels: Sequence[Label]) -> Targets: ...

    @abstractmethod
    def decode(self, targets: Any) -> ShownLabels:
        """Turn targets from `encode` back into labels."""

    def as_in_a_file(self, targets: Any) -> ShownLabels:
        """The same in the form of cells of a file, which `encode` reads back."""
        return self.decode(targets)

    @property
    def no_labels(self) -> str | None:
        """How a cell shows that an example has none of the labels; None where each has one."""
        return None

    def indices(self, label: Label) -> tuple[int, ...]:
        """The indices in `names` of what a label holds."""
        return ()

    def strata(self, labels: Sequence[Label]) -> NDArray[Any] | None:
        """The class of each of N examples for a stratified split; None if it is not to be stratified."""
        return None

    def weights(self, targets: Targets) -> NDArray[np.float64] | None:
        """(N,) weights with which all classes count the same; None where that changes little."""
        return None

    # The model

    def suited_network(self, examples: int, shape: str | None) -> dict[str, Any]:
        """The settings of a network that suits the number of examples, for tasks that need one (see `network`).

        Args:
            examples: how many there are for training.
            shape: the `model.shape` that was asked for, or None.
        """
        raise NotImplementedError

    def searching(self, beam: int | None = None, length_penalty: float | None = None) -> Self:
        """The same task with another width or length penalty of the beam search; None leaves it as it is.

        Raises:
            UserError: the task has no beam search, or a value is out of bounds.
        """
        if beam is None and length_penalty is None:
            return self
        given = "A length penalty" if beam is None else "A beam"
        raise UserError(f"{given} is for models that translate; the task of this one is {self.name}. Leave it out.")

    def build(self, model: Any, inputs: Any) -> "keras.Model":
        """Build the network of a description, with weights drawn from Keras's global seed."""
        from unspool.descriptions.inputs import Series, Tokens
        from unspool.models.seq2vec import seq2vec

        assert isinstance(inputs, Tokens | Series)
        return seq2vec(self.head(model), inputs)

    def compile(self, network: "keras.Model", model: Any, optimizer: "keras.optimizers.Optimizer") -> None:
        """Compile a network with the loss and the metrics of the task."""
        network.compile(optimizer, loss=self.loss, metrics=list(self.metrics))

    def examples(self, inputs: Any, targets: Targets, balanced: bool) -> tuple[Any, ...]:
        """Inputs, targets and, if `balanced` and not None, `weights`: what training takes."""
        weights = self.weights(targets) if balanced else None
        return (inputs, targets) if weights is None else (inputs, targets, weights)

    def predict(self, network: "keras.Model", inputs: Any) -> Outputs:
        """The outputs of a network for N inputs, as they are scored."""
        from unspool.training import predict

        return self.answers(predict(network, inputs, batch_size=PREDICTION_BATCH))

    def networks(self, network: "keras.Model") -> "tuple[keras.Model, ...]":
        """The networks that compute an answer in turn, each from the outputs of the one before."""
        return (network,)

    def completed(self, network: Any, training: Part, validation: Part, measure: str | None = None) -> Self:
        """The same task with what it learns after the network is trained; most tasks learn nothing.

        Args:
            network: trained.
            training: the examples that it was trained on.
            validation: the examples to choose settings on.
            measure: the name of the measure to choose them by; None takes the first.
        """
        return self

    def head(self, model: "Seq2Vec", outputs: int | None = None) -> "Seq2Vec":
        """Give a description the head of the task; `outputs` is its width, if it differs from the task's."""
        return replace(model, outputs=outputs or self.outputs, activation=self.activation)

    def truth(self, targets: Targets) -> NDArray[Any]:
        """Targets in the form in which they are scored."""
        return np.asarray(targets, dtype=np.int64)

    @property
    def unscaled(self) -> Self:
        """The task without the unit of its targets, which a network does not know."""
        return self

    def answers(self, outputs: NDArray[Any]) -> Outputs:
        """Turn (N, outputs) numbers of the model's head into the form in which they are scored, see `Predictions`."""
        return outputs.astype(np.float64)

    def of_classes(self, answers: Outputs) -> Outputs:
        """Answers as (N, K) probabilities, one for each of `names`, as scikit-learn has them."""
        return answers

    # Decisions

    picks_threshold: ClassVar[bool] = False
    """Whether decisions depend on a threshold, which `pick_threshold` finds."""

    def pick_threshold(self, targets: NDArray[Any], outputs: Outputs, measure: str | None = None) -> float | None:
        """Pick the threshold of probabilities on validation examples; None if the task has none.

        Args:
            targets: as they are scored.
            outputs: of the same examples.
            measure: the name of the measure to pick it by; None follows the task's own rule.
        """
        return None

    @abstractmethod
    def decide(self, outputs: Outputs, threshold: float | None) -> tuple[ShownLabels, list[Any]]:
        """Turn outputs into labels.

        Returns:
            N labels, and their N probabilities; an empty list if the task has none.
        """

    def cell(self, label: Any) -> Any:
        """A label in the form of a table's cell."""
        return label

    def cells(self, label: Any, probability: Any) -> tuple[Any, Any]:
        """A label and its probability as the cells of a table hold them."""
        return self.cell(label), probability

    def true_labels(self, truth: NDArray[Any]) -> ShownLabels:
        """N targets, as they are scored, as labels."""
        return self.decode(truth)

    def decided(self, answers: Sequence[Any], truth: NDArray[Any]) -> Outputs:
        """The decisions of another model on N examples, as outputs from which `decide` returns them at one half.

        Args:
            answers: N labels, as the cells of a table hold them.
            truth: targets of the same examples, as they are scored.

        Raises:
            UnusableAnswer: one cannot be used.
        """
        raise NotImplementedError

    def shares(self, decided: Outputs, probabilities: Sequence[Any]) -> Outputs | None:
        """The probability of each of `names`, (N, K); None if they do not follow from what `predict` writes.

        Args:
            decided: what `decided` gave.
            probabilities: of the same N examples, as `cells` gives them.

        Raises:
            UnusableAnswer: one is not a probability, or does not fit its answer.
        """
        return None

    def from_shares(self, shares: Outputs) -> Outputs:
        """(N, K) probabilities, one for each of `names`, as they are scored."""
        return shares

    without_others: ClassVar[str] = ""
    """Why answers of other programs cannot be compared; empty if they can."""

    has_probabilities: ClassVar[bool] = True
    """Whether `decide` returns probabilities."""

    def answers_in_words(self, threshold: float | None) -> str:
        """How outputs are turned into an answer, in words."""
        return "the label of the highest probability"

    no_probabilities: ClassVar[str] = ""
    """Why `Model.probabilities` is not available, and what to use instead; empty if it is."""
    needs_labels: ClassVar[bool] = True
    """Whether examples need labels to be scored."""
    not_for_texts: ClassVar[str] = ""
    """Why the task is not for texts; empty if it is."""
    explainable: ClassVar[bool] = True
    """Whether an answer depends on one score, which can be attributed to parts of the input."""

    def explained_score(self, output: Any, threshold: float | None) -> tuple[int, float]:
        """The index of the head's output that an answer depends on, and the factor to multiply it by."""
        return 0, 1.0

    def score_in(self, output: Any, index: int) -> float:
        """The head's output `index` before its activation, recovered from one of `answers`.

        A softmax hides a constant that is added to all outputs: there, it is the output less the mean of all.
        """
        raise NotImplementedError

    def portable(self, threshold: float | None) -> dict[str, Any]:
        """What a portable model keeps of the task besides its name and labels."""
        return {"threshold": cut_at(threshold)} if self.picks_threshold else {}

    def golden(self, model: Any, inputs: Any) -> tuple[ShownLabels, Outputs]:
        """The labels and outputs for N inputs that a portable model is checked against.

        Args:
            model: a trained model with the methods `outputs` and `decide`.
            inputs: in the form in which it reads them.
        """
        outputs = model.outputs(inputs)
        return model.decide(outputs)[0], outputs

    # Evaluation

    @property
    def headline(self) -> str:
        """The name of the measure that the verdict rests on."""
        return next(iter(self.measures))

    fewest: ClassVar[int] = 2
    """The fewest test examples that can be scored; validation needs two for every task."""
    examples_in_words: ClassVar[str] = "examples"

    def check(self, targets: NDArray[Any], what: str) -> None:
        """Check that examples can be scored; called before anything is trained.

        Args:
            targets: as they are scored.
            what: the name of the part, as in "test".

        Raises:
            UserError: they cannot; says what to hold out instead.
        """
        count, fewest, examples = len(targets), self.fewest if what == "test" else 2, self.examples_in_words
        if count < fewest:
            there = f"is only 1 {what} {examples.removesuffix('s')}" if count == 1 else f"are {count} {what} {examples}"
            raise UserError(
                f"There {there}, and scores need at least {fewest}. Give more {what} {examples}; if they are held "
                "out of your data, hold out more: --set data.test_fraction=0.3 --set data.validation_fraction=0.3."
            )

    def details(self, predictions: Predictions, threshold: float | None) -> dict[str, Any]:
        """What is recorded of predictions besides the measures, as plain values."""
        return {}

    def caution(self, predictions: Predictions, threshold: float | None, measure: str | None = None) -> str:
        """Sentences on what the test scores, or a verdict by this measure, may hide; empty if there are none."""
        return ""

    def scores(self, predictions: Predictions, threshold: float | None, *, resamples: int = 2000) -> Scores:
        """Score predictions, see `unspool.evaluation.scoring.score`."""
        details = self.details(predictions, threshold)
        return score(self.measures, predictions, threshold, resamples=resamples, details=details)

    def simple_models(self, parts: RawParts) -> list[SimpleModel]:
        """The simple baselines that only this task knows; empty if it has the usual ones."""
        return []

    def tagged(self, examples: Iterable[Any], predictions: Predictions) -> TaggedExamples | None:
        """Some of N raw examples with their tags, for the report; None if the task has no tags."""
        return None

    def translated(
        self, network: Any, sources: Callable[[], Iterable[Any]], inputs: Any, predictions: Predictions
    ) -> Translated | None:
        """Some of N translations, for the report; None if the task gives none.

        Args:
            network: the model.
            sources: returns the N raw examples.
            inputs: the same as the network reads them.
            predictions: for the same.
        """
        return None

    @classmethod
    def known_measures(cls) -> Mapping[str, Measure]:
        """All measures that instances may have, by name."""
        return cls.measures

    published_measures: ClassVar[tuple[str, ...]] = ()
    """The measures for which a recipe may name published figures."""
    by_step: ClassVar[bool] = False
    """Whether a model answers at each step, not once for the whole sequence."""
    answers_vary_in_length: ClassVar[bool] = False
    """Whether answers to series vary in length; then series keep their own lengths as well."""

    def published(self, figures: PublishedFigures, measure: str) -> str:
        """The published figure of a measure as text; empty if there is none."""
        return ""

    # Saving

    beside: ClassVar[tuple[str, ...]] = ()
    """The fields that `save` writes to separate files."""

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to a JSON file, atomically, and arrays that it has learned to files beside it."""
        content = {name: value for name, value in asdict(self).items() if name not in (*_UNSAVED, *self.beside)}
        write_definition(path, WHAT, {"task": self.name} | content)

    @property
    def learned(self) -> dict[str, NDArray[Any]]:
        """The arrays that `completed` has added, by name."""
        return {}

    def with_learned(self, folder: Path) -> Self:
        """The same with the arrays that `save` wrote to separate files in a folder.

        Raises:
            UserError: such a file is missing or damaged.
        """
        return self

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """Make a task from the content of the JSON file that `save` wrote.

        Raises:
            KeyError, TypeError, ValueError: the content was altered.
        """
        names = [one.name for one in fields(cls) if one.name not in (*_UNSAVED, *cls.beside)]
        known = {name: content[name] for name in names if name in content}
        if "names" in known:
            known["names"] = checked_names(known["names"])
        return cls(**known, why="as it was trained")
