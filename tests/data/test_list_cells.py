"""Lists of numbers in cells."""

import pytest

from unspool.data.list_cells import holds_lists, numbers_in_words


@pytest.mark.parametrize(
    ("cell", "lists", "numbers"),
    [
        ([1, 2, 3], True, False),
        ([1, None, 3], True, False),
        ([[1, 2], [3, 4]], True, False),
        ("[1, 2, 3]", True, True),
        ("[1. 2. ... 3.]", True, True),
        ("0.5 1 2", True, True),
        ("70 80 82", False, True),
        ([1, 2], False, False),
        (["a", "b", "c"], False, False),
        ([True, False, True], False, False),
        ([None, None, None], False, False),
        ("a film of 1999", False, False),
        (12.5, False, False),
        ({"a": 1}, False, False),
    ],
)
def test_columns_of_lists_are_told_from_others(cell: object, lists: bool, numbers: bool) -> None:
    cells = [None, cell, cell]
    assert (holds_lists(cells), numbers_in_words(cells)) == (lists, numbers)
