"""Figures of several runs side by side: their scores, what sets them apart, their losses and ROC curves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from unspool.evaluation.compared import Comparison, Difference
from unspool.evaluation.contenders import OtherModel
from unspool.evaluation.curves import roc_points
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.result import Result
from unspool.evaluation.wording import percent
from unspool.report.figures.binary import point_in_use
from unspool.report.figures.parts import (
    DOTS,
    PAGE_WIDTH,
    Drawing,
    fitted,
    name_rows,
    new_figure,
    scores_figure,
    shares_on_both_axes,
)
from unspool.report.figures.theme import BROWN, CLASS_COLOURS, GREY, INK, MODEL, MUTED, OTHER, PAPER, PURPLE, RED
from unspool.tasks import task_of

Runs = Mapping[str, Mapping[int, Result]]
"""For each contender, the result of each seed."""

_COLOURS = (MODEL, OTHER, PURPLE, GREY, CLASS_COLOURS[1], BROWN, RED, CLASS_COLOURS[9])
_DASHES = ("-", "--", "-.", (0, (4, 1, 1, 1, 1, 1)), (0, (1, 1)))
_FEW_EPOCHS = 40  # up to here each epoch gets a dot


@dataclass(frozen=True, slots=True)
class Comparing:
    """What the figures of a comparison are drawn from.

    Attributes:
        comparison: its numbers.
        runs: the results of the contenders that are runs.
        headline: the measure that verdicts rest on, by its name.
        measure: the same.
        others: the contenders that are not.
    """

    comparison: Comparison
    runs: Runs
    headline: str
    measure: Measure
    others: Mapping[str, OtherModel] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Of all contenders, in their order."""
        return [one.recipe for one in self.comparison.recipes]

    @property
    def headline_differences(self) -> tuple[Difference, ...]:
        """Those in the measure that verdicts rest on, a pair each."""
        return tuple(one for one in self.comparison.differences if one.score == self.headline)


class _Curve(NamedTuple):
    """Probabilities of the second label, or None; the false and the true positive rate in use; the AUC."""

    outputs: NDArray[np.floating] | None
    point: tuple[float, float]
    auc: float


def scores_of_contenders(comparing: Comparing) -> Figure:
    """Draw the measure that verdicts rest on, of each contender, with its interval."""
    recipes, measure = comparing.comparison.recipes, comparing.measure
    rows = [(one.recipe, one.scores[comparing.headline]) for one in recipes]
    colours = [_colour(place) for place in range(len(rows))]
    return scores_figure(rows, measure, f"{measure.title} on the test set", colours)


def differences_figure(comparing: Comparing) -> Figure:
    """Draw for each pair by how much the first exceeds the second, with its interval, beside zero."""
    differences, measure = comparing.headline_differences, comparing.measure
    figure, axes = new_figure(PAGE_WIDTH, 0.8 + 0.55 * len(differences))
    axes.axvline(0, color=INK, linewidth=1, linestyle=DOTS)
    for place, one in enumerate(differences):
        colour = MODEL if one.evidence else MUTED
        axes.plot((one.interval.low, one.interval.high), (place, place), "|-", color=colour, markersize=8)
        axes.plot(one.value, place, "o", color=colour, markersize=5)
    names = [f"{fitted(one.first, 22)}\nminus {fitted(one.second, 22)}" for one in differences]
    name_rows(axes, names)
    axes.margins(x=0.08)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    in_points = measure.say is percent
    if in_points:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}"))
    axes.set_xlabel(f"difference in {measure.title}{', in points' if in_points else ''}")
    return figure


def losses_figure(comparing: Comparing) -> Figure:
    """Draw the loss of each epoch on the validation examples, a line for each training of each contender."""
    figure, axes = new_figure(PAGE_WIDTH, 3.2 + 0.25 * len(comparing.runs))
    for name, by_seed in comparing.runs.items():
        place = comparing.names.index(name)
        for number, result in enumerate(one for one in by_seed.values() if _has_losses(one)):
            losses = result.history["val_loss"]
            axes.plot(
                np.arange(1, len(losses) + 1),
                losses,
                linestyle=_dashes(place),
                color=_colour(place),
                linewidth=1.8 if len(by_seed) == 1 else 1.1,
                marker="o" if len(losses) <= _FEW_EPOCHS and len(by_seed) == 1 else "",
                markersize=3,
                label=fitted(name, 24, lines=3) if number == 0 else None,
            )
            if len(losses) >= result.best_epoch >= 1:
                kept = losses[result.best_epoch - 1]
                axes.plot(result.best_epoch, kept, "o", color=_colour(place), markersize=7, markeredgecolor=PAPER)
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss on the test set" if _is_chapter(comparing) else "loss on validation examples")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    figure.legend(loc="outside upper left", ncols=2, handlelength=2.6)
    return figure


