"""Multilabel classification: any number of labels at once."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import is_missing
from unspool.data.labels import Label, Targets, as_number, in_order, list_in, shown, unknown_label
from unspool.data.tables.problems import Flaw, Reason
from unspool.errors import UserError
from unspool.evaluation.baselines.linear import fit_labels
from unspool.evaluation.baselines.simple_models import SimpleModel
from unspool.evaluation.curves import f1_threshold
from unspool.evaluation.measures import weighted
from unspool.evaluation.measures.labels import (
    found_of,
    label_f1,
    labels_of,
    mean_average_precision,
    of_any_label,
    of_rarest,
)
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.scoring import cut_at
from unspool.evaluation.wording import difference_with_interval, percent, significant, three_decimals
from unspool.tasks.base import Outputs
from unspool.tasks.binary import HOLD_OUT_OTHERS
from unspool.tasks.multiclass import MOST_NUMBERED_CLASSES
from unspool.tasks.other_answers import UnusableAnswer, from_json, labels_of_answers, probability_of
from unspool.tasks.whole import WholeTask

SEPARATORS = "|;"
"""Between labels in one text; if neither occurs, commas may be separators, too."""
_SEVERAL = 3  # the fewest different texts with commas

_OF_OTHER_PROGRAMS = (";", "|", ",", " ")
"""What programs put between several labels."""


@dataclass(frozen=True)
class Multilabel(WholeTask):
    """Any number of labels at once; targets and outputs are (N, L), outputs the probability of each.

    Micro F1 comes first, because it counts each decision the same: to have all labels right at once is out of reach
    where there are many, and macro F1 rests on rare ones.

    Attributes:
        separator: what parts several labels in one text; None where they are lists.

    Example:
        >>> task = Multilabel.learn(["drama", "comedy|drama"])
        >>> task.names, task.encode(["comedy"]).tolist(), task.decode([[1, 1]])
        (('comedy', 'drama'), [[1.0, 0.0]], [('comedy', 'drama')])
    """

    separator: str | None = None

    picks_threshold = True

    candidate_scores = {"log loss": significant, "labels right": percent}  # noqa: RUF012

    name = "multilabel"
    title = "multilabel classification"
    pipeline_of_texts = "text-classification"
    measures = {  # noqa: RUF012
        "micro_f1": Measure(
            "micro F1",
            "the harmonic mean of precision and recall over all decisions, each label of each example being one",
            label_f1("micro"),
            lambda y, p, threshold: weighted.micro_f1(y == 1, p >= threshold),
            three_decimals,
            difference_with_interval,
            trials=of_any_label,
            decisions=lambda y, p, threshold: p >= threshold,
        ),
        "macro_f1": Measure(
            "macro F1",
            "the same of each label, averaged over the labels that occur",
            label_f1("macro"),
            lambda y, p, threshold: weighted.macro_f1(
                *found_of((y == 1)[:, labels_of(y)], (p >= threshold)[:, labels_of(y)])
            ),
            three_decimals,
            trials=of_rarest,
            decisions=lambda y, p, threshold: (p >= threshold)[:, labels_of(y)],
        ),
        "average_precision": Measure(
            "average precision",
            "how far up a label’s examples stand when all are ranked by its probability, averaged over the labels; a "
            "label’s share of the examples is guessing",
            mean_average_precision,
            lambda y, p, _: weighted.mean_average_precision((y == 1)[:, labels_of(y)], p[:, labels_of(y)]),
            three_decimals,
            of_probabilities=True,
            trials=of_rarest,
        ),
        "subset_accuracy": Measure(
            "share with all labels right",
            "examples whose labels are all right, and none too many",
            lambda y, p, threshold: float(np.mean(((p >= threshold) == (y == 1)).all(axis=1))),
            lambda y, p, threshold: weighted.mean(((p >= threshold) == (y == 1)).all(axis=1).astype(np.float64)),
            percent,
            share=True,
            decisions=lambda y, p, threshold: ((p >= threshold) == (y == 1)).all(axis=1),
        ),
    }
    compared = ("average_precision", "macro_f1", "micro_f1")
    activation = "sigmoid"
    explainable = False
    loss = "binary_crossentropy"
    figures = ("headline", "loss", "example", "labels")
    sections = ("labels.html.j2",)

    def __post_init__(self) -> None:
        if not self.names:
            raise ValueError("no names do not suit the task multilabel")
        if self.separator is not None and not (isinstance(self.separator, str) and self.separator):
            raise ValueError("the separator is not a text")

    @classmethod
    def recognise(cls, counts: Counter[Label]) -> str:
        """Lists, or texts with `|` or `;` in them, or with commas between parts that recur in other combinations."""
        if any(isinstance(label, tuple) for label in counts):
            one_each = all(isinstance(label, tuple) and len(label) == 1 for label in counts)
            alone = ", each of one label: if that is always so, give the label alone, so that exactly one is predicted"
            return f"labels are lists{alone if one_each else ''}"
        separator = _separator(counts)
        if separator is None or (separator == "," and not _are_lists(counts)) or _is_punctuation(counts, separator):
            return ""
        return f'labels such as {shown(next(label for label in counts if separator in label))} hold "{separator}"'

    @classmethod
    def learn(cls, labels: Sequence[Label]) -> Self:
        """Learn the names of the labels, and what parts them."""
        separator = _separator(labels)
        return cls(in_order({name for label in set(labels) for name in _parts(label, separator)}), separator)

    @property
    def outputs(self) -> int:
        """A probability for each label."""
        return len(self.names)

    def flaw(self, label: Label) -> Flaw | None:
        """A label that does not occur in training."""
        for name in _parts(label, self.separator):
            if name not in self.names:
                return Flaw(Reason.UNKNOWN_LABEL, unknown_label(name, self.names))
        return None

    def _encode(self, labels: Sequence[Label]) -> Targets:
        number_of = {name: number for number, name in enumerate(self.names)}
        indicators = np.zeros((len(labels), len(self.names)), dtype=np.float32)
        for row, label in enumerate(labels):
            indicators[row, [number_of[name] for name in _parts(label, self.separator)]] = 1
        return indicators

    def decode(self, targets: Any) -> list[Any]:
        """Tuples of names."""
        return [tuple(self.names[index] for index in np.flatnonzero(row)) for row in np.asarray(targets)]

    def as_in_a_file(self, targets: Any) -> list[Any]:
        """Lists of names, or texts with a separator behind each name, so that one name or none is a list, too."""
        labels, separator = self.decode(targets), self.separator
        if separator is None:
            return [list(names) for names in labels]
        return ["".join(f"{name}{separator}" for name in names) or separator for names in labels]

    @property
    def no_labels(self) -> str:
        """A separator alone, or an empty list: an empty cell says nothing about the labels."""
        return self.separator or "[]"

    def indices(self, label: Label) -> tuple[int, ...]:
        """The numbers of all its labels."""
        return tuple(self.names.index(name) for name in _parts(label, self.separator))

    def pick_threshold(self, targets: NDArray[Any], outputs: Outputs, measure: str | None = None) -> float | None:
        """The one threshold for all labels with the largest micro F1."""
        return f1_threshold(targets, outputs)

    def decide(self, outputs: Outputs, threshold: float | None) -> tuple[list[Any], list[Any]]:
        """Each label whose probability reaches the threshold, and the probability of each."""
        yes = outputs >= cut_at(threshold)
        return self.decode(yes), [dict(zip(self.names, row, strict=True)) for row in outputs.tolist()]

    def cell(self, label: Any) -> Any:
        """Several labels as one text, where they were one in training; else as a list."""
        return self.separator.join(label) if self.separator is not None else list(label)

    def cells(self, label: Any, probability: Any) -> tuple[Any, Any]:
        """The labels, and the probability of each that there is, by its name."""
        return self.cell(label), dict(probability)

    def decided(self, answers: Sequence[Any], truth: NDArray[Any]) -> Outputs:
        """1 for each label that was given, 0 for all others; an empty cell holds none."""
        answers = [() if is_missing(answer) else self._separated(list_in(answer)) for answer in answers]
        return self._encode(labels_of_answers(self, answers)).astype(np.float64)

    def _separated(self, answer: Any) -> Any:
        """Several labels between whose names another program has put another separator, as a list."""
        if not isinstance(answer, str) or answer in self.names:
            return answer
        known = {name.casefold(): name for name in self.names} | {name: name for name in self.names}
        for separator in _OF_OTHER_PROGRAMS:
            parts = [part.strip() for part in answer.split(separator)]
            names = [known.get(part) or known.get(part.casefold()) for part in parts]
            if len(names) > 1 and all(names):
                return names
        return answer

    def shares(self, decided: Outputs, probabilities: Sequence[Any]) -> Outputs:
        """That of each label, by its name or in their order.

        Raises:
            UnusableAnswer: one does not hold a probability for each label.
        """
        found = np.zeros(decided.shape)
        for position, cell in enumerate(map(from_json, probabilities)):
            if isinstance(cell, dict) and cell.keys() == {*self.names}:
                cell = [cell[name] for name in self.names]
            if not isinstance(cell, list | tuple | np.ndarray) or len(cell) != len(self.names):
                why = f"the probability is {cell!r}, and one for each of the {len(self.names):,} labels was expected"
                raise UnusableAnswer(position, why)
            found[position] = [probability_of(one, position) for one in cell]
        return found

    def answers_in_words(self, threshold: float | None) -> str:
        """Each label, and from which probability on."""
        return f"each label whose probability is at least {cut_at(threshold):g}"

    def check(self, targets: NDArray[Any], what: str) -> None:
        """Some example of the test must have a label."""
        super().check(targets, what)
        if what == "test" and not targets.any():
            raise UserError(
                f"None of the {len(targets):,} test examples has any label, so that there is nothing to find in "
                f"them and no F1. {HOLD_OUT_OTHERS}"
            )

    def most_frequent(
        self, training: NDArray[Any], validation: NDArray[Any], test: NDArray[Any], measure: str | None = None
    ) -> SimpleModel:
        """The share of each label in training."""
        shares = training.mean(axis=0, dtype=np.float64)
        threshold = f1_threshold(validation, np.broadcast_to(shares, validation.shape))
        outputs = np.broadcast_to(shares, (len(test), len(shares))).copy()
        return SimpleModel("label-frequencies", "each label’s frequency", outputs, threshold, 0.0)

    def fit_linear(self, features: Any, targets: NDArray[Any]) -> Callable[[Any], Outputs]:
        """A logistic regression for each label."""
        return fit_labels(features, targets)


def _separator(labels: Any) -> str | None:
    texts = [label for label in labels if isinstance(label, str)]
    if len(texts) + sum(label == () for label in labels) < len(labels):  # [] says "none" beside texts, too
        return None
    return next((separator for separator in (*SEPARATORS, ",") if any(separator in text for text in texts)), None)


def _is_punctuation(counts: Counter[Label], separator: str) -> bool:
    """Whether a semicolon stands in a few labels, and most names occur once, as in sentences."""
    names = Counter(name for label in counts.elements() for name in _parts(label, separator))
    holding = sum(count for label, count in counts.items() if separator in label)
    few = separator == ";" and 2 * holding < counts.total()
    return few and len(names) > MOST_NUMBERED_CLASSES and 2 * len(names) > names.total()


def _are_lists(labels: Iterable[Label]) -> bool:
    """Tell whether different texts combine names that also occur alone, rather than being names with commas in them."""
    parted = [_parts(label, ",") for label in labels]
    combined = [parts for parts in parted if len(parts) > 1]
    names = {name for parts in parted for name in parts}
    alone = {parts[0] for parts in parted if len(parts) == 1}
    recurring = alone.intersection(name for parts in combined for name in parts)
    few = 2 * len(names) <= len(parted) and not any(as_number(name) is not None for name in names)
    return few and len(combined) >= _SEVERAL and 2 * len(recurring) >= len(alone) > 0


def _parts(label: Label, separator: str | None) -> tuple[str, ...]:
    if isinstance(label, tuple):
        return label
    if separator is None:
        return (label,)
    return tuple(part.strip() for part in label.split(separator) if part.strip())
