"""Dilated convolutions over series of one length as ONNX graphs: the equations of native/convolution_features.h.

Sums are added up in the order of training: a feature jumps if the last bit of a number decides whether it exceeds a
bias.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from unspool.export.onnx_graph import Graph
from unspool.export.packing import Node

TAPS = 9
TRIPLES = np.array(list(combinations(range(TAPS), 3)))
KERNELS = len(TRIPLES)


def add_convolutions(graph: Graph, node: Node, series: str, shape: tuple[int, int]) -> str:
    """(B, F): the scaled features of series (B, T, C), with T and C as `shape`."""
    length, channels = shape
    seen, mean, deviation = prepared(graph, series, node["scale"], node.get("origin"))
    found = [_features(graph, node["plans"][0], seen, shape)]
    if len(node["plans"]) == 2:
        found.append(_features(graph, node["plans"][1], changes(graph, seen, length), (length - 1, channels)))
    return scaled_features(
        graph, node["scaling"], graph.add("Concat", *found, _level(graph, mean, deviation, length), axis=1)
    )


def changes(graph: Graph, series: str, length: int) -> str:
    """(B, T - 1, C): by how much each step of (B, T, C) differs from the one before."""
    return graph.add("Sub", part_of(graph, series, 1, 1, length), part_of(graph, series, 1, 0, length - 1))


def scaled_features(graph: Graph, scaling: Node, features: str) -> str:
    """(B, F) less their centres, times their factors; where it says so, what is 0 stays 0."""
    scaled = graph.add("Sub", features, graph.constant(scaling["centre"]))
    scaled = graph.add("Mul", scaled, graph.constant(scaling["factor"]))
    if not scaling["sparse"]:
        return scaled
    zero = graph.constant(0)
    return graph.add("Where", graph.add("Equal", features, zero), zero, scaled)


def prepared(graph: Graph, series: str, scale: bool, origin: NDArray[np.float64] | None = None) -> tuple[str, str, str]:
    """(B, T, C) less its mean, over its standard deviation with `scale`; and (B, 1, C) float64 both of them.

    With an origin (C,), the first is (B, T, C) less that.
    """
    time, double = graph.whole([1]), graph.add("Cast", series, to=TensorProto.DOUBLE)

    def number(value: float) -> str:
        return graph.constant(value, np.float64)

    mean = graph.add("ReduceMean", double, time)
    centred = graph.add("Sub", double, mean)
    deviation = graph.add("Sqrt", graph.add("ReduceMean", graph.add("Mul", centred, centred), time))
    if origin is not None:
        seen = graph.add("Sub", double, graph.constant(origin, np.float64))
        return graph.add("Cast", seen, to=TensorProto.FLOAT), mean, deviation
    least = graph.add("Mul", graph.add("Add", graph.add("Abs", mean), number(1e-30)), number(1e-6))
    constant = graph.add("LessOrEqual", deviation, least)
    seen = graph.add("Where", constant, number(0), centred)
    if scale:
        seen = graph.add("Div", seen, graph.add("Where", constant, number(1), deviation))
    return graph.add("Cast", seen, to=TensorProto.FLOAT), mean, deviation


def _level(graph: Graph, mean: str, deviation: str, length: int) -> str:
    """(B, 2 C + 1): the means, the logarithms of the standard deviations, and that of the length."""

    def number(value: float) -> str:
        return graph.constant(value, np.float64)

    logs = graph.add("Log", graph.add("Add", deviation, number(1e-8)))
    size = graph.add("Add", graph.add("Mul", part_of(graph, mean, 2, 0, 1), number(0)), number(np.log(length)))
    level = graph.add("Squeeze", graph.add("Concat", mean, logs, size, axis=2), graph.whole([1]))
    return graph.add("Cast", level, to=TensorProto.FLOAT)


def _features(graph: Graph, plan: Node, series: str, shape: tuple[int, int]) -> str:
    """(B, pools B' 84) pools of the responses of all kernels, B' being the biases of each."""
    pools: list[list[str]] = [[] for _ in range(plan["pools"])]
    length, row = shape[0], 0
    for index, (dilation, count) in enumerate(zip(plan["dilations"].tolist(), plan["counts"].tolist(), strict=True)):
        allowed = plan["channels"][index] if "channels" in plan else None
        responses = _responses(graph, series, shape, dilation, allowed)
        margin = TAPS // 2 * dilation if length > (TAPS - 1) * dilation else 0
        whole = (np.arange(KERNELS) + index) % 2 == 0
        found = _pooled(graph, responses, plan["biases"][row : row + count], (length, margin), whole, plan["pools"])
        for kept, one in zip(pools, found, strict=True):
            kept.append(one)
        row += count
    together = [graph.add("Concat", *one, axis=1) for one in pools]
    return graph.add("Flatten", graph.add("Concat", *together, axis=1))


def _responses(
    graph: Graph, series: str, shape: tuple[int, int], dilation: int, allowed: NDArray[np.uint8] | None
) -> str:
    """(B, T, 84): z of the header, of series (B, T, C); kernels see the channels that they are allowed, or all."""
    taps, width = windows(graph, series, shape, dilation, allowed), 1 if allowed is None else KERNELS
    everything = taps[0]
    for tap in taps[1:]:
        everything = graph.add("Add", everything, tap)
    together = graph.add("Concat", *taps, axis=2)
    own = np.arange(KERNELS) if allowed is not None else 0
    taken = (graph.whole(one * width + own) for one in TRIPLES.T)
    three = graph.constant(3)
    first, second, third = (graph.add("Mul", graph.add("Gather", together, one, axis=2), three) for one in taken)
    found = graph.add("Add", graph.add("Sub", first, everything), second)
    return graph.add("Add", found, third)


def windows(
    graph: Graph, series: str, shape: tuple[int, int], dilation: int, allowed: NDArray[np.uint8] | None
) -> list[str]:
    """What each of 9 taps sees at each step of series (B, T, C): (B, T, K), or (B, T, 1) where all channels are seen.

    Args:
        graph: to which this is added.
        series: their name.
        shape: T and C.
        dilation: steps between two taps.
        allowed: (K, C) which channels each kernel sees, or None.
    """
    (length, channels), summed = shape, ""
    for channel in range(channels):
        one = part_of(graph, series, 2, channel, channel + 1)
        if allowed is not None:
            one = graph.add("Mul", one, graph.constant(allowed[:, channel]))
        summed = graph.add("Add", summed, one) if summed else one
    margin = TAPS // 2 * dilation
    padded = graph.add("Pad", summed, graph.whole([0, margin, 0, 0, margin, 0]))
    return [part_of(graph, padded, 1, tap * dilation, tap * dilation + length) for tap in range(TAPS)]


def _pooled(
    graph: Graph,
    responses: str,
    biases: NDArray[np.float32],
    steps: tuple[int, int],
    whole: NDArray[np.bool_],
    pools: int,
) -> list[str]:
    """The pools of (B, T, 84) responses over biases (B', 84): each (B, B', 84).

    Args:
        graph: to which they are added.
        responses: their name.
        biases: of one dilation.
        steps: T, and how many at both ends are left out of kernels that are not
        whole: (84,), pooled over all steps.
        pools: 1 or 4.
    """
    length, margin = steps
    time = graph.whole([2])
    within = whole | ((np.arange(length) >= margin) & (np.arange(length) < length - margin))[:, None]
    size = graph.constant(within.sum(axis=0))
    rows = graph.add("Unsqueeze", responses, graph.whole([1]))
    least = graph.constant(biases[:, None])
    above = graph.add("And", graph.add("Greater", rows, least), graph.constant(within, np.bool_))
    ones = graph.add("Cast", above, to=TensorProto.FLOAT)
    count = graph.add("ReduceSum", ones, time, keepdims=0)
    found = [graph.add("Div", count, size)]
    if pools == 1:
        return found
    some = graph.add("Max", count, graph.constant(1))
    over = graph.add("Where", above, graph.add("Sub", rows, least), graph.constant(0))
    found.append(graph.add("Div", graph.add("ReduceSum", over, time, keepdims=0), some))
    places = graph.add("Mul", ones, graph.constant(np.arange(length)[:, None]))
    places = graph.add("Div", graph.add("ReduceSum", places, time, keepdims=0), some)
    found.append(graph.add("Div", places, graph.constant(length)))
    return [*found, graph.add("Div", _longest(graph, ones, length), size)]


def _longest(graph: Graph, ones: str, length: int) -> str:
    """(B, B', 84) the longest stretch of ones in zeros and ones (B, B', T, 84)."""
    so_far = graph.add("CumSum", ones, graph.whole(2))
    # For each step, how many ones come before the last zero: the largest such number so far, by doubling.
    before = graph.add("Mul", so_far, graph.add("Sub", graph.constant(1), ones))
    shift = 1
    while shift < length:
        pads = graph.whole([0, 0, shift, 0, 0, 0, 0, 0])
        earlier = graph.add("Pad", part_of(graph, before, 2, 0, length - shift), pads)
        before, shift = graph.add("Max", before, earlier), 2 * shift
    return graph.add("ReduceMax", graph.add("Sub", so_far, before), graph.whole([2]), keepdims=0)


def part_of(graph: Graph, value: str, axis: int, start: int, stop: int) -> str:
    """Numbers `start` to `stop` on one axis."""
    return graph.add("Slice", value, *(graph.whole([one]) for one in (start, stop, axis)))
