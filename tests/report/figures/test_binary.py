"""That figures of two labels show the Result's own numbers."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics

from plots import texts_in, tick_labels
from unspool.report.figures.binary import (
    confusion_figure,
    probabilities_figure,
    reliability_figure,
    roc_figure,
)
from unspool.report.figures.drawing import draw


def _lines(figure):
    """Each line's points by its label; what has no label of its own gets matplotlib's."""
    return {line.get_label(): np.array(line.get_data()) for line in figure.axes[0].lines}


def test_roc_curves_enclose_their_auc_and_the_points_in_use_lie_on_them(binary_result):
    figure = roc_figure(binary_result)
    lines = _lines(figure)
    curve = lines[f"AUC {binary_result.test['auc'].value:.3f}: this model"]
    assert metrics.auc(*curve) == pytest.approx(binary_result.test["auc"].value)
    linear = binary_result.baselines[1].scores
    assert metrics.auc(*lines[f"AUC {linear['auc'].value:.3f}: a linear model"]) == pytest.approx(linear["auc"].value)
    assert not [label for label in lines if "majority" in label]
    points = [line.get_data() for line in figure.axes[0].lines if len(line.get_xdata()) == 1]
    answers = binary_result.test_predictions.outputs >= binary_result.test.threshold
    truth = binary_result.test_predictions.targets
    expected = answers[truth == 0].mean(), answers[truth == 1].mean()
    assert np.ravel(points[-1]) == pytest.approx(expected)


def test_only_the_best_of_many_baselines_have_a_curve(binary_result):
    linear = binary_result.baselines[1]
    answers = np.linspace(0, 1, len(linear.outputs))
    truth = binary_result.test_predictions.targets

    def baseline(name, share):
        outputs = share * truth + (1 - share) * answers
        auc = replace(linear.scores["auc"], value=float(metrics.roc_auc_score(truth, outputs)))
        scores = replace(linear.scores, figures={**linear.scores.figures, "auc": auc})
        return replace(linear, name=name, title=name, outputs=outputs, scores=scores)

    given = tuple(baseline(name, share) for name, share in (("d", 0.1), ("a", 0.4), ("c", 0.2), ("b", 0.3)))
    lines = _lines(roc_figure(replace(binary_result, baselines=given)))
    named = [label.partition(": ")[2] for label in lines if "AUC" in label]
    assert sorted(named) == ["a", "b", "c", "this model"]


def test_a_legend_of_long_names_lies_beside_the_curves(binary_result):
    linear = replace(binary_result.baselines[1], title="logistic regression over runs of words and of characters")
    figure = roc_figure(replace(binary_result, baselines=(linear,)))
    figure.draw_without_rendering()
    (legend,) = figure.legends
    assert legend.get_window_extent().y1 <= figure.axes[0].get_window_extent().y0
    assert legend.get_window_extent().x1 <= figure.bbox.x1


def test_long_names_of_labels_stay_within_the_figures(binary_result):
    names = ("a thoroughly negative review of a film", "a thoroughly positive review of a film")
    named = replace(binary_result, data=replace(binary_result.data, label_names=names))
    for make in (roc_figure, probabilities_figure):
        figure = make(named)
        figure.draw_without_rendering()
        axes = figure.axes[0]
        for label in (axes.xaxis.label, axes.yaxis.label, figure.legends[0]):
            extent = label.get_window_extent()
            assert figure.bbox.x0 <= extent.x0 < extent.x1 <= figure.bbox.x1, label
            assert figure.bbox.y0 <= extent.y0 < extent.y1 <= figure.bbox.y1, label
    told = [text.get_text() for text in figure.legends[0].get_texts()]
    assert told == ["a thoroughly\nnegative review…", "a thoroughly\npositive review…"]


def test_few_examples_have_few_bins(binary_result):
    many = binary_result.test_predictions
    few = replace(many, targets=many.targets[:64], outputs=many.outputs[:64])
    (outline, _) = probabilities_figure(replace(binary_result, test_predictions=few)).axes[0].patches
    assert len(np.unique(outline.get_xy()[:, 0])) == 8 + 1


def test_the_confusion_matrix_has_the_truth_in_rows(binary_result):
    scores = replace(binary_result.test, details={"confusion_matrix": [[150, 50], [20, 1180]]})
    axes = confusion_figure(replace(binary_result, test=scores)).axes[0]
    cells = {(text.get_position()[0], round(text.get_position()[1])): text.get_text() for text in axes.texts[::2]}
    assert cells == {(0, 0): "150", (1, 0): "50", (0, 1): "20", (1, 1): "1,180"}
    assert texts_in(axes)[1::2] == ["75.0%", "25.0%", "1.7%", "98.3%"]
    assert tick_labels(axes.xaxis) == tick_labels(axes.yaxis) == ["negative", "positive"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted label", "true label")
    assert axes.yaxis_inverted()


def test_reliability_is_what_came_true(binary_result):
    predicted, observed = reliability_figure(binary_result).axes[0].lines[-1].get_data()
    probabilities, labels = binary_result.test_predictions.outputs, binary_result.test_predictions.targets
    first = probabilities <= 0.1
    assert (predicted[0], observed[0]) == pytest.approx((probabilities[first].mean(), labels[first].mean()))


def test_probabilities_are_counted_by_label(binary_result):
    figure = probabilities_figure(binary_result)
    axes = figure.axes[0]
    heights = [patch.get_xy()[:, 1] for patch in axes.patches]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["negative", "positive"]
    for label in (0, 1):
        of_label = binary_result.test_predictions.outputs[binary_result.test_predictions.targets == label]
        expected, _ = np.histogram(of_label, bins=15, range=(0, 1))  # by Rice's rule, of 400
        assert max(heights[label]) == expected.max()
    assert axes.lines[0].get_xdata()[0] == binary_result.test.threshold


@pytest.mark.parametrize("name", ["$x_1$", r"$\nope$", "a$"])
def test_dollar_signs_are_dollar_signs(binary_result, name):
    named = replace(binary_result, data=replace(binary_result.data, label_names=(name, "other")))
    svg, _ = draw(lambda: confusion_figure(named))
    assert svg.decode().count(f">{name}<") == 2
