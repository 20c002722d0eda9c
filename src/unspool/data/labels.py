"""Labels to numbers and back, as a value that is saved with the model."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.definitions import altered, read_definition, write_definition
from unspool.data.tables.problems import Flaw, Reason
from unspool.data.task import TASKS, FoundTask, Label, Task, as_number, find_task, label_of, shown
from unspool.errors import UserError

Targets = NDArray[np.int64] | NDArray[np.float32]

_WHAT = "label codec"
_SHOWN = 10
_UNEQUAL = 1.5  # times as many examples of the most frequent class as of the rarest
_NAMES = {"binary": (2, 2), "multiclass": (2, math.inf), "multilabel": (1, math.inf), "regression": (0, 0)}


@dataclass(frozen=True)
class LabelCodec:
    """Turns labels into what a model is trained on, and its answers into labels.

    Attributes:
        task: "binary", "multiclass", "multilabel" or "regression".
        names: of labels 0, 1, ..., in the order of their numbers or else of the alphabet; of a binary task, the second
            is the one whose probability is predicted. None for regression.
        separator: what parts several labels in one text, or None.
        mean: of the training numbers (regression).
        scale: their standard deviation, by which targets are divided (regression).

    Example:
        >>> codec = LabelCodec.fit(["pos", "neg", "neg"])
        >>> codec.names, codec.encode(["neg", "pos"]).tolist(), codec.decode([1, 0])
        (('neg', 'pos'), [0, 1], ['pos', 'neg'])
        >>> LabelCodec.fit(["drama", "comedy|drama"]).encode(["comedy"]).tolist()
        [[1.0, 0.0]]
    """

    task: Task
    names: tuple[str, ...] = ()
    separator: str | None = None
    mean: float = 0.0
    scale: float = 1.0

    @classmethod
    def fit(cls, labels: Sequence[object], task: Task | FoundTask | None = None) -> "LabelCodec":
        """Learn the names of the training labels.

        Args:
            labels: of N examples: texts, numbers, truth values, or lists of these.
            task: what is to be predicted; read from the labels where it is None (see `task.find_task`).

        Raises:
            UserError: a label is missing or of no use, there is but one, or the task does not suit them.
        """
        plain = [_label(label, position) for position, label in enumerate(labels, start=1)]
        found = task if isinstance(task, FoundTask) else find_task(plain, task)
        if found.task == "regression":
            numbers = np.array([number for label in plain if (number := as_number(label)) is not None])
            return cls(found.task, mean=float(numbers.mean()), scale=float(numbers.std()) or 1.0)
        counts = Counter(name for label in set(plain) for name in _parts(label, found.separator))
        return cls(found.task, tuple(sorted(counts, key=_order)), found.separator)

    @property
    def outputs(self) -> int:
        """How many numbers a model answers with: 1, or as many as there are names."""
        return 1 if self.task in ("binary", "regression") else len(self.names)

    def flaw(self, label: Label) -> Flaw | None:
        """Tell why a label cannot be encoded, if that is so."""
        if self.task == "regression":
            number = as_number(label)
            return (
                Flaw(Reason.NOT_FINITE, f"the label {shown(label)!r} is no finite number") if number is None else None
            )
        if isinstance(label, tuple) and self.task != "multilabel":
            return Flaw(Reason.TYPE, "the label is a list, and one label was expected")
        for name in _parts(label, self.separator):
            if name not in self._number_of:
                known = ", ".join(self.names[:_SHOWN]) + (", ..." if len(self.names) > _SHOWN else "")
                return Flaw(Reason.UNKNOWN_LABEL, f"training never shows the label {shown(name)!r} (it shows {known})")
        return None

    def encode(self, labels: Sequence[object]) -> Targets:
        """Turn N labels into targets.

        Returns:
            (N,) whole numbers for one label an example; (N, len(names)) float32, 0 or 1, for several; for regression
            (N,) float32, less `mean`, divided by `scale`.

        Raises:
            UserError: a label was not known in training, or is no number where one is needed.
        """
        plain = [_label(label, position) for position, label in enumerate(labels, start=1)]
        for position, label in enumerate(plain, start=1):
            flaw = self.flaw(label)
            if flaw is not None:
                raise UserError(f"Label {position}: {flaw.detail}.")
        if self.task == "regression":
            numbers = np.array([as_number(label) for label in plain], dtype=np.float64)
            return ((numbers - self.mean) / self.scale).astype(np.float32)
        if self.task == "multilabel":
            indicators = np.zeros((len(plain), len(self.names)), dtype=np.float32)
            for row, label in enumerate(plain):
                indicators[row, [self._number_of[name] for name in _parts(label, self.separator)]] = 1
            return indicators
        return np.array([self._number_of[str(label)] for label in plain], dtype=np.int64)

    def decode(self, targets: Any) -> list[Any]:
        """Turn targets, as `encode` gives them, into labels: names, tuples of names, or numbers."""
        if self.task == "regression":
            return [float(target) * self.scale + self.mean for target in np.asarray(targets).ravel()]
        if self.task == "multilabel":
            return [tuple(self.names[index] for index in np.flatnonzero(row)) for row in np.asarray(targets)]
        return [self.names[int(target)] for target in targets]

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to one JSON file, whole or not at all."""
        write_definition(path, _WHAT, asdict(self))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> "LabelCodec":
        """Read what `save` wrote.

        Raises:
            UserError: there is no such file, it is cut short, or it is something else.
        """
        content = read_definition(path, _WHAT)
        try:
            return cls._from(content)
        except (KeyError, TypeError, ValueError) as error:
            raise altered(path, _WHAT, error) from error

    @classmethod
    def _from(cls, content: dict[str, Any]) -> "LabelCodec":
        names, separator = content["names"], content["separator"]
        if content["task"] not in TASKS:
            raise ValueError(f"there is no task {content['task']!r}")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError("the names are no list of texts")
        least, most = _NAMES[content["task"]]
        if len(set(names)) != len(names) or not least <= len(names) <= most:
            raise ValueError(f"{len(names)} names do not suit the task {content['task']}")
        if separator is not None and not (isinstance(separator, str) and separator):
            raise ValueError("the separator is no text")
        mean, scale = float(content["mean"]), float(content["scale"])
        if not (math.isfinite(mean) and math.isfinite(scale) and scale > 0):
            raise ValueError("mean and scale are no finite numbers")
        return cls(content["task"], tuple(names), separator, mean, scale)

    @cached_property
    def _number_of(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.names)}


