"""Figures of forecasts: values beside what came, for the best, median and worst series; and errors by step ahead."""

from datetime import datetime

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from unspool.evaluation.forecasted import Forecasted, ForecastExample
from unspool.evaluation.result import Result
from unspool.evaluation.wording import significant
from unspool.report.figures.parts import DOTS, PAGE_WIDTH, Drawing, fitted, new_figure
from unspool.report.figures.theme import INK, MODEL, MUTED, OTHER

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MARKED = 30  # steps up to which each forecast has a dot


def forecasts_figure(result: Result) -> Figure:
    """Draw a panel for each series: its past, what came, the forecast with its interval, and the baseline's."""
    found = _found(result)
    figure = Figure(figsize=(PAGE_WIDTH, 0.5 + 2.1 * len(found.examples)), layout="constrained")
    panels = np.atleast_1d(figure.subplots(len(found.examples)))
    for axes, example in zip(panels, found.examples, strict=True):
        _draw(axes, example)
    panels[-1].set_xlabel("steps from where the forecast begins")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=2)
    return figure


def _draw(axes: Axes, example: ForecastExample) -> None:
    past, ahead = np.arange(-len(example.past) + 1, 1), np.arange(1, len(example.came) + 1)
    marker = "o" if len(ahead) <= _MARKED else ""
    axes.fill_between(ahead, example.low, example.high, color=MODEL, alpha=0.18, linewidth=0, label="80% interval")
    axes.plot(past, example.past, color=MUTED, linewidth=1.2)
    came = (example.past[-1], *example.came) if example.past else example.came
    axes.plot([*([0] if example.past else []), *ahead], came, color=INK, linewidth=1.4, label="what came")
    axes.plot(ahead, example.baseline, color=OTHER, linewidth=1.4, linestyle="--", label="simple model in the verdict")
    axes.plot(ahead, example.forecast, color=MODEL, marker=marker, markersize=3, label="this model")
    axes.axvline(0.5, color=MUTED, linewidth=1, linestyle=DOTS)
    axes.margins(x=0.01)
    axes.xaxis.set_major_locator(MaxNLocator(7, integer=True))
    name = f"{fitted(example.series, 24)}, " if example.series else ""
    title = f"{example.place}: {name}from {fitted(moment(example.begins), 24)}, MASE {significant(example.mase)}"
    axes.set_title(title, fontsize=10, loc="left")


def moment(begins: str) -> str:
    """A time as people read it; a number of a step, or what is no time, as it is."""
    try:
        time = datetime.fromisoformat(begins)
    except ValueError:
        return begins
    if "-" not in begins:  # a number that could be read as a date
        return begins
    day = f"{time.day} {_MONTHS[time.month - 1]} {time.year}"
    at_midnight = (time.hour, time.minute, time.second) == (0, 0, 0)
    zone = "" if time.tzinfo is None else " UTC"
    return day + zone if at_midnight else f"{day}, {time:%H:%M:%S}".removesuffix(":00") + zone


def errors_by_step_figure(result: Result) -> Figure:
    """Draw the MASE of each step ahead, of the model and of the simple model that it is compared with."""
    found = _found(result)
    figure, axes = new_figure(PAGE_WIDTH, 2.9)
    marker = "o" if len(found.by_step) <= _MARKED else ""
    sides = (
        (found.by_step, MODEL, "-", "this model"),
        (found.baseline_by_step, OTHER, "--", "simple model in the verdict"),
    )
    for errors, colour, style, name in sides:
        known = [np.nan if one is None else one for one in errors]
        axes.plot(range(1, len(known) + 1), known, style, color=colour, marker=marker, markersize=3.5, label=name)
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_xlabel("steps ahead")
    axes.set_ylabel("MASE")
    axes.legend(loc="best")
    return figure


def _describe_forecasts(result: Result) -> str:
    told = [
        f"{one.place}{f', series {one.series}' if one.series else ''}: MASE {significant(one.mase)}"
        for one in _found(result).examples
    ]
    return f"Forecasts beside what came: {'; '.join(told)}."


def _describe_steps(result: Result) -> str:
    known = [(step, one) for step, one in enumerate(_found(result).by_step, start=1) if one is not None]
    (first, early), (last, late) = known[0], known[-1]
    return f"MASE by step ahead: {significant(early)} at step {first}, {significant(late)} at step {last}."


def _found(result: Result) -> Forecasted:
    assert result.forecasted is not None
    return result.forecasted


DRAWINGS = (
    Drawing(
        "forecasts",
        forecasts_figure,
        _describe_forecasts,
        lambda result: result.forecasted is not None and bool(result.forecasted.examples),
    ),
    Drawing(
        "errors-by-step",
        errors_by_step_figure,
        _describe_steps,
        lambda result: result.forecasted is not None and any(one is not None for one in result.forecasted.by_step),
    ),
)
