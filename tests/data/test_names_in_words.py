"""Lists of names in messages."""

import pytest

from unspool.data.names_in_words import as_typed, first_and_more, first_few


@pytest.mark.parametrize(
    ("count", "few", "more"),
    [
        (0, "", ""),
        (2, "0, 1", "0; 1"),
        (3, "0, 1, ...", "0; 1 and 1 more"),
        (1_002, "0, 1, ...", "0; 1 and 1,000 more"),
    ],
)
def test_only_names_that_are_left_out_are_counted(count: int, few: str, more: str) -> None:
    names = [*map(str, range(count))]
    assert first_few(names, 2) == few
    assert first_and_more(names, 2, "; ") == more


def test_names_of_columns_survive_a_shell() -> None:
    assert as_typed(["mood", "film maker's $1"]) == """'mood,film maker'"'"'s $1'"""
