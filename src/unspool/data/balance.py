"""How the labels are spread over the parts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import Label, LabelEncoder, as_number
from unspool.data.parts import TRAINING, Parts, count_by_part
from unspool.data.tables.split_names import PARTS, Part

_UNEQUAL = 1.5  # times as many examples of the most frequent class as of the rarest

QUANTILES = (0.0, 0.1, 0.5, 0.9, 0.99, 1.0)


@dataclass(frozen=True, slots=True)
class Balance:
    """How many examples have which label.

    Attributes:
        parts: how many examples are in each part.
        labels: by the name of a label how many examples of training, validation and test have it, the most frequent in
            training first; none for regression.
        numbers: the quantiles of `QUANTILES` of the training numbers, for regression; else None.
        one_each: whether an example has exactly one label, so that labels can be weighted.
    """

    parts: dict[Part, int]
    labels: dict[str, tuple[int, int, int]]
    numbers: tuple[float, ...] | None
    one_each: bool = True

    @property
    def weights(self) -> dict[str, float]:
        """How much an example of each label should count in training; none where they are about equally frequent."""
        counts = np.array([count for count, _, _ in self.labels.values()])
        if not self.one_each or not len(counts) or not are_unequal(counts):
            return {}
        targets = np.repeat(np.arange(len(counts)), counts)
        return dict(zip(self.labels, class_weights(targets, len(counts)).tolist(), strict=True))


def balance_of(encoder: LabelEncoder, labels: Sequence[Label], parts: Parts) -> Balance:
    """Count the labels of N examples in each part.

    Example:
        >>> from unspool.tasks import Binary
        >>> labels, parts = ["a", "b", "b", "a"], np.array([0, 0, 0, 2], dtype=np.int8)
        >>> balance_of(Binary(("a", "b")), labels, parts).labels
        {'b': (2, 0, 0), 'a': (1, 0, 1)}
    """
    in_parts = count_by_part(parts)
    if not encoder.names:
        numbers = [as_number(label) for label, part in zip(labels, parts, strict=True) if part == TRAINING]
        known = np.array([number for number in numbers if number is not None], dtype=np.float64)
        return Balance(in_parts, {}, tuple(quantiles(known)) if len(known) else None)
    counts = np.zeros((len(encoder.names), len(PARTS)), dtype=np.int64)
    for (label, part), count in Counter(zip(labels, parts.tolist(), strict=True)).items():
        for index in encoder.indices(label):
            counts[index, part] += count
    order = np.argsort(-counts[:, TRAINING], kind="stable")
    found = {encoder.names[row]: (int(counts[row, 0]), int(counts[row, 1]), int(counts[row, 2])) for row in order}
    return Balance(in_parts, found, None, encoder.chooses_among_labels)


def are_unequal(counts: NDArray[np.integer]) -> bool:
    """Tell whether classes with so many examples are so unequal that it matters whether they are weighted.

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


def quantiles(values: NDArray[np.int64] | NDArray[np.float64]) -> list[float]:
    """Return the quantiles of `QUANTILES`, each one of the values."""
    found: list[float] = np.quantile(values, QUANTILES, method="inverted_cdf").tolist()
    return found
