"""Figures of predictions: classes taken for each other, labels, predicted and true numbers."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from unspool.evaluation.label_scores import confusion
from unspool.evaluation.result import Result
from unspool.evaluation.wording import percent, significant
from unspool.report.content import MOST_CLASSES, OTHERS, label_rows, mistakes, predictions_by_class
from unspool.report.figures.parts import (
    DOTS,
    PAGE_WIDTH,
    Drawing,
    enclose_squares,
    fill_square,
    fitted,
    histogram_bins,
    new_figure,
)
from unspool.report.figures.theme import INK, MODEL, MUTED, OTHER
from unspool.report.wording import count, plain
from unspool.tasks import task_of

_WITH_COUNTS = 12  # classes up to which each cell of the confusion matrix holds its count
_MOST_LABELS = 40
_FEW_NUMBERS = 20  # different numbers up to which each has a column of points of its own
_GROUPS = 10


def confusion_figure(result: Result) -> Figure:
    """Draw how many test examples of each class were predicted as each class."""
    found = confusion(predictions_by_class(result), MOST_CLASSES)
    classes = len(found.labels)
    shares = found.matrix / np.maximum(found.matrix.sum(axis=1, keepdims=True), 1)
    counted = classes <= _WITH_COUNTS
    figure, axes = new_figure(PAGE_WIDTH, PAGE_WIDTH if classes > 4 else 4.2)
    for truth, answer in np.ndindex(found.matrix.shape) if counted else np.argwhere(found.matrix):
        number, share = int(found.matrix[truth, answer]), float(shares[truth, answer])
        colour = MODEL if truth == answer else OTHER if number else MUTED
        fill_square(axes, truth, answer, colour, 0.08 + 0.32 * share if counted else 0.1 + 0.8 * np.sqrt(share))
        if counted and number:
            size = float(np.clip(90 / classes, 7, 13))
            axes.text(answer, truth, count(number), ha="center", va="center", fontsize=size)
    size = float(np.clip(90 / classes, 6, 9.5))
    width = 14 if classes <= 6 else 18
    names = [fitted(_name(result, label), width, lines=2 if classes <= 6 else 1) for label in found.labels]
    axes.set_xticks(range(classes), names, rotation=0 if classes <= 4 else 90, fontsize=size)
    axes.set_yticks(range(classes), names, fontsize=size)
    enclose_squares(axes, classes, classes)
    axes.grid(visible=not counted)
    what = "tag" if task_of(result).by_step else "class"
    axes.set_xlabel(f"predicted {what}")
    axes.set_ylabel(f"true {what}")
    return figure


def labels_figure(result: Result) -> Figure:
    """Draw the average precision of each label beside the label's share of the examples, which is guessing."""
    rows = _most_frequent(result)
    examples = len(result.test_predictions)
    figure, axes = new_figure(PAGE_WIDTH, 1.0 + 0.24 * len(rows))
    places = range(len(rows))
    axes.plot([precision for _, _, precision in rows], places, "o", color=MODEL, label="this model")
    axes.plot([having / examples for _, having, _ in rows], places, "|", color=OTHER, markersize=10, label="guessing")
    axes.set_yticks(places, [fitted(name, 24) for name, _, _ in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(-0.02, 1.02)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("average precision on the test set")
    figure.legend(loc="outside upper right", ncols=2)
    return figure


def _most_frequent(result: Result) -> list[tuple[str, int, float]]:
    """The labels that are drawn, of those that test examples have: name, examples and average precision."""
    rows = [
        (name, one.examples, one.average_precision)
        for name, one in label_rows(result)
        if one.average_precision is not None
    ]
    return sorted(rows, key=lambda row: -row[1])[:_MOST_LABELS]


def scatter_figure(result: Result) -> Figure:
    """Draw predicted over true numbers of the test examples, and the middle half of the predictions."""
    truth, said = _numbers(result)
    figure, axes = new_figure(PAGE_WIDTH, 4.4)
    different = np.unique(truth)
    few = len(different) <= _FEW_NUMBERS
    places = truth
    if few:  # points of one number side by side
        nearest = float(np.diff(different).min()) if len(different) > 1 else 1.0
        places = truth + np.random.RandomState(0).uniform(-0.3, 0.3, len(truth)) * nearest
    size, alpha = np.clip(20_000 / len(truth), 3, 20), np.clip(800 / len(truth), 0.12, 0.6)
    axes.scatter(places, said, s=size, color=MODEL, alpha=alpha, linewidths=0, rasterized=True)
    low, high = min(truth.min(), said.min()), max(truth.max(), said.max())
    axes.plot([low, high], [low, high], color=MUTED, linewidth=1, linestyle=DOTS)
    _draw_middle_halves(axes, truth, said, different if few else None)
    axes.set_xlabel("true")
    axes.set_ylabel("predicted")
    axes.legend(loc="upper left")
    return figure


def residuals_figure(result: Result) -> Figure:
    """Draw how the errors are spread, of the model and of the baseline of the verdict."""
    truth, said = _numbers(result)
    figure, axes = new_figure(PAGE_WIDTH, 3.1)
    baseline = next(one for one in result.baselines if one.name == result.verdict.baseline)
    errors = {"this model": said - truth}
    if not np.array_equal(baseline.outputs, said):  # otherwise that baseline was chosen: it is this model
        errors[baseline.title] = baseline.outputs - truth
    ends = np.quantile(np.concatenate(list(errors.values())), (0.002, 0.998))
    for (title, values), colour, dashes in zip(errors.items(), (MODEL, OTHER), ("-", "--"), strict=False):
        axes.hist(
            np.clip(values, *ends),
            bins=histogram_bins(len(truth), 40),
            range=(float(ends[0]), float(ends[1])),
            histtype="step",
            color=colour,
            linestyle=dashes,
            linewidth=1.8,
            label=fitted(title, 24, lines=3),
        )
    axes.axvline(0, color=MUTED, linewidth=1, linestyle=DOTS)
    axes.set_ylim(top=1.4 * axes.get_ylim()[1])  # room for the legend above the outlines
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_xlabel("predicted minus true")
    axes.set_ylabel("examples")
    axes.legend(loc="upper left")
    return figure


def _draw_middle_halves(axes: Axes, truth: np.ndarray, said: np.ndarray, different: np.ndarray | None) -> None:
    """Draw median and quartiles of the predictions, for each different number or for ten groups of equal size."""
    if different is not None:
        groups = [truth == number for number in different]
    else:
        order = np.argsort(truth, kind="stable")
        groups = [chunk for chunk in np.array_split(order, _GROUPS) if len(chunk)]
    places = [float(np.median(truth[group])) for group in groups]
    low, middle, high = np.array([np.quantile(said[group], (0.25, 0.5, 0.75)) for group in groups]).T
    axes.vlines(places, low, high, color=OTHER, linewidth=2.2, zorder=3)
    axes.plot(
        places, middle, "o", color=OTHER, markersize=5, markeredgecolor=INK, zorder=4, label="median and middle half"
    )


def _numbers(result: Result) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(result.test_predictions.targets, dtype=np.float64), result.test_predictions.outputs


def _name(result: Result, label: int) -> str:
    return OTHERS if label < 0 else result.data.label_names[label]


def _describe_confusion(result: Result) -> str:
    told = " ".join(
        f"{one.truth} predicted as {one.answer}: {count(one.examples)} ({percent(one.share)})."
        for one in mistakes(result)
    )
    what = "tags" if task_of(result).by_step else "classes"
    return f"Confusion matrix of {len(result.data.label_names)} {what}. The most frequent mistakes: {told or 'none.'}"


def _describe_labels(result: Result) -> str:
    told = ", ".join(f"{name} {plain(precision)}" for name, _, precision in _most_frequent(result))
    return f"Average precision of each label: {told}."


def _describe_scatter(result: Result) -> str:
    truth, said = _numbers(result)
    return (
        f"Predicted over true numbers of {count(len(truth))} test examples: the true ones lie between "
        f"{significant(truth.min())} and {significant(truth.max())}, the predicted ones between "
        f"{significant(said.min())} and {significant(said.max())}."
    )


def _describe_residuals(result: Result) -> str:
    truth, said = _numbers(result)
    low, middle, high = np.quantile(said - truth, (0.05, 0.5, 0.95))
    return (
        f"Spread of the errors, predicted minus true: nine in ten lie between {significant(low)} and "
        f"{significant(high)}, the median is {significant(middle)}."
    )


DRAWINGS = (
    Drawing("confusion-matrix", confusion_figure, _describe_confusion),
    Drawing("labels", labels_figure, _describe_labels),
    Drawing("predicted-and-true", scatter_figure, _describe_scatter),
    Drawing("errors", residuals_figure, _describe_residuals),
)
