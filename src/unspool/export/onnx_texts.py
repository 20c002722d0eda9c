"""Convolutions over the tokens of texts as ONNX graphs: the equations of native/word_convolution.h."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.export.onnx_graph import Graph, present_windows

Node = dict[str, Any]

_LINKS = {"binary": "Sigmoid", "multilabel": "Sigmoid", "multiclass": "Softmax", "regression": "Identity"}


def add_convolution_texts(graph: Graph, node: Node, task: str) -> str:
    """Add a model of texts that averages convolutions.

    Args:
        graph: whose sequences are tokens (B, T), each one more than its place in the alphabet, or 0.
        node: as `text_model_node` describes it.
        task: its name.

    Returns:
        The name of its outputs, (B, K).
    """
    first, factor = (float(one) for one in node["units"].ravel())
    members = [_member(graph, one) for one in node["members"]]
    total = members[0]
    for one in members[1:]:
        total = graph.add("Add", total, one)
    scores = graph.add("Mul", total, graph.constant(factor / len(members)))
    return graph.add(_LINKS[task], graph.add("Add", scores, graph.constant(first)))


def _member(graph: Graph, node: Node) -> str:
    """(B, K): the maximum of each filter over the windows of a text, at least 0, times the head."""
    longest, tap, maxima = max(node["widths"]), 0, list[str]()
    tokens = graph.add("Pad", graph.sequences, graph.constant([0, 0, 0, longest], np.int64))
    for bias, width in zip(node["bias"], node["widths"], strict=True):
        found = graph.constant(bias)
        for shift in range(width):
            ends = (graph.constant([one], np.int64) for one in (shift, shift - longest, 1))
            rows = graph.add(
                "Gather", graph.constant(_with_none(node["vectors"][:, tap])), graph.add("Slice", tokens, *ends)
            )
            found, tap = graph.add("Add", found, rows), tap + 1
        some = graph.add("Where", present_windows(graph, width), found, graph.constant(0))
        maxima.append(graph.add("ReduceMax", some, graph.constant([1], np.int64), keepdims=0))
    hidden = graph.add("Relu", graph.add("Concat", *maxima, axis=1))
    head = np.reshape(node["head"], (-1, node["head"].shape[-1]))
    return graph.add("Add", graph.add("MatMul", hidden, graph.constant(head)), graph.constant(node["head_bias"]))


def _with_none(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """(V, F) with a row of zeros in front, for tokens without a vector."""
    return np.pad(np.asarray(vectors), ((1, 0), (0, 0)))
