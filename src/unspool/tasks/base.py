"""What a task is: everything that depends on what is predicted, in one value that is saved with the model.

Whoever adds a task writes one file beside this one, names it in `registry`, and writes its test and a page.
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
from unspool.data.labels import Label, Targets, as_number, label_of, shown
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
"""What the file of a task calls itself, since the first version."""

Outputs: TypeAlias = NDArray[np.float64]
ShownLabels: TypeAlias = list[Any]

_SHOWN = 10


class Part(Protocol):
    """Some of the examples, as a model reads them.

    Attributes:
        inputs: N of them.
        targets: of the same, as `Task.encode` gives them.
    """

    @property
    def inputs(self) -> Any:
        """See above."""

    @property
    def targets(self) -> Any:
        """See above."""


@dataclass(frozen=True)
class Task(ABC):
    """What is predicted, and all that depends on it: labels, head, loss, decision, measures, baselines, figures.

    Attributes:
        names: of label 0, 1, ..., where there are some.
        why: why the labels ask for this task, in words; not saved.
    """

    names: tuple[str, ...] = ()
    why: str = field(default="it was set", compare=False, repr=False, kw_only=True)

    name: ClassVar[str]
    """As `--task` and labels.json have it."""
    title: ClassVar[str]
    """In words, as a sentence has it."""
    measures: ClassVar[Mapping[str, Measure]]
    """By name; the verdict rests on the first."""
    compared: ClassVar[tuple[str, ...]]
    """The measures that models are compared by."""
    candidate_scores: ClassVar[Mapping[str, Callable[[float], str]]] = {"log loss": significant, "accuracy": percent}
    """What candidates reach on held-out training data, and how it is said; the lower the first, the better."""
    shapes: ClassVar[tuple[str, ...]] = ("seq2vec", "choice")
    """Of models that serve, as `model.shape` has them."""
    activation: ClassVar[Literal["sigmoid", "softmax", "linear"]]
    """Of the model's head."""
    loss: ClassVar[str]
    metrics: ClassVar[tuple[str, ...]] = ()
    """What training logs beside the loss."""
    regression: ClassVar[Literal["logistic", "ridge"]] = "logistic"
    """The linear model that stands beside."""
    figures: ClassVar[tuple[str, ...]]
    """Of the report, by the names in `unspool.report.figures`, in the order of the page."""
    sections: ClassVar[tuple[str, ...]]
    """Of the report's page: templates that stand behind those of every task."""
    pipeline_of_texts: ClassVar[str] = ""
    """What model hubs call the task where it reads texts; empty where they have no name for it."""
    pipeline_of_series: ClassVar[str] = ""
    """The same of series."""
    with_answer: ClassVar[str] = "labelled"
    """What an example is with its answer, as in "labelled"."""
    chooses_among_labels: ClassVar[bool] = False
    """Whether each example has one label of a few, so that accuracy and balanced accuracy are defined."""

    network: ClassVar[str] = ""
    """What a message calls the model, if it is always a network; empty if other models are possible, too."""

    # Labels

    @classmethod
    def recognise(cls, counts: Counter[Label]) -> str:
        """Say why these labels, and how often each occurs, ask for this task; nothing where they do not.

        Most tasks never follow from labels alone: whoever wants them asks for them.
        """
        return ""

    @classmethod
    def refuse(cls, counts: Counter[Label]) -> None:
        """Refuse labels that this task cannot have, where it was asked for.

        Raises:
            UserError: says why, and what to do.
        """

    @classmethod
    @abstractmethod
    def learn(cls, labels: Sequence[Label]) -> Self:
        """Learn from the training labels how labels are encoded."""

    @property
    @abstractmethod
    def outputs(self) -> int:
        """How many numbers a model answers with."""

    @property
    def shape_of_outputs(self) -> tuple[int, ...]:
        """The shape of one answer of a model of raw examples; a single number has none."""
        return () if self.outputs == 1 else (self.outputs,)

    def flaw(self, label: Label) -> Flaw | None:
        """Tell why a label cannot be encoded, if that is so."""
        return None

    def encode(self, labels: Sequence[object]) -> Targets:
        """Turn N labels into targets.

        Raises:
            UserError: a label is missing, was not known in training, or is not a number where one is needed.
        """
        plain = [checked_label(label, position) for position, label in enumerate(labels, start=1)]
        for position, label in enumerate(plain, start=1):
            flaw = self.flaw(label)
            if flaw is not None:
                raise UserError(f"Label {position}: {flaw.detail}.")
        return self._encode(plain)

    @abstractmethod
    def _encode(self, labels: Sequence[Label]) -> Targets: ...

    @abstractmethod
    def decode(self, targets: Any) -> ShownLabels:
        """Turn targets, as `encode` gives them, into labels."""

    def as_in_a_file(self, targets: Any) -> ShownLabels:
        """The same as a file has them, to be read again by `encode`."""
        return self.decode(targets)

    def indices(self, label: Label) -> tuple[int, ...]:
        """Which of `names` a label holds."""
        return ()

    def strata(self, labels: Sequence[Label]) -> NDArray[Any] | None:
        """The class of each of N examples, of which each part is to have the same share, or None."""
        return None

    def weights(self, targets: Targets) -> NDArray[np.float64] | None:
        """(N,) how much each example counts so that all classes count the same; None where that changes little."""
        return None

    # The model

    def suited_network(self, examples: int, shape: str | None) -> dict[str, Any]:
        """The settings of a model that suits so many examples, where it is always a network (see `network`).

        Args:
            examples: of training.
            shape: that was asked for, or None.
        """
        raise NotImplementedError

    def searching(self, beam: int | None = None, length_penalty: float | None = None) -> Self:
        """The same with another width or another length penalty of the beam search; None leaves it as it is.

        Raises:
            UserError: it searches for nothing, or one is out of bounds.
        """
        if beam is None and length_penalty is None:
            return self
        given = "A length penalty" if beam is None else "A beam"
        raise UserError(f"{given} is for models that translate; the task of this one is {self.name}. Leave it out.")

    def build(self, model: Any, inputs: Any) -> "keras.Model":
        """Build the network that a description describes, its weights drawn from Keras's global seed."""
        from unspool.descriptions.inputs import Series, Tokens
        from unspool.models.seq2vec import seq2vec

        assert isinstance(inputs, Tokens | Series)
        return seq2vec(self.head(model), inputs)

    def compile(self, network: "keras.Model", model: Any, optimizer: "keras.optimizers.Optimizer") -> None:
        """Compile a network with the loss of the task."""
        network.compile(optimizer, loss=self.loss, metrics=list(self.metrics))

    def examples(self, inputs: Any, targets: Targets, balanced: bool) -> tuple[Any, ...]:
        """What training takes: inputs, targets and perhaps weights; `balanced` asks for those of classes."""
        weights = self.weights(targets) if balanced else None
        return (inputs, targets) if weights is None else (inputs, targets, weights)

    def predict(self, network: "keras.Model", inputs: Any) -> Outputs:
        """What a network says of N inputs, as it is scored."""
        from unspool.training import predict

        return self.answers(predict(network, inputs, batch_size=PREDICTION_BATCH))

    def networks(self, network: "keras.Model") -> "tuple[keras.Model, ...]":
        """What computes an answer, one after the other: each reads what the one before it gives."""
        return (network,)

    def completed(self, network: Any, training: Part, validation: Part, measure: str | None = None) -> Self:
        """The same with what it learns itself once the network is trained: most tasks nothing.

        Args:
            network: trained.
            training: what the network was trained on.
            validation: what settings are chosen on.
            measure: by its name, that they are to serve; None takes the first.
        """
        return self

    def head(self, model: "Seq2Vec", outputs: int | None = None) -> "Seq2Vec":
        """Give a model the head that the task needs, of a width of its own where `outputs` says so."""
        return replace(model, outputs=outputs or self.outputs, activation=self.activation)

    def truth(self, targets: Targets) -> NDArray[Any]:
        """Targets as they are scored."""
        return np.asarray(targets, dtype=np.int64)

    @property
    def unscaled(self) -> Self:
        """The same task as far as a network knows it: without the unit of the targets."""
        return self

    def answers(self, outputs: NDArray[Any]) -> Outputs:
        """(N, outputs) numbers from the model's head as they are scored, see `Predictions`."""
        return outputs.astype(np.float64)

    def of_classes(self, answers: Outputs) -> Outputs:
        """Answers as (N, K) probabilities, one for each of `names`, as scikit-learn has them."""
        return answers

    # Decisions

    picks_threshold: ClassVar[bool] = False
    """Whether `pick_threshold` finds one, so that a threshold parts yes from no."""

    def pick_threshold(self, targets: NDArray[Any], outputs: Outputs, measure: str | None = None) -> float | None:
        """Pick on validation examples what a probability must reach to be a yes; None where there is no choice.

        Args:
            targets: as they are scored.
            outputs: of the same examples.
            measure: that the threshold is to serve; None takes the task's rule.
        """
        return None

    @abstractmethod
    def decide(self, outputs: Outputs, threshold: float | None) -> tuple[ShownLabels, list[Any]]:
        """Read outputs as labels.

        Returns:
            N labels, and how probable each is; an empty list where there are no probabilities.
        """

    def cells(self, label: Any, probability: Any) -> tuple[Any, Any]:
        """A label and its probability as the cells of a table hold them."""
        return label, probability

    has_probabilities: ClassVar[bool] = True
    """Whether `decide` gives some."""

    def answers_in_words(self, threshold: float | None) -> str:
        """How an answer comes from the outputs."""
        return "the label of the highest probability"

    no_probabilities: ClassVar[str] = ""
    """Why `Model.probabilities` has nothing to give, and what to use instead; empty where it has."""
    needs_labels: ClassVar[bool] = True
    """Whether examples are scored by their labels."""
    not_for_texts: ClassVar[str] = ""
    """Why texts are not for it, if they are not."""
    explainable: ClassVar[bool] = True
    """Whether there is one score behind an answer, whose parts can be told."""

    def explained_score(self, output: Any, threshold: float | None) -> tuple[int, float]:
        """Which of the head's numbers, and how many times it, speaks for the answer to one example."""
        return 0, 1.0

    def portable(self, threshold: float | None) -> dict[str, Any]:
        """What a portable model keeps of the task beside its name and labels."""
        return {"threshold": cut_at(threshold)} if self.picks_threshold else {}

    def golden(self, model: Any, inputs: Any) -> tuple[ShownLabels, Outputs]:
        """The labels and numbers for N inputs that a portable model is checked against.

        Args:
            model: trained, with its `network`, its `outputs` and what it would `decide`.
            inputs: as it reads them.
        """
        outputs = model.outputs(inputs)
        return model.decide(outputs)[0], outputs

    # Evaluation

    @property
    def headline(self) -> str:
        """The name of the measure that a verdict rests on."""
        return next(iter(self.measures))

    def check(self, targets: NDArray[Any], what: str) -> None:
        """Make sure that examples can be scored, which is better said before anything is trained.

        Args:
            targets: as they are scored.
            what: the examples are, as in "test".

        Raises:
            UserError: they cannot; says what to hold out instead.
        """

    def details(self, predictions: Predictions, threshold: float | None) -> dict[str, Any]:
        """What else is told of predictions beside the figures of the measures, as plain values."""
        return {}

    def caution(self, predictions: Predictions, threshold: float | None) -> str:
        """A sentence on what the scores on test examples may hide; empty if there is nothing to say."""
        return ""

    def scores(self, predictions: Predictions, threshold: float | None, *, resamples: int = 2000) -> Scores:
        """Score predictions, see `unspool.evaluation.scoring.score`."""
        details = self.details(predictions, threshold)
        return score(self.measures, predictions, threshold, resamples=resamples, details=details)

    def simple_models(self, parts: RawParts) -> list[SimpleModel]:
        """Models that a person would use instead, which only this task knows; none where others make them."""
        return []

    def tagged(self, examples: Iterable[Any], predictions: Predictions) -> TaggedExamples | None:
        """Some of N raw examples with a tag for each token or step, for the report, where the task has tags."""
        return None

    def translated(
        self, network: Any, sources: Callable[[], Iterable[Any]], inputs: Any, predictions: Predictions
    ) -> Translated | None:
        """Some of N translations, for the report, where the task gives some.

        Args:
            network: that gave them.
            sources: gives the N raw examples.
            inputs: N of them, as the network takes them.
            predictions: of them.
        """
        return None

    @classmethod
    def known_measures(cls) -> Mapping[str, Measure]:
        """Every measure that an instance may have, by name."""
        return cls.measures

    published_measures: ClassVar[tuple[str, ...]] = ()
    """Measures of which a recipe may name figures that were printed elsewhere."""
    by_step: ClassVar[bool] = False
    """Whether a model gives an answer at each step, not one for the whole sequence."""
    answers_vary_in_length: ClassVar[bool] = False
    """Whether answers to series vary in length: series then keep their own lengths, too."""

    def published(self, figures: PublishedFigures, measure: str) -> str:
        """What was printed elsewhere for a measure, as people read it; empty where nothing was."""
        return ""

    # Saving

    beside: ClassVar[tuple[str, ...]] = ()
    """Fields that `save` writes to files of their own."""

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to one JSON file, whole or not at all; and arrays that it has learned to others beside."""
        content = {name: value for name, value in asdict(self).items() if name not in ("why", *self.beside)}
        write_definition(path, WHAT, {"task": self.name} | content)

    @property
    def learned(self) -> dict[str, NDArray[Any]]:
        """What `completed` has added, by name; empty where that is nothing."""
        return {}

    def with_learned(self, folder: Path) -> Self:
        """The same with the arrays that `save` wrote to other files of a folder.

        Raises:
            UserError: such a file is missing or damaged.
        """
        return self

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """Make it from what `save` wrote.

        Raises:
            KeyError, TypeError, ValueError: that was altered.
        """
        names = [one.name for one in fields(cls) if one.name not in ("why", *cls.beside)]
        known = {name: content[name] for name in names if name in content}
        if "names" in known:
            known["names"] = checked_names(known["names"])
        return cls(**known, why="as it was trained")


def checked_label(value: object, position: int) -> Label:
    """Turn a value into a label.

    Raises:
        UserError: it is missing or of no use; names its position, from 1.
    """
    label = label_of(value)
    if isinstance(label, Flaw):
        raise UserError(f"Label {position}: {label.detail}.")
    return label


def checked_names(names: Any) -> tuple[str, ...]:
    """The names in a file that someone may have altered.

    Raises:
        ValueError: they are not a list of different texts.
    """
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ValueError("the names are not a list of texts")
    if len(set(names)) != len(names):
        raise ValueError("a name is there twice")
    return tuple(names)


def unknown_label(name: str, names: Sequence[str]) -> str:
    """Say that training never shows a label, and which it shows."""
    known = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    return f"training never shows the label {shown(name)!r} (it shows {known})"


def in_order(names: Sequence[str] | set[str]) -> tuple[str, ...]:
    """Names in the order of their numbers, or else of the alphabet.

    Example:
        >>> in_order({"10", "9", "none"})
        ('9', '10', 'none')
    """

    def key(name: str) -> tuple[bool, float, str]:
        number = as_number(name)
        return number is None, number if number is not None else 0.0, name

    return tuple(sorted(names, key=key))
