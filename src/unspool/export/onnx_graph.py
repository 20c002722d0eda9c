"""The layers of a portable network as an ONNX graph: see https://onnx.ai/onnx/operators."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from unspool.export.packing import Node

OPSET, IR_VERSION = 18, 10
"""Read by ONNX Runtime from 1.18 on."""

_TREES_DOMAIN, _TREES_OPSET = "ai.onnx.ml", 3

_ONNX_CELLS = {"lstm": ("LSTM", 4), "gru after": ("GRU", 3), "gru before": ("GRU", 3), "rnn": ("RNN", 1)}
_LSTM_GATES = (0, 3, 1, 2)  # Keras has input, forget, cell, output; ONNX has input, output, forget, cell
_ACTIVATIONS = {"linear": "Identity", "sigmoid": "Sigmoid", "softmax": "Softmax", "tanh": "Tanh"}


Step = Callable[["Graph", list[str], list[str]], list[str]]
"""A step of a loop: see `Graph.scan`."""


class Graph:
    """An ONNX graph while it grows; values are known by their names.

    Args:
        within: what the names of all its values begin with, of a graph within another.

    Attributes:
        lengths: the name of (B,) int32, how many steps of each sequence count, or "" where all do.
        sequences: the name of what is read, (B, T) int64 tokens, (B, T, K) int64 forms of words or (B, T, D) steps.
        size: bytes of all constants.
    """

    def __init__(self, within: str = "") -> None:
        self.lengths = self.sequences = ""
        self.size = 0
        self._within, self._trees = within, False
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, kind: int, *shape: int | str) -> str:
        """Add an input."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    @property
    def inputs(self) -> list[str]:
        """The names of all inputs."""
        return [one.name for one in self._inputs]

    def output(self, value: str, name: str, *shape: int | str) -> None:
        """Let a value be an output, as float32."""
        self._nodes.append(helper.make_node("Cast", [value], [name], to=TensorProto.FLOAT))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def constant(self, values: Any, kind: Any = np.float32) -> str:
        """Add numbers that are always the same."""
        name, array = f"{self._within}constant_{len(self._constants)}", np.ascontiguousarray(np.asarray(values, kind))
        self.size += array.nbytes
        self._constants.append(numpy_helper.from_array(array, name))
        return name

    def whole(self, values: Any) -> str:
        """Add whole numbers of 64 bits that are always the same: axes, sizes, places."""
        return self.constant(values, np.int64)

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add an operator, and return the name of what it gives."""
        return self.add_many(operator, 1, *inputs, **attributes)[0]

    def add_many(self, operator: str, count: int, *inputs: str, **attributes: Any) -> list[str]:
        """Add an operator that gives several values."""
        names = [f"{self._within}{operator.lower()}_{len(self._nodes)}_{number}" for number in range(count)]
        self._nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names

    def add_trees(self, features: str, **attributes: Any) -> str:
        """Add an ensemble of trees, whose attributes are those of ONNX's `TreeEnsembleRegressor`."""
        self._trees = True
        self.size += sum(4 * len(one) for one in attributes.values() if isinstance(one, list))
        return self.add("TreeEnsembleRegressor", features, domain=_TREES_DOMAIN, **attributes)

    def scan(self, step: Step, states: Sequence[str], sequences: Sequence[str], outputs: int = 0) -> list[str]:
        """Add a loop over the first axis of some sequences.

        Args:
            step: gets a graph of its own, in which all values of this one are known, the states before a step and what
                the sequences hold at it; gives the states after it, then its outputs.
            states: before the first step.
            sequences: each with its steps on the first axis.
            outputs: of each step.

        Returns:
            The states after the last step, then the outputs of all steps, one behind the other on a first axis.
        """
        body = Graph(f"{self._within}scan{len(self._nodes)}_")
        count = len(states) + len(sequences)
        given = [f"{body._within}given_{number}" for number in range(count)]
        made = step(body, given[: len(states)], given[len(states) :])
        self.size += body.size
        inner = helper.make_graph(
            body._nodes,
            body._within + "step",
            [helper.make_empty_tensor_value_info(name) for name in given],
            [helper.make_empty_tensor_value_info(name) for name in made],
            body._constants,
        )
        return self.add_many(
            "Scan", len(states) + outputs, *states, *sequences, body=inner, num_scan_inputs=len(sequences)
        )

    def written(self, title: str, metadata: dict[str, str]) -> bytes:
        """Return the whole as a file has it, checked. The graph is empty then: constants may take gigabytes.

        Raises:
            onnx.checker.ValidationError: it is no valid model.
        """
        opsets = [helper.make_opsetid("", OPSET)] + [helper.make_opsetid(_TREES_DOMAIN, _TREES_OPSET)] * self._trees
        graph = helper.make_graph(self._nodes, "unspool", self._inputs, self._outputs)
        model = helper.make_model(graph, opset_imports=opsets, producer_name="unspool")
        model.ir_version = IR_VERSION
        model.doc_string = title
        helper.set_model_props(model, metadata)
        while self._constants:
            model.graph.initializer.append(self._constants.pop(0))
        content: bytes = model.SerializeToString()
        del model
        onnx.checker.check_model(content, full_check=True)
        return content


