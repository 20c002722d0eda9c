"""Tagging: a label for each token of a text, or for each step of a series."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import Label, Targets, in_order, label_of, shown, unknown_label
from unspool.data.padding import pad
from unspool.data.ragged import Ragged
from unspool.data.tables.problems import Flaw, Reason
from unspool.data.tables.writing import without_apostrophe
from unspool.errors import UserError
from unspool.evaluation.baselines.simple_models import RawParts, SimpleModel
from unspool.evaluation.baselines.tags import most_frequent_tags, window_models
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.measures.tags import EVERY, tag_measures
from unspool.evaluation.result import Predictions
from unspool.evaluation.tagged import TaggedExample, TaggedExamples
from unspool.tasks.base import Outputs, Task
from unspool.tasks.one_label import on_the_only
from unspool.tasks.other_answers import UnusableAnswer, from_json

if TYPE_CHECKING:
    import keras

NO_STEP = -1
"""The target of a step that is not there."""

_SHOWN, _SHOWN_TOKENS = 8, 60
"""Examples in a report, and tokens of each."""


@dataclass(frozen=True)
class Tagging(Task):
    """A tag for each step, of those in `names`; a label is the tuple of an example's tags.

    Targets are N sequences of numbers, a Ragged; as they are scored (N, T), -1 where there is no step. Outputs are
    (N, T, C) the probability of each tag, zeros where there is no step.

    Example:
        >>> task = Tagging.learn([("noun", "verb"), ("noun",)])
        >>> task.truth(task.encode([("verb", "noun"), ("noun",)])).tolist()
        [[1, 0], [0, -1]]
    """

    name = "tagging"
    title = "tagging (a label for each token or step)"
    pipeline_of_texts = "token-classification"
    compared = ("macro_f1", "span_f1", "accuracy")
    shapes = ("tagger", "choice")
    network = "a network that tags"
    activation = "softmax"
    loss = "sparse_categorical_crossentropy"
    metrics = ("accuracy",)
    figures = ("headline", "loss", "example", "confusion-matrix")
    sections = ("tagged.html.j2",)
    explainable = False
    by_step = True
    compared_on_validation = True
    answers_vary_in_length = True

    def __post_init__(self) -> None:
        if len(self.names) < 2:
            raise ValueError(f"{len(self.names)} names do not suit the task tagging")

    @property
    def measures(self) -> Mapping[str, Measure]:  # type: ignore[override]
        """F1 over spans is one of them where the tags mark spans."""
        return tag_measures(self.names)

    @classmethod
    def known_measures(cls) -> Mapping[str, Measure]:
        """Whatever the tags are."""
        return EVERY

    # Labels

    @classmethod
    def refuse(cls, counts: Counter[Label]) -> None:
        """Refuse labels that are no lists, and a single tag."""
        one = next((label for label in counts if not isinstance(label, tuple)), None)
        if one is not None:
            raise UserError(f"The task tagging asks for a list of tags for each example, but a label is {one!r}.")
        tags = set(chain.from_iterable(counts))
        if len(tags) < 2:
            raise UserError(
                f"Nothing can be learned from one tag: all are {next(iter(tags), '')!r}. Give at least two."
            )

    @classmethod
    def learn(cls, labels: Sequence[Label]) -> Self:
        """Learn the names of the tags."""
        return cls(in_order(set(chain.from_iterable(labels))))

    @property
    def outputs(self) -> int:
        """A probability for each tag, at each step."""
        return len(self.names)

    def flaw(self, label: Label) -> Flaw | None:
        """No list, or a tag that does not occur in training."""
        if not isinstance(label, tuple):
            return Flaw(Reason.TYPE, "there is one label, and a list of tags was expected")
        for tag in label:
            if tag not in self.names:
                return Flaw(Reason.UNKNOWN_LABEL, unknown_label(tag, self.names).replace("label", "tag", 1))
        return None

    def _checked(self, value: object, position: int) -> Label:
        return _tags_of(value, position)

    def _encode(self, labels: Sequence[Label]) -> Targets:
        number_of = {name: number for number, name in enumerate(self.names)}
        return cast(Targets, Ragged.from_sequences([[number_of[tag] for tag in label] for label in labels]))

    def decode(self, targets: Any) -> list[Any]:
        """N tuples of tags; numbers below 0 are left out."""
        return [tuple(self.names[int(tag)] for tag in row if tag >= 0) for row in targets]

    def indices(self, label: Label) -> tuple[int, ...]:
        """Each tag that an example has, once."""
        return tuple(sorted({self.names.index(tag) for tag in label}))

    # The model

    def suited_network(self, examples: int, shape: str | None) -> dict[str, Any]:
        """A tagger with its own defaults."""
        return {"shape": "tagger"}

    def build(self, model: Any, inputs: Any) -> "keras.Model":
        """A recurrent network with a head at every step."""
        from unspool.descriptions.networks import Tagger
        from unspool.models.tagger import tagger

        assert isinstance(model, Tagger)
        return tagger(replace(model, outputs=self.outputs), inputs)

    def truth(self, targets: Any) -> NDArray[Any]:
        """(N, T) with -1 behind the end of each."""
        longest = max(1, int(targets.lengths.max(initial=1)))
        padded: NDArray[np.int64] = pad(targets, longest, padding="post", value=NO_STEP).astype(np.int64)
        return padded

    def answers(self, outputs: Any) -> Outputs:
        """(N, T, C) with zeros behind the end of each."""
        longest = max(1, int(outputs.lengths.max(initial=1)))
        padded: Outputs = pad(outputs, longest, padding="post").astype(np.float64)
        return padded

    # Decisions

    def decide(self, outputs: Outputs, threshold: float | None) -> tuple[list[Any], list[Any]]:
        """The most probable tag of each step."""
        present: NDArray[np.bool_] = np.asarray(outputs.any(axis=-1))
        tags = np.where(present, outputs.argmax(axis=-1), NO_STEP)
        best = outputs.max(axis=-1)
        return self.decode(tags), [row[there].tolist() for row, there in zip(best, present, strict=True)]

    def cell(self, label: Any) -> Any:
        """A list, as long as the tokens."""
        return list(label)

    def cells(self, label: Any, probability: Any) -> tuple[Any, Any]:
        """Lists, as long as the tokens."""
        return self.cell(label), [round(one, 6) for one in probability]

    def decided(self, answers: Sequence[Any], truth: NDArray[Any]) -> Outputs:
        """1 for the tag of each token or step, 0 for all others; tags are lists, or texts with spaces in between."""
        number_of = {name: number for number, name in enumerate(self.names)}
        outputs = np.zeros((*truth.shape, len(self.names)))
        for position, answer in enumerate(answers):
            cell = from_json(answer)
            tags = cell.split() if isinstance(cell, str) else cell
            wanted = int((truth[position] >= 0).sum())
            if not isinstance(tags, list | tuple | np.ndarray) or len(tags) != wanted:
                count = f"{len(tags):,} tags" if isinstance(tags, list | tuple | np.ndarray) else f"{answer!r}"
                raise UnusableAnswer(position, f"the prediction is {count}, and {wanted:,} tags were expected")
            for step, tag in enumerate(tags):
                number = number_of.get(str(tag), number_of.get(str(without_apostrophe(str(tag)))))
                if number is None:
                    why = unknown_label(tag, self.names).replace("label", "tag", 1)
                    raise UnusableAnswer(position, f"tag {step + 1} is {shown(str(tag))!r}, but {why}")
                outputs[position, step, number] = 1
        return outputs

    def answers_in_words(self, threshold: float | None) -> str:
        """One tag a step."""
        return "the tag of the highest probability, for each token or step"

    # Evaluation

    def on_one_label(self, targets: NDArray[Any]) -> str:
        """Name the only tag."""
        return on_the_only(self.names, targets, "tags")

    def simple_models(self, parts: RawParts) -> list[SimpleModel]:
        """Each token's most frequent tag, and models over a window of tokens or steps."""
        return [most_frequent_tags(parts, self.outputs), *window_models(parts, self.outputs)]

    def tagged(self, examples: Iterable[Any], predictions: Predictions) -> TaggedExamples | None:
        """Some of the examples, drawn at random, the beginning of each."""
        rows = np.sort(np.random.RandomState(0).permutation(len(predictions))[:_SHOWN])
        said, _ = self.decide(predictions.outputs[rows], None)
        true = self.decode(predictions.targets[rows])
        wanted = set(rows.tolist())
        raw = [one for position, one in enumerate(examples) if position in wanted]
        return tuple(
            TaggedExample(_tokens_of(one)[:_SHOWN_TOKENS], truth[:_SHOWN_TOKENS], answer[:_SHOWN_TOKENS])
            for one, truth, answer in zip(raw, true, said, strict=True)
        )


def _tags_of(value: object, position: int) -> Label:
    """A list of tags as a label, each as often as it stands there.

    Raises:
        UserError: it is none, or a tag is of no use.
    """
    if not isinstance(value, list | tuple | np.ndarray):
        raise UserError(f"Label {position}: there is one label, and a list of tags was expected.")
    tags = [label_of(one) for one in (value.tolist() if isinstance(value, np.ndarray) else value)]
    for step, tag in enumerate(tags, start=1):
        if not isinstance(tag, str):
            detail = tag.detail if isinstance(tag, Flaw) else "it is a list"
            raise UserError(f"Label {position}, step {step}: {detail}.")
    return tuple(tag for tag in tags if isinstance(tag, str))


def _tokens_of(example: Any) -> tuple[str, ...]:
    """Tokens as they are; the steps of a series by their numbers, from 1."""
    if isinstance(example, tuple):
        return example
    return tuple(str(step) for step in range(1, len(example) + 1))
