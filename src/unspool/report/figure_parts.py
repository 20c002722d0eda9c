"""What figures of several kinds are made of."""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from unspool.evaluation.result import RunRecord, Score
from unspool.report.theme import INK, MODEL, MUTED, OTHER, PAPER
from unspool.report.wording import shortened, visible

# Inches, about as wide as figures are shown, so that letters keep their size; a phone still shows them legibly.
PAGE_WIDTH = 5.2
DOTS = (0, (1, 2))
_FEW_EPOCHS = 40  # up to here each epoch gets a dot

Shown = TypeVar("Shown", bound=RunRecord)


@dataclass(frozen=True, slots=True)
class Drawing(Generic[Shown]):
    """A figure of a report.

    Attributes:
        name: of its files, without ending.
        draw: draws it.
        describe: tells in words what it shows, for those who do not see it.
        applies: whether a run has it at all.
    """

    name: str
    draw: Callable[[Shown], Figure]
    describe: Callable[[Shown], str]
    applies: Callable[[Shown], bool] = lambda result: True


def new_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Makes a figure, in inches, with one pair of axes."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def fitted(text: str, width: int, lines: int = 1) -> str:
    """Fits someone's text into a figure: so many characters wide, in so many lines, the rest as an ellipsis."""
    wrapped = textwrap.wrap(shortened(text, 4 * width * lines), width, max_lines=lines, placeholder="…")
    return visible("\n".join(wrapped))


def scores_figure(rows: Sequence[tuple[str, Score]], say: Callable[[float], str], measure: str) -> Figure:
    """Draws one score of the model and of each baseline, with intervals, one under the other.

    Args:
        rows: titles and scores, the model first.
        say: a score as it stands beside its dot.
        measure: what is drawn, as the axis label says it.
    """
    figure, axes = new_figure(PAGE_WIDTH, 0.75 + 0.45 * len(rows))
    for place, (_, score) in enumerate(rows):
        colour = OTHER if place else MODEL
        ends = (score.interval.low, score.interval.high)  # a folder from elsewhere may tell a score beside them
        axes.plot(ends, (place, place), "|-", color=colour, markersize=8, linewidth=1.5)
        axes.plot(score.value, place, "o", color=colour, markersize=4.5)
        at = score.value, place
        axes.annotate(say(score.value), at, (0, 8), textcoords="offset points", ha="center", color=colour)
    axes.set_yticks(range(len(rows)), [fitted(title, 24, lines=3) for title, _ in rows])
    axes.set_ylim(len(rows) - 0.6, -0.8)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.08)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.set_xlabel(measure)
    return figure


def _loss_figure(result: RunRecord) -> Figure:
    """Draws the loss of each epoch, on the training examples and on those that stop the training."""
    figure, axes = new_figure(PAGE_WIDTH, 3.1)
    held_out = "on the test set" if result.protocol == "chapter" else "on validation examples"
    kept = None
    for key, colour, dashes, label in (
        ("loss", OTHER, "--", "on training examples"),
        ("val_loss", MODEL, "-", held_out),
    ):
        losses = result.history.get(key, [])
        epochs = np.arange(1, len(losses) + 1)
        marker = "o" if len(losses) <= _FEW_EPOCHS else ""
        axes.plot(epochs, losses, dashes, color=colour, marker=marker, markersize=3.5, label=label)
        if len(losses) >= result.best_epoch >= 1:
            kept = losses[result.best_epoch - 1]
    axes.axvline(result.best_epoch, color=MUTED, linewidth=1, linestyle=DOTS)
    if kept is not None and np.isfinite(kept):
        axes.plot(result.best_epoch, kept, "o", color=PAPER, markersize=9, markeredgecolor=INK, zorder=4)
        axes.plot(
            result.best_epoch, kept, "o", color=INK, markersize=4, zorder=5, label=f"epoch {result.best_epoch}: kept"
        )
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.legend()
    return figure


def _describe_loss(result: RunRecord) -> str:
    return f"Loss by epoch, for {result.epochs} epochs; the weights of epoch {result.best_epoch} were kept."


LOSS: Drawing[RunRecord] = Drawing("loss", _loss_figure, _describe_loss)
