"""The figures that every report may have show the Result's own numbers."""

from dataclasses import replace

import numpy as np
import pytest

from plots import texts_in, tick_labels
from unspool.evaluation.result import ExampleSeries
from unspool.report.example import MOST_CHANNELS
from unspool.report.figures import FIGURES
from unspool.report.figures.common import headline_figure, series_figure


@pytest.mark.parametrize(
    ("kind", "measure", "title", "say"),
    [
        ("binary_result", "accuracy", "accuracy", "{:.1%}"),
        ("multilabel_result", "micro_f1", "micro F1", "{:.3f}"),
        ("regression_result", "rmse", "root mean squared error", "{:#.3g}"),
        ("reconstruction_result", "cross_entropy", "cross-entropy", "{:.4f}"),
    ],
)
def test_the_headline_stands_beside_the_baselines(kind, measure, title, say, request):
    result = request.getfixturevalue(kind)
    axes = headline_figure(result).axes[0]
    models = [result.test, *(baseline.scores for baseline in result.baselines)]
    titles = [name.replace("\n", " ") for name in tick_labels(axes.yaxis)]
    assert titles == ["this model", *(baseline.title for baseline in result.baselines)]
    assert axes.get_xlabel() == f"{title} on the test set"
    assert texts_in(axes) == [say.format(scores[measure].value) for scores in models]
    for bar, dot, scores in zip(axes.lines[::2], axes.lines[1::2], models, strict=True):
        assert bar.get_xdata() == pytest.approx((scores[measure].interval.low, scores[measure].interval.high))
        assert dot.get_xdata() == pytest.approx([scores[measure].value])


def test_the_headline_is_what_the_verdict_rests_on(binary_result):
    result = replace(binary_result, verdict=replace(binary_result.verdict, measure="auc"))
    assert texts_in(headline_figure(result).axes[0])[0] == f"{result.test['auc'].value:.3f}"
    assert FIGURES["headline"].describe(result).startswith("AUC on the test set. this model: 0.")


def test_a_baseline_whose_measure_is_undefined_is_not_drawn(binary_result):
    first, *others = binary_result.baselines
    scores = replace(first.scores, figures={})
    result = replace(binary_result, baselines=(replace(first, scores=scores), *others))
    titles = [name.replace("\n", " ") for name in tick_labels(headline_figure(result).axes[0].yaxis)]
    assert titles == ["this model", *(baseline.title for baseline in others)]


def _losses(result):
    """Each line's points by its label."""
    return {line.get_label(): np.array(line.get_data()) for line in FIGURES["loss"].draw(result).axes[0].lines}


def test_losses_by_epoch_with_the_kept_one_marked(binary_result):
    lines = _losses(binary_result)
    np.testing.assert_array_equal(lines["on training examples"], [[1, 2, 3, 4], binary_result.history["loss"]])
    np.testing.assert_array_equal(lines["on validation examples"], [[1, 2, 3, 4], binary_result.history["val_loss"]])
    np.testing.assert_array_equal(lines["epoch 2: kept"].ravel(), [2, binary_result.history["val_loss"][1]])


def test_in_the_chapters_protocol_the_loss_is_the_test_sets(binary_result):
    assert "on the test set" in _losses(replace(binary_result, protocol="chapter"))


def test_without_epochs_there_is_no_loss_to_draw(binary_result):
    """As of a model that is not a network."""
    assert FIGURES["loss"].applies(binary_result)
    assert not FIGURES["loss"].applies(replace(binary_result, history={}))


def test_each_channel_of_a_series_has_a_scale_of_its_own(multiclass_result):
    rows = series_figure(multiclass_result).axes
    assert [axes.get_title("left") for axes in rows] == ["channel x", "channel y"]
    steps = np.array(multiclass_result.data.example.steps)
    np.testing.assert_array_equal(rows[1].lines[0].get_ydata(), steps[:, 1])
    assert rows[0].get_ylim() != rows[1].get_ylim()


def test_of_many_channels_the_first_are_drawn(multiclass_result):
    example = ExampleSeries("walking", tuple(map(str, range(40))), ((0.0,) * 40, (1.0,) * 40))
    many = replace(multiclass_result, data=replace(multiclass_result.data, example=example))
    assert len(series_figure(many).axes) == MOST_CHANNELS
