"""Counts put together part by part are those counted at once."""

import itertools

import numpy as np
import pytest

from unspool.candidates.texts import count_matrix
from unspool.candidates.texts.count_matrix import CountMatrix

WIDTHS = (7, 300)


def drawn(texts=40):
    random = np.random.default_rng(0)
    lengths = random.integers(0, 30, texts)
    lengths[3] = 0
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    return offsets, [random.integers(-1, width, offsets[-1]).astype(np.int32) for width in WIDTHS]


def expected(offsets, kinds):
    rows = []
    for start, end in itertools.pairwise(offsets):
        row = [
            np.bincount(grams[start:end][grams[start:end] >= 0], minlength=width)
            for grams, width in zip(kinds, WIDTHS, strict=True)
        ]
        rows.append(np.concatenate(row))
    return np.array(rows)


def counted(offsets, kinds):
    counts = CountMatrix()
    for grams, width in zip(kinds, WIDTHS, strict=True):
        counts.add(grams, offsets, width)
    return counts.joined()


@pytest.mark.parametrize("tokens", [1, 50, 1 << 23])
def test_counts_in_parts(tokens, monkeypatch):
    monkeypatch.setattr(count_matrix, "_TOKENS", tokens)
    offsets, kinds = drawn()
    found = counted(offsets, kinds)
    np.testing.assert_array_equal(found.toarray(), expected(offsets, kinds))
    assert (found.indptr.dtype, found.indices.dtype) == (np.int32, np.int32)  # nothing was copied for the solver


def test_of_no_texts():
    assert counted(np.zeros(1, np.int64), [np.zeros(0, np.int32)] * 2).shape == (0, 307)


@pytest.mark.parametrize(("most", "name"), [(255, "uint8"), (256, "uint16"), (65_536, "uint32")])
def test_the_type_has_room_for_the_largest_count(most, name):
    counts = CountMatrix()
    counts.add(np.zeros(most, np.int32), np.array([0, most]), 1)
    counts.add(np.zeros(most, np.int32) - 1, np.array([0, most]), 1)
    found = counts.joined()
    assert (found.dtype.name, found.toarray().tolist()) == (name, [[most, 0]])
