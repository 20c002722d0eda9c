"""The figure of captions: frames of some test examples, with what the model wrote."""

import numpy as np
from matplotlib.figure import Figure

from unspool.evaluation.measures.super_resolution import WHITE
from unspool.evaluation.result import Result
from unspool.evaluation.translated import Film
from unspool.report.figures.parts import PAGE_WIDTH, Drawing, fitted
from unspool.report.figures.tiles import draw_tiles, gap_between, mosaic

_PAPER = 0.08
"""How dark the ground of a frame is, so that its edges are seen."""


def films_figure(result: Result) -> Figure:
    """Draw a row of frames for each example, from the best captions to the worst."""
    films = _films(result)
    columns = max(len(one.frames) for one in films)
    shown = [_PAPER + (1 - _PAPER) * np.reshape(one.frames, (len(one.frames), one.rows, -1)) / WHITE for one in films]
    # A short film ends in empty frames.
    images = np.stack([np.pad(one, ((0, columns - len(one)), (0, 0), (0, 0))) for one in shown])
    whole = mosaic(images, gap_between(images))
    figure = Figure(figsize=(PAGE_WIDTH, 0.75 * PAGE_WIDTH * whole.shape[0] / whole.shape[1]), layout="constrained")
    draw_tiles(figure.subplots(), images, [fitted(one.caption, 24, lines=3) for one in films])
    return figure


def _describe(result: Result) -> str:
    captions = "; ".join(one.caption for one in _films(result))
    return f"Frames of {len(_films(result))} test examples, in their order. The model wrote: {captions}."


def _films(result: Result) -> tuple[Film, ...]:
    return () if result.translated is None else result.translated.films


DRAWINGS = (Drawing("films", films_figure, _describe, lambda result: bool(_films(result))),)
