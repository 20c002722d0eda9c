"""One training example, as a page shows it: a text with its tokens, or a series with its channels."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from unspool.evaluation.result import DataSummary, ExampleSeries, ExampleText, Result
from unspool.evaluation.task_result import TaskResult
from unspool.report.figure_parts import PAGE_WIDTH, Drawing, fitted, new_figure
from unspool.report.theme import CLASS_COLOURS

MOST_TOKENS = 300
MOST_CHARACTERS = 3000
MOST_CHANNELS = 10
MOST_LABELS = 100
"""Labels that a table has a row for."""
_A_RUN = 4  # so many equal tokens in a row are shown as one
_FEW_STEPS = 60  # up to here each gets a dot


@dataclass(frozen=True, slots=True)
class Token:
    """A word, its id, and how often it stands there in a row."""

    word: str
    id: int
    times: int


def example_tokens(example: ExampleText) -> list[Token]:
    """Gives a text as the model sees it, runs of equal tokens (padding) as one."""
    tokens: list[Token] = []
    for (word, number), same in groupby(zip(example.words, example.ids, strict=True)):
        times = len(list(same))
        tokens += [Token(word, number, times)] if times >= _A_RUN else [Token(word, number, 1)] * times
    return tokens


def is_series(data: DataSummary) -> bool:
    """Tells whether the examples are series."""
    return isinstance(data.example, ExampleSeries)


def series_figure(result: Result | TaskResult) -> Figure:
    """Draws the channels of a series over its time steps, the first ones where there are many."""
    example = result.data.example
    assert isinstance(example, ExampleSeries)
    figure, axes = new_figure(PAGE_WIDTH, 3.1)
    steps = np.array(example.steps)
    marker = "o" if len(steps) <= _FEW_STEPS else ""
    for number, name in enumerate(example.channels[:MOST_CHANNELS]):
        colour = CLASS_COLOURS[number % len(CLASS_COLOURS)]
        places = np.arange(1, len(steps) + 1)
        axes.plot(
            places, steps[:, number], color=colour, linewidth=1.3, marker=marker, markersize=2.5, label=fitted(name, 14)
        )
    axes.set_xlabel("time step")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if len(example.channels) > 1:
        figure.legend(loc="outside right upper", title="channel", handlelength=1.2)
    return figure


def _describe_series(result: Result | TaskResult) -> str:
    example = result.data.example
    assert isinstance(example, ExampleSeries)
    return (
        f"A series labelled {example.label}: {len(example.steps)} time steps of {len(example.channels)} "
        f"channel{'s' if len(example.channels) > 1 else ''}."
    )


EXAMPLE: Drawing[Any] = Drawing("example", series_figure, _describe_series, lambda result: is_series(result.data))
