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
        (["a"] * 3, None, r"All 3 training and validation examples have the label a\. Hold out other examples"),
        (["a", "b", "a"], [1, 2, 3], r"all training and validation examples of b are in one group\. Give examples of"),
        (["a", "b", "a"], [1, 2, 1], r"of a, and of other labels, are each in one group\."),
    ],
)
def test_what_cannot_be_learned_is_told(labels: list[str], groups: list[int] | None, message: str) -> None:
    with pytest.raises(UserError, match=message):
        refuse_unlearnable(labels, None if groups is None else np.array(groups))
