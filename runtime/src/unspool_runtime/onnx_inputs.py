"""Raw examples as the inputs of an ONNX graph that `unspool export --onnx` wrote."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.byte_pairs import BytePairs
from unspool_runtime.characters import Characters
from unspool_runtime.engines import read_reader
from unspool_runtime.errors import InputError, ModelError
from unspool_runtime.model import checked_examples, refuse_rows_without_text
from unspool_runtime.node import Node
from unspool_runtime.ragged import Ragged
from unspool_runtime.readers import MOST_LENGTH, START, checked_series, checked_texts, filled, present_series
from unspool_runtime.texts import RowReader
from unspool_runtime.texts.columns import cells_of
from unspool_runtime.texts.lexicon import TokenNumbers
from unspool_runtime.texts.side_encoder import Places, category_numbers

Feed = dict[str, NDArray[Any]]

_ARRAYS = {"starts": np.int32, "classes": np.uint8, "bytes": np.int32, "merges": np.int32, "known": np.int64}
_STRINGS = ("alphabet", "vocabulary")
_DAMAGE = (AttributeError, IndexError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
_RAW = ("series", "standardized series", "images")


class OnnxInputs:
    """Reads texts, rows, series or whatever a model reads, for a session of ONNX Runtime.

    The tokenizer and the vocabulary are in the graph's metadata. This package needs no `onnxruntime`.

    Args:
        session: an `onnxruntime.InferenceSession`, or what has its `get_inputs` and `get_modelmeta`.

    Raises:
        ModelError: unspool has not written the graph, or it is damaged.
    """

    def __init__(self, session: Any):
        self._names = [one.name for one in session.get_inputs()]
        try:
            told = json.loads(session.get_modelmeta().custom_metadata_map["unspool"])
            self._reader, self._characters = told["reader"], told.get("characters")
            self._tags = told.get("task", {}).get("kind") == "tagging"
            self._reads, self._read = self._reading(_node(self._reader, "reader"))
        except _DAMAGE as error:
            raise ModelError(f"This ONNX model was not written by unspool, or is damaged ({error!r}).") from error

    def __call__(self, examples: Sequence[Any]) -> Feed:
        """The inputs for N examples: texts, rows (dicts), lists of words, series (T, C), images or ids.

        Raises:
            InputError: there is none, or one is not what the model reads, or is empty; says which.
        """
        given = checked_examples(examples, self._reads)
        if not given:
            raise InputError("Give a list of at least one example.")
        if self._reads == "rows":
            refuse_rows_without_text(given, self._reader["text"])
        feed: Feed = self._read(given)
        return feed

    def _reading(self, node: Node) -> tuple[str, Callable[[Any], Feed]]:
        """What examples are, as `Model.reads`, and what turns them into inputs."""
        kind = node.text("kind")
        if kind in ("texts", "rows"):
            return kind, _Texts(node, self._reader, self._split(), kind == "rows").read
        if kind in _RAW:
            steps = _steps(node, kind, self._tags)
            return kind, lambda examples: self._rectangle(steps(examples), "series", np.float32)
        if kind == "byte pairs":
            pieces, length = BytePairs(node), node.whole("length", 1, MOST_LENGTH)
            return "texts", lambda examples: self._tokens(
                [[START, *pieces.encode(text.strip())][:length] for text in checked_texts(examples)]
            )
        reader = read_reader(kind, node, self._split)
        if reader is None:
            raise ValueError(f"unknown kind of reader: {kind!r}")
        return reader.reads, lambda examples: self._tokens(
            [self._alone(reader, one, place) for place, one in enumerate(examples)]
        )

    def _split(self) -> Characters:
        return Characters.read(_node(self._characters, "characters"))

    def _alone(self, reader: Any, example: Any, place: int) -> NDArray[Any]:
        try:
            ((_, steps),) = reader.batches([example])
        except InputError as error:
            raise InputError(str(error).replace("Example 0 ", f"Example {place} ", 1)) from error
        row: NDArray[Any] = steps.tokens[0]
        if "lengths" not in self._names:
            return row
        tokens: NDArray[Any] = row[(row if row.ndim == 1 else row[:, 0]) != 0]
        if not len(tokens):
            raise InputError(f"Example {place} has no tokens, and this graph needs at least one. Leave it out.")
        return tokens

    def _tokens(self, rows: Sequence[Any]) -> Feed:
        return self._rectangle(rows, "tokens", np.int64)

    def _rectangle(self, rows: Sequence[Any], name: str, kind: type[np.generic]) -> Feed:
        lengths = np.maximum([len(row) for row in rows], 1).astype(np.int32)
        if "lengths" not in self._names and len({*lengths.tolist()}) > 1:
            raise InputError("This graph reads examples of one length; those given differ in length.")
        return {name: _padded(rows, kind)} | ({"lengths": lengths} if "lengths" in self._names else {})


class _Texts:
    """Reads texts, with the columns beside them, as the numbers of their tokens."""

    def __init__(self, node: Node, told: dict[str, Any], characters: Characters, rows: bool):
        inputs = [_node(one, f"reader.inputs[{place}]") for place, one in enumerate(told["inputs"])]
        self._inputs = [(one.text("tokens"), one.text("lengths"), TokenNumbers(one, characters)) for one in inputs]
        self._rows = RowReader.read(node) if rows else None
        self._categories = [Places(names) for names in told.get("names", ())]

    def read(self, examples: list[Any]) -> Feed:
        """The inputs for N texts or rows."""
        texts = checked_texts(examples) if self._rows is None else self._rows.rows(examples)
        feed: Feed = {}
        for tokens, lengths, numbers in self._inputs:
            read: Ragged = numbers.read(texts)
            feed[tokens] = _padded([one + 1 for one in read], np.int64)
            if lengths:
                feed[lengths] = read.lengths.astype(np.int32)
        return feed | (self._columns(cells_of(texts)) if self._rows else {})

    def _columns(self, rows: list[tuple[Any, ...]]) -> Feed:
        count, feed = len(self._rows.numeric) if self._rows else 0, Feed()
        if count:
            feed["numbers"] = np.array([row[:count] for row in rows], np.float64)
        if self._categories:
            feed["categories"] = category_numbers(self._categories, [row[count:] for row in rows])
        return feed


def _steps(node: Node, kind: str, tags: bool) -> Callable[[list[Any]], list[NDArray[np.float32]]]:
    """Read series as they are measured, with missing numbers filled in, and only the last steps of long ones."""
    if kind == "images":
        width = node.whole("features", 1, MOST_LENGTH)
        return lambda examples: [one.astype(np.float32) for one in checked_series(examples, width)]
    channels = len(node.texts("channels"))
    mean = np.array(node.numbers("mean")) if node.has("mean") else None
    if mean is not None and len(mean) != channels:
        raise node.wrong("there is not one mean for each channel")
    last = node.whole("length", 1, MOST_LENGTH) if kind == "standardized series" and node.has("length") else 0

    def read(examples: list[Any]) -> list[NDArray[np.float32]]:
        given = filled(present_series(examples, channels, tags), mean)
        return [one[-last:].astype(np.float32) for one in given]

    return read


def _padded(rows: Sequence[Any], kind: type[np.generic]) -> NDArray[Any]:
    """(N, T, ...), with zeros behind the end of each row, T being at least 1."""
    found = np.zeros((len(rows), max(*map(len, rows), 1), *np.shape(rows[0])[1:]), kind)
    for place, row in enumerate(rows):
        found[place, : len(row)] = row
    return found


def _node(told: Any, path: str) -> Node:
    """A part of the metadata, where arrays and texts are lists, as a part of a description."""
    content, arrays = {}, {}
    for name, value in told.items():
        if name in _STRINGS:
            raw = [one.encode("utf-8", "surrogatepass") for one in value]
            arrays[f"{name}.bytes"] = np.frombuffer(b"".join(raw), np.uint8)
            arrays[f"{name}.starts"] = np.cumsum([0, *map(len, raw)], dtype=np.int64)
            content[name] = {"strings": name}
        elif name in _ARRAYS:
            arrays[name] = np.array(value, _ARRAYS[name])
            content[name] = {"array": name}
        else:
            content[name] = value
    return Node(content, arrays, path)
