"""Matrices side by side, written block by block, are those that SciPy stacks."""

import numpy as np
import pytest
from scipy.sparse import csr_array, hstack

from unspool.candidates.texts import weighting
from unspool.candidates.texts.side_by_side import SideBySide
from unspool.candidates.texts.weighting import row_blocks


@pytest.mark.parametrize("several", [1, 3])
@pytest.mark.parametrize("entries", [1, 17, 1 << 22])
def test_as_stacked(several, entries, monkeypatch):
    monkeypatch.setattr(weighting, "_ENTRIES", entries)
    random = np.random.default_rng(0)
    kinds = [csr_array(random.integers(0, 3, (20, width)).astype(np.float32)) for width in (5, 1, 9)][:several]
    layout = SideBySide(kinds)
    data = np.full(len(layout.columns), np.nan, np.float32)
    for which, kind in enumerate(kinds):
        for rows, block in row_blocks(kind):
            data[layout.entries(which, rows, block)] = block.data
    found, stacked = layout.matrix(data), hstack(kinds, format="csr")
    np.testing.assert_array_equal(found.toarray(), stacked.toarray())
    np.testing.assert_array_equal(found.indices, stacked.indices)
    assert np.shares_memory(found.indices, layout.columns)
    assert np.shares_memory(found.data, data)
