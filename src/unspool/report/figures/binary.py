"""Figures of two labels: the ROC curve, the confusion matrix, calibration, the spread of probabilities."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from unspool.evaluation.curves import reliability_points, roc_points
from unspool.evaluation.result import Baseline, Result, Scores
from unspool.evaluation.scoring import cut_at
from unspool.evaluation.wording import percent
from unspool.report.figures.parts import (
    DOTS,
    Drawing,
    enclose_squares,
    fill_square,
    fitted,
    histogram_bins,
    new_figure,
    shares_on_both_axes,
)
from unspool.report.figures.theme import MODEL, MUTED, OTHER, PAPER
from unspool.report.wording import count, plain

_HALF_A_PAGE = (3.9, 3.8)
_LINE = 0.19  # inches of a line in a legend
_DASHES = ("--", ":", "-.")
_MOST_BASELINES = len(_DASHES)


def roc_figure(result: Result) -> Figure:
    """Draw the ROC curves of the model and of the best baselines, and the point of each threshold."""
    curves = [("this model", result.test_predictions.outputs, result.test, MODEL, "-")]
    curves += [
        (baseline.title, baseline.outputs, baseline.scores, OTHER, _DASHES[index])
        for index, baseline in enumerate(_with_a_curve(result.baselines))
    ]
    labels = [fitted(f"AUC {plain(scores['auc'].value)}: {title}", 44, lines=2) for title, _, scores, _, _ in curves]
    width, height = _HALF_A_PAGE
    figure, axes = new_figure(width, height + _LINE * (1 + len("\n".join(labels).splitlines())))
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=DOTS)
    for label, (_, probabilities, scores, colour, dashes) in reversed(list(zip(labels, curves, strict=True))):
        points = roc_points(result.test_predictions.targets, probabilities)
        axes.plot(
            points.false_positive_rates,
            points.true_positive_rates,
            dashes,
            color=colour,
            label=label,
        )
        axes.plot(*point_in_use(scores), "o", color=colour, markersize=8, markeredgecolor=PAPER, zorder=4)
    zero, one = (fitted(name, 28) for name in result.data.label_names)
    axes.set_xlabel(_in_two_lines(f"share of {zero}", f"predicted as {one}"))
    axes.set_ylabel(_in_two_lines(f"share of {one}", f"predicted as {one}"))
    shares_on_both_axes(axes)
    handles, names = axes.get_legend_handles_labels()
    figure.legend(handles[::-1], names[::-1], loc="outside lower left", handlelength=1.8)
    return figure


def confusion_figure(result: Result) -> Figure:
    """Draw how many test examples of each label were predicted as each label."""
    figure, axes = new_figure(*_HALF_A_PAGE)
    matrix = np.array(_matrix(result.test))
    shares = matrix / matrix.sum(axis=1, keepdims=True)
    for truth in (0, 1):
        for answer in (0, 1):
            share = float(shares[truth, answer])
            colour = MODEL if truth == answer else OTHER
            fill_square(axes, truth, answer, colour, alpha=0.08 + 0.32 * share, side=0.98)
            axes.text(answer, truth - 0.03, count(int(matrix[truth, answer])), ha="center", fontsize=14)
            axes.text(answer, truth + 0.16, percent(share), ha="center", fontsize=10)
    names = [fitted(name, 14, lines=2) for name in result.data.label_names]
    axes.set_xticks((0, 1), names)
    axes.set_yticks((0, 1), names, rotation=90, va="center")
    enclose_squares(axes, 2, 2)
    axes.set_xlabel("predicted label")
    axes.set_ylabel("true label")
    return figure


def reliability_figure(result: Result) -> Figure:
    """Draws, for predictions of about the same probability, how often they came true."""
    figure, axes = new_figure(*_HALF_A_PAGE)
    points = reliability_points(result.test_predictions.targets, result.test_predictions.outputs)
    one = fitted(result.data.label_names[1], 16)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=DOTS)
    axes.vlines(points.predicted, points.low, points.high, color=MODEL, linewidth=1.6)
    axes.plot(points.predicted, points.observed, "-o", color=MODEL, markersize=5, linewidth=1.2)
    shares_on_both_axes(axes)
    axes.set_xlabel(f"predicted probability of {one}")
    axes.set_ylabel(f"share that is {one}")
    return figure


def probabilities_figure(result: Result) -> Figure:
    """Draw how the predicted probabilities of each label's examples are spread."""
    figure, axes = new_figure(*_HALF_A_PAGE)
    predictions = result.test_predictions
    bins = histogram_bins(len(predictions), 25)
    outlines: list[Any] = []
    for label, colour, dashes in ((0, OTHER, "--"), (1, MODEL, "-")):
        drawn: Any = axes.hist(
            predictions.outputs[predictions.targets == label],
            bins=bins,
            range=(0, 1),
            histtype="step",
            color=colour,
            linestyle=dashes,
            linewidth=1.8,
        )
        outlines += drawn[2]
    threshold = result.test.threshold
    axes.axvline(cut_at(threshold), color=MUTED, linewidth=1, linestyle=DOTS)
    axes.set_xlim(-0.02, 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_xlabel(f"predicted probability of {fitted(result.data.label_names[1], 16)}")
    axes.set_ylabel("examples")
    # Not by the outlines' own labels, which would leave out a name that begins with an underscore.
    names = [fitted(name, 16, lines=2) for name in result.data.label_names]
    figure.legend(outlines, names, loc="outside upper center", ncols=2)
    return figure


def _in_two_lines(start: str, end: str) -> str:
    """Two parts of an axis label, in one line if that is no longer than the axis."""
    return f"{start} {end}" if len(start) + len(end) < 42 else f"{start}\n{end}"


def _describe_roc(result: Result) -> str:
    others = " ".join(f"{baseline.title}: AUC {plain(baseline.scores['auc'].value)}." for baseline in result.baselines)
    return f"ROC curves. This model: AUC {plain(result.test['auc'].value)}. {others}"


def _describe_confusion(result: Result) -> str:
    zero, one = result.data.label_names
    (zero_as_zero, zero_as_one), (one_as_zero, one_as_one) = _matrix(result.test)
    return (
        f"Confusion matrix. {zero}: {count(zero_as_zero)} predicted as {zero}, {count(zero_as_one)} as {one}. "
        f"{one}: {count(one_as_zero)} predicted as {zero}, {count(one_as_one)} as {one}."
    )


def _describe_reliability(result: Result) -> str:
    points = reliability_points(result.test_predictions.targets, result.test_predictions.outputs)
    pairs = ", ".join(
        f"{percent(predicted)}: {percent(observed)}"
        for predicted, observed in zip(points.predicted, points.observed, strict=True)
    )
    return f"Mean predicted probability of {result.data.label_names[1]}, and how often it came true: {pairs}."


def _describe_probabilities(result: Result) -> str:
    predictions = result.test_predictions
    means = [float(predictions.outputs[predictions.targets == label].mean()) for label in (0, 1)]
    zero, one = result.data.label_names
    return (
        f"Spread of the predicted probability of {one}: on average {percent(means[0])} for {zero}, "
        f"{percent(means[1])} for {one}."
    )


DRAWINGS = (
    Drawing("roc", roc_figure, _describe_roc),
    Drawing("confusion-of-two", confusion_figure, _describe_confusion),
    Drawing("reliability", reliability_figure, _describe_reliability),
    Drawing("probabilities", probabilities_figure, _describe_probabilities),
)


def _matrix(scores: Scores) -> tuple[tuple[int, int], tuple[int, int]]:
    """((true 0 predicted as 0, as 1), (true 1 predicted as 0, as 1))."""
    (a, b), (c, d) = scores.details["confusion_matrix"]
    return (int(a), int(b)), (int(c), int(d))


def point_in_use(scores: Scores) -> tuple[float, float]:
    """Return the false and the true positive rate at the threshold."""
    (negatives_right, false_positives), (false_negatives, true_positives) = _matrix(scores)
    return (
        false_positives / (negatives_right + false_positives),
        true_positives / (false_negatives + true_positives),
    )


def _with_a_curve(baselines: tuple[Baseline, ...]) -> list[Baseline]:
    """The baselines of the largest AUC, as many as the legend has room for; of one answer for all it is a diagonal."""
    curved = [baseline for baseline in baselines if np.ptp(baseline.outputs) > 0]
    best = sorted(curved, key=lambda baseline: -baseline.scores["auc"].value)[:_MOST_BASELINES]
    names = {baseline.name for baseline in best}
    return [baseline for baseline in curved if baseline.name in names]
