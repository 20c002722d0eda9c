"""Columns beside a text in ONNX graphs, and trees."""

from dataclasses import dataclass

import numpy as np
from onnx import TensorProto

from unspool.export.onnx_graph import Graph
from unspool.export.packing import Node

_SURE = 1e-3  # the least that a probability of trees can be


@dataclass(frozen=True)
class ColumnInputs:
    """Columns beside a text.

    Attributes:
        numeric: how many columns of numbers there are.
        names: of each column of categories, those that any part of the model knows.
        numbers: the name of (B, numeric) float64, NaN where one is missing.
        categories: the name of (B, columns) int64, each one more than its place in `names`, or 0.
    """

    numeric: int
    names: tuple[tuple[str, ...], ...]
    numbers: str = "numbers"
    categories: str = "categories"

    @classmethod
    def of_model(cls, node: Node, numeric: int, categorical: int) -> "ColumnInputs":
        """The inputs that a model needs."""
        names: list[dict[str, None]] = [{} for _ in range(categorical)]
        for part in node["parts"] if node["kind"] == "blend texts" else [node]:
            for own, one in zip(names, part.get("columns", {}).get("categories", ()), strict=False):
                own.update(dict.fromkeys(one["names"]))
        return cls(numeric, tuple(map(tuple, names)))

    def add(self, graph: Graph) -> None:
        """Add them to a graph."""
        if self.numeric:
            graph.input(self.numbers, TensorProto.DOUBLE, "batch", self.numeric)
        if self.names:
            graph.input(self.categories, TensorProto.INT64, "batch", len(self.names))


def add_columns(graph: Graph, node: Node, inputs: ColumnInputs) -> str:
    """(B, D) float32: the features of columns, as `Columns` of unspool-runtime makes them."""
    found = []
    for place, one in enumerate(node["numbers"]):
        number = graph.add("Gather", inputs.numbers, graph.whole([place]), axis=1)
        found.append(_of_number(graph, one, number))
    for place, one in enumerate(node["categories"]):
        known = inputs.names[place]
        places = {name: number for number, name in enumerate(one["names"])}
        others = len(places)
        own = graph.whole([others, *(places.get(name, others) for name in known)])
        number = graph.add("Gather", inputs.categories, graph.whole([place]), axis=1)
        number = graph.add("Gather", own, number)
        own_number = graph.add("Equal", number, graph.whole(np.arange(others + 1)))
        found.append(graph.add("Cast", own_number, to=TensorProto.DOUBLE))
    together = graph.add("Concat", *found, axis=1)
    together = graph.add("Div", together, graph.constant(np.sqrt(max(len(found), 1)), np.float64))
    return graph.add("Cast", together, to=TensorProto.FLOAT)


def _of_number(graph: Graph, node: Node, number: str) -> str:
    """(B, D): standardised, whether it is missing, and how far it lies above each inner knot; of (B, 1)."""

    def constant(value: float) -> str:
        return graph.constant(value, np.float64)

    knots, missing = node["knots"], graph.add("IsNaN", number)
    standard = graph.add("Where", missing, constant(0), constant(0))
    if knots:
        known = graph.add("Div", graph.add("Sub", number, constant(node["mean"])), constant(node["scale"]))
        known = graph.add("Max", graph.add("Min", known, constant(knots[-1])), constant(knots[0]))
        standard = graph.add("Where", missing, constant(0), known)
    above = [graph.add("Max", graph.add("Sub", standard, constant(knot)), constant(0)) for knot in knots[1:-1]]
    return graph.add("Concat", standard, graph.add("Cast", missing, to=TensorProto.DOUBLE), *above, axis=1)


def add_scores_of_trees(graph: Graph, node: Node, features: str) -> str:
    """(B, K) float64: the scores of trees over (B, F) float32."""

    def constant(value: float) -> str:
        return graph.constant(value, np.float64)

    means = graph.add("Cast", add_trees(graph, node["trees"], features), to=TensorProto.DOUBLE)
    if node["link"] == "logit":
        means = graph.add("Min", graph.add("Max", means, constant(_SURE)), constant(1 - _SURE))
        means = graph.add("Log", graph.add("Div", means, graph.add("Sub", constant(1), means)))
    elif node["link"] == "log":
        means = graph.add("Log", graph.add("Max", means, constant(_SURE)))
    return graph.add("Mul", means, constant(node["factor"]))


def add_trees(graph: Graph, node: Node, features: str, *, add_up: bool = False) -> str:
    """(B, K) float32: the mean over trees of what their leaves say of (B, F) float32.

    Args:
        graph: to which this is added.
        node: trees whose nodes stand end to end, see docs/portable.md.
        features: their name.
        add_up: give the sum instead; zeros, of which such trees have many, are left out.
    """
    feature, roots = np.asarray(node["feature"]), np.asarray(node["roots"])
    ends = np.append(roots[1:], len(feature))
    tree, own = np.repeat(np.arange(len(roots)), ends - roots), np.arange(len(feature)) - np.repeat(roots, ends - roots)
    start, leaf = np.repeat(roots, ends - roots), feature < 0
    # A feature of float32 is at most a threshold of float64 if it is at most the next lower float32.
    exact = np.asarray(node["threshold"], np.float64)
    threshold = exact.astype(np.float32)
    threshold = np.where(threshold > exact, np.nextafter(threshold, np.float32(-np.inf)), threshold)
    children = [np.where(leaf, 0, node[name] - start) for name in ("left", "right")]
    values = node["values"][leaf]
    width = values.shape[1]
    says = (values != 0) if add_up else np.ones(values.shape, dtype=bool)
    says[~says.any(axis=1), 0] = True  # each leaf has a number
    rows, outputs = np.nonzero(says)
    return graph.add_trees(
        features,
        n_targets=width,
        aggregate_function="SUM" if add_up else "AVERAGE",
        nodes_treeids=tree.tolist(),
        nodes_nodeids=own.tolist(),
        nodes_featureids=np.maximum(feature, 0).tolist(),
        nodes_modes=np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
        nodes_values=np.where(leaf, np.float32(0), threshold).tolist(),
        nodes_truenodeids=children[0].tolist(),
        nodes_falsenodeids=children[1].tolist(),
        target_treeids=tree[leaf][rows].tolist(),
        target_nodeids=own[leaf][rows].tolist(),
        target_ids=outputs.tolist(),
        target_weights=values[rows, outputs].tolist(),
    )
