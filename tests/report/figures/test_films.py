"""The figure of captions."""

from dataclasses import replace

import numpy as np

from unspool.evaluation.translated import Film, Translated
from unspool.report.figures.films import DRAWINGS


def test_frames_of_each_film_stand_in_a_row(regression_result):
    (drawing,) = DRAWINGS
    assert not drawing.applies(regression_result)
    films = (Film("a long one", 2, ((0, 255, 0, 0),) * 3), Film("a short one", 2, ((255, 255, 255, 255),)))
    result = replace(regression_result, translated=Translated((), films=films))
    assert drawing.applies(result)
    (axes,) = drawing.draw(result).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a long one", "a short one"]
    ink = np.asarray(axes.images[0].get_array())[..., 3]
    gap = ink.shape[0] - 4
    assert (ink[:2, :2] == 255).sum() == 1
    assert (ink[:2, :2] > 0).all()  # the ground of a frame is seen
    assert (ink[2 + gap :] > 0).sum() == 4  # the short film ends in empty frames
    assert "The model wrote: a long one; a short one." in drawing.describe(result)