def are_unequal(counts: NDArray[np.integer]) -> bool:
    """Tell whether classes with so many examples are so unequal that they should be weighted.

    Example:
        >>> are_unequal(np.array([100, 80])), are_unequal(np.array([100, 60]))
        (False, True)
    """
    return bool(counts.max() > _UNEQUAL * counts.min())


def class_weights(targets: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """Return how much an example of each class counts so that all classes count the same, (classes,).

    N / (classes * examples of the class), as scikit-learn's "balanced"; 0 for a class without examples.

    Example:
        >>> class_weights(np.array([0, 0, 0, 1]), 2).round(3).tolist()
        [0.667, 2.0]
    """
    counts = np.bincount(targets, minlength=classes)
    return np.divide(len(targets), classes * counts, out=np.zeros(classes), where=counts > 0)


def _label(value: object, position: int) -> Label:
    label = label_of(value)
    if isinstance(label, Flaw):
        raise UserError(f"Label {position}: {label.detail}.")
    return label


def _parts(label: Label, separator: str | None) -> tuple[str, ...]:
    if isinstance(label, tuple):
        return label
    if separator is None:
        return (label,)
    return tuple(part.strip() for part in label.split(separator) if part.strip())


def _order(name: str) -> tuple[bool, float, str]:
    number = as_number(name)
    return number is None, number if number is not None else 0.0, name
