"""Figures that every report may have: the headline, the loss by epoch, one training example."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from unspool.evaluation.result import ExampleSeries, Result, Score
from unspool.evaluation.wording import capitalized
from unspool.report.example import MOST_CHANNELS, is_series
from unspool.report.figures.parts import DOTS, PAGE_WIDTH, Drawing, fitted, new_figure, scores_figure
from unspool.report.figures.theme import INK, MODEL, MUTED, OTHER, PAPER
from unspool.tasks import task_of

_FEW_EPOCHS = 40  # up to here each epoch gets a dot
_FEW_STEPS = 60  # up to here each gets a dot


def headline_figure(result: Result) -> Figure:
    """Draw the measure that the verdict rests on, of the model and of each baseline, with intervals."""
    measure = task_of(result).measures[result.verdict.measure]
    return scores_figure(_headlines(result), measure, f"{measure.title} on the test set")


def _headlines(result: Result) -> list[tuple[str, Score]]:
    name = result.verdict.measure
    rows = [("this model", result.test[name])]
    scored = ((baseline.title, baseline.scores.get(name)) for baseline in result.baselines)
    return rows + [(title, score) for title, score in scored if score is not None]


def _describe_headline(result: Result) -> str:
    measure = task_of(result).measures[result.verdict.measure]
    say = measure.say
    rows = " ".join(
        f"{title}: {say(score.value)} ({say(score.interval.low)} to {say(score.interval.high)})."
        for title, score in _headlines(result)
    )
    return f"{capitalized(measure.title)} on the test set. {rows}"


def _loss_figure(result: Result) -> Figure:
    """Draw the loss of each epoch, on the training examples and on those that stop the training."""
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


def _describe_loss(result: Result) -> str:
    return f"Loss by epoch, for {result.epochs} epochs; the weights of epoch {result.best_epoch} were kept."


def series_figure(result: Result) -> Figure:
    """Draw each channel of a series on its own scale; only the first ones if there are many."""
    example = result.data.example
    assert isinstance(example, ExampleSeries)
    names, steps = example.channels[:MOST_CHANNELS], np.array(example.steps)
    figure = Figure(figsize=(PAGE_WIDTH, max(3.1, 0.6 + 0.85 * len(names))), layout="constrained")
    rows = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    places, marker = np.arange(1, len(steps) + 1), "o" if len(steps) <= _FEW_STEPS else ""
    for number, (name, axes) in enumerate(zip(names, rows, strict=True)):
        axes.plot(places, steps[:, number], color=MODEL, linewidth=1.3, marker=marker, markersize=2.5)
        if len(names) > 1:
            axes.set_title(f"channel {fitted(name, 40)}", loc="left", fontsize="medium", pad=3)
            axes.yaxis.set_major_locator(MaxNLocator(3))
    rows[-1].set_xlabel("time step")
    rows[-1].xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    return figure


def _describe_series(result: Result) -> str:
    example = result.data.example
    assert isinstance(example, ExampleSeries)
    return (
        f"A series labelled {example.label}: {len(example.steps)} time steps of {len(example.channels)} "
        f"channel{'s' if len(example.channels) > 1 else ''}."
    )


DRAWINGS = (
    Drawing("headline", headline_figure, _describe_headline),
    Drawing("loss", _loss_figure, _describe_loss, lambda result: bool(result.history.get("loss"))),
    Drawing("example", series_figure, _describe_series, lambda result: is_series(result.data)),
)
