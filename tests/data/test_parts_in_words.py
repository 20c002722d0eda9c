import numpy as np

from unspool.data.parts import TEST, TRAINING, VALIDATION
from unspool.data.parts_in_words import shared_words, uneven_words


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


def test_groups_on_both_sides_of_given_parts_are_pointed_out() -> None:
    parts = np.array([TRAINING, TRAINING, VALIDATION, TEST, TEST], np.int8)
    groups = np.array([1, 2, 2, 1, 2])
    assert [words.partition(" in training")[0] for words in shared_words(parts, parts, groups)] == [
        "1 of the 1 validation groups also occurs",
        "2 of the 2 test groups also occur",
    ]
    assert not list(shared_words(parts, np.zeros_like(parts), groups))  # drawn by time, which is said elsewhere
    assert not list(shared_words(parts, parts, np.arange(5)))
    assert not list(shared_words(parts, parts, None))
