"""Models of whole series as ONNX graphs: the equations of docs/portable.md."""

from collections.abc import Callable, Iterator

import numpy as np
from onnx import TensorProto

from unspool.errors import UserError
from unspool.export.onnx_columns import add_trees
from unspool.export.onnx_convolutions import add_convolutions, part_of
from unspool.export.onnx_encoders import (
    Shape,
    add_competing_kernels,
    add_quantiles,
    add_raw_values,
    add_statistics,
    add_totals,
    resampled,
)
from unspool.export.onnx_graph import Graph, add_layers, standardised
from unspool.export.packing import Node

_ENCODERS: dict[str, Callable[[Graph, Node, str, Shape], str]] = {
    "convolutions": add_convolutions,
    "competing kernels": add_competing_kernels,
    "quantiles": add_quantiles,
    "raw values": add_raw_values,
    "statistics": add_statistics,
    "totals": add_totals,
}
_LEAST_STEPS = 3
_LEAST_OF_TREES, _LEAST_OF_PARTS = 1e-3, 1e-4
"""The least mean of trees, and probability of a part of a blend, of which a logarithm is taken."""


def refuse_other_series(node: Node, lengths: set[int]) -> None:
    """Refuse models of series that have no graph.

    Args:
        node: the model, as `series_model_node` describes it.
        lengths: those of the golden examples.

    Raises:
        UserError: series differ in length or are shorter than three steps, or a part of the model has no graph.
    """
    why, fixed = "", [one["kind"] for part in _members(node) for one in part.get("encoders", ())]
    fixed = [kind for kind in fixed if kind != "raw values"]
    if len(lengths) > 1 and fixed:
        why = f"its series differ in length, and its {fixed[0]} can be exported only for series of one length"
    elif min(lengths) < _LEAST_STEPS:
        why = f"its series have fewer than {_LEAST_STEPS} steps"
    elif any(one["kind"] == "neighbour series" and one["window"] for one in _members(node)):
        why = "dynamic time warping needs a loop within a loop over all steps"
    elif node["kind"] == "blend series" and node["factor"] is None and not np.isclose(node["weights"].sum(), 1):
        why = "single precision, in which a graph answers, rounds its numbers too much"
    if why:
        raise UserError(
            f"This model of series has no ONNX graph: {why}. Write it for unspool-runtime instead: --out FILE.unspool."
        )


def _members(node: Node) -> Iterator[Node]:
    if node["kind"] == "blend series":
        for part in node["parts"]:
            yield from _members(part)
    else:
        yield node


def add_series_model(graph: Graph, node: Node, series: str, shape: Shape, binary: bool) -> str:
    """Add a model of series.

    Args:
        graph: to which it is added.
        node: as `series_model_node` describes it.
        series: (B, T, C) float32; where the graph has lengths, they differ.
        shape: T, where it is the same for all, and C.
        binary: whether only the second of two outputs is given.

    Returns:
        The name of the outputs, (B, K).
    """
    found = _outputs(graph, node, series, shape)
    return part_of(graph, found, 1, 1, 2) if binary else found


def _outputs(graph: Graph, node: Node, series: str, shape: Shape) -> str:
    """(B, K) probabilities of all labels, or numbers."""
    match node["kind"]:
        case "encoded series":
            encoded = [_ENCODERS[one["kind"]](graph, one, series, shape) for one in node["encoders"]]
            return _of_head(graph, node["head"], graph.add("Concat", *encoded, axis=1))
        case "neighbour series":
            return _of_nearest(graph, node, series, shape[0])
        case "recurrent series":
            return _of_networks(graph, node, series)
        case _:
            return _blended(graph, node, series, shape)


def _of_head(graph: Graph, head: Node, features: str) -> str:
    if head["kind"] == "linear":
        scores = graph.add("MatMul", features, graph.constant(head["weights"]))
        scores = graph.add("Add", scores, graph.constant(head["intercept"]))
    elif head["kind"] == "boosted trees":
        sums = graph.add("Cast", add_trees(graph, head, features, add_up=True), to=TensorProto.DOUBLE)
        sums = graph.add("Add", sums, graph.constant(head["base"], np.float64))
        scores = graph.add("Cast", sums, to=TensorProto.FLOAT)
    else:
        scores = add_trees(graph, head, features)
        if "factor" in head:
            scores = graph.add("Log", graph.add("Max", scores, graph.constant(_LEAST_OF_TREES)))
    if "limits" in head:
        least, greatest = head["limits"].astype(np.float32)
        scores = graph.add("Min", graph.add("Max", scores, graph.constant(least)), graph.constant(greatest))
    if "factor" not in head:
        return scores
    return graph.add("Softmax", graph.add("Mul", scores, graph.constant(head["factor"])))


def _of_nearest(graph: Graph, node: Node, series: str, length: int) -> str:
    """The prediction for the nearest training series; one series at a time, to bound memory."""
    kept, values = graph.constant(node["kept"]), graph.constant(node["values"], np.float64)

    def step(body: Graph, _: list[str], given: list[str]) -> list[str]:
        off = body.add("Cast", body.add("Sub", kept, given[0]), to=TensorProto.DOUBLE)
        distances = body.add("ReduceSum", body.add("Mul", off, off), body.whole([1, 2]), keepdims=0)
        return [body.add("Gather", values, body.add("ArgMin", distances, axis=0, keepdims=0))]

    return graph.scan(step, [], [resampled(graph, series, length, node["kept"].shape[1])], outputs=1)[0]


def _of_networks(graph: Graph, node: Node, series: str) -> str:
    """The mean output of several networks."""
    scaled = standardised(graph, series, node["mean"], node["spread"])
    graph.sequences = series
    scores = graph.add("Mean", *(add_layers(graph, one, scaled) for one in node["networks"]))
    if "factor" not in node:
        return scores
    return graph.add("Softmax", graph.add("Mul", scores, graph.constant(node["factor"])))


def _blended(graph: Graph, node: Node, series: str, shape: Shape) -> str:
    """The mean of the parts' log-probabilities, or of their numbers, by weights."""
    total = ""
    for part, weight in zip(node["parts"], node["weights"].tolist(), strict=True):
        found = graph.add("Cast", _outputs(graph, part, series, shape), to=TensorProto.DOUBLE)
        if node["factor"] is not None:
            found = graph.add("Log", graph.add("Max", found, graph.constant(_LEAST_OF_PARTS, np.float64)))
        found = graph.add("Mul", found, graph.constant(weight, np.float64))
        total = graph.add("Add", total, found) if total else found
    if node["factor"] is None:
        return total
    return graph.add("Softmax", graph.add("Mul", total, graph.constant(node["factor"], np.float64)))
