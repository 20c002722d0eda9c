"""Models of whole series as parts of a portable model."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from unspool.candidates.model_files import unprefixed
from unspool.export.packing import Arrays, Matrix, Node, node_by, trees_node


def series_model_node(plain: Node, arrays: Arrays) -> Node:
    """Describe a fitted model of series.

    Args:
        plain: what its `state` gives, plain values and
        arrays: by name.

    Raises:
        UserError: it is of a kind that cannot be exported; names it.
    """
    makers: dict[str, Callable[[Node, Arrays], Node]] = {
        "encoded": _encoded,
        "neighbour": _neighbour,
        "recurrent": _recurrent,
        "blend": _blend,
        "steps": _steps,
    }
    return node_by(makers, "model of series", plain["kind"], plain, arrays)


def _encoded(plain: Node, arrays: Arrays) -> Node:
    encoders = [
        node_by(_ENCODERS, "encoder of series", kind, {}, unprefixed(arrays, f"encoder{i}/"))
        for i, kind in enumerate(plain["encoders"])
    ]
    head = node_by(_HEADS, "head", plain["head"], {}, unprefixed(arrays, "head/"))
    return {"kind": "encoded series", "encoders": encoders, "head": head}


def _neighbour(plain: Node, arrays: Arrays) -> Node:
    kept, values = np.asarray(arrays["kept"], np.float32), np.asarray(arrays["values"], np.float64)
    return {"kind": "neighbour series", "window": plain["window"], "kept": kept, "values": values}


def _recurrent(plain: Node, arrays: Arrays) -> Node:
    networks = [
        _network(unprefixed(arrays, f"network{i}/"), plain.get("activation", "linear"))
        for i in range(plain["networks"])
    ]
    node: Node = {name: np.asarray(arrays[name], np.float64) for name in ("mean", "spread")}
    return {"kind": "recurrent series", "networks": networks, **_factor(plain), **node}


def _network(arrays: Arrays, activation: str) -> Node:
    ways = {
        name: {which: Matrix.of(arrays[which][way]) for which in ("kernel", "recurrent")}
        | {"bias": np.asarray(arrays["bias"][way], np.float32), "zero_masked": False}
        for way, name in enumerate(("forward", "backward"))
    }
    head = {"weights": Matrix.of(arrays["head"]), "bias": np.asarray(arrays["intercept"], np.float32)}
    layers: list[Node] = [
        {"kind": "recurrent", "cell": "lstm", "activation": "tanh", "gives": "all", **ways},
        {"kind": "pooling", "with_bigrams": False},
        {"kind": "dense", "activation": activation, **head},
    ]
    return {"kind": "network", "layers": layers}


def _blend(plain: Node, arrays: Arrays) -> Node:
    members = enumerate(plain["members"])
    return {
        "kind": "blend series",
        "parts": [series_model_node(one, unprefixed(arrays, f"member{i}/")) for i, one in members],
        "weights": np.asarray(arrays["weights"], np.float64),
        "factor": plain["factor"],
    }


def _steps(plain: Node, arrays: Arrays) -> Node:
    scaling = {"scaling": _scaling(arrays)} if "scaling.centre" in arrays else {}
    head = node_by(_HEADS, "head", plain["head"], {}, unprefixed(arrays, "head/"))
    return {"kind": "steps series", "window": plain["window"], "head": head, **scaling}


def _convolutions(_: Node, arrays: Arrays) -> Node:
    plans: list[Node] = []
    while f"{len(plans)}.biases" in arrays:
        given = unprefixed(arrays, f"{len(plans)}.")
        plan = {"pools": int(given["pools"]), "biases": np.asarray(given["biases"], np.float32)}
        plan |= {name: np.asarray(given[name], np.int64) for name in ("dilations", "counts")}
        plans.append(plan | _channels(given))
    origin = {"origin": np.asarray(arrays["origin"], np.float64)} if "origin" in arrays else {}
    return {
        "kind": "convolutions",
        "scale": bool(arrays["scale"]),
        "plans": plans,
        "scaling": _scaling(arrays),
        **origin,
    }


def _competing(_: Node, arrays: Arrays) -> Node:
    plans: list[Node] = []
    while f"{len(plans)}.weights" in arrays:
        given = unprefixed(arrays, f"{len(plans)}.")
        plan = {"dilations": np.asarray(given["dilations"], np.int64)}
        plans.append(plan | {"weights": np.asarray(given["weights"], np.float32)} | _channels(given))
    return {"kind": "competing kernels", "scale": bool(arrays["scale"]), "plans": plans, "scaling": _scaling(arrays)}


def _quantiles(_: Node, arrays: Arrays) -> Node:
    depth, steps, length = (int(one) for one in arrays["quantiles"])
    return {"kind": "quantiles", "depth": depth, "steps": steps, "length": length}


def _raw_values(_: Node, arrays: Arrays) -> Node:
    return {"kind": "raw values", "length": int(arrays["length"]), "scaling": _scaling(arrays)}


def _statistics(_: Node, arrays: Arrays) -> Node:
    return {"kind": "statistics", "scaling": _scaling(arrays)}


def _totals(_: Node, arrays: Arrays) -> Node:
    return {"kind": "totals", "per_step": bool(arrays["per_step"]), "scaling": _scaling(arrays)}


def _linear(_: Node, arrays: Arrays) -> Node:
    node: Node = {"weights": Matrix.of(arrays["weights"]), "intercept": np.asarray(arrays["intercept"], np.float32)}
    if "limits" in arrays:
        node["limits"] = np.asarray(arrays["limits"], np.float64)
    return {"kind": "linear", **node, **_factor(arrays)}


def _trees(_: Node, arrays: Arrays) -> Node:
    return {"kind": "trees", **trees_node(arrays), **_factor(arrays)}


def _boosted(_: Node, arrays: Arrays) -> Node:
    base = np.asarray(arrays["base"], np.float64)
    return {"kind": "boosted trees", **trees_node(arrays), "base": base, **_factor(arrays)}


def _factor(given: Mapping[str, Any]) -> Node:
    return {} if given.get("factor") is None else {"factor": float(given["factor"])}


def _scaling(arrays: Arrays) -> Node:
    given = unprefixed(arrays, "scaling.")
    factors = {name: np.asarray(given[name], np.float32) for name in ("centre", "factor")}
    return factors | {"sparse": bool(given["sparse"])}


def _channels(arrays: Arrays) -> Node:
    return {"channels": np.asarray(arrays["channels"], np.uint8)} if "channels" in arrays else {}


Maker = Callable[[Node, Arrays], Node]

_ENCODERS: dict[str, Maker] = {
    "FittedConvolution": _convolutions,
    "FittedCompetition": _competing,
    "FittedQuantiles": _quantiles,
    "FittedRawValues": _raw_values,
    "FittedStatistics": _statistics,
    "FittedTotals": _totals,
}
_HEADS: dict[str, Maker] = {
    "BoostedClassifier": _boosted,
    "BoostedRegressor": _boosted,
    "LogisticClassifier": _linear,
    "RidgeClassifier": _linear,
    "RidgeRegressor": _linear,
    "TreesClassifier": _trees,
    "TreesRegressor": _trees,
}
