import numpy as np
import pytest

from unspool.data.learnable import refuse_unlearnable
from unspool.errors import UserError


def test_labels_of_several_groups_can_be_learned() -> None:
    refuse_unlearnable(["a", "b", "a", "b", "c"], np.array([1, 1, 2, 2, 3]))
    refuse_unlearnable(["a", "b"], np.array([7, 7]))  # one group: nothing is held out by groups
    refuse_unlearnable(["a", "b", "b"], None)


@pytest.mark.parametrize(
    ("labels", "groups", "message"),
    [
        (["a"] * 3, None, r"All 3 examples to learn from have the label a\. Give some of other labels"),
        (["a", "b", "a"], [1, 2, 3], r"all examples of label b are in one group\. Give examples of"),
        (["a", "b", "a"], [1, 2, 1], r"of label a are in one group, as are those of 1 other label\."),
    ],
)
def test_labels_that_cannot_be_learned_are_refused(labels: list[str], groups: list[int] | None, message: str) -> None:
    with pytest.raises(UserError, match=message):
        refuse_unlearnable(labels, None if groups is None else np.array(groups))