def standardised(graph: Graph, series: str, mean: Any, scale: Any) -> str:
    """(B, T, C) numbers less the mean of their channel, divided by its scale, in 64 bits as in training."""
    centred = graph.add("Sub", graph.add("Cast", series, to=TensorProto.DOUBLE), graph.constant(mean, np.float64))
    scaled = graph.add("Div", centred, graph.constant(scale, np.float64))
    return graph.add("Cast", scaled, to=TensorProto.FLOAT)


def add_layers(graph: Graph, node: Node, value: str) -> str:
    """Add the layers of a network, one after the other.

    Args:
        graph: to which they are added.
        node: as `seq2vec_node` or `vec2seq_node` describe it.
        value: what the first layer reads: tokens (B, T), forms of words (B, T, K), steps (B, T, D), or for a decoder
            vectors (B, D).

    Returns:
        The name of what the last layer gives.
    """
    beside = ""
    for layer in node["layers"]:
        match layer["kind"]:
            case "bigrams":
                beside = _bigrams(graph, layer)
            case "pooling":
                value = mean_max(graph, value, _present(graph) if graph.lengths else "")
                if layer["with_bigrams"]:
                    value = graph.add("Concat", value, beside, axis=1)
            case "flatten":
                value = _flatten(graph, layer, value)
            case kind:
                value = _LAYERS[kind](graph, layer, value)
    return value


def add_upscaler(graph: Graph, node: Node, value: str) -> str:
    """Add a network that enlarges images (B, T, D) to (B, f T, f D): its output is added to the repeated pixels."""
    factor, (*_, head) = node["factor"], node["network"]["layers"]
    width = len(head["bias"]) // factor**2
    details = add_layers(graph, node["network"], value)
    pixels = graph.add("Unsqueeze", value, graph.whole([3]))
    columns = graph.add("Expand", pixels, graph.whole([1, 1, 1, factor]))
    columns = graph.add("Reshape", columns, graph.whole([0, 0, factor * width]))
    drawn = graph.add("Add", graph.add("Concat", *[columns] * factor, axis=2), details)
    return graph.add("Reshape", drawn, graph.whole([0, -1, factor * width]))


def mean_max(graph: Graph, value: str, present: str) -> str:
    """Mean and maximum of (B, T, D) over the steps that are present, (B, T, 1) bool: (B, 2 D); zeros where none is."""
    time = graph.whole([1])
    if not present:
        means = graph.add("ReduceMean", value, time, keepdims=0)
        return graph.add("Concat", means, graph.add("ReduceMax", value, time, keepdims=0), axis=1)
    zero, lowest = graph.constant(0), graph.constant(np.finfo(np.float32).min)
    count = graph.add("ReduceSum", graph.add("Cast", present, to=TensorProto.FLOAT), time, keepdims=0)
    total = graph.add("ReduceSum", graph.add("Where", present, value, zero), time, keepdims=0)
    means = graph.add("Div", total, graph.add("Max", count, graph.constant(1)))
    highest = graph.add("ReduceMax", graph.add("Where", present, value, lowest), time, keepdims=0)
    highest = graph.add("Where", graph.add("Greater", count, zero), highest, zero)
    return graph.add("Concat", means, highest, axis=1)


