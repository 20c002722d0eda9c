"""Figures of a search: which settings mattered, the losses along each of them, and the losses by epoch."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator, PercentFormatter

from unspool.evaluation.searched import Searched, SearchedTrial, Setting
from unspool.report.figures.parts import PAGE_WIDTH, fitted, name_rows, new_figure
from unspool.report.figures.theme import INK, MODEL, MUTED, OTHER, PAPER
from unspool.report.wording import setting_value

_SLICE_WIDTH, _SLICE_HEIGHT = 3.6, 2.6
_BEYOND = 0.6
"""Of the range of the finished losses: so far above the worst of them trials are drawn, worse ones at the edge."""

_DECADES_WITH_HALVES = 30
"""Up to this ratio of the ends of a logarithmic axis, 2 and 5 are marked, too."""


@dataclass(frozen=True, slots=True)
class SearchDrawing:
    """A figure of a search; see `parts.Drawing`. `setting` is what it is about, where it is about one."""

    name: str
    title: str
    draw: Callable[[], Figure]
    description: str
    setting: str = ""


def drawings(found: Searched) -> Iterator[SearchDrawing]:
    """The figures that a search has."""
    ranked = ranked_settings(found)
    if ranked[0].importance is not None:
        said = " ".join(f"{one.name}: {one.importance:.0%}." for one in ranked if one.importance is not None)
        yield SearchDrawing("importances", "Importance of each setting", partial(_importances, ranked), said)
    if found.finished:
        for place, one in enumerate(ranked):
            said = f"Validation loss of each trial by {one.name}. {_best_by(found, one)}"
            yield SearchDrawing(f"slice-{place}", one.name, partial(_slice, found, one), said, one.name)
    if any(trial.losses for trial in found.trials):
        said = f"Validation loss by epoch, a line for each trial. {found.words}."
        yield SearchDrawing("losses", "Validation loss by epoch", partial(_losses, found), said)


def ranked_settings(found: Searched) -> list[Setting]:
    """The settings, the most important first where that is known."""
    return sorted(found.settings, key=lambda one: -(one.importance or 0))


def _best_by(found: Searched, setting: Setting) -> str:
    best = found.finished[0]
    return f"Lowest at {setting_value(best.settings[setting.name])}: {best.loss:.4g}."


def _importances(settings: Sequence[Setting]) -> Figure:
    figure, axes = new_figure(PAGE_WIDTH, 0.75 + 0.42 * len(settings))
    shares = [one.importance or 0.0 for one in settings]
    axes.barh(range(len(settings)), shares, color=MODEL, height=0.55)
    for place, share in enumerate(shares):
        axes.annotate(f"{share:.0%}", (share, place), (5, 0), textcoords="offset points", va="center", color=INK)
    name_rows(axes, [fitted(one.name, 28) for one in settings])
    axes.set_xlim(0, max(shares) * 1.12 or 1)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel("importance")
    return figure


def _slice(found: Searched, setting: Setting) -> Figure:
    """Draw each trial at its value of a setting: finished ones filled, others hollow at their last loss."""
    figure, axes = new_figure(_SLICE_WIDTH, _SLICE_HEIGHT)
    low, high = _limits(found)
    places = {choice: place for place, choice in enumerate(setting.choices)}
    for trial in found.trials:
        loss = trial.loss if trial.loss is not None else _last(trial)
        if loss is None or setting.name not in trial.settings:
            continue
        value = trial.settings[setting.name]
        at: Any = places.get(value, 0) if places else value
        if places:  # beside each other, where many have the same value
            at += 0.3 * (trial.number * 0.618 % 1 - 0.5)
        _dot(axes, at, min(loss, high), trial, found, beyond=loss > high)
    axes.set_ylim(low, high + 0.02 * (high - low))
    _along(axes, setting, whole=all(isinstance(one.settings.get(setting.name), int) for one in found.trials))
    axes.set_ylabel("validation loss")
    return figure


def _dot(axes: Axes, at: Any, loss: float, trial: SearchedTrial, found: Searched, beyond: bool) -> None:
    best = bool(found.finished) and trial.number == found.finished[0].number
    shape = "^" if beyond else "o"
    if trial.loss is None:
        axes.plot(at, loss, shape, color=PAPER, markeredgecolor=MUTED, markersize=5, clip_on=False)
    elif best:
        axes.plot(at, loss, shape, color=OTHER, markeredgecolor=PAPER, markersize=9, zorder=4, clip_on=False)
    else:
        axes.plot(at, loss, shape, color=MODEL, markersize=5, clip_on=False)


def _along(axes: Axes, setting: Setting, whole: bool) -> None:
    """Labels the axis of a setting's values; `whole` says that they are whole numbers."""
    axes.set_xlabel(fitted(setting.name, 40))
    if setting.choices:
        axes.set_xticks(range(len(setting.choices)), [fitted(setting_value(one), 12) for one in setting.choices])
        axes.set_xlim(-0.5, len(setting.choices) - 0.5)
        return
    axes.margins(x=0.06)
    if setting.log:
        axes.set_xscale("log")
        low, high = axes.get_xlim()
        fine = high / low < _DECADES_WITH_HALVES
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if fine else (1,), numticks=7))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=whole))


def _losses(found: Searched) -> Figure:
    """Draw a line for each trial: the best in its own colour, those that were not finished in grey and dashes."""
    figure, axes = new_figure(PAGE_WIDTH, 3.4)
    low, high = _limits(found)
    high = max([high, *(one for trial in found.finished for one in trial.losses if math.isfinite(one))])
    best = found.finished[0].number if found.finished else None
    labelled: set[str] = set()
    for trial in sorted(found.trials, key=lambda one: (one.number == best, one.loss is not None)):
        kind = "best" if trial.number == best else "trained to the end" if trial.loss is not None else "ended early"
        colour, dashes, width = {
            "best": (OTHER, "-", 2.2),
            "trained to the end": (MODEL, "-", 1.1),
            "ended early": (MUTED, "--", 1.0),
        }[kind]
        epochs = np.arange(1, len(trial.losses) + 1)
        shown = np.array(trial.losses, dtype=float)
        marker = "o" if len(shown) == 1 else ""
        label = None if kind in labelled else kind
        labelled.add(kind)
        axes.plot(epochs, shown, dashes, color=colour, linewidth=width, marker=marker, markersize=3.5, label=label)
    axes.set_ylim(low, high + 0.02 * (high - low))
    axes.set_xlabel("epoch")
    axes.set_ylabel("validation loss")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.legend()
    return figure


def _limits(found: Searched) -> tuple[float, float]:
    """From the lowest loss to some way above the worst finished one, or the worst of all where none is finished."""
    losses = [one for trial in found.trials for one in trial.losses if math.isfinite(one)]
    ends = [one.loss for one in found.finished if one.loss is not None] or losses or [0.0, 1.0]
    low, high = min([*losses, *ends]), max(ends)
    beyond = (high - low) * _BEYOND or abs(high) * _BEYOND or 1.0
    return low - beyond / 2, high + beyond


def _last(trial: SearchedTrial) -> float | None:
    known = [loss for loss in trial.losses if math.isfinite(loss)]
    return known[-1] if known else None
