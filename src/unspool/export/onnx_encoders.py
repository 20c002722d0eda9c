"""Features of series in ONNX graphs: raw values; for one length, competing kernels, quantiles, statistics, totals.

Where a kernel wins, or a tree branches, by the last bit of a number, sums are added up in the order of training.
"""

from typing import Any

import numpy as np
from onnx import TensorProto

from unspool.candidates.features.formulas import LARGEST_TOTAL, SHARES, SMOOTHED, shares
from unspool.export.onnx_convolutions import changes, part_of, prepared, scaled_features, windows
from unspool.export.onnx_graph import Graph
from unspool.export.packing import Node

Shape = tuple[int, int]

_LANES, _BLOCK = 8, 128  # sums that NumPy forms side by side, and the most numbers that it adds up in one piece


def add_competing_kernels(graph: Graph, node: Node, series: str, shape: Shape) -> str:
    """(B, F): by the equations of native/competing_kernels.h."""
    length, channels = shape
    seen, *_ = prepared(graph, series, node["scale"])
    found = [
        *_competed(graph, node["plans"][0], seen, shape),
        *_competed(graph, node["plans"][1], changes(graph, seen, length), (length - 1, channels)),
    ]
    features = graph.add("Sqrt", graph.add("Max", graph.add("Concat", *found, axis=1), graph.constant(0)))
    return scaled_features(graph, node["scaling"], features)


def _competed(graph: Graph, plan: Node, series: str, shape: Shape) -> list[str]:
    """For each dilation (B, 16 G): what each kernel won, and how often it had the least response."""
    time, kernels, size = graph.whole([1]), graph.whole([2]), graph.constant(shape[0])
    found = []
    for index, dilation in enumerate(plan["dilations"].tolist()):
        allowed = plan["channels"][index] if "channels" in plan else None
        taps = windows(graph, series, shape, min(dilation, shape[0]), allowed)
        response = ""
        for tap, weights in zip(taps, plan["weights"][index].transpose(1, 0, 2), strict=True):
            one = graph.add("Mul", graph.add("Unsqueeze", tap, kernels), graph.constant(weights))
            response = graph.add("Add", response, one) if response else one
        won = graph.add("Equal", response, graph.add("ReduceMax", response, kernels))
        won = graph.add("Where", won, response, graph.constant(0))
        least = graph.add("Equal", response, graph.add("ReduceMin", response, kernels))
        for one in (won, graph.add("Cast", least, to=TensorProto.FLOAT)):
            total = graph.add("ReduceSum", one, time, keepdims=0)
            found.append(graph.add("Flatten", graph.add("Div", total, size)))
    return found


