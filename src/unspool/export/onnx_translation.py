"""A Transformer that translates as two ONNX graphs: the encoder, and one step of the decoder.

The search goes on outside: a step reads the last token of each answer, with the keys and values of the tokens before
it, and gives the log-probabilities of the next token, and the keys and values one step longer. native/transformer.h has
the equations.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from unspool.data.padding import pad, pad_series
from unspool.data.ragged import Ragged
from unspool.data.tokenizers.vocabulary import START
from unspool.export.onnx_graph import Graph
from unspool.export.packing import Node
from unspool.runs.model import TrainedModel
from unspool.tasks.translation import END

NORM = 1e-6


class _Layers:
    """The layers of a Transformer, in a graph.

    Args:
        graph: to which they are added.
        model: as `transformer_node` describes it.
    """

    def __init__(self, graph: Graph, model: Node):
        self.graph, self.heads = graph, int(model["heads"])
        self.width = len(model["encoder_norm"]["scale"])
        self.rotary = model["positions"] == "rotary"

    def embedded(self, vectors: NDArray[np.float32], tokens: str, places: str) -> str:
        """(B, T) tokens at places (T) int64 to (B, T, D)."""
        graph = self.graph
        found = graph.add("Mul", graph.add("Gather", graph.constant(vectors), tokens), graph.constant(self.width**0.5))
        if self.rotary:
            return found
        return graph.add("Add", found, graph.add("Concat", *self._angles(places, self.width), axis=1))

    def _angles(self, places: str, width: int) -> tuple[str, str]:
        """The sines and cosines of places (T), (T, width / 2) each."""
        graph, half = self.graph, width // 2
        speeds = graph.constant((10000.0 ** (-np.arange(half) / half)).astype(np.float32))
        column = graph.add("Unsqueeze", places, graph.whole([1]))
        angles = graph.add("Mul", graph.add("Cast", column, to=TensorProto.FLOAT), speeds)
        return graph.add("Sin", angles), graph.add("Cos", angles)

    def dense(self, value: str, layer: Node) -> str:
        """(..., D) to (..., K)."""
        return dense(self.graph, value, layer)

    def norm(self, value: str, norm: Node) -> str:
        """(..., D), each row normalised."""
        graph = self.graph
        return graph.add(
            "LayerNormalization", value, graph.constant(norm["scale"]), graph.constant(norm["offset"]), epsilon=NORM
        )

    def turned(self, value: str, places: str) -> str:
        """(B, T, D), each head turned by the angles of its place, where positions are rotary."""
        if not self.rotary:
            return value
        graph, half = self.graph, self.width // self.heads // 2
        heads = self._split(value)
        sines, cosines = self._angles(places, 2 * half)
        first, second = graph.add_many("Split", 2, heads, axis=-1, num_outputs=2)
        turned = graph.add(
            "Concat",
            graph.add("Sub", graph.add("Mul", first, cosines), graph.add("Mul", second, sines)),
            graph.add("Add", graph.add("Mul", second, cosines), graph.add("Mul", first, sines)),
            axis=-1,
        )
        return self._joined(turned)

    def looked(self, queries: str, keys: str, values: str, present: str = "") -> str:
        """(B, T, D) queries over keys and values (B, S, D): (B, T, D). Those `present`, (B, 1, 1, S) bool, count."""
        graph = self.graph
        by_head = graph.add("Transpose", self._split(keys), perm=[0, 1, 3, 2])
        scores = graph.add("MatMul", self._split(queries), by_head)
        scores = graph.add("Mul", scores, graph.constant(1 / np.sqrt(np.float32(self.width // self.heads))))
        if present:
            scores = graph.add("Where", present, scores, graph.constant(np.finfo(np.float32).min))
        return self._joined(graph.add("MatMul", graph.add("Softmax", scores, axis=-1), self._split(values)))

    def forward(self, value: str, block: Node) -> str:
        """The two dense layers of a block, and what they are added to."""
        graph = self.graph
        hidden = graph.add("Relu", self.dense(self.norm(value, block["dense_norm"]), block["hidden"]))
        return graph.add("Add", value, self.dense(hidden, block["result"]))

    def _split(self, value: str) -> str:
        """(B, T, D) to (B, heads, T, D / heads)."""
        shape = self.graph.whole([0, 0, self.heads, self.width // self.heads])
        return self.graph.add("Transpose", self.graph.add("Reshape", value, shape), perm=[0, 2, 1, 3])

    def _joined(self, value: str) -> str:
        shape = self.graph.whole([0, 0, self.width])
        return self.graph.add("Reshape", self.graph.add("Transpose", value, perm=[0, 2, 1, 3]), shape)


def encoder_graph(model: Node, title: str, metadata: Node) -> bytes:
    """The encoder: `tokens` (B, S) int64 and `lengths` (B) int32 to the keys and values that the decoder looks at.

    Args:
        model: as `transformer_node` describes it.
        title: of the model.
        metadata: what is kept under "unspool".
    """
    graph = Graph()
    layers = _Layers(graph, model)
    width = layers.width
    tokens = graph.input("tokens", TensorProto.INT64, "batch", "source")
    lengths = graph.input("lengths", TensorProto.INT32, "batch")
    places = places_of(graph, graph.add("Gather", graph.add("Shape", tokens), graph.whole(1)))
    present = present_of(graph, places, lengths, 1, 2)
    x = layers.embedded(np.asarray(model["source_embedding"]), tokens, places)
    for block in model["encoder"]:
        normed, own = layers.norm(x, block["attention_norm"]), block["attention"]
        queries, keys = (layers.turned(layers.dense(normed, own[name]), places) for name in ("queries", "keys"))
        seen = layers.looked(queries, keys, layers.dense(normed, own["values"]), present)
        x = layers.forward(graph.add("Add", x, layers.dense(seen, own["result"])), block)
    x = layers.norm(x, model["encoder_norm"])
    for number, block in enumerate(model["decoder"]):
        for name in ("keys", "values"):
            graph.output(layers.dense(x, block["to_memory"][name]), f"memory_{name}_{number}", "batch", "source", width)
    return bytes_of(graph, title, metadata)


def decoder_graph(model: Node, title: str, metadata: Node) -> bytes:
    """A step of the decoder.

    It reads `tokens` (B) int64, the last of each answer; what the encoder gave, with `lengths` (B) int32; and the
    `keys` and `values` (B, T, D) of the tokens before, of which there are none at first. It gives `log_probabilities`
    (B, V), and the keys and values one step longer.

    Args:
        model: as `transformer_node` describes it.
        title: of the model.
        metadata: what is kept under "unspool".
    """
    graph = Graph()
    layers = _Layers(graph, model)
    width, blocks = layers.width, model["decoder"]
    tokens = graph.input("tokens", TensorProto.INT64, "batch")
    lengths = graph.input("lengths", TensorProto.INT32, "batch")
    named = ("memory_keys", "memory_values", "keys", "values")
    given = {
        (name, number): graph.input(
            f"{name}_{number}", TensorProto.FLOAT, "batch", "source" if "memory" in name else "past", width
        )
        for number in range(len(blocks))
        for name in named
    }
    one = graph.whole([1])
    source = graph.add("Gather", graph.add("Shape", given["memory_keys", 0]), graph.whole(1))
    present = present_of(graph, places_of(graph, source), lengths, 1, 2)
    place = graph.add("Gather", graph.add("Shape", given["keys", 0]), one)
    size = model["target_size"]
    target = model["target_embedding"] if model["target_embedding"] is not None else model["source_embedding"][:size]
    x = layers.embedded(np.asarray(target), graph.add("Unsqueeze", tokens, one), place)
    for number, block in enumerate(blocks):
        normed, own, other = layers.norm(x, block["attention_norm"]), block["attention"], block["to_memory"]
        queries, new = (layers.turned(layers.dense(normed, own[name]), place) for name in ("queries", "keys"))
        keys = graph.add("Concat", given["keys", number], new, axis=1)
        values = graph.add("Concat", given["values", number], layers.dense(normed, own["values"]), axis=1)
        x = graph.add("Add", x, layers.dense(layers.looked(queries, keys, values), own["result"]))
        queries = layers.dense(layers.norm(x, block["memory_norm"]), other["queries"])
        seen = layers.looked(queries, given["memory_keys", number], given["memory_values", number], present)
        x = layers.forward(graph.add("Add", x, layers.dense(seen, other["result"])), block)
        graph.output(keys, f"next_keys_{number}", "batch", "steps", width)
        graph.output(values, f"next_values_{number}", "batch", "steps", width)
    x = graph.add("Squeeze", layers.norm(x, model["decoder_norm"]), one)
    head = model["head"] or {"kernel": np.asarray(target).T, "bias": np.zeros(size, np.float32)}
    graph.output(graph.add("LogSoftmax", layers.dense(x, head), axis=-1), "log_probabilities", "batch", size)
    return bytes_of(graph, title, metadata)


def largest_difference(encoder: Path, decoder: Path, model: TrainedModel, items: list[Any]) -> float:
    """Between the log-probabilities of the trainer's answers, and those that ONNX Runtime gives the same tokens.

    Of all sources at once, and of the first few alone, without the padding that others bring.
    """
    import onnxruntime

    sessions = [
        onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in (encoder, decoder)
    ]
    reader: Any = model.reader
    task: Any = model.task
    of_ids = any(one.name == "tokens" for one in sessions[0].get_inputs())
    sources = reader.read(items) if of_ids else reader.read_series(items)
    found = task.translate(model.network, sources)
    written = [
        np.array([*tokens.tolist(), *([END] if ended else [])], np.int64)
        for tokens, ended in zip(found.best, found.ended[:, 0], strict=True)
    ]
    wanted = found.log_probabilities[:, 0].astype(np.float64)
    largest = 0.0
    for rows in (slice(None), *(slice(row, row + 1) for row in range(min(4, len(items))))):
        said = _log_probabilities(sessions[0], sessions[1], (list(sources) if of_ids else items)[rows], written[rows])
        off = np.abs(said - wanted[rows]) / np.maximum(np.abs(wanted[rows]), 1)
        largest = max(largest, float(np.nan_to_num(off, nan=np.inf).max()))
    return largest


def _log_probabilities(encoder: Any, decoder: Any, sources: list[Any], written: list[Any]) -> NDArray[np.float64]:
    """(N) the log-probability of each answer, its tokens given one after the other."""
    lengths = np.array([len(one) for one in sources], np.int32)
    if sources[0].ndim == 1:
        feed = {"tokens": pad(Ragged.from_arrays(sources), int(lengths.max()), padding="post").astype(np.int64)}
    else:
        feed = {"series": np.nan_to_num(pad_series(sources, int(lengths.max()))).astype(np.float32)}
    names = [one.name for one in encoder.get_outputs()]
    found = dict(zip(names, encoder.run(None, feed | {"lengths": lengths}), strict=True))
    memory = {name: one for name, one in found.items() if name.startswith("memory_")}
    kept = {name: one for name, one in found.items() if name not in memory}
    if not kept:  # a Transformer begins with the keys and values of no token
        kept = {name.removeprefix("memory_"): one[:, :0] for name, one in memory.items()}
    read, total = np.full(len(sources), START, np.int64), np.zeros(len(sources))
    after = [one.name for one in decoder.get_outputs()]
    for step in range(max(map(len, written), default=0)):
        said = dict(zip(after, decoder.run(None, {"tokens": read, "lengths": lengths} | memory | kept), strict=True))
        kept = {name.removeprefix("next_"): value for name, value in said.items() if name.startswith("next_")}
        read = np.array([tokens[step] if step < len(tokens) else END for tokens in written], np.int64)
        gained = said["log_probabilities"][np.arange(len(read)), read]
        total += np.where([step < len(tokens) for tokens in written], gained, 0)
    return total


def dense(graph: Graph, value: str, layer: Node) -> str:
    """(..., D) to (..., K)."""
    product = graph.add("MatMul", value, graph.constant(layer["kernel"]))
    return graph.add("Add", product, graph.constant(layer["bias"]))


def places_of(graph: Graph, count: str) -> str:
    """(count) int64, from 0 on."""
    return graph.add("Range", graph.whole(0), count, graph.whole(1))


def present_of(graph: Graph, places: str, lengths: str, *axes: int) -> str:
    """(B, S) bool, which tokens of the sources count, with axes of 1 put in."""
    ends = graph.add("Unsqueeze", graph.add("Cast", lengths, to=TensorProto.INT64), graph.whole([1]))
    return graph.add("Unsqueeze", graph.add("Less", places, ends), graph.whole(axes))


def bytes_of(graph: Graph, title: str, metadata: Node) -> bytes:
    """The finished graph as a file."""
    return graph.written(title, {"unspool": json.dumps(metadata)})
