"""Models of texts as ONNX graphs: the equations of docs/portable.md, from the numbers of tokens on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from unspool.export.onnx_columns import ColumnInputs, add_columns, add_scores_of_trees
from unspool.export.onnx_graph import Graph, mean_max, present_windows, recurrent_states
from unspool.export.onnx_ngrams import add_ngrams, in_front, side_by_side
from unspool.export.onnx_vectors import add_vectors
from unspool.export.packing import Node

_LINKS = {"binary": "Sigmoid", "multilabel": "Sigmoid", "multiclass": "Softmax", "regression": "Identity"}
_WITH_LENGTHS = ("convolution texts", "language model texts")
_NAMES = {"words": ("tokens", "lengths"), "characters": ("characters", "character_lengths")}
_RARE, _BOUNDARY, _FIRST = 0, 1, 2  # rows of a language model's vectors


@dataclass
class TokenInput:
    """One sequence of tokens that a model of texts reads.

    Attributes:
        of: "words" or "characters".
        tokens: the name of (B, T) int64, each one more than its place in the alphabet, or 0.
        lengths: the name of (B,) int32, or "" where nothing depends on it.
        alphabet: the tokens that any part of the model knows.
    """

    of: str
    tokens: str
    lengths: str
    alphabet: tuple[str, ...] = field(repr=False)

    @classmethod
    def of_model(cls, node: Node) -> "list[TokenInput]":
        """The inputs that a model needs: words, characters, or both."""
        read: dict[str, dict[str, None]] = {}
        lengths = set()
        for kind, part in _readers(node):
            read.setdefault(part["of"], {}).update(dict.fromkeys(part["alphabet"].values))
            lengths |= {part["of"]} if kind in _WITH_LENGTHS else set()
        names = _NAMES if len(read) > 1 else dict.fromkeys(read, _NAMES["words"])
        return [
            cls(of, names[of][0], names[of][1] if of in lengths else "", tuple(alphabet))
            for of, alphabet in sorted(read.items(), reverse=True)
        ]


def _readers(node: Node) -> Iterator[tuple[str, Node]]:
    """What reads tokens in a model, with the kind of the part that it belongs to."""
    match node["kind"]:
        case "blend texts":
            for part in node["parts"]:
                yield from _readers(part)
        case "linear texts":
            yield from ((node["kind"], block) for block in node["blocks"])
        case "vector texts":
            yield node["kind"], node["ngrams"]
        case "tree texts" if "ngrams" in node:
            yield node["kind"], node["ngrams"]
        case "convolution texts" | "language model texts":
            yield node["kind"], node


def add_text_model(graph: Graph, node: Node, inputs: list[TokenInput], beside: ColumnInputs | None, task: str) -> str:
    """Add a model of texts.

    Args:
        graph: to which it is added.
        node: as `text_model_node` describes it.
        inputs: as `TokenInput.of_model` gives them; they are added to the graph.
        beside: the columns that stand beside a text; likewise.
        task: its name.

    Returns:
        The name of its outputs, (B, K).
    """
    for one in inputs:
        graph.input(one.tokens, TensorProto.INT64, "batch", "time" if one.tokens == "tokens" else one.tokens)
        if one.lengths:
            graph.input(one.lengths, TensorProto.INT32, "batch")
    if beside:
        beside.add(graph)
    scores = _Texts(graph, {one.of: one for one in inputs}, beside).scores(node)
    return graph.add(_LINKS[task], graph.add("Cast", scores, to=TensorProto.FLOAT))


@dataclass
class _Texts:
    """Adds the parts of a model: scores (B, K) float64."""

    graph: Graph
    inputs: dict[str, TokenInput]
    beside: ColumnInputs | None

    def scores(self, node: Node) -> str:
        match node["kind"]:
            case "blend texts":
                return self._blend(node)
            case "linear texts":
                return self._linear(node)
            case "vector texts":
                return self._vectors(node)
            case "convolution texts":
                return self._convolution(node)
            case "language model texts":
                return self._language_model(node)
            case _:
                return self._trees(node)

    def _number(self, value: Any) -> str:
        return self.graph.constant(value, np.float64)

    def _blend(self, node: Node) -> str:
        total = ""
        for part, factor in zip(node["parts"], node["factors"].tolist(), strict=True):
            one = self.graph.add("Mul", self.scores(part), self._number(factor))
            total = self.graph.add("Add", total, one) if total else one
        return total

    def _own(self, node: Node) -> str:
        """The tokens that a part knows, each one more than its place in the part's own alphabet: (B, T) int32."""
        graph, one = self.graph, self.inputs[node["of"]]
        if one.alphabet == node["alphabet"].values:
            return graph.add("Cast", one.tokens, to=TensorProto.INT32)
        places = {token: place for place, token in enumerate(node["alphabet"].values, 1)}
        own = graph.constant([0, *(places.get(token, 0) for token in one.alphabet)], np.int32)
        return graph.add("Gather", own, one.tokens)

    def _linear(self, node: Node) -> str:
        graph, total = self.graph, ""
        for block in node["blocks"]:
            one = self._block(block, node["weighting"])
            total = graph.add("Add", total, one) if total else one
        if node["blocks"]:
            total = graph.add("Mul", total, self._number(1 / np.sqrt(len(node["blocks"]))))
        if "columns" in node:
            assert self.beside is not None, "columns stand beside a text"
            features = graph.add("Cast", add_columns(graph, node["columns"], self.beside), to=TensorProto.DOUBLE)
            one = graph.add("MatMul", features, self._number(node["column_coefficients"]))
            total = graph.add("Add", total, one) if total else one
        total = graph.add(
            "Mul", graph.add("Add", total, self._number(node["constant"])), self._number(node["scale"][0])
        )
        return graph.add("Add", total, self._number(node["scale"][1]))

    def _block(self, block: Node, weighting: str) -> str:
        """(B, K): what the n-grams of one kind add, over the length of their values unless counts are kept."""
        graph = self.graph
        every = side_by_side(graph, *add_ngrams(graph, block, self._own(block)), axis=1)
        grams, _ = in_front(graph, every, every)
        before = graph.add("Pad", grams, graph.whole([0, 1, 0, -1]), graph.constant(-1, np.int32))
        new = graph.add("Not", graph.add("Equal", grams, before))
        value = graph.add("Cast", new, to=TensorProto.DOUBLE)
        if weighting != "nb":
            value = graph.add("Mul", value, self._times(new, weighting))
        value = graph.add("Unsqueeze", value, graph.whole([2]))
        # A row of zeros in front, for what is no n-gram.
        rows = (np.pad(block[name], ((1, 0), (0, 0))) for name in ("weights", "coefficients"))
        weights, coefficients = (
            graph.add("Cast", graph.add("Gather", graph.constant(one), grams), to=TensorProto.DOUBLE) for one in rows
        )
        weighed, time = graph.add("Mul", weights, value), graph.whole([1])
        products = graph.add("ReduceSum", graph.add("Mul", weighed, coefficients), time, keepdims=0)
        if weighting == "counts":
            return products
        squares = graph.add("ReduceSum", graph.add("Mul", weighed, weighed), time, keepdims=0)
        nothing = graph.add("Equal", squares, self._number(0))
        length = graph.add("Where", nothing, self._number(1), graph.add("Sqrt", squares))
        return graph.add("Div", products, length)

    def _times(self, new: str, weighting: str) -> str:
        """c, or 1 + log c as float32 gives it, where an n-gram is new and c of it follow each other: (B, Q)."""
        graph = self.graph
        runs = graph.add("CumSum", graph.add("Cast", new, to=TensorProto.INT64), graph.whole(1))
        runs = graph.add("Sub", runs, graph.whole(1))
        ones = graph.add("Cast", graph.add("GreaterOrEqual", runs, graph.whole(0)), to=TensorProto.FLOAT)
        none = graph.add("Mul", ones, graph.constant(0))
        counts = graph.add("ScatterElements", none, runs, ones, axis=1, reduction="add")
        times = graph.add("GatherElements", counts, runs, axis=1)
        if weighting == "tfidf":
            times = graph.add("Add", graph.add("Log", times), graph.constant(1))
        return graph.add("Cast", times, to=TensorProto.DOUBLE)

    def _trees(self, node: Node) -> str:
        """Scores of trees over counts of n-grams, the sum of those of the shortest length, and features of columns."""
        graph, features = self.graph, list[str]()
        if "ngrams" in node:
            found, widths = add_ngrams(graph, node["ngrams"], self._own(node["ngrams"]))
            every = graph.add("Cast", side_by_side(graph, found, widths, axis=1), to=TensorProto.INT64)
            batch = graph.add("Slice", graph.add("Shape", every), *(graph.whole([one]) for one in (0, 1, 0)))
            none = graph.add(
                "Expand", graph.constant(0), graph.add("Concat", batch, graph.whole([sum(widths) + 1]), axis=0)
            )
            ones = graph.add("Expand", graph.constant(1), graph.add("Shape", every))
            counts = graph.add("ScatterElements", none, every, ones, axis=1, reduction="add")
            axis = graph.whole([1])
            shortest, counts = (
                graph.add("Slice", counts, axis, graph.whole([1 + width]), axis) for width in (widths[0], sum(widths))
            )  # column 0 counts what is no n-gram
            features += [counts, graph.add("ReduceSum", shortest, axis, keepdims=1)]
        if "columns" in node:
            assert self.beside is not None, "columns stand beside a text"
            features.append(add_columns(graph, node["columns"], self.beside))
        together = graph.add("Concat", *features, axis=1) if len(features) > 1 else features[0]
        return add_scores_of_trees(graph, node, together)

    def _vectors(self, node: Node) -> str:
        graph, ngrams = self.graph, node["ngrams"]
        grams = side_by_side(graph, *add_ngrams(graph, ngrams, self._own(ngrams)), axis=2)
        vectors = graph.add("Cast", add_vectors(graph, node, grams), to=TensorProto.DOUBLE)
        features = graph.add(
            "Div", graph.add("Sub", vectors, self._number(node["center"])), self._number(node["spread"])
        )
        found = graph.add("MatMul", features, self._number(node["weights"][:-1]))
        return self._in_units(graph.add("Add", found, self._number(node["weights"][-1])), node)

    def _in_units(self, scores: str, node: Node) -> str:
        first, factor = (self._number(float(one)) for one in node["units"].ravel())
        return self.graph.add("Add", self.graph.add("Mul", scores, factor), first)

    def _convolution(self, node: Node) -> str:
        graph, one = self.graph, self.inputs[node["of"]]
        graph.sequences, graph.lengths = self._own(node), one.lengths
        total = ""
        for member in node["members"]:
            found = graph.add("Cast", _member(graph, member), to=TensorProto.DOUBLE)
            total = graph.add("Add", total, found) if total else found
        return self._in_units(graph.add("Mul", total, self._number(1 / len(node["members"]))), node)

    def _language_model(self, node: Node) -> str:
        """The last state of an LSTM over the last tokens, and the mean and maximum of all; a linear head."""
        graph, one = self.graph, self.inputs[node["of"]]
        tokens, lengths = self._tail(self._own(node), one.lengths, node["length"])
        vectors = graph.add("Transpose", graph.add("Gather", graph.constant(node["vectors"]), tokens), perm=[1, 0, 2])
        layer = {"cell": "lstm", "activation": "tanh", "forward": node["forward"]}
        every, last, _ = recurrent_states(graph, layer, vectors, lengths)
        graph.sequences, graph.lengths = tokens, lengths
        units = node["forward"]["recurrent"].shape[0]
        by_text = graph.add("Transpose", every, perm=[2, 0, 1, 3])
        by_text = graph.add("Reshape", by_text, graph.whole([0, 0, units]))
        last = graph.add("Squeeze", last, graph.whole([0]))
        pooled = graph.add("Concat", last, mean_max(graph, by_text, present_windows(graph, 1)), axis=1)
        pooled = graph.add("Cast", pooled, to=TensorProto.DOUBLE)
        found = graph.add("MatMul", pooled, self._number(node["head"][:-1]))
        return self._in_units(graph.add("Add", found, self._number(node["head"][-1])), node)

    def _tail(self, tokens: str, lengths: str, most: int) -> tuple[str, str]:
        """The last tokens of each text as rows of a language model's vectors, (B, T), and how many there are, (B)."""
        graph = self.graph
        known = graph.add("Greater", tokens, graph.constant(0, np.int32))
        rows = graph.add("Add", tokens, graph.constant(_FIRST - 1, np.int32))
        rows = graph.add("Where", known, rows, graph.constant(_RARE, np.int32))
        size = graph.add("Slice", graph.add("Shape", tokens), *(graph.whole([one]) for one in (1, 2, 0)))
        steps = graph.add("Min", size, graph.whole([most]))
        taken = graph.add("Min", lengths, graph.constant(most, np.int32))
        start = graph.add("Cast", graph.add("Sub", lengths, taken), to=TensorProto.INT64)
        start = graph.add("Unsqueeze", start, graph.whole([1]))
        zero, one = (graph.whole(number) for number in (0, 1))
        steps = graph.add("Squeeze", steps, graph.whole([0]))
        places = graph.add("Add", start, graph.add("Range", zero, steps, one))
        places = graph.add("Min", places, graph.add("Sub", size, one))  # behind the end of a text, any will do
        rows = graph.add("GatherElements", rows, places, axis=1)
        rows = graph.add("Pad", rows, graph.whole([0, 1, 0, 0]), graph.constant(_BOUNDARY, np.int32))
        return rows, graph.add("Add", taken, graph.constant(1, np.int32))