def add_quantiles(graph: Graph, node: Node, series: str, shape: Shape) -> str:
    """(B, F): quantiles of intervals of the series, of its differences and of its spectrum, as in training."""
    length, _ = shape
    rows = graph.add("Transpose", series, perm=[0, 2, 1])
    first = _differences(graph, rows, length)
    margin = SMOOTHED // 2
    padded = graph.add("Pad", first, graph.whole([0, 0, margin, 0, 0, margin]), mode="edge")
    smooth = part_of(graph, padded, 2, 0, length - 1)
    for start in range(1, SMOOTHED):
        smooth = graph.add("Add", smooth, part_of(graph, padded, 2, start, start + length - 1))
    smooth = graph.add("Div", smooth, graph.constant(SMOOTHED))
    whole = node["length"]
    parts = (
        (rows, length, whole),
        (smooth, length - 1, max(whole - 1, 1)),
        (_differences(graph, first, length - 1), length - 2, max(whole - 2, 1)),
        (_spectrum(graph, rows), length // 2 + 1, whole // 2 + 1),
    )
    found = graph.add("Flatten", graph.add("Concat", *(_intervals(graph, node, *one) for one in parts), axis=2))
    size = graph.add("Mul", part_of(graph, found, 1, 0, 1), graph.constant(0))
    return graph.add("Concat", found, graph.add("Add", size, graph.constant(np.log1p(length))), axis=1)


def _differences(graph: Graph, rows: str, length: int) -> str:
    return graph.add("Sub", part_of(graph, rows, 2, 1, length), part_of(graph, rows, 2, 0, length - 1))


def _spectrum(graph: Graph, rows: str) -> str:
    """(B, C, T // 2 + 1) float32: the absolute values of the Fourier transform of (B, C, T)."""
    double = graph.add("Cast", graph.add("Unsqueeze", rows, graph.whole([3])), to=TensorProto.DOUBLE)
    found = graph.add("DFT", double, axis=2, onesided=1)
    power = graph.add("ReduceSum", graph.add("Mul", found, found), graph.whole([3]), keepdims=0)
    return graph.add("Cast", graph.add("Sqrt", power), to=TensorProto.FLOAT)


def _intervals(graph: Graph, node: Node, rows: str, length: int, reference: int) -> str:
    """(B, C, F): the quantiles of all intervals of (B, C, T), in the order of training."""
    alike: dict[tuple[int, int], list[int]] = {}
    places: list[tuple[tuple[int, int], int]] = []
    for start, stop in shares(node["depth"], reference):
        low = min(int(start * length), length - 1)
        high = max(int(stop * length), low + 1)
        count = 1 + (max(int(stop * reference) - int(start * reference), 1) - 1) // node["steps"]
        # The end of a share is at most the end of the series: a longer one would be cut there.
        group = min(high, length) - low, count
        places.append((group, len(alike.setdefault(group, []))))
        alike[group].append(low)
    found, before, begins = [], 0, {}
    for (width, count), starts in alike.items():
        inside = graph.whole(np.array(starts)[:, None] + np.arange(width))
        found.append(_quantiles(graph, graph.add("Gather", rows, inside, axis=2), width, count))
        begins[width, count] = before
        before += len(starts) * count
    order = [begins[group] + number * group[1] + np.arange(group[1]) for group, number in places]
    return graph.add("Gather", graph.add("Concat", *found, axis=2), graph.whole(np.concatenate(order)), axis=2)


def _quantiles(graph: Graph, inside: str, width: int, count: int) -> str:
    """(B, C, I count): `count` quantiles of each interval of (B, C, I, W), every other one less the interval's mean."""
    ordered, _ = graph.add_many("TopK", 2, inside, graph.whole([width]), axis=3, largest=0)
    place = (np.linspace(0, 1, count) if count > 1 else np.array([0.5])) * (width - 1)
    low = np.floor(place).astype(np.int64)
    share = (place - low).astype(np.float32)
    ends = [
        graph.add("Mul", graph.add("Gather", ordered, graph.whole(at), axis=3), graph.constant(part))
        for at, part in ((low, 1 - share), (np.minimum(low + 1, width - 1), share))
    ]
    found = graph.add("Add", *ends)
    if count > 1:
        mean = graph.add("Div", _sum(graph, inside, 0, width), graph.constant(width))
        odd = graph.constant(np.arange(count) % 2 == 1, np.bool_)
        found = graph.add("Where", odd, graph.add("Sub", found, mean), found)
    return graph.add("Reshape", found, graph.whole([0, 0, -1]))


def _sum(graph: Graph, values: str, start: int, stop: int) -> str:
    """(B, C, I, 1): the sum of values `start` to `stop` of (B, C, I, W) float32, to the bit as NumPy adds them up."""
    count = stop - start
    if count > _BLOCK:
        half = start + count // 2 - count // 2 % _LANES
        return graph.add("Add", _sum(graph, values, start, half), _sum(graph, values, half, stop))
    whole = start + count // _LANES * _LANES
    total = ""
    if whole > start:
        lanes = part_of(graph, values, 3, start, start + _LANES)
        for at in range(start + _LANES, whole, _LANES):
            lanes = graph.add("Add", lanes, part_of(graph, values, 3, at, at + _LANES))
        sums = [part_of(graph, lanes, 3, lane, lane + 1) for lane in range(_LANES)]
        while len(sums) > 1:
            sums = [graph.add("Add", *sums[at : at + 2]) for at in range(0, len(sums), 2)]
        total = sums[0]
    for at in range(whole, stop):
        one = part_of(graph, values, 3, at, at + 1)
        total = graph.add("Add", total, one) if total else one
    return total


def add_raw_values(graph: Graph, node: Node, series: str, shape: Shape) -> str:
    """(B, F): the values themselves, resampled to the length of training."""
    return scaled_features(
        graph, node["scaling"], graph.add("Flatten", resampled(graph, series, shape[0], node["length"]))
    )


def resampled(graph: Graph, series: str, length: int, wanted: int) -> str:
    """(B, wanted, C) of (B, length, C), by linear interpolation over the own length of each where these differ."""
    if wanted == length and not graph.lengths:
        return series

    def number(value: Any) -> str:
        return graph.constant(value, np.float64)

    if graph.lengths:
        lengths = graph.add("Unsqueeze", graph.lengths, graph.whole([1]))
        ends = graph.add("Sub", graph.add("Cast", lengths, to=TensorProto.DOUBLE), number(1))
    else:
        ends = number(length - 1)
    step = graph.add("Div", ends, number(max(wanted - 1, 1)))
    places = graph.add(
        "Min", graph.add("Mul", number(np.arange(wanted)[None]), step), ends
    )  # (B, wanted) or (1, wanted)
    low = graph.add("Floor", places)
    high = graph.add("Min", graph.add("Add", low, number(1)), ends)
    rows = graph.add("Unsqueeze", graph.add("Sub", places, low), graph.whole([2]))
    found = [graph.add("Cast", _steps_at(graph, series, one), to=TensorProto.DOUBLE) for one in (low, high)]
    found[1] = graph.add("Mul", graph.add("Sub", found[1], found[0]), rows)
    return graph.add("Cast", graph.add("Add", *found), to=TensorProto.FLOAT)


def _steps_at(graph: Graph, series: str, places: str) -> str:
    """(B, P, C): the steps of (B, T, C) at places (B, P) or (1, P)."""
    at = graph.add("Unsqueeze", graph.add("Cast", places, to=TensorProto.INT64), graph.whole([2]))
    shape = graph.add("Shape", series)
    batch, width = (graph.add("Gather", shape, graph.whole([axis])) for axis in (0, 2))
    wanted = graph.add("Concat", batch, graph.whole([1]), width, axis=0)
    return graph.add("GatherElements", series, graph.add("Expand", at, wanted), axis=1)


def add_statistics(graph: Graph, node: Node, series: str, shape: Shape) -> str:
    """(B, 1 + 18 C): the length; of each channel and of its differences mean, standard deviation and quantiles."""
    length, _ = shape
    double = graph.add("Cast", series, to=TensorProto.DOUBLE)
    spread = [
        *_spread(graph, double, length),
        *_spread(graph, changes(graph, double, length), length - 1),
    ]
    size = graph.add("Mul", part_of(graph, spread[0], 1, 0, 1), graph.constant(0, np.float64))
    size = graph.add("Add", size, graph.constant(np.log1p(length), np.float64))
    features = graph.add("Cast", graph.add("Concat", size, *spread, axis=1), to=TensorProto.FLOAT)
    return scaled_features(graph, node["scaling"], features)


def add_totals(graph: Graph, node: Node, series: str, shape: Shape) -> str:
    """(B, 1 + 3 C): the length; of each channel the sum, that of absolute changes, and the rises above the mean."""
    (length, _), time = shape, graph.whole([1])

    def number(value: float) -> str:
        return graph.constant(value, np.float64)

    double = graph.add("Cast", series, to=TensorProto.DOUBLE)
    above = graph.add("Greater", double, graph.add("ReduceMean", double, time))
    above = graph.add("Cast", above, to=TensorProto.DOUBLE)
    rises = graph.add("Max", changes(graph, above, length), number(0))
    moved = graph.add("Abs", changes(graph, double, length))
    sums = [graph.add("ReduceSum", one, time, keepdims=0) for one in (double, moved, rises)]
    size = graph.add("Add", graph.add("Mul", part_of(graph, sums[2], 1, 0, 1), number(0)), number(length))
    found = graph.add("Concat", size, *sums, axis=1)
    if node["per_step"]:
        found = graph.add("Div", found, number(length))
    found = graph.add("Min", graph.add("Max", found, number(-LARGEST_TOTAL)), number(LARGEST_TOTAL))
    return scaled_features(graph, node["scaling"], graph.add("Cast", found, to=TensorProto.FLOAT))


def _spread(graph: Graph, values: str, length: int) -> list[str]:
    """Mean (B, C), standard deviation (B, C) and quantiles (B, 7 C) over the steps of (B, T, C) float64."""
    time = graph.whole([1])
    mean = graph.add("ReduceMean", values, time)
    off = graph.add("Sub", values, mean)
    deviation = graph.add("Sqrt", graph.add("ReduceMean", graph.add("Mul", off, off), time, keepdims=0))
    ordered, _ = graph.add_many("TopK", 2, values, graph.whole([length]), axis=1, largest=0)
    place = np.array(SHARES) * (length - 1)
    low = np.floor(place).astype(np.int64)
    lower, upper = (
        graph.add("Gather", ordered, graph.whole(at), axis=1) for at in (low, np.minimum(low + 1, length - 1))
    )
    share = graph.constant((place - low)[:, None], np.float64)
    quantiles = graph.add("Add", lower, graph.add("Mul", graph.add("Sub", upper, lower), share))
    return [graph.add("Squeeze", mean, time), deviation, graph.add("Flatten", quantiles)]
