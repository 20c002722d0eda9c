"""Numbers that stand for missing ones are found by their form and their distance."""

import numpy as np
import pytest

from unspool.data.stand_ins import stand_in


@pytest.mark.parametrize("number", [-9999.0, 99.0, 999.9, 65535.0, -32768.0, 1e20, float(np.float32(-999.9))])
def test_a_usual_number_far_from_the_others_stands_for_missing_ones(number):
    values = np.array([1.5, 2.0, number, np.nan, 7.5, number])
    found = stand_in(values.astype(np.float32))
    assert found is not None
    assert found.number == pytest.approx(number)
    assert found.times == 2


@pytest.mark.parametrize(
    "values",
    [
        [97.0, 99.0, 98.0],  # near the others
        [1.0, 2.0, 12345.0],  # of no usual form
        [99.0, 99.0],  # all there is
        [0.0, 0.0, 99.0],  # an event: the others do not differ
        [np.nan, np.nan],
        [],
    ],
)
def test_other_numbers_stand_for_themselves(values):
    assert stand_in(np.array(values)) is None
