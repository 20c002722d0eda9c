"""Weights of n-grams for many classes are those that each class has by itself."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from unspool.candidates.texts.weighting import column_weights, row_norms


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
    np.testing.assert_allclose(row_norms(counts, weights), np.where(expected == 0, 1, expected))
