"""Groups of a part, and a test that is one group."""

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.runs.groups import checked_groups, copies_as_groups, several


def test_a_part_other_than_the_test_may_be_one_group():
    assert checked_groups(None, "test", "texts") is None
    assert checked_groups(np.array([7, 7]), "validation", "texts").tolist() == [7, 7]
    assert checked_groups(np.array([7, 8]), "test", "texts").tolist() == [7, 8]


def test_one_group_is_not_several():
    assert several(None) is None
    assert several(np.array([7, 7])) is None
    assert several(np.array([7, 8])).tolist() == [7, 8]


def test_copies_are_groups_where_there_are_several_series():
    assert copies_as_groups(np.array([9, 8, 9])).tolist() == [1, 0, 1]
    assert copies_as_groups(np.array([9, 8])) is None
    assert copies_as_groups(np.array([9, 9])) is None


def test_a_test_of_one_group_is_refused():
    with pytest.raises(
        UserError, match=r"All test pairs belong to one group.* or --seed, or more, .* with --test needs"
    ):
        checked_groups(np.array([7, 7]), "test", "pairs")
