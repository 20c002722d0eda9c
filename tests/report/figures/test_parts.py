"""What figures of several kinds are made of."""

import numpy as np

from unspool.evaluation.result import Interval, Score
from unspool.report.figures.parts import fitted, scores_figure
from unspool.tasks import Binary, Regression


def test_long_text_is_cut_and_text_that_acts_is_shown():
    assert fitted("one two three four", 9, lines=1) == "one two…"
    assert fitted("one two three four", 9, lines=3) == "one two\nthree\nfour"
    assert fitted("one_two_three_four", 9) == "one_two_…"
    assert fitted("one_two_three_four_five", 9, lines=2) == "one_two_t\nhree_fou…"
    assert fitted("…", 9) == "…"
    assert fitted("", 9) == ""
    assert fitted("a\u202eb", 9) == "a⟨U+202E⟩b"


def test_a_score_that_lies_beside_its_interval_is_drawn_there():
    """A folder from elsewhere may tell anything."""
    axes = scores_figure(
        [("this model", Score(0.5, Interval(0.6, 0.7)))], Binary.measures["accuracy"], "accuracy"
    ).axes[0]
    bar, dot = axes.lines
    np.testing.assert_array_equal(bar.get_xdata(), [0.6, 0.7])
    np.testing.assert_array_equal(dot.get_xdata(), [0.5])


def test_shares_have_an_axis_in_percent_that_ends_where_shares_end():
    rows = [("this model", Score(0.99, Interval(0.97, 1.0))), ("another", Score(0.3, Interval(0.2, 0.4)))]
    axes = scores_figure(rows, Binary.measures["accuracy"], "accuracy").axes[0]
    assert 1.0 <= axes.get_xlim()[1] < 1.05
    assert all(label.get_text().endswith("%") for label in axes.get_xticklabels())
    errors = scores_figure(rows, Regression.measures["rmse"], "error").axes[0]
    assert not any("%" in label.get_text() for label in errors.get_xticklabels())