def _member(graph: Graph, node: Node) -> str:
    """(B, K): the maximum of each filter over the windows of a text, at least 0, times the head.

    See native/word_convolution.h.
    """
    longest, tap, maxima = max(node["widths"]), 0, list[str]()
    tokens = graph.add("Pad", graph.sequences, graph.whole([0, 0, 0, longest]))
    for bias, width in zip(node["bias"], node["widths"], strict=True):
        found = graph.constant(bias)
        for shift in range(width):
            ends = (graph.whole([one]) for one in (shift, shift - longest, 1))
            rows = graph.add(
                "Gather", graph.constant(_with_none(node["vectors"][:, tap])), graph.add("Slice", tokens, *ends)
            )
            found, tap = graph.add("Add", found, rows), tap + 1
        some = graph.add("Where", present_windows(graph, width), found, graph.constant(0))
        maxima.append(graph.add("ReduceMax", some, graph.whole([1]), keepdims=0))
    hidden = graph.add("Relu", graph.add("Concat", *maxima, axis=1))
    head = np.reshape(node["head"], (-1, node["head"].shape[-1]))
    return graph.add("Add", graph.add("MatMul", hidden, graph.constant(head)), graph.constant(node["head_bias"]))


def _with_none(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """(V, F) with a row of zeros in front, for tokens without a vector."""
    return np.pad(np.asarray(vectors), ((1, 0), (0, 0)))
