"""That figures of predictions show the Result's own numbers."""

from dataclasses import replace

import numpy as np
import pytest

from plots import texts_in, tick_labels
from unspool.evaluation.label_scores import confusion
from unspool.report.figures.drawing import draw
from unspool.report.figures.predictions import (
    DRAWINGS,
    confusion_figure,
    labels_figure,
    residuals_figure,
    scatter_figure,
)
from unspool.tasks import task_of


def test_the_confusion_matrix_counts_and_names(multiclass_result):
    axes = confusion_figure(multiclass_result).axes[0]
    matrix = confusion(multiclass_result.test_predictions, 30).matrix
    assert tick_labels(axes.yaxis) == list(multiclass_result.data.label_names)
    assert texts_in(axes) == [str(number) for number in matrix[matrix > 0]]
    assert len(axes.patches) == matrix.size  # what nobody was taken for has a cell, too


def test_thirty_classes_are_named_and_shaded_without_counts(result_of):
    many = result_of("multiclass", tuple(f"class {number}" for number in range(30)), examples=600)
    axes = confusion_figure(many).axes[0]
    assert texts_in(axes) == []
    assert len(tick_labels(axes.xaxis)) == 30
    assert len(axes.patches) == np.count_nonzero(confusion(many.test_predictions, 30).matrix)


def test_of_more_classes_the_rare_ones_are_one(result_of):
    many = result_of("multiclass", tuple(f"class {number}" for number in range(45)), examples=900)
    found = confusion(many.test_predictions, 30)
    assert found.matrix.sum() == 900
    assert tick_labels(confusion_figure(many).axes[0].yaxis)[-1] == "all others"
    whole = confusion(many.test_predictions, 45).matrix
    np.testing.assert_array_equal(found.matrix[:29, :29], whole[np.ix_(found.labels[:29], found.labels[:29])])
    assert whole.sum(axis=1)[found.labels[:29]].min() >= np.delete(whole.sum(axis=1), found.labels[:29]).max()


def test_labels_stand_by_how_frequent_they_are(multilabel_result):
    axes = labels_figure(multilabel_result).axes[0]
    shares = axes.lines[1].get_xdata()
    np.testing.assert_array_equal(shares, sorted(multilabel_result.test_predictions.targets.mean(axis=0))[::-1])


def test_labels_are_described_as_drawn_without_those_that_no_example_has(result_of):
    many = result_of("multilabel", tuple(f"label {number}" for number in range(45)), examples=900)
    targets = many.test_predictions.targets.copy()
    targets[:, 7] = 0
    many = replace(many, test_predictions=replace(many.test_predictions, targets=targets))
    drawn = tick_labels(labels_figure(many).axes[0].yaxis)
    told = next(one for one in DRAWINGS if one.name == "labels").describe(many).partition(": ")[2]
    assert [one.rpartition(" ")[0] for one in told.removesuffix(".").split(", ")] == drawn
    assert "label 7" not in drawn
    assert len(drawn) == 40


def test_points_and_their_middle_halves(regression_result):
    axes = scatter_figure(regression_result).axes[0]
    truth, said = regression_result.test_predictions.targets, regression_result.test_predictions.outputs
    np.testing.assert_allclose(np.asarray(axes.collections[0].get_offsets())[:, 1], said)
    medians = axes.lines[-1]
    np.testing.assert_array_equal(medians.get_xdata(), np.unique(truth))
    np.testing.assert_allclose(medians.get_ydata(), [np.median(said[truth == number]) for number in np.unique(truth)])


def test_many_different_numbers_are_put_into_ten_groups(regression_result):
    predictions = regression_result.test_predictions
    spread = predictions.targets + np.linspace(0, 0.5, len(predictions))
    result = replace(regression_result, test_predictions=replace(predictions, targets=spread))
    assert len(scatter_figure(result).axes[0].lines[-1].get_xdata()) == 10


def test_every_error_is_counted(regression_result):
    axes = residuals_figure(regression_result).axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["this model", "a linear model"]
    heights = axes.patches[0].get_xy()[:, 1]
    assert heights.max() > 0


def test_a_model_that_is_its_own_baseline_has_one_outline(regression_result):
    outputs = regression_result.test_predictions.outputs
    same = tuple(replace(one, outputs=outputs) for one in regression_result.baselines)
    axes = residuals_figure(replace(regression_result, baselines=same)).axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["this model"]


@pytest.mark.parametrize("kind", ["multiclass_result", "multilabel_result", "regression_result"])
def test_each_is_told_in_words(kind, request):
    result = request.getfixturevalue(kind)
    for drawing in DRAWINGS:
        if drawing.name in task_of(result).figures:
            assert len(drawing.describe(result)) > 30
            assert draw(lambda drawing=drawing: drawing.draw(result))[0].startswith(b"<?xml")
