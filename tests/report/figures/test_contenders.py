"""Figures of several runs side by side."""

import numpy as np
import pytest

from unspool.evaluation.comparison import compare_recipes
from unspool.evaluation.contenders import SeedRun
from unspool.report.figures.contenders import Comparing, differences_figure, losses_figure, roc_figure
from unspool.tasks import Binary


@pytest.fixture
def comparing(binary_result):
    """Makes what figures are drawn from, of so many contenders that are all the same run."""

    def make(count, seeds=1):
        measures = {name: Binary.measures[name] for name in ("auc", "accuracy")}
        one = SeedRun(0, binary_result.test_predictions, binary_result.test.threshold)
        contenders = {f"model {number}": [one._replace(seed=seed) for seed in range(seeds)] for number in range(count)}
        comparison = compare_recipes(contenders, "binary", measures, "accuracy", resamples=50)
        runs = {name: {run.seed: binary_result for run in of_seeds} for name, of_seeds in contenders.items()}
        return Comparing(comparison, runs, "accuracy", measures["accuracy"])

    return make


def test_each_training_has_its_line_of_losses_and_the_kept_epoch_its_dot(comparing, binary_result):
    lines = losses_figure(comparing(2, seeds=3)).axes[0].lines
    assert len(lines) == 2 * 3 * 2
    np.testing.assert_array_equal(lines[0].get_ydata(), binary_result.history["val_loss"])
    assert (lines[1].get_xdata(), lines[1].get_ydata()) == ([2], [binary_result.history["val_loss"][1]])


def test_contenders_differ_in_colour_and_dashes(comparing):
    figure = losses_figure(comparing(4))
    axes, (legend,) = figure.axes[0], figure.legends
    drawn = {(line.get_color(), line.get_linestyle()) for line in axes.lines[::2]}
    assert len({colour for colour, _ in drawn}) == 4
    assert len({dashes for _, dashes in drawn}) > 1
    assert [text.get_text() for text in legend.get_texts()] == [f"model {number}" for number in range(4)]


def test_a_legend_names_the_auc_of_each_curve(comparing, binary_result):
    axes = roc_figure(comparing(2)).axes[0]
    said = [text.get_text() for text in axes.get_legend().get_texts()]
    assert said == [f"model {number}\nAUC {binary_result.test['auc'].value:.3f}" for number in range(2)]


def test_differences_are_told_pair_by_pair_beside_zero(comparing):
    figure = differences_figure(comparing(3))
    axes = figure.axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["model 0\nminus model 1", "model 0\nminus model 2", "model 1\nminus model 2"]
    assert axes.get_xlabel() == "difference in accuracy, in points"
    zero, *_ = axes.lines
    assert list(zero.get_xdata()) == [0, 0]
