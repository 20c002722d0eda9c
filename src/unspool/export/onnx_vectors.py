"""Vectors of documents in an ONNX graph: a loop of gradient descent over a text's n-grams.

The equations are those of native/document_vectors.h, and the same random numbers are drawn.
"""

import numpy as np
from onnx import TensorProto

from unspool.export.onnx_graph import Graph
from unspool.export.onnx_ngrams import in_order
from unspool.export.packing import Node

_GOLDEN = 0x9E3779B97F4A7C15  # of splitmix64, see native/random.h
_MASK = 2**64 - 1


def add_vectors(graph: Graph, node: Node, grams: str) -> str:
    """Find the vectors of texts.

    Args:
        graph: to which this is added.
        node: a model of vectors, as `text_model_node` describes it.
        grams: (B, P) int32, the n-grams of each text in their order, each one more than its number; 0 is none.

    Returns:
        The name of (B, D) float32.
    """
    grams, epochs = in_order(graph, grams), range(node["epochs"])
    shares = np.arange(node["epochs"], dtype=np.float32) / np.float32(node["epochs"])
    rates = np.float32(node["rate"]) + (np.float32(node["last_rate"]) - np.float32(node["rate"])) * shares
    uses, shown = zip(*(_epoch(graph, node, grams, _draw(node["seed"], epoch)) for epoch in epochs), strict=True)
    used = [
        graph.add("Mul", graph.add("Cast", use, to=TensorProto.INT32), graph.constant(epoch + 1, np.int32))
        for epoch, use in enumerate(uses)
    ]
    places, epoch_of = _in_turn(graph, graph.add("Concat", *used, axis=1))
    rate = graph.add("Gather", graph.constant([0, *rates]), epoch_of)
    columns = graph.whole([2])
    places = graph.add("Expand", graph.add("Unsqueeze", places, columns), graph.whole([1, 1, _each(node)]))
    numbers = graph.add("GatherElements", graph.add("Concat", *shown, axis=1), places, axis=1)
    same = graph.add("Equal", numbers, graph.add("Gather", numbers, graph.whole([0]), axis=2))
    is_own = graph.constant(np.arange(_each(node)) == 0, np.bool_)
    counts = graph.add("Or", is_own, graph.add("Not", same))  # a negative that is the n-gram itself is skipped
    rate = graph.add("Where", counts, graph.add("Unsqueeze", rate, columns), graph.constant(0))
    return _descended(graph, node, [graph.add("Transpose", one, perm=[1, 0, 2]) for one in (numbers, rate)])


def _each(node: Node) -> int:
    """N-grams that are shown at a step: the text's own, and negatives."""
    return int(node["negatives"]) + 1


def _epoch(graph: Graph, node: Node, grams: str, stream: int) -> tuple[str, str]:
    """Whether each of (B, P) n-grams is used in an epoch, and what is shown at it, (B, P, 1 + negatives)."""
    halves = _upper_halves(graph, grams, _each(node), stream)
    chance = graph.add("Squeeze", _columns(graph, halves, 0, 1), graph.whole([1]))
    keep = graph.constant(np.pad(np.asarray(node["keep"], np.float64), (1, 0)) * 2**32, np.float64)
    used = graph.add("Less", graph.add("Cast", chance, to=TensorProto.DOUBLE), graph.add("Gather", keep, grams))
    others = _below(graph, _columns(graph, halves, 1, _each(node)), len(node["drawn"]))
    others = graph.add("Gather", graph.constant(np.pad(node["drawn"] + 1, (0, 1)), np.int32), others)
    own = graph.add("Unsqueeze", grams, graph.whole([2]))
    beside = graph.add("Add", graph.add("Mul", own, graph.constant(0, np.int32)), others)
    return used, graph.add("Concat", own, beside, axis=2)


