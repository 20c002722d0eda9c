"""From a model's scores or outputs to labels and probabilities."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.errors import InputError
from unspool_runtime.node import Node
from unspool_runtime.transformation import Transformation

Floats = NDArray[np.float64]
_Float = TypeVar("_Float", bound=np.floating[Any])
KINDS = (
    "binary",
    "multiclass",
    "multilabel",
    "regression",
    "reconstruction",
    "tagging",
    "translation",
    "forecasting",
    "super_resolution",
)
WITHOUT_LABELS = ("regression", "reconstruction", "translation", "forecasting", "super_resolution")
MOST_LABELS, MOST_ROWS = 1 << 16, 1 << 16
WHITE = 255
HALF = 0.5


class Answers:
    """What is predicted: labels, and the rule that chooses among them.

    Args:
        node: the "task" of a description.

    Attributes:
        kind: "binary", "multiclass", "multilabel", "regression", "reconstruction", "tagging" (a label for each
            step), "translation", "forecasting" or "super_resolution".
        labels: in the order of the probabilities; none for numbers.
        width: how many numbers a model gives for an example.
        threshold: a probability at or above it is a yes, of "binary" (for the second label) and "multilabel".
        rows: of the images of "super_resolution".
        likelihood: of "reconstruction", "bernoulli" (numbers from 0 to 1) or "gaussian" (any numbers).
        transformation: of "regression", what turned numbers into targets; None if the model learned the numbers.
    """

    def __init__(self, node: Node):
        self.kind = node.choice("kind", *KINDS)
        self.labels = () if self.kind in WITHOUT_LABELS else node.texts("labels")
        least = {"binary": 2, "multiclass": 2, "tagging": 2, "multilabel": 1}.get(self.kind, 0)
        if len({*self.labels}) != len(self.labels) or not least <= len(self.labels) <= MOST_LABELS:
            raise node.wrong("the labels are too few, too many or not all different")
        if not all(map(_is_unicode, self.labels)):
            raise node.wrong("a label contains half a character")
        if self.kind == "binary" and len(self.labels) != 2:
            raise node.wrong("there are not two labels")
        self.threshold = HALF
        if self.kind in ("binary", "multilabel"):
            self.threshold = node.number("threshold")
        self.likelihood = ""
        if self.kind == "reconstruction":
            self.likelihood = node.choice("likelihood", "bernoulli", "gaussian")
        self.rows = node.whole("rows", 1, MOST_ROWS) if self.kind == "super_resolution" else 0
        self.mean, self.scale = (0.0, 1.0) if self.kind != "regression" else (node.number("mean"), node.number("scale"))
        self.transformation = None
        if self.kind == "regression" and node.has("transformation"):
            self.transformation = _transformation(node.node("transformation"))
        self.width = 1 if self.kind in ("binary", "regression") else len(self.labels)

    def of_scores(self, scores: Floats) -> Floats:
        """(N, K) log-odds, logits or numbers of a model of texts to its outputs."""
        if self.kind == "regression":
            return self.of_numbers(scores)
        return softmax(scores) if self.kind == "multiclass" else sigmoid(scores)

    def of_numbers(self, numbers: Floats) -> Floats:
        """(N, 1) numbers as a model of texts or series learned them, in their own unit."""
        return numbers if self.transformation is None else self.transformation.numbers(numbers)

    def of_head(self, outputs: NDArray[np.floating]) -> Floats:
        """(N, K) numbers from a network's head, after its activation, to outputs."""
        found: Floats = outputs.astype(np.float64)
        return found * self.scale + self.mean if self.kind == "regression" else found

    def probabilities(self, outputs: Floats) -> Floats:
        """(N, K) outputs to the probability of each label: (N, L); for "tagging" (N, T, L), zeros beyond an end.

        Raises:
            InputError: numbers have none.
        """
        if not self.labels:
            raise InputError(f"This model's task is {self.kind}: there are no probabilities. Use predict.")
        if self.kind == "binary":
            return np.concatenate((1 - outputs, outputs), axis=1)
        return outputs

    def decide(self, outputs: Floats) -> list[Any]:
        """(N, K) outputs, for "tagging" (N, T, L), to N labels, N lists of labels, or N numbers.

        For "forecasting" (N, H, 3) quantiles become N lists of a forecast and the ends of its interval for each step;
        for "super_resolution" N images, each a list of rows of grey values from 0 to 255.

        Raises:
            InputError: they are scores of translations, from which no text can be told.
        """
        if self.kind == "translation":
            raise InputError("The outputs are scores of translations, not texts. Use predict or translate.")
        rules: dict[str, Callable[[Floats], list[Any]]] = {
            "binary": lambda given: [self.labels[int(one)] for one in given[:, 0] >= self.threshold],
            "multiclass": lambda given: [self.labels[int(one)] for one in given.argmax(axis=1)],
            "multilabel": lambda given: [
                [self.labels[i] for i in np.flatnonzero(row)] for row in given >= self.threshold
            ],
            "regression": lambda given: list(map(float, given[:, 0])),
            "reconstruction": lambda given: list(map(float, given[:, 0])),
            "forecasting": lambda given: [[(row[1], row[0], row[2]) for row in one] for one in given.tolist()],
            "super_resolution": lambda given: (
                np.rint(WHITE * np.clip(given, 0, 1))
                .astype(int)
                .reshape(len(given), self.rows, given.shape[1] // self.rows)
                .tolist()
            ),
            "tagging": lambda given: [[self.labels[i] for i in one[one.any(axis=1)].argmax(axis=1)] for one in given],
        }
        return rules[self.kind](outputs)


def _is_unicode(text: str) -> bool:
    """Whether a text can be encoded: JSON may hold half a surrogate pair, with which no answer could be written."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _transformation(node: Node) -> Transformation:
    try:
        return Transformation(node.text("kind"), *(node.number(name) for name in ("least", "greatest", "factor")))
    except ValueError as error:
        raise node.wrong(str(error)) from error


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), of numbers however large.

    Example:
        >>> sigmoid(np.array([0.0, 1000.0, -1000.0])).tolist()
        [0.5, 1.0, 0.0]
    """
    small = np.exp(-np.abs(x))
    found: Floats = np.where(x >= 0, 1 / (1 + small), small / (1 + small))
    return found


def softmax(x: NDArray[_Float]) -> NDArray[_Float]:
    """(..., K) probabilities of (..., K) logits, however large."""
    shifted = np.exp(x - x.max(axis=-1, keepdims=True))
    found: NDArray[_Float] = np.divide(shifted, shifted.sum(axis=-1, keepdims=True))
    return found
