"""What a comparison of answers says."""

import numpy as np
import pytest

from unspool.evaluation.certificate import ROUNDING, SAME_BITS, Certificate, compared, not_applicable

ANSWERS = np.array([[0.25], [0.5]], np.float32)


def test_the_largest_change_of_all_ways_counts():
    check = compared("batch size", "batches of 1", ANSWERS, [ANSWERS + 2e-6, ANSWERS - [[0], [8e-6]]])
    assert check.measured == pytest.approx(8e-6, abs=1e-7)
    assert check.passed
    assert check.broken == ""


@pytest.mark.parametrize(
    ("other", "bound", "how"),
    [
        (ANSWERS + np.float32(1e-3), ROUNDING, r"by up to 0\.001, where 1e-05 is allowed"),
        (np.nextafter(ANSWERS, np.float32(1)), SAME_BITS, r"by up to 6e-08, where 0 is allowed"),
        (ANSWERS * np.float32(np.nan), ROUNDING, "one of them is not a finite number"),
        (ANSWERS[:, :0], ROUNDING, r"they have the shape \(2, 0\), not \(2, 1\)"),
    ],
)
def test_what_is_broken_is_said_with_bound_and_measure(other, bound, how):
    check = compared("reload", "the model read again", ANSWERS, [other], bound)
    assert check.passed is False
    assert np.array(check.broken) == check.broken
    with pytest.raises(AssertionError, match=how):
        raise AssertionError(check.broken)


def test_large_answers_may_differ_by_more_but_never_where_bits_must_be_the_same():
    large = ANSWERS * 1000
    assert compared("padding", "more", large, [large + 1e-3]).passed
    assert not compared("padding", "more", large, [large + 1e-2]).passed
    assert not compared("reload", "again", large, [np.nextafter(large, np.float32(1e6))], SAME_BITS).passed


def test_answers_for_small_labels_may_differ_by_less():
    small = ANSWERS * 1e-6
    assert compared("padding", "more", small, [2 * small]).passed, "as of probabilities"
    assert not compared("padding", "more", small, [1.001 * small], unit=1e-6).passed
    assert compared("padding", "more", small, [small + 1e-12], unit=1e-6).passed
    assert compared("padding", "more", ANSWERS, [ANSWERS + 1e-6], unit=1e-6).passed


def test_a_certificate_names_the_first_broken_check():
    passed = compared("reload", "again", ANSWERS, [ANSWERS], SAME_BITS)
    open_ = not_applicable("padding", "more of it", "there is none", 0.3)
    broken = compared("bucket", "others", ANSWERS, [ANSWERS + 1])
    certificate = Certificate({}, 2, "", {}, (passed, open_, broken))
    assert certificate.broken == broken.broken
    assert Certificate({}, 2, "", {}, (passed, open_)).broken == ""
