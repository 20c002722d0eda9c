"""Weights of examples, brought to a mean of 1."""

import numpy as np
import pytest

from unspool.estimators.targets import checked_weights


@pytest.mark.parametrize("unit", [1.0, 3e-300, 5e307])
def test_the_unit_of_weights_does_not_matter(unit):
    weights = unit * np.array([1.0, 3.0, 2.0, 2.0])
    assert checked_weights(weights, 4).tolist() == pytest.approx([0.5, 1.5, 1, 1])
