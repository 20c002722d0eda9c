"""Groups of a part, and a test that is one group."""

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.runs.groups import copies_as_groups, scored_groups


def test_there_are_none_where_none_are_known_or_a_part_is_one_group():
    assert scored_groups(None, "test", "texts") is None
    assert scored_groups(np.array([7, 7]), "training", "texts") is None
    assert scored_groups(np.array([7, 8]), "validation", "texts").tolist() == [7, 8]


def test_copies_are_groups_where_there_are_several_series():
    assert copies_as_groups(np.array([9, 8, 9])).tolist() == [1, 0, 1]
    assert copies_as_groups(np.array([9, 8])) is None
    assert copies_as_groups(np.array([9, 9])) is None


def test_a_test_of_one_group_is_refused():
    with pytest.raises(UserError, match="All test pairs belong to one group"):
        scored_groups(np.array([7, 7]), "test", "pairs")
