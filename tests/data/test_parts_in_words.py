import numpy as np

from unspool.data.parts import TEST, TRAINING, VALIDATION
from unspool.data.parts_in_words import uneven_words


def test_a_large_group_that_leaves_little_for_training_is_pointed_out() -> None:
    groups, given = np.repeat(np.arange(9), [80, *[2] * 8]), np.zeros(96, np.int8)
    parts = np.where(groups == 0, TEST, TRAINING).astype(np.int8)
    (words,) = uneven_words(parts, given, groups)
    assert words.startswith(
        "only 16 of 96 examples are left for training: the largest group, with 80, was drawn for the test;"
    )
    parts[groups == 0] = VALIDATION
    (words,) = uneven_words(parts, given, groups)
    assert "was drawn for validation; try another --seed, or name" in words
    assert not list(uneven_words(np.where(groups == 1, TEST, TRAINING).astype(np.int8), given, groups))
    assert not list(uneven_words(parts, parts, groups))
    assert not list(uneven_words(parts, given, None))
