"""N-grams in ONNX graphs: pairs of numbers, found by a hash that no two known pairs share."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from unspool.export.onnx_graph import Graph, mixed_bits
from unspool.export.packing import Node

Hashes = NDArray[np.uint32]

_IN_BUCKET, _ROOM = 4, 1.5
"""Pairs of a bucket on average, and places for each pair."""
_MOST_SHIFTS = 4096
_FACTORS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1)
"""Odd numbers (those of xxHash: Collet) that spread the parts of a pair, and shifts, over 32 bits."""


class PairTable(NamedTuple):
    """Pairs in a hash table without collisions (hash and displace: Belazzougui, Botelho and Dietzfelbinger, 2009).

    Pair (a, b) is in bucket mix(f0 a + f1 b) mod M, whose shift s moves it to place mix(f2 a + f3 b + f4 s) mod S.

    Attributes:
        shifts: (M,) uint32, of each bucket.
        numbers: (S,) int32, the number of the pair at each place, from 1; 0 where there is none.
        factors: f0 to f4.
    """

    shifts: Hashes
    numbers: NDArray[np.int32]
    factors: tuple[int, ...]

    @classmethod
    def of(cls, first: NDArray[np.int32], second: NDArray[np.int32]) -> "PairTable":
        """A table of N pairs, each of which occurs once.

        Example:
            >>> table = PairTable.of(np.array([1, 1, 7], np.int32), np.array([1, 2, 1], np.int32))
            >>> np.sort(table.numbers).tolist()
            [0, 0, 1, 2, 3]
        """
        for salt in range(16):
            factors = tuple((factor + 2 * salt) & 0xFFFFFFFF for factor in _FACTORS)
            found = _table(first.astype(np.uint32), second.astype(np.uint32), factors)
            if found is not None:
                return cls(*found, factors)
        raise ValueError("a pair occurs twice")


def _table(first: Hashes, second: Hashes, factors: tuple[int, ...]) -> tuple[Hashes, NDArray[np.int32]] | None:
    """Shifts and numbers: the largest buckets first, each takes the first shift by which all its places are free."""
    f0, f1, f2, f3 = (np.uint32(one) for one in factors[:4])
    count = len(first)
    numbers, shifts = np.zeros(int(_ROOM * count) + 1, np.int32), np.zeros(count // _IN_BUCKET + 1, np.uint32)
    bucket = _mixed(first * f0 + second * f1) % np.uint32(len(shifts))
    spread = first * f2 + second * f3
    order = np.argsort(bucket, kind="stable")
    sizes = np.bincount(bucket, minlength=len(shifts))
    starts = np.cumsum(sizes) - sizes
    for size in range(int(sizes.max(initial=0)), 0, -1):
        waiting = np.flatnonzero(sizes == size)
        pairs = order[starts[waiting, None] + np.arange(size)]
        for shift in range(_MOST_SHIFTS):
            if not len(waiting):
                break
            moved = spread[pairs] + np.uint32(shift * factors[4] & 0xFFFFFFFF)
            places = _mixed(moved) % np.uint32(len(numbers))
            flat = places.ravel()
            owners = np.full(flat.shape, -1, np.int64)
            _, owns = np.unique(flat, return_index=True)
            owners[owns] = owns
            free = ((owners.reshape(places.shape) >= 0) & (numbers[places] == 0)).all(axis=1)
            numbers[places[free]] = pairs[free] + 1
            shifts[waiting[free]] = shift
            waiting, pairs = waiting[~free], pairs[~free]
        if len(waiting):
            return None
    return shifts, numbers


def _mixed(values: Hashes) -> Hashes:
    """As `mixed_bits`."""
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        values = (values ^ (values >> np.uint32(shift))) * np.uint32(factor)
    return values ^ (values >> np.uint32(16))


def add_ngrams(graph: Graph, node: Node, tokens: str) -> tuple[list[str], list[int]]:
    """Find which n-gram begins at each token.

    Args:
        graph: to which this is added.
        node: n-grams, as `text_model_node` describes them.
        tokens: (B, T) int32, each one more than its place in the alphabet, or 0.

    Returns:
        Of each length, from the shortest: (B, T) int32, one more than the number of the n-gram, or 0; and how many
        n-grams there are.
    """
    grams, found, widths = tokens, [tokens], [len(node["alphabet"].values)]
    apart = node["alphabet"].values.index(" ") + 1 if node["within_words"] and " " in node["alphabet"].values else 0
    for size, level in enumerate(node["levels"], 2):
        known = graph.add("Greater", _later(graph, grams, 1), graph.constant(0, np.int32))
        if size > 2 and apart:
            space = graph.add("Equal", _later(graph, tokens, size - 2), graph.constant(apart, np.int32))
            known = graph.add("And", known, graph.add("Not", space))
        grams = _paired(graph, level, grams, _later(graph, tokens, size - 1), known)
        found.append(grams)
        widths.append(len(level["first"]))
    return found[node["shortest"] - 1 :], widths[node["shortest"] - 1 :]


def _paired(graph: Graph, level: Node, grams: str, last: str, known: str) -> str:
    """One more than the number of the pair of each n-gram and the token behind it; 0 where `known` is false."""
    first, second = level["first"] + np.int32(1), level["last"] + np.int32(1)
    table = PairTable.of(first, second)

    def number(value: int) -> str:
        return graph.constant(value, np.uint32)

    left, right = (graph.add("Cast", one, to=TensorProto.UINT32) for one in (grams, last))
    sums = [
        graph.add("Add", graph.add("Mul", left, number(a)), graph.add("Mul", right, number(b)))
        for a, b in (table.factors[:2], table.factors[2:4])
    ]
    bucket = graph.add("Mod", mixed_bits(graph, sums[0]), number(len(table.shifts)))
    shift = _rows(graph, table.shifts * np.uint32(table.factors[4]), bucket)
    place = graph.add("Mod", mixed_bits(graph, graph.add("Add", sums[1], shift)), number(len(table.numbers)))
    found = _rows(graph, table.numbers, place)
    same = [
        graph.add("Equal", graph.add("Gather", graph.constant(np.pad(one, (1, 0)), np.int32), found), given)
        for one, given in ((first, grams), (second, last))
    ]
    good = graph.add("And", graph.add("And", *same), known)
    return graph.add("Where", good, found, graph.constant(0, np.int32))


def _rows(graph: Graph, table: NDArray[Any], places: str) -> str:
    return graph.add("Gather", graph.constant(table, table.dtype.type), graph.add("Cast", places, to=TensorProto.INT64))


def _later(graph: Graph, values: str, steps: int) -> str:
    """(B, T), moved so many steps to the front, with zeros behind."""
    longer = graph.add("Pad", values, graph.whole([0, 0, 0, steps]))
    ends = (graph.whole([one]) for one in (steps, np.iinfo(np.int64).max, 1))
    return graph.add("Slice", longer, *ends)


def side_by_side(graph: Graph, found: list[str], widths: list[int], axis: int) -> str:
    """N-grams of all lengths with numbers of their own: those of one length behind those of the one before, from 1.

    Args:
        graph: to which this is added.
        found: as `add_ngrams` gives them.
        widths: likewise.
        axis: 1 for one length behind the other, (B, lengths T); 2 for all that begin at one token together.
    """
    numbers, before = [], 0
    for one, width in zip(found, widths, strict=True):
        if before:
            there = graph.add("Greater", one, graph.constant(0, np.int32))
            one = graph.add("Where", there, graph.add("Add", one, graph.constant(before, np.int32)), one)
        numbers.append(one)
        before += width
    if axis == 1:
        return graph.add("Concat", *numbers, axis=1)
    columns = [graph.add("Unsqueeze", one, graph.whole([2])) for one in numbers]
    return graph.add("Flatten", graph.add("Concat", *columns, axis=2))


def in_front(graph: Graph, values: str, keys: str) -> tuple[str, str]:
    """The values with a positive key, in the order of falling keys; zeros behind them.

    Args:
        graph: to which this is added.
        values: (B, P).
        keys: (B, P).

    Returns:
        Values and keys (B, Q), Q being how many there are in the row that has most, and at least 1.
    """
    count = graph.add("Slice", graph.add("Shape", keys), *(graph.whole([one]) for one in (1, 2, 0)))
    sorted_keys, places = graph.add_many("TopK", 2, keys, count, axis=1)
    moved = sorted_keys if values == keys else graph.add("GatherElements", values, places, axis=1)
    positive = graph.add("Greater", sorted_keys, graph.constant(0, np.int32))
    many = graph.add("ReduceSum", graph.add("Cast", positive, to=TensorProto.INT64), graph.whole([1]))
    most = graph.add("ReduceMax", many, graph.whole([0]), keepdims=0)
    most = graph.add("Max", most, graph.whole([1]))
    start, axis = (graph.whole([one]) for one in (0, 1))
    kept = [graph.add("Slice", one, start, most, axis) for one in (moved, sorted_keys)]
    there = graph.add("Greater", kept[1], graph.constant(0, np.int32))
    return graph.add("Where", there, kept[0], graph.constant(0, np.int32)), kept[1]


def in_order(graph: Graph, values: str) -> str:
    """The positive ones of (B, P) int32 in their order, (B, Q); zeros behind them."""
    size = graph.add("Gather", graph.add("Shape", values), graph.whole(1))
    falling = graph.add("Range", size, graph.whole(0), graph.whole(-1))
    there = graph.add("Greater", values, graph.constant(0, np.int32))
    keys = graph.add("Where", there, graph.add("Cast", falling, to=TensorProto.INT32), graph.constant(0, np.int32))
    return in_front(graph, values, keys)[0]
