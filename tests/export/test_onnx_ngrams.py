"""Pairs of numbers in a hash table without collisions, in NumPy and in a graph."""

import numpy as np
import pytest

pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

from onnx import TensorProto  # noqa: E402

from unspool.export.onnx_graph import Graph  # noqa: E402
from unspool.export.onnx_ngrams import PairTable, add_ngrams, in_front, in_order, side_by_side  # noqa: E402
from unspool.export.packing import Strings  # noqa: E402

draw = np.random.default_rng(0)


def run(graph, found, feed):
    for number, one in enumerate(found):
        graph.output(one, f"out{number}", "rows", "columns")
    return onnxruntime.InferenceSession(graph.written("", {})).run(None, feed)


@pytest.mark.parametrize("count", [0, 1, 2, 5000])
def test_each_pair_has_a_place_of_its_own(count):
    pairs = np.unique(draw.integers(1, 300, (count, 2)), axis=0).astype(np.int32)
    table = PairTable.of(*pairs.T)
    taken = table.numbers[table.numbers > 0]
    np.testing.assert_array_equal(np.sort(taken), np.arange(1, len(pairs) + 1))
    assert len(table.numbers) <= 1.5 * len(pairs) + 1


def test_a_pair_that_occurs_twice_is_refused(monkeypatch):
    monkeypatch.setattr("unspool.export.onnx_ngrams._MOST_SHIFTS", 8)
    with pytest.raises(ValueError, match="a pair occurs twice"):
        PairTable.of(np.array([3, 3], np.int32), np.array([4, 4], np.int32))


def ngrams(levels, **more):
    """Over the letters " abc"."""
    pairs = [np.array(level, np.int32).reshape(-1, 2) for level in levels]
    return {
        "alphabet": Strings(tuple(" abc")),
        "levels": [{"first": level[:, 0], "last": level[:, 1]} for level in pairs],
        "shortest": 1,
        "within_words": False,
    } | more


def found_in(node, text):
    """The numbers of n-grams at each letter, all lengths; -1 where none is."""
    graph = Graph()
    tokens = graph.input("tokens", TensorProto.INT64, "batch", "time")
    grams, widths = add_ngrams(graph, node, graph.add("Cast", tokens, to=TensorProto.INT32))
    known = {token: number for number, token in enumerate(node["alphabet"].values, 1)}
    read = np.array([[known.get(letter, 0) for letter in text]])
    return [(one[0] - 1).astype(int).tolist() for one in run(graph, grams, {"tokens": read})], widths


def test_ngrams_are_found_by_way_of_their_parts():
    # Of two letters: ab, bc, ca; of three: abc.
    node = ngrams([[(1, 2), (2, 3), (3, 1)], [(0, 3)]])
    found, widths = found_in(node, "abcabxbc")
    assert widths == [4, 3, 1]
    assert found[1] == [0, 1, 2, 0, -1, -1, 1, -1]
    assert found[2] == [0, -1, -1, -1, -1, -1, -1, -1]


def test_an_ngram_needs_its_end_to_be_known():
    # "bc" alone is not known, and so "abc" is not found.
    assert found_in(ngrams([[(1, 2)], [(0, 3)]]), "abc")[0][2] == [-1, -1, -1]


def test_a_space_may_only_be_at_an_end_within_words():
    levels = [[(1, 0), (0, 1)], [(0, 1)]]  # "a ", " a" and "a a"
    assert found_in(ngrams(levels), "a a")[0][2] == [0, -1, -1]
    assert found_in(ngrams(levels, within_words=True), "a a")[0][2] == [-1, -1, -1]


def test_all_lengths_together_have_numbers_of_their_own():
    graph = Graph()
    tokens = graph.input("tokens", TensorProto.INT32, "batch", "time")
    grams, widths = add_ngrams(graph, ngrams([[(1, 2)]]), tokens)
    both = [side_by_side(graph, grams, widths, axis) for axis in (1, 2)]
    first, second = run(graph, both, {"tokens": np.array([[2, 3, 2]], np.int32)})
    assert first.tolist() == [[2, 3, 2, 5, 0, 0]]
    assert second.tolist() == [[2, 5, 3, 0, 2, 0]]


def test_what_counts_comes_to_the_front():
    graph = Graph()
    values = graph.input("values", TensorProto.INT32, "batch", "time")
    found = [in_front(graph, values, values)[0], in_order(graph, values)]
    given = np.array([[0, 7, 0, 9, 7], [0, 0, 0, 0, 1]], np.int32)
    falling, same = run(graph, found, {"values": given})
    assert falling.tolist() == [[9, 7, 7], [1, 0, 0]]
    assert same.tolist() == [[7, 9, 7], [1, 0, 0]]
    graph = Graph()
    values = graph.input("values", TensorProto.INT32, "batch", "time")
    assert run(graph, [in_order(graph, values)], {"values": np.zeros((2, 3), np.int32)})[0].tolist() == [[0], [0]]
