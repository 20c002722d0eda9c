"""Square roots and logarithms as targets: there and back, in order, within reach."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from unspool.candidates.transformation import KINDS, Transformation

POSITIVE = arrays(np.float64, st.integers(2, 20), elements=st.floats(1e-300, 1e300))


@given(numbers=POSITIVE, kind=st.sampled_from(KINDS))
def test_numbers_come_back(numbers, kind):
    unit = Transformation.of(kind, numbers)
    np.testing.assert_allclose(unit.numbers(unit.targets(numbers)), numbers, rtol=1e-12)


@given(numbers=POSITIVE, outputs=arrays(np.float64, 9, elements=st.floats(-1e300, 1e300)), kind=st.sampled_from(KINDS))
def test_outputs_keep_their_order_and_stay_within_the_training_numbers(numbers, outputs, kind):
    unit = Transformation.of(kind, numbers)
    found = unit.numbers(np.sort(outputs))
    assert (np.diff(found) >= 0).all()
    assert found.min() >= numbers.min() * (1 - 1e-12)
    assert found.max() <= numbers.max() * (1 + 1e-12)


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_the_factor_gives_the_least_errors(kind, absolute):
    draw = np.random.default_rng(0)
    numbers = np.exp(draw.normal(5, 1, 500))
    unit = Transformation.of(kind, numbers)
    targets = unit.targets(numbers)
    outputs = targets + draw.normal(0, targets.std() / 2, 500)
    outputs[::7] = np.nan
    fitted, seen = unit.fitted(outputs, targets, absolute_errors=absolute), ~np.isnan(outputs)

    def error(factor):
        one = Transformation(kind, unit.least, unit.greatest, factor)
        off = np.abs(one.numbers(outputs[seen]) - numbers[seen])
        return (off if absolute else np.square(off)).sum()

    assert error(fitted.factor) < min(error(fitted.factor * 1.01), error(fitted.factor / 1.01))
    assert np.isnan(fitted.numbers(outputs[::7])).all()


def test_if_most_numbers_are_0_their_median_is_predicted():
    numbers = np.repeat([0.0, 9.0], [60, 40])
    unit = Transformation.of("square root", numbers)
    outputs = np.full(100, 1.2)
    fitted = unit.fitted(outputs, unit.targets(numbers), absolute_errors=True)
    assert fitted.numbers(outputs).max() < 1e-9


@pytest.mark.parametrize("numbers", [[0.0, 0.0, 0.0], [1e-320, 2e-320, 1e-310], [1e308, 1.7e308, 1e300]])
def test_numbers_at_the_ends_of_double_precision_have_a_factor(numbers):
    unit = Transformation.of("square root", np.array(numbers))
    targets = unit.targets(np.array(numbers))
    for absolute in (False, True):
        assert unit.fitted(targets, targets, absolute_errors=absolute).factor == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("cube root", 0.0, 1.0, 1.0), "there is no transformation 'cube root'"),
        (("logarithm", 1.0, 0.0, 1.0), "the range or the factor"),
        (("logarithm", 0.0, float("inf"), 1.0), "the range or the factor"),
        (("logarithm", 0.0, 1.0, 0.0), "the range or the factor"),
        (("square root", -1.0, 1.0, 1.0), "a square root is negative"),
    ],
)
def test_wrong_ones_are_refused(given, why):
    with pytest.raises(ValueError, match=why):
        Transformation(*given)


@pytest.mark.parametrize("kind", KINDS)
def test_slopes_turn_errors_of_outputs_into_errors_of_numbers(kind):
    numbers = np.array([1.0, 7.0, 100.0])
    unit = Transformation.of(kind, np.array([0.5, 200.0]))
    targets = unit.targets(numbers)
    np.testing.assert_allclose(unit.numbers(targets + 1e-7) - numbers, 1e-7 * unit.slopes(targets), rtol=1e-5)
