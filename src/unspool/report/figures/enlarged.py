"""The figure of super-resolution: test images as they were read, enlarged in several ways, and as they are."""

import numpy as np
from matplotlib.figure import Figure

from unspool.evaluation.measures.super_resolution import WHITE, decibels, shrunk, squared_errors
from unspool.evaluation.result import Result
from unspool.report.figures.parts import PAGE_WIDTH, Drawing, fitted
from unspool.report.figures.tiles import Floats, draw_tiles, gap_between, mosaic

_SHOWN = 8


def shown(result: Result) -> tuple[list[str], Floats, Floats]:
    """Return some test images in all their forms.

    They are evenly spread over the order of the model's errors, the best first.

    Returns:
        The names of the R forms, the images (R, C, T, D) in [0, 1], and the decibels of each, (R, C), NaN for what was
        read and for the truth.
    """
    targets, said = result.test_predictions.targets, result.test_predictions.outputs
    order = np.argsort(squared_errors(targets, said), kind="stable")
    rows = order[np.linspace(0, len(order) - 1, min(_SHOWN, len(order))).astype(int)]
    length, features = result.data.steps or (1, 1)
    factor = max(1, round((targets.shape[1] / (length * features)) ** 0.5))
    truth = _images(targets[rows], length * factor)
    read = shrunk(truth, factor).repeat(factor, axis=1).repeat(factor, axis=2)
    ways = [(one.title, one.outputs) for one in result.baselines] + [("model", said)]
    forms = [read, *(_images(outputs[rows], length * factor) for _, outputs in ways), truth]
    nothing = np.full(len(rows), np.nan)
    reached = [decibels(squared_errors(targets[rows], outputs[rows])) for _, outputs in ways]
    return ["read", *(title for title, _ in ways), "truth"], np.stack(forms), np.stack([nothing, *reached, nothing])


def _images(outputs: Floats, rows: int) -> Floats:
    images: Floats = np.asarray(outputs, np.float64).reshape(len(outputs), rows, -1) / WHITE
    return images


def enlarged_figure(result: Result) -> Figure:
    """Draw a row for each form of the images."""
    names, images, _ = shown(result)
    whole = mosaic(images, gap_between(images))
    figure = Figure(figsize=(PAGE_WIDTH, 0.9 * PAGE_WIDTH * whole.shape[0] / whole.shape[1]), layout="constrained")
    draw_tiles(figure.subplots(), images, [fitted(name, 16, lines=2) for name in names])
    return figure


def _describe(result: Result) -> str:
    names, images, reached = shown(result)
    means = (f"{name} {row.mean():.1f} dB" for name, row in zip(names, reached, strict=True) if not np.isnan(row).any())
    order = "from the one that the model enlarges best to the one that it enlarges worst"
    return f"{images.shape[1]} test images, {order}; on average {', '.join(means)}."


DRAWINGS = (Drawing("enlarged", enlarged_figure, _describe, lambda result: result.data.steps is not None),)
