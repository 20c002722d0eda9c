"""The figures that every kind of run has."""

from dataclasses import replace

import numpy as np

from unspool.evaluation.result import Interval, Score
from unspool.report.figure_parts import LOSS, fitted, scores_figure


def _losses(result):
    """Each line's points by its label."""
    return {line.get_label(): np.array(line.get_data()) for line in LOSS.draw(result).axes[0].lines}


def test_losses_by_epoch_with_the_kept_one_marked(result):
    lines = _losses(result)
    np.testing.assert_array_equal(lines["on training examples"], [[1, 2, 3, 4], result.history["loss"]])
    np.testing.assert_array_equal(lines["on validation examples"], [[1, 2, 3, 4], result.history["val_loss"]])
    np.testing.assert_array_equal(lines["epoch 2: kept"].ravel(), [2, result.history["val_loss"][1]])


def test_in_the_chapters_protocol_the_loss_is_the_test_sets(result):
    assert "on the test set" in _losses(replace(result, protocol="chapter"))


def test_long_text_is_cut_and_text_that_acts_is_shown():
    assert fitted("one two three four", 9, lines=1) == "one two…"
    assert fitted("one two three four", 9, lines=3) == "one two\nthree\nfour"
    assert fitted("a\u202eb", 9) == "a⟨U+202E⟩b"


def test_a_score_that_lies_beside_its_interval_is_drawn_there():
    """A folder from elsewhere may tell anything."""
    axes = scores_figure([("this model", Score(0.5, Interval(0.6, 0.7)))], str, "accuracy").axes[0]
    bar, dot = axes.lines
    np.testing.assert_array_equal(bar.get_xdata(), [0.6, 0.7])
    np.testing.assert_array_equal(dot.get_xdata(), [0.5])
