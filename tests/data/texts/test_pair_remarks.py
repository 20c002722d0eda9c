"""What a person is told of pairs of texts before a model learns from them."""

from collections import Counter

import numpy as np
import pytest

from unspool.data.texts.pair_remarks import remarks_on_pairs


@pytest.mark.parametrize(
    ("sources", "targets", "expected"),
    [
        ("abc", "xyz", []),
        ("aab", "xyz", ["1 source with several targets, in 2 pairs: kept"]),
        ("aabb", "xyxy", ["2 sources with several targets, in 4 pairs: kept"]),
        ("aaab", "xxyz", ["1 source with several targets, in 3 pairs: kept"]),
        ("aab", "xxy", []),
    ],
)
def test_sources_with_several_targets_are_counted(sources, targets, expected):
    """No translation of such a source can be like all of them."""
    assert remarks_on_pairs(sources, targets, np.zeros(len(sources), dtype=np.int8), Counter()) == expected


@pytest.mark.parametrize(
    ("tested", "expected"), [(1, "1 test pair: kept"), (9, "9 test pairs: kept"), (10, ""), (0, "")]
)
def test_few_test_pairs_are_pointed_out(tested, expected):
    words = [f"word {number}" for number in range(50)]
    parts = np.repeat([0, 2], [50 - tested, tested]).astype(np.int8)
    told = remarks_on_pairs(words, [f"{word} s" for word in words], parts, Counter())
    assert told == ([f"{expected}; too few to score reliably"] if expected else [])
