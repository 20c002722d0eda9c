import numpy as np
import pytest

from unspool.candidates.features.step_windows import far_steps, near_steps, wide_steps


def test_what_is_seen_of_a_step():
    steps = np.array([[1.0, 0.0], [2.0, 0.0], [6.0, 1.0]])
    assert near_steps(steps)[0].tolist() == [1, 0, 1, 0, 1, 0, 2, 0, 6, 1]
    window = [1.0] * 9 + [2.0] + [6.0] * 7
    found = wide_steps(steps[:, :1])
    assert found.shape == (3, 9)
    assert found.dtype == np.float32
    assert found[0].tolist() == pytest.approx([1, 1, 1, 2, 6, np.mean(window), np.std(window), 1, 6])


def test_steps_that_do_not_change_have_no_deviation():
    assert not wide_steps(np.full((20, 1), 0.1, np.float32))[:, 6].any()


def test_far_steps_are_seen_as_means():
    steps = np.random.RandomState(0).normal(size=(300, 2)).astype(np.float32)
    found = far_steps(steps)
    assert found.shape == (300, 30)
    np.testing.assert_array_equal(found[:, :18], wide_steps(steps))
    spans = [(-16, -8), (9, 17), (-32, -16), (17, 33), (-64, -32), (33, 65)]
    expected = [steps[150 + start : 150 + stop].mean(axis=0) for start, stop in spans]
    np.testing.assert_allclose(found[150, 18:], np.concatenate(expected), rtol=1e-5)


def test_far_steps_that_do_not_change_have_that_mean():
    assert (far_steps(np.full((3, 1), 0.1, np.float32))[:, 9:] == np.float32(0.1)).all()
