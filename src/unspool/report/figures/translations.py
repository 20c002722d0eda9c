"""The figure of a translation: what the model looked at as it wrote."""

import numpy as np
from matplotlib.figure import Figure

from unspool.evaluation.result import Result
from unspool.evaluation.translated import AttentionMap
from unspool.report.figures.parts import PAGE_WIDTH, Drawing, enclose_squares, fill_square, fitted, new_figure
from unspool.report.figures.theme import MODEL

_LEAST = 0.02
"""Of the attention, that is drawn at all."""


def attention_figure(result: Result) -> Figure:
    """Draw a square for each token that was read, in a row for each that was written."""
    found = _map(result)
    weights = np.array(found.weights)
    rows, columns = weights.shape
    figure, axes = new_figure(PAGE_WIDTH, max(2.4, 1.2 + PAGE_WIDTH * 0.8 * rows / max(columns, rows)))
    for row, column in np.argwhere(weights >= _LEAST):
        fill_square(axes, row, column, MODEL, alpha=float(min(1.0, weights[row, column])))
    size = float(np.clip(220 / max(columns, rows), 5, 9))
    axes.set_xticks(range(columns), [fitted(name, 12) for name in found.source], rotation=90, fontsize=size)
    axes.set_yticks(range(rows), [fitted(name, 12) for name in found.target], fontsize=size)
    enclose_squares(axes, rows, columns)
    axes.set_xlabel("read")
    axes.set_ylabel("written")
    return figure


def _describe(result: Result) -> str:
    found = _map(result)
    pairs = (
        f"{said} looks most at {found.source[int(np.argmax(row))]}"
        for said, row in zip(found.target, found.weights, strict=True)
    )
    return f"Attention for one example: {'; '.join(pairs)}."


def _map(result: Result) -> AttentionMap:
    assert result.translated is not None
    assert result.translated.attention is not None
    return result.translated.attention


def _has_map(result: Result) -> bool:
    return result.translated is not None and result.translated.attention is not None


DRAWINGS = (Drawing("attention", attention_figure, _describe, _has_map),)
