"""Labels as arrays, and weights of examples, brought to a mean of 1."""

import numpy as np
import pytest

from unspool import AutoClassifier
from unspool.estimators.errors import InputError
from unspool.estimators.targets import checked_targets, checked_weights, encoded_classes


@pytest.mark.parametrize("unit", [1.0, 3e-300, 5e307])
def test_the_unit_of_weights_does_not_matter(unit):
    weights = unit * np.array([1.0, 3.0, 2.0, 2.0])
    assert checked_weights(weights, 4).tolist() == pytest.approx([0.5, 1.5, 1, 1])


def test_labels_may_be_strings_of_numpys_own_type():
    labels = np.array(["up", "down"] * 2, dtype=np.dtypes.StringDType())
    assert encoded_classes(checked_targets(AutoClassifier(), labels))[2].tolist() == ["down", "up"]


@pytest.mark.parametrize("no", [-1, 2, 5.0])
def test_only_0_and_1_say_which_of_several_labels_a_sequence_has(no):
    """scikit-learn takes any two whole numbers for an array of labels."""
    y = np.where(np.eye(3)[[0, 1, 2, 0]] == 1, 1, no)
    with pytest.raises(
        InputError, match=rf"^y\[0, 1\] is {no}, and 0 or 1 was expected \(1 if sequence 0 has label 1\)"
    ):
        encoded_classes(checked_targets(AutoClassifier(), y))