def roc_figure(comparing: Comparing) -> Figure:
    """Draw the ROC curve of each training of each contender, and the point of its threshold.

    Answers without probabilities have the point alone.
    """
    figure, axes = new_figure(PAGE_WIDTH, 4.9)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=DOTS)
    targets = _first(comparing).test_predictions.targets
    for place, name in enumerate(comparing.names):
        curves = _curves(comparing, name)
        for number, curve in enumerate(curves):
            dot: dict[str, Any] = {"color": _colour(place), "markersize": 7, "markeredgecolor": PAPER, "zorder": 4}
            if curve.outputs is None:
                axes.plot(*curve.point, "o", **dot, label=fitted(name, 28, lines=3))
                continue
            points = roc_points(targets, curve.outputs)
            axes.plot(
                points.false_positive_rates,
                points.true_positive_rates,
                linestyle=_dashes(place),
                color=_colour(place),
                linewidth=1.8 if len(curves) == 1 else 1.0,
                label=f"{fitted(name, 28, lines=3)}\nAUC {_mean_auc(curves):.3f}" if number == 0 else None,
            )
            axes.plot(*curve.point, "o", **dot)
    zero, one = (fitted(name, 16) for name in _first(comparing).data.label_names)
    axes.set_xlabel(f"share of {zero} predicted as {one}")
    axes.set_ylabel(f"share of {one} predicted as {one}")
    shares_on_both_axes(axes)
    axes.legend(loc="lower right", labelspacing=0.8, handlelength=2.6)
    return figure


def _describe_scores(comparing: Comparing) -> str:
    say, name = comparing.measure.say, comparing.headline
    rows = " ".join(
        f"{one.recipe}: {say(one.scores[name].value)} "
        f"({say(one.scores[name].interval.low)} to {say(one.scores[name].interval.high)})."
        for one in comparing.comparison.recipes
    )
    return f"{comparing.measure.title} on the test set. {rows}"


def _describe_differences(comparing: Comparing) -> str:
    return " ".join(one.words for one in comparing.headline_differences)


def _describe_losses(comparing: Comparing) -> str:
    rows = [
        f"{name}, seed {seed}: {result.epochs} epochs, lowest {min(result.history['val_loss']):.4g}."
        for name, by_seed in comparing.runs.items()
        for seed, result in by_seed.items()
        if _has_losses(result)
    ]
    return f"Loss on validation examples by epoch. {' '.join(rows)}"


def _describe_roc(comparing: Comparing) -> str:
    curves = {name: _curves(comparing, name) for name in comparing.names}
    rows = " ".join(f"{name}: {_said(some)}." for name, some in curves.items())
    return f"ROC curves. {rows}"


def _said(curves: list[_Curve]) -> str:
    if curves[0].outputs is not None:
        return f"AUC {_mean_auc(curves):.3f}"
    false, true = curves[0].point
    return f"one point, {true:.3f} of one label against {false:.3f} of the other"


COMPARISON_FIGURES: tuple[Drawing[Comparing], ...] = (
    Drawing("scores", scores_of_contenders, _describe_scores),
    Drawing("differences", differences_figure, _describe_differences),
    Drawing("losses", losses_figure, _describe_losses, lambda comparing: any(map(_has_losses, _all(comparing)))),
    Drawing("roc", roc_figure, _describe_roc, lambda comparing: "roc" in task_of(_first(comparing)).figures),
)


def _curves(comparing: Comparing, name: str) -> list[_Curve]:
    """Of one contender, one for each seed."""
    if name in comparing.runs:
        results = comparing.runs[name].values()
        return [_Curve(one.test_predictions.outputs, point_in_use(one.test), one.test["auc"].value) for one in results]
    other, first = comparing.others[name], _first(comparing)
    targets = first.test_predictions.targets
    rates = [float(np.mean(other.decided[targets == label])) for label in (0, 1)]
    found = (
        np.nan
        if other.outputs is None
        else task_of(first).measures["auc"].value(targets, np.asarray(other.outputs, np.float64), 0.5)
    )
    return [_Curve(other.outputs, (rates[0], rates[1]), found)]


def _mean_auc(curves: list[_Curve]) -> float:
    return float(np.mean([curve.auc for curve in curves]))


def _all(comparing: Comparing) -> Iterator[Result]:
    return (result for by_seed in comparing.runs.values() for result in by_seed.values())


def _first(comparing: Comparing) -> Result:
    return next(_all(comparing))


def _has_losses(result: Result) -> bool:
    return bool(result.history.get("val_loss"))


def _is_chapter(comparing: Comparing) -> bool:
    return all(result.protocol == "chapter" for result in _all(comparing))


def _colour(place: int) -> str:
    return _COLOURS[place % len(_COLOURS)]


def _dashes(place: int) -> object:
    return _DASHES[place % len(_DASHES)]
