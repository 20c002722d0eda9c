"""Lists of numbers in cells."""

import pytest

from unspool.data.list_cells import holds_lists, numbers_in, numbers_in_words
from unspool.data.tables.problems import Flaw


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


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("1,,3", ["1", "nan", "3"]),
        ("[, 2; ;4]", None),
        ("[;2;;4;]", ["nan", "2", "nan", "4"]),
        ("[1,\n 2,3 ,]", ["1", "2", "3"]),
        ("[1.\n 2.  3.]", ["1", "2", "3"]),
        (" 1 , 2 ; 3\n", None),
        (" 1 , 2 ,3\n", ["1", "2", "3"]),
    ],
)
def test_nothing_between_two_separators_is_a_missing_number(cell: str, numbers: list[str] | None) -> None:
    found = numbers_in(cell, "x")
    assert isinstance(found, Flaw) if numbers is None else [f"{one:g}" for one in found] == numbers


@pytest.mark.parametrize("cell", ["0,5 0,7 0,9", "[0,5; 0,7; 0,9]", "[[0,5 0,7], [0,9 1,1]]", "1 2; 3 4"])
def test_numbers_that_may_have_a_decimal_comma_are_not_torn_in_two(cell: str) -> None:
    found = numbers_in(cell, "x")
    assert isinstance(found, Flaw)
    assert found.detail.startswith("there are both ")
    assert holds_lists(["[1.5, 2, 3]", cell, cell])