def zero_behind(graph: Graph, value: str) -> str:
    """(B, T, D) with zeros behind the end of each sequence, and where the first form of a word is 0."""
    present = _present(graph)
    if graph.sequences == "tokens":
        words = graph.add("Slice", graph.sequences, *(graph.whole([one]) for one in (0, 1, 2)))
        present = graph.add("And", present, graph.add("Not", graph.add("Equal", words, graph.whole(0))))
    return graph.add("Where", present, value, graph.constant(0))


def present_windows(graph: Graph, width: int) -> str:
    """(B, T, 1) bool, at which steps windows of a width begin: all within a sequence, and always the first."""
    ends = graph.add("Sub", graph.lengths, graph.constant(width - 1, np.int32))
    return _present(graph, graph.add("Max", ends, graph.constant(1, np.int32)))


def _present(graph: Graph, lengths: str = "") -> str:
    """(B, T, 1) bool, which steps of the sequences count; `lengths` replaces their own."""
    lengths = lengths or graph.lengths
    steps = graph.add("Gather", graph.add("Shape", graph.sequences), graph.whole(1))
    places = graph.add("Range", graph.whole(0), steps, graph.whole(1))
    ends = graph.add("Unsqueeze", graph.add("Cast", lengths, to=TensorProto.INT64), graph.whole([1]))
    return graph.add("Unsqueeze", graph.add("Less", places, ends), graph.whole([2]))


def _embedding(graph: Graph, layer: Node, value: str) -> str:
    return graph.add("Gather", graph.constant(layer["vectors"]), value)


def _forms(graph: Graph, layer: Node, value: str) -> str:
    vectors = graph.add("Gather", graph.constant(layer["vectors"]), value)
    return graph.add("ReduceSum", vectors, graph.whole([2]), keepdims=0)


def _bigrams(graph: Graph, layer: Node) -> str:
    """Pooled vectors of hashed pairs of tokens: see `layers.HashedBigrams`."""

    def number(value: int) -> str:
        return graph.constant(value, np.uint32)

    pads = graph.whole([0, 1, 0, 0])
    longer = graph.add("Pad", graph.sequences, pads)
    before = graph.add("Slice", longer, *(graph.whole([one]) for one in (0, -1, 1)))
    right, left = (graph.add("Cast", one, to=TensorProto.UINT32) for one in (graph.sequences, before))
    pair = graph.add("Add", graph.add("Mul", left, number(0x9E3779B1)), graph.add("Mul", right, number(0x85EBCA77)))
    buckets = len(layer["vectors"])
    hashed = graph.add("Add", graph.add("Mod", mixed_bits(graph, pair), number(buckets - 1)), number(1))
    known = [
        graph.add("Not", graph.add("Equal", one, graph.whole(other)))
        for one in (graph.sequences, before)
        for other in (0, 2)
    ]
    both = graph.add("And", graph.add("And", known[0], known[1]), graph.add("And", known[2], known[3]))
    numbers = graph.add("Where", both, graph.add("Cast", hashed, to=TensorProto.INT64), graph.whole(0))
    vectors = graph.add("Gather", graph.constant(layer["vectors"]), numbers)
    return mean_max(graph, vectors, graph.add("Unsqueeze", both, graph.whole([2])))


def mixed_bits(graph: Graph, value: str) -> str:
    """The finalizer of MurmurHash3 (Appleby), of uint32."""

    def folded(one: str, shift: int) -> str:
        moved = graph.add("BitShift", one, graph.constant(shift, np.uint32), direction="RIGHT")
        return graph.add("BitwiseXor", one, moved)

    value = graph.add("Mul", folded(value, 16), graph.constant(0x85EBCA6B, np.uint32))
    return folded(graph.add("Mul", folded(value, 13), graph.constant(0xC2B2AE35, np.uint32)), 16)


def _recurrent(graph: Graph, layer: Node, value: str) -> str:
    by_time = graph.add("Transpose", value, perm=[1, 0, 2])
    every, last, *_ = recurrent_states(graph, layer, by_time, graph.lengths)
    states = sum(len(layer[name]["recurrent"]) for name in ("forward", "backward") if name in layer)
    if layer["gives"] == "all":
        found = graph.add("Transpose", every, perm=[2, 0, 1, 3])
        return graph.add("Reshape", found, graph.whole([0, 0, states]))
    found = graph.add("Transpose", last, perm=[1, 0, 2])
    return graph.add("Reshape", found, graph.whole([0, states]))


