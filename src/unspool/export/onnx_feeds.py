"""Golden examples as the inputs of an ONNX graph."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates import RawModel
from unspool.candidates.texts.corpus import characters
from unspool.data.padding import pad
from unspool.data.ragged import Ragged
from unspool.data.texts.side_columns import TextRow
from unspool.data.texts.side_encoder import Places, category_numbers
from unspool.data.tokenizers.text_tokens import text_tokens
from unspool.export.models import Described
from unspool.export.onnx_columns import ColumnInputs
from unspool.export.onnx_texts import TokenInput
from unspool.export.packing import Node
from unspool.runs.model import TrainedModel

Feed = dict[str, NDArray[Any]]


def text_feed(texts: Sequence[str], inputs: Sequence[TokenInput], beside: ColumnInputs | None) -> Feed:
    """N texts, `TextRow` where columns stand beside them, as a graph takes them."""
    feed: Feed = {}
    for one in inputs:
        split = map(text_tokens, texts) if one.of == "words" else (map(chr, row) for row in characters(texts))
        numbers = {token: number for number, token in enumerate(one.alphabet, 1)}
        read = Ragged.from_sequences([[numbers.get(token, 0) for token in tokens] for tokens in split])
        feed[one.tokens] = _rectangle(read).astype(np.int64)
        if one.lengths:
            feed[one.lengths] = read.lengths.astype(np.int32)
    return feed | (_columns_feed([one.cells for one in texts if isinstance(one, TextRow)], beside) if beside else {})


def _columns_feed(rows: Sequence[tuple[float | str, ...]], beside: ColumnInputs) -> Feed:
    feed: Feed = {}
    if beside.numeric:
        feed[beside.numbers] = np.array([row[: beside.numeric] for row in rows], np.float64)
    if beside.names:
        columns = [Places(names) for names in beside.names]
        feed[beside.categories] = category_numbers(columns, [row[beside.numeric :] for row in rows])
    return feed


def network_feed(sequences: Sequence[NDArray[Any]], names: Sequence[str]) -> Feed:
    """N sequences, ids or steps, as the graph with these inputs takes them."""
    read = Ragged.from_arrays(sequences)
    tokens = "tokens" in names
    feed = {"tokens" if tokens else "series": _rectangle(read).astype(np.int64 if tokens else np.float32)}
    return feed | ({"lengths": np.maximum(read.lengths, 1).astype(np.int32)} if "lengths" in names else {})


def _rectangle(read: Ragged) -> NDArray[Any]:
    return pad(read, max(int(read.lengths.max()), 1), padding="post")


def sequences_of(model: TrainedModel, described: Described) -> list[NDArray[Any]]:
    """The golden examples of a model that reads no raw texts: ids, or steps in the units of the data."""
    reader: Any = model.reader
    items = described.examples.items
    if described.examples.kind == "series":
        whole = getattr(reader, "filled", list)(items)
        return [np.asarray(one[-getattr(reader, "length", 0) :], np.float32) for one in whole]
    assert not isinstance(model.network, RawModel), "such models of texts have feeds of their own"
    read = reader.read(items)
    if isinstance(read, Ragged):
        return list(read)
    masked = has_lengths(described.parts["model"], described.reader)
    return [row[row != 0] if masked else row for row in read]


def has_lengths(network: Node, reader: Node) -> bool:
    """Whether a network reads padded sequences with their lengths; else all have one length."""
    if reader["kind"] in ("images", "series", "standardized series"):
        return bool(reader["kind"] == "standardized series")
    return reader["kind"] == "forms of words" or bool(network["layers"][0]["mask_zero"])
