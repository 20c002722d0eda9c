"""How the labels are spread over the parts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import LabelCodec, are_unequal, class_weights
from unspool.data.parts import TRAINING, Parts
from unspool.data.tables.split_names import PARTS, Part
from unspool.data.task import Label, as_number

QUANTILES = (0.0, 0.1, 0.5, 0.9, 0.99, 1.0)


@dataclass(frozen=True, slots=True)
class Balance:
    """How many examples have which label.

    Attributes:
        parts: how many examples are in each part.
        labels: by the name of a label how many examples of training, validation and test have it, the most frequent in
            training first; none for regression.
        numbers: the quantiles of `QUANTILES` of the training numbers, for regression; else None.
    """

    parts: dict[Part, int]
    labels: dict[str, tuple[int, int, int]]
    numbers: tuple[float, ...] | None

    @property
    def weights(self) -> dict[str, float]:
        """How much an example of each label should count in training; none where labels are about equally frequent."""
        counts = np.array([count for count, _, _ in self.labels.values()])
        if not len(counts) or not are_unequal(counts):
            return {}
        targets = np.repeat(np.arange(len(counts)), counts)
        return dict(zip(self.labels, class_weights(targets, len(counts)).tolist(), strict=True))


def balance_of(codec: LabelCodec, labels: Sequence[Label], parts: Parts) -> Balance:
    """Count the labels of N examples in each part.

    Args:
        codec: knows the labels.
        labels: N labels.
        parts: (N,) the part of each.

    Example:
        >>> labels, parts = ["a", "b", "b", "a"], np.array([0, 0, 0, 2], dtype=np.int8)
        >>> balance_of(LabelCodec.fit(labels), labels, parts).labels
        {'b': (2, 0, 0), 'a': (1, 0, 1)}
    """
    sizes = np.bincount(parts, minlength=len(PARTS))
    in_parts: dict[Part, int] = {part: int(size) for part, size in zip(PARTS, sizes, strict=True)}
    if codec.task == "regression":
        numbers = [as_number(label) for label, part in zip(labels, parts, strict=True) if part == TRAINING]
        return Balance(in_parts, {}, tuple(quantiles(np.array(numbers, dtype=np.float64))))
    counts = np.zeros((len(codec.names), len(PARTS)), dtype=np.int64)
    for (label, part), count in Counter(zip(labels, parts.tolist(), strict=True)).items():
        target = codec.encode([label])
        counts[np.flatnonzero(target[0]) if codec.task == "multilabel" else target, part] += count
    order = np.argsort(-counts[:, TRAINING], kind="stable")
    found = {codec.names[row]: (int(counts[row, 0]), int(counts[row, 1]), int(counts[row, 2])) for row in order}
    return Balance(in_parts, found, None)


def quantiles(values: NDArray[np.int64] | NDArray[np.float64]) -> list[float]:
    """Return the quantiles of `QUANTILES`, each one of the values."""
    found: list[float] = np.quantile(values, QUANTILES, method="inverted_cdf").tolist()
    return found
