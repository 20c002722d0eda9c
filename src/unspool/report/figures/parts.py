"""What figures of several kinds are made of."""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.result import Result, Score
from unspool.evaluation.wording import percent
from unspool.report.figures.theme import MODEL, OTHER
from unspool.report.wording import shortened, visible

# Inches, about as wide as figures are shown, so that letters keep their size; a phone still shows them legibly.
PAGE_WIDTH = 5.2
DOTS = (0, (1, 2))


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure of a report.

    Attributes:
        name: of its files, without ending.
        draw: draws it.
        describe: tells in words what it shows, for those who do not see it.
        applies: whether a run has it at all.
    """

    name: str
    draw: Callable[[Result], Figure]
    describe: Callable[[Result], str]
    applies: Callable[[Result], bool] = lambda result: True


def new_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Makes a figure, in inches, with one pair of axes."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def fitted(text: str, width: int, lines: int = 1) -> str:
    """Fits someone's text into a figure: so many characters wide, in so many lines, the rest as an ellipsis."""
    wrapped = textwrap.wrap(shortened(text, 4 * width * lines), width, max_lines=lines, placeholder="…")
    return visible("\n".join(wrapped))


def scores_figure(
    rows: Sequence[tuple[str, Score]], measure: Measure, title: str, colours: Sequence[str] = ()
) -> Figure:
    """Draws one score of several models, with intervals, one under the other.

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
    axes.set_yticks(range(len(rows)), titles)
    axes.set_ylim(len(rows) - 0.6, -0.8)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.08)
    low, high = axes.get_xlim()
    beyond = 0.04 * (high - low)  # half of what stands above a dot; no tick beyond what a score can be
    axes.set_xlim(max(low, measure.bounds[0] - beyond), min(high, measure.bounds[1] + beyond))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    if measure.say is percent:
        axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.set_xlabel(title)
    return figure


def shares_on_both_axes(axes: Axes) -> None:
    """Has both axes run from 0% to 100%."""
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
