"""Weights of n-grams for many classes are those that each class has by itself."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from unspool.candidates.texts import weighting
from unspool.candidates.texts.weighting import column_weights, row_blocks, row_norms, values, weighed


@pytest.fixture(scope="module")
def problem():
    random = np.random.default_rng(0)
    counts = csr_array((random.random((60, 30)) < 0.2).astype(np.float32))
    return counts, np.eye(20)[random.integers(0, 20, 60)]


def test_weights_of_many_classes(problem):
    counts, wanted = problem
    together = column_weights(counts, wanted, "nb", 2)
    assert together.shape == (30, 20)
    for k in range(20):
        np.testing.assert_allclose(together[:, [k]], column_weights(counts, wanted[:, [k]], "nb", 2), rtol=1e-6)


def test_lengths_of_rows_for_many_classes(problem):
    counts, wanted = problem
    weights = column_weights(counts, wanted, "nb", 1)
    expected = np.sqrt(counts.toarray() ** 2 @ weights.astype(float) ** 2)
    np.testing.assert_allclose(row_norms(counts, weights, "nb"), np.where(expected == 0, 1, expected))


@pytest.mark.parametrize("kind", ["nb", "tfidf", "counts"])
@pytest.mark.parametrize("entries", [1, 25])
def test_some_rows_at_a_time_give_the_same_bits(kind, entries, problem, monkeypatch):
    counts, wanted = problem
    counts = csr_array(counts * np.arange(1, 31, dtype=np.float32))
    chosen = np.arange(0, 60, 7)
    weights = column_weights(counts[chosen], wanted[chosen], kind, 2)
    whole = values(counts, kind).toarray().astype(float)
    monkeypatch.setattr(weighting, "_ENTRIES", entries)
    np.testing.assert_array_equal(column_weights(counts, wanted, kind, 2, chosen), weights)
    norms = row_norms(counts, weights, kind)
    lengths = np.sqrt(whole**2 @ weights.astype(float) ** 2) if kind != "counts" else np.ones((60, 1))
    np.testing.assert_allclose(norms, np.where(lengths == 0, 1, lengths))
    found = [weighed(block, weights[:, 0].copy(), norms[rows, 0], kind) for rows, block in row_blocks(counts)]
    expected = (whole * weights[:, 0] / norms[:, [0]])[counts.nonzero()]
    np.testing.assert_allclose(np.concatenate(found), expected, rtol=1e-6)


def test_counts_grow_with_the_text_in_columns_of_similar_size():
    counts = csr_array(np.array([[4, 1, 0, 1], [8, 0, 0, 0], [100, 1, 1, 0]], np.float32))
    weights = column_weights(counts, np.zeros((3, 1)), "counts", 1, np.arange(2))
    assert weights.shape == (4, 1)
    np.testing.assert_allclose(weights[:, 0] / weights[1, 0], [8**-0.5, 1, 0, 1], rtol=1e-6)
    rows = values(counts, "counts").toarray() * weights.T / row_norms(counts, weights, "counts")
    assert np.mean((rows[:2] ** 2).sum(axis=1)) == pytest.approx(weighting.MEAN_SQUARE)
    np.testing.assert_allclose(rows[2, 0], 25 * rows[0, 0], rtol=1e-6)
