"""A model's golden examples: raw inputs, and what the trainer answered when the model was exported."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.answers import Floats
from unspool_runtime.node import Node, Strings
from unspool_runtime.ragged import Ragged
from unspool_runtime.translation import TranslationEngine

MOST_EXAMPLES = 4096


class Answering(Protocol):
    """What answers golden examples."""

    def outputs(self, examples: list[Any]) -> Floats:
        """(N, K), of tagging (N, T, K), of forecasting (N, H, 3)."""

    def encode(self, examples: list[Any]) -> NDArray[np.float32]:
        """(N, L) latent vectors, of an autoencoder."""

    def decode(self, vectors: Any) -> NDArray[np.float32]:
        """(N, T, D) sequences, of an autoencoder."""


@dataclass(frozen=True)
class Check:
    """How golden examples were answered again.

    Attributes:
        count: of the examples.
        agree: how many have the same label, and numbers that differ by no more than `tolerance`.
        largest: difference of a number.
        tolerance: that is allowed, relative where a number is larger than 1.

    Example:
        >>> print(Check(count=32, agree=32, largest=2e-7, tolerance=1e-5))
        32 of 32 golden answers agree, largest difference 2e-07
    """

    count: int
    agree: int
    largest: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether all agree."""
        return self.agree == self.count > 0

    def __str__(self) -> str:
        return f"{self.agree} of {self.count} golden answers agree, largest difference {self.largest:.1g}"


class Golden:
    """Golden examples.

    Args:
        node: the "golden" of a description, with the arrays of golden.safetensors.
        kind: of the task.
    """

    def __init__(self, node: Node, kind: str):
        self.tolerance = node.number("tolerance")
        self.examples = _examples(node)
        count = len(self.examples)
        if not 0 < count <= MOST_EXAMPLES or not 0 < self.tolerance <= 1e-3:
            raise node.wrong("there are no golden examples, too many, or nothing that they are held to")
        self._outputs = node.array("outputs", np.float64, count, None)
        self._labels = node.value("labels")
        self._numbers = kind in ("regression", "reconstruction", "forecasting", "super_resolution")
        self._vectors = self._sequences = None
        if kind == "reconstruction":
            self._vectors = node.array("vectors", np.float32, count, None)
            self._sequences = node.array("sequences", np.float32, count, None, None)
        if not isinstance(self._labels, list) or len(self._labels) != count:
            raise node.wrong("there is not one label for each example")

    def check(self, engine: Answering, decide: Callable[[Floats], list[Any]]) -> Check:
        """Have the examples answered, and compare.

        Args:
            engine: the model.
            decide: outputs to labels.
        """
        translations = None
        if isinstance(engine, TranslationEngine):
            translations = [best[0] for best in engine.translate(self.examples, 1)]
            outputs = np.array([[one.score] for one in translations], np.float64)
        else:
            outputs = engine.outputs(self.examples)
        off = _off(outputs.reshape(len(outputs), -1), self._outputs)
        if self._vectors is not None:
            off = np.maximum(off, _off(engine.encode(self.examples), self._vectors, (0, 1)))
            off = np.maximum(off, _off(engine.decode(self._vectors), self._sequences, (0, 1)))
        good = off <= self.tolerance
        if not self._numbers:
            labels = [one.text for one in translations] if translations else decide(outputs)
            good &= [one == given for one, given in zip(labels, self._labels, strict=True)]
        return Check(len(off), int(good.sum()), float(off.max()), self.tolerance)


def _off(found: NDArray[Any], wanted: NDArray[Any] | None, alike: tuple[int, ...] = ()) -> Floats:
    """(N,) the largest difference of each example's numbers, relative where they are larger than 1; NaN counts.

    Along the axes `alike`, differences are relative to the largest number: those that it is computed with are as large.
    """
    if wanted is None or found.shape != wanted.shape:
        return np.full(len(found), np.inf)
    sizes = np.abs(wanted.astype(np.float64)).max(axis=alike, keepdims=True, initial=0)
    off = np.abs(found - wanted.astype(np.float64)) / np.maximum(sizes, 1)
    worst: Floats = np.nan_to_num(off, nan=np.inf).reshape(len(off), -1).max(axis=1, initial=0)
    return worst


def _examples(node: Node) -> list[Any]:
    """The raw examples, as the model reads them."""
    kind = node.choice("examples", "texts", "rows", "words", "series", "ids", "histories")
    if kind == "rows":
        rows = node.value("rows")
        if not isinstance(rows, list):
            raise node.wrong("'rows' is not a list of objects")
        return rows
    if kind == "words":
        words, starts = list(node.strings("words")), node.array("offsets", np.int64, None)
        _check(node, starts, len(words))
        return [words[start:end] for start, end in pairwise(starts.tolist())]
    if kind == "texts":
        raw, starts = node.array("texts", np.uint8, None), node.array("offsets", np.int64, None)
    elif kind == "ids":
        raw, starts = node.array("ids", np.int64, None), node.array("offsets", np.int64, None)
    else:
        raw, starts = node.array("values", np.float32, None, None), node.array("offsets", np.int64, None)
    _check(node, starts, len(raw))
    if kind == "histories":
        ahead = node.array("ahead", np.float32, len(starts) - 1, None, None) if node.has("ahead") else None
        return [
            {"history": one, "ahead": None if ahead is None else ahead[place]}
            for place, one in enumerate(Ragged(raw, starts))
        ]
    return list(Strings(raw, starts)) if kind == "texts" else list(Ragged(raw, starts))


def _check(node: Node, starts: NDArray[np.int64], count: int) -> None:
    if not len(starts) or starts[0] or starts[-1] != count or (np.diff(starts) < 0).any():
        raise node.wrong("the golden examples do not fit each other")
