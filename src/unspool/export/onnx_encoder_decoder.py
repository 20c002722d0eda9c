"""A recurrent encoder-decoder as two ONNX graphs: the encoder, and one step of the decoder. The search goes on outside.

A step of the decoder is a native LSTM or GRU over a sequence of one step, which begins with the states of the step
before. native/encoder_decoder.h has the equations.
"""

import numpy as np
from onnx import TensorProto

from unspool.export.onnx_graph import Graph, recurrent_states, standardised
from unspool.export.onnx_translation import bytes_of, dense, places_of, present_of
from unspool.export.packing import Node


def encoder_graph(model: Node, title: str, metadata: Node) -> bytes:
    """The encoder.

    It reads `tokens` (B, S) int64, or the `series` (B, S, F) as they are measured, and `lengths` (B) int32. It gives
    `memory_keys` (B, S, U) and `memory_values` (B, S, 2 U), which the decoder looks at, and what its first step begins
    with: `h_0` (B, U), of an LSTM `c_0`, and so on for each layer; with input feeding `found` (B, W), zeros.

    Args:
        model: as `encoder_decoder_node` describes it.
        title: of the model.
        metadata: what is kept under "unspool"; its "reader" says how series are scaled.
    """
    graph, units = Graph(), model["units"]
    lengths = graph.input("lengths", TensorProto.INT32, "batch")
    if model["source_embedding"] is None:
        reader = metadata["reader"]
        given = graph.input("series", TensorProto.FLOAT, "batch", "source", len(reader["mean"]))
        x = dense(graph, standardised(graph, given, reader["mean"], reader["scale"]), model["frames"])
    else:
        given = graph.input("tokens", TensorProto.INT64, "batch", "source")
        x = graph.add("Gather", graph.constant(model["source_embedding"]), given)
    together = graph.whole([0, 0, 2 * units])
    for number, layer in enumerate(model["layers"]):
        both = _cell(model) | {name: layer[name] for name in ("forward", "backward")}
        every, *ends = recurrent_states(graph, both, graph.add("Transpose", x, perm=[1, 0, 2]), lengths)
        x = graph.add("Reshape", graph.add("Transpose", every, perm=[2, 0, 1, 3]), together)
        for name, end, first in zip("hc", ends, layer["first"], strict=False):
            last = graph.add("Transpose", end, perm=[1, 0, 2])
            last = graph.add("Reshape", last, graph.whole([0, 2 * units]))
            graph.output(graph.add("Tanh", dense(graph, last, first)), f"{name}_{number}", "batch", units)
    graph.output(graph.add("MatMul", x, graph.constant(model["keys"])), "memory_keys", "batch", "source", units)
    graph.output(x, "memory_values", "batch", "source", 2 * units)
    if model["input_feeding"]:
        width = model["found"]["bias"].size
        count = graph.add("Shape", given, start=0, end=1)
        size = graph.add("Concat", count, graph.whole([width]), axis=0)
        graph.output(graph.add("Expand", graph.constant(0), size), "found", "batch", width)
    return bytes_of(graph, title, metadata)


def decoder_graph(model: Node, title: str, metadata: Node) -> bytes:
    """A step of the decoder.

    It reads `tokens` (B) int64, the last of each answer; `memory_keys`, `memory_values` and `lengths` (B) int32; and
    the states, which the encoder gives for the first step. It gives `log_probabilities` (B, V), and the states of the
    next step under their names with `next_` in front.

    Args:
        model: as `encoder_decoder_node` describes it.
        title: of the model.
        metadata: what is kept under "unspool".
    """
    graph, units, size = Graph(), model["units"], model["target_size"]
    width, first = model["found"]["bias"].size, graph.whole([0])
    tokens = graph.input("tokens", TensorProto.INT64, "batch")
    lengths = graph.input("lengths", TensorProto.INT32, "batch")
    keys = graph.input("memory_keys", TensorProto.FLOAT, "batch", "source", units)
    values = graph.input("memory_values", TensorProto.FLOAT, "batch", "source", 2 * units)
    target = np.asarray(
        model["source_embedding"][:size] if model["target_embedding"] is None else model["target_embedding"]
    )
    x = graph.add("Gather", graph.constant(target), tokens)
    if model["input_feeding"]:
        x = graph.add("Concat", x, graph.input("found", TensorProto.FLOAT, "batch", width), axis=-1)
    for number, layer in enumerate(model["layers"]):
        names = [f"{name}_{number}" for name in "hc"[: len(layer["first"])]]
        before = [graph.add("Unsqueeze", graph.input(name, TensorProto.FLOAT, "batch", units), first) for name in names]
        one = _cell(model) | {"forward": layer["decoder"]}
        _, *after = recurrent_states(graph, one, graph.add("Unsqueeze", x, first), "", before)
        states = [graph.add("Squeeze", state, first) for state in after]
        for name, state in zip(names, states, strict=True):
            graph.output(state, f"next_{name}", "batch", units)
        x = states[0]
    context = _looked(graph, model, x, keys, values, lengths)
    found = graph.add("Tanh", dense(graph, graph.add("Concat", context, x, axis=-1), model["found"]))
    if model["input_feeding"]:
        graph.output(found, "next_found", "batch", width)
    head = model["head"] or {"kernel": target.T, "bias": np.zeros(size, np.float32)}
    graph.output(graph.add("LogSoftmax", dense(graph, found, head), axis=-1), "log_probabilities", "batch", size)
    return bytes_of(graph, title, metadata)


def _looked(graph: Graph, model: Node, states: str, keys: str, values: str, lengths: str) -> str:
    """(B, U) states to the mean of what they look at, (B, 2 U)."""
    if model["attention"] == "additive":
        queries = graph.add("Unsqueeze", dense(graph, states, model["query"]), graph.whole([1]))
        bent = graph.add("Tanh", graph.add("Add", queries, keys))
        scores = graph.add("MatMul", bent, graph.constant(np.asarray(model["sum"])[:, None]))
    else:
        scores = graph.add("MatMul", keys, graph.add("Unsqueeze", states, graph.whole([2])))
    by_step = graph.add("Transpose", scores, perm=[0, 2, 1])  # (B, 1, S)
    count = graph.add("Gather", graph.add("Shape", keys), graph.whole(1))
    present = present_of(graph, places_of(graph, count), lengths, 1)
    shares = graph.add(
        "Softmax", graph.add("Where", present, by_step, graph.constant(np.finfo(np.float32).min)), axis=-1
    )
    return graph.add("Squeeze", graph.add("MatMul", shares, values), graph.whole([1]))


def _cell(model: Node) -> Node:
    return {"cell": model["cell"], "activation": "tanh"}
