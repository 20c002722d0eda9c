"""Differences in words: signs, decimals, levels."""

import pytest

from unspool.evaluation.result import Interval
from unspool.evaluation.wording import (
    decibels_with_interval,
    difference_with_interval,
    percent,
    points_with_interval,
    probability,
)


@pytest.mark.parametrize(
    ("difference", "low", "high", "words"),
    [
        (-0.0566, -0.0612, -0.0528, "-5.7 points (95% interval -6.1 to -5.3)"),
        (0.001, -0.004, 0.006, "+0.1 points (95% interval -0.4 to +0.6)"),
        (0.0, 0.0, 0.0, "0.0 points (95% interval 0.0 to 0.0)"),
        (-0.0000001, -0.01, 0.01, "0.0 points (95% interval -1.0 to +1.0)"),
        (0.005, 0.0003, 0.01, "+0.50 points (95% interval +0.03 to +1.00)"),
        (0.00075, 0.0005, 0.0011, "+0.07 points (95% interval +0.05 to +0.11)"),
        (0.003, 0.00004, 0.006, "+0.300 points (95% interval +0.004 to +0.600)"),  # an example of 25,000
        (0.003, 1e-14, 0.006, "+0.3 points (95% interval 0.0 to +0.6)"),
        (0.003, 2e-9, 0.006, "+0.30000 points (95% interval 0.00000 to +0.60000)"),
    ],
)
def test_points(difference, low, high, words):
    assert points_with_interval(difference, Interval(low, high)) == words


def test_other_figures_and_levels():
    assert difference_with_interval(-0.014, Interval(-0.0301, 0.0022), level=1 - 0.05 / 3) == (
        "-0.014 (98.3% interval -0.030 to +0.002)"
    )
    assert difference_with_interval(0.004, Interval(0.0002, 0.008)) == "+0.0040 (95% interval +0.0002 to +0.0080)"
    assert difference_with_interval(-0.000012, Interval(-0.000014, -0.00001)) == (
        "-0.000012 (95% interval -0.000014 to -0.000010)"
    )
    assert difference_with_interval(0.004, Interval(0.00002, 0.008)).endswith("interval +0.00002 to +0.00800)")
    assert difference_with_interval(0.0, Interval(0.0, 0.0)) == "0.000 (95% interval 0.000 to 0.000)"


@pytest.mark.parametrize(
    ("difference", "low", "high", "words"),
    [
        (-0.001, -0.004, 0.003, "0.00 dB (95% interval 0.00 to 0.00)"),
        (-1.234, -1.4, -0.006, "-1.23 dB (95% interval -1.40 to -0.01)"),
        (float("inf"), 2.0, float("inf"), "+inf dB (95% interval +2.00 to +inf)"),
    ],
)
def test_decibels_are_never_minus_zero(difference, low, high, words):
    assert decibels_with_interval(difference, Interval(low, high)) == words


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.5, "0.500"), (0.006, "0.006"), (0.0006, "0.0006"), (0.99999, "0.999990"), (0.0, "0.000"), (1 + 2e-16, "1.000")],
)
def test_a_probability_does_not_look_like_0_or_1_unless_it_is(share, said):
    assert probability(share) == said


def test_percent():
    assert percent(0.8382) == "83.8%"


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.99995, "99.995%"), (0.9995, "99.95%"), (0.0004, "0.04%"), (1 - 1e-12, "100.0%"), (1.000001, "100.0%")],
)
def test_only_all_and_none_are_said_to_be(share, said):
    assert percent(share) == said