def recurrent_states(graph: Graph, layer: Node, steps: str, lengths: str, before: Sequence[str] = ()) -> list[str]:
    """Add a recurrent layer.

    Args:
        graph: to which it is added.
        layer: its cell, activation and directions.
        steps: (T, B, D), what it reads.
        lengths: (B) int32, how many steps count, or "": all.
        before: (directions, B, U) states that it begins with, h and of an LSTM c; else zeros.

    Returns:
        The states after every step, (T, directions, B, U), and the last ones, (directions, B, U): h, and of an LSTM c.
    """
    operator, gates = _ONNX_CELLS[layer["cell"]]
    directions = [layer[name] for name in ("forward", "backward") if name in layer]
    units = len(directions[0]["recurrent"])
    attributes: dict[str, Any] = {
        "hidden_size": units,
        "direction": "bidirectional" if len(directions) == 2 else "forward",
    }
    if operator == "GRU":
        attributes["linear_before_reset"] = int(layer["cell"] == "gru after")
    if operator == "RNN":
        attributes["activations"] = [layer["activation"].capitalize()] * len(directions)
    weights = [
        graph.constant(np.stack([_in_order(operator, one[name], gates).T for one in directions]))
        for name in ("kernel", "recurrent")
    ]
    bias = graph.constant(np.stack([_biases(operator, one["bias"], gates) for one in directions]))
    count = 3 if operator == "LSTM" else 2
    return graph.add_many(operator, count, steps, *weights, bias, lengths, *before, **attributes)


def _in_order(operator: str, weights: NDArray[np.float32], gates: int) -> NDArray[np.float32]:
    """The gates in ONNX's order, on the last axis."""
    if operator != "LSTM":
        return weights
    parts = np.split(weights, gates, axis=-1)
    return np.concatenate([parts[gate] for gate in _LSTM_GATES], axis=-1)


def _biases(operator: str, bias: NDArray[np.float32], gates: int) -> NDArray[np.float32]:
    """That of the input, and that of the state."""
    given, state = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
    return np.concatenate([_in_order(operator, given, gates), _in_order(operator, state, gates)])


def _normalization(graph: Graph, layer: Node, value: str) -> str:
    return graph.add("Add", graph.add("Mul", value, graph.constant(layer["scale"])), graph.constant(layer["offset"]))


def _repeat(graph: Graph, layer: Node, value: str) -> str:
    row = graph.add("Unsqueeze", value, graph.whole([1]))
    return graph.add("Expand", row, graph.whole([1, layer["times"], 1]))


def _flatten(graph: Graph, layer: Node, value: str) -> str:
    """Steps less their mean, and 0 for those that do not count or are not there: (B, T, D) to (B, length * D)."""
    length, width = layer["mean"].shape
    axes = graph.whole([1])
    time = graph.add("Shape", value, start=1, end=2)
    mean = graph.add("Slice", graph.constant(layer["mean"]), graph.whole([0]), time, graph.whole([0]))
    left = graph.add("Sub", value, mean)
    if graph.lengths:
        left = graph.add("Where", _present(graph), left, graph.constant(0))
    more = graph.add("Concat", graph.whole([0]), graph.add("Sub", graph.whole([length]), time), axis=0)
    padded = graph.add("Pad", left, more, "", axes)
    return graph.add("Reshape", padded, graph.whole([0, length * width]))


def _unflatten(graph: Graph, layer: Node, value: str) -> str:
    return graph.add("Reshape", value, graph.whole([0, layer["times"], -1]))


def _dense(graph: Graph, layer: Node, value: str) -> str:
    found = graph.add(
        "Add", graph.add("MatMul", value, graph.constant(layer["weights"])), graph.constant(layer["bias"])
    )
    return graph.add(_ACTIVATIONS[layer["activation"]], found)


_LAYERS: dict[str, Callable[[Graph, Node, str], str]] = {
    "embedding": _embedding,
    "forms": _forms,
    "recurrent": _recurrent,
    "normalization": _normalization,
    "repeat": _repeat,
    "unflatten": _unflatten,
    "dense": _dense,
}