def _in_turn(graph: Graph, used: str) -> tuple[str, str]:
    """Where (B, P) numbers are positive, in order, and these numbers: (B, S); zeros behind them."""
    one, size = graph.whole(1), graph.add("Gather", graph.add("Shape", used), graph.whole(1))
    places = graph.add("Range", one, graph.add("Add", size, one), one)
    there = graph.add("Greater", used, graph.constant(0, np.int32))
    places = graph.add("Where", there, graph.add("Cast", places, to=TensorProto.INT32), graph.constant(0, np.int32))
    order = in_order(graph, places)
    at = graph.add("Sub", graph.add("Cast", order, to=TensorProto.INT64), one)
    at = graph.add("Max", at, graph.whole(0))
    there = graph.add("Greater", order, graph.constant(0, np.int32))
    numbers = graph.add("GatherElements", used, at, axis=1)
    return at, graph.add("Where", there, numbers, graph.constant(0, np.int32))


def _descended(graph: Graph, node: Node, sequences: list[str]) -> str:
    """(B, D): vectors from 0 on, by one step for all (S, B, 1 + negatives) numbers of n-grams and rates."""
    vectors = graph.constant(np.pad(node["vectors"], ((1, 0), (0, 0))))
    wanted = graph.constant(np.eye(1, _each(node))[..., None])
    rows, columns = graph.whole([1]), graph.whole([2])
    width = node["vectors"].shape[1]
    batch = graph.add("Slice", graph.add("Shape", sequences[0]), *(graph.whole([one]) for one in (1, 2, 0)))
    shape = graph.add("Concat", batch, graph.whole([1, width]), axis=0)
    start = graph.add("Expand", graph.constant(0), shape)

    def step(body: Graph, states: list[str], given: list[str]) -> list[str]:
        (document,), (numbers, rate) = states, given
        shown = body.add("Gather", vectors, numbers)  # (B, 1 + negatives, D)
        scores = body.add("ReduceSum", body.add("Mul", shown, document), columns)
        errors = body.add("Sub", wanted, body.add("Sigmoid", scores))
        errors = body.add("Mul", errors, body.add("Unsqueeze", rate, columns))
        return [body.add("Add", document, body.add("ReduceSum", body.add("Mul", shown, errors), rows))]

    (found,) = graph.scan(step, [start], sequences)
    return graph.add("Squeeze", found, rows)


def _upper_halves(graph: Graph, grams: str, each: int, stream: int) -> str:
    """(P, each) uint64: the upper halves of the draws that belong to each n-gram of a text, the same for all texts."""

    def number(value: int) -> str:
        return graph.constant(value, np.uint64)

    def folded(value: str, shift: int) -> str:
        return graph.add("BitwiseXor", value, graph.add("BitShift", value, number(shift), direction="RIGHT"))

    size = graph.add("Gather", graph.add("Shape", grams), graph.whole(1))
    end = graph.add("Add", graph.add("Mul", size, graph.whole(each)), graph.whole(1))
    one = graph.whole(1)
    index = graph.add("Cast", graph.add("Range", one, end, one), to=TensorProto.UINT64)
    z = graph.add("Add", graph.add("Mul", index, number(_GOLDEN)), number(stream))
    z = graph.add("Mul", folded(z, 30), number(0xBF58476D1CE4E5B9))
    z = folded(graph.add("Mul", folded(z, 27), number(0x94D049BB133111EB)), 31)
    upper = graph.add("BitShift", z, number(32), direction="RIGHT")
    return graph.add("Reshape", upper, graph.whole([-1, each]))


def _below(graph: Graph, halves: str, bound: int) -> str:
    """Upper halves of draws as numbers below `bound`, int64."""
    spread = graph.add("Mul", halves, graph.constant(bound, np.uint64))
    found = graph.add("BitShift", spread, graph.constant(32, np.uint64), direction="RIGHT")
    return graph.add("Cast", found, to=TensorProto.INT64)


def _columns(graph: Graph, values: str, start: int, stop: int) -> str:
    return graph.add("Slice", values, *(graph.whole([one]) for one in (start, stop, 1)))


def _draw(stream: int, index: int) -> int:
    """The index-th number of a stream of splitmix64, 64 bits."""
    z = (stream + (index + 1) * _GOLDEN) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)
