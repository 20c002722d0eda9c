"""What figures of several kinds are made of."""

import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.result import Score
from unspool.evaluation.wording import percent
from unspool.report.figures.theme import MODEL, OTHER
from unspool.report.wording import shortened, visible

# Inches, about as wide as figures are shown, so that letters keep their size; a phone still shows them legibly.
PAGE_WIDTH = 5.2
DOTS = (0, (1, 2))

Drawn = TypeVar("Drawn")
"""What figures are drawn from: the result of a run, a comparison."""


@dataclass(frozen=True, slots=True)
class Drawing(Generic[Drawn]):
    """A figure of a page.

    Attributes:
        name: of its files, without ending.
        draw: draws it.
        describe: tells in words what it shows, for those who do not see it.
        applies: whether there is anything to draw.
    """

    name: str
    draw: Callable[[Drawn], Figure]
    describe: Callable[[Drawn], str]
    applies: Callable[[Drawn], bool] = lambda drawn: True


def new_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Make a figure, in inches, with one pair of axes."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def fitted(text: str, width: int, lines: int = 1) -> str:
    """Wrap a user's text to a width in characters and a number of lines; an ellipsis stands for the rest."""
    text = shortened(text, 4 * width * lines)
    wrapped, whole = textwrap.wrap(text, width, max_lines=lines, placeholder="…"), textwrap.wrap(text, width)
    if wrapped[-1:] == ["…"] and len(whole) > lines:  # cut a long word instead of leaving it out
        wrapped[-1] = whole[lines - 1][: width - 1] + "…"
    return visible("\n".join(wrapped))


def histogram_bins(examples: int, most: int) -> int:
    """Choose the number of a histogram's bins by Rice's rule: with more, few examples look like a bar code."""
    return min(most, math.ceil(2 * math.cbrt(examples)))


def scores_figure(
    rows: Sequence[tuple[str, Score]], measure: Measure, title: str, colours: Sequence[str] = ()
) -> Figure:
    """Draw one score of several models, with intervals, one under the other.

    Args:
        rows: titles and scores.
        measure: what is drawn; says a score as it stands beside its dot.
        title: the same as the axis label says it.
        colours: one for each row; otherwise the first is the model and the others are its baselines.
    """
    titles = [fitted(title, 24, lines=3) for title, _ in rows]
    crowded = any(title.count("\n") == 2 for title in titles)
    figure, axes = new_figure(PAGE_WIDTH, 0.75 + (0.58 if crowded else 0.45) * len(rows))
    for place, (_, score) in enumerate(rows):
        colour = colours[place] if colours else OTHER if place else MODEL
        ends = (score.interval.low, score.interval.high)  # a folder from elsewhere may tell a score beside them
        axes.plot(ends, (place, place), "|-", color=colour, markersize=8, linewidth=1.5)
        axes.plot(score.value, place, "o", color=colour, markersize=4.5)
        at = score.value, place
        axes.annotate(measure.say(score.value), at, (0, 8), textcoords="offset points", ha="center", color=colour)
    name_rows(axes, titles, above=0.8, below=0.4)
    axes.margins(x=0.08)
    low, high = axes.get_xlim()
    beyond = 0.04 * (high - low)  # half of what stands above a dot; no tick beyond what a score can be
    axes.set_xlim(max(low, measure.bounds[0] - beyond), min(high, measure.bounds[1] + beyond))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    if measure.say is percent:
        axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.set_xlabel(title)
    return figure


def name_rows(axes: Axes, names: Sequence[str], above: float = 0.6, below: float = 0.6) -> None:
    """Order rows 0, 1, ... from top to bottom, with names in place of an axis, and some room at both ends."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 1 + below, -above)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.spines["left"].set_visible(False)


def fill_square(axes: Axes, row: int, column: int, colour: str, alpha: float, side: float = 0.96) -> None:
    """Fill the square of a row and a column, both counted from 0."""
    half = side / 2
    left, right, top, bottom = column - half, column + half, row - half, row + half
    axes.fill([left, right, right, left], [top, top, bottom, bottom], color=colour, alpha=alpha, linewidth=0)


def enclose_squares(axes: Axes, rows: int, columns: int) -> None:
    """Remove frame, grid and tick marks from axes of squares."""
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    remove_frame(axes)


def remove_frame(axes: Axes) -> None:
    """Remove the frame of axes; the drawing and the names stay."""
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def shares_on_both_axes(axes: Axes) -> None:
    """Scale both axes from 0% to 100%."""
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
