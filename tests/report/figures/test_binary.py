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
    curve = lines[f"this model\nAUC {binary_result.test['auc'].value:.3f}"]
    assert metrics.auc(*curve) == pytest.approx(binary_result.test["auc"].value)
    linear = binary_result.baselines[1].scores
    assert metrics.auc(*lines[f"a linear model\nAUC {linear['auc'].value:.3f}"]) == pytest.approx(linear["auc"].value)
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
    named = [label.partition("\n")[0] for label in lines if "AUC" in label]
    assert sorted(named) == ["a", "b", "c", "this model"]


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
    axes = probabilities_figure(binary_result).axes[0]
    heights = [patch.get_xy()[:, 1] for patch in axes.patches]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["negative", "positive"]
    for label in (0, 1):
        of_label = binary_result.test_predictions.outputs[binary_result.test_predictions.targets == label]
        expected, _ = np.histogram(of_label, bins=25, range=(0, 1))
        assert max(heights[label]) == expected.max()
    assert axes.lines[0].get_xdata()[0] == binary_result.test.threshold


@pytest.mark.parametrize("name", ["$x_1$", r"$\nope$", "a$"])
def test_dollar_signs_are_dollar_signs(binary_result, name):
    named = replace(binary_result, data=replace(binary_result.data, label_names=(name, "other")))
    svg, _ = draw(lambda: confusion_figure(named))
    assert svg.decode().count(f">{name}<") == 2
