"""Simple models of captions: the most frequent one, and that of the series with the most similar frames."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.baselines.simple_models import RawPart, SimpleModel
from unspool.evaluation.baselines.tfidf import drawn, drawn_words
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.scoring import HALF
from unspool.evaluation.text_arrays import as_array, texts_of

Series: TypeAlias = Sequence[NDArray[np.floating]]

FRAMES = 8
"""To which each series is brought, so that two of different lengths can be compared."""
_AT_ONCE = 256


def most_frequent_caption(training: RawPart, validation: RawPart, test: RawPart, measure: Measure) -> SimpleModel:
    """Gives every series the most frequent caption of training; among equally frequent ones, the first.

    Args:
        training: series (T_i, C), and their captions as `text_arrays.as_array` gives them.
        validation: what the measure is computed on.
        test: what the model speaks of.
        measure: of the verdict.
    """
    began = time.perf_counter()
    ((caption, _),) = Counter(texts_of(training.targets)).most_common(1)

    def say(part: RawPart) -> list[str]:
        return [caption] * len(part.targets)

    return _simple("most-frequent", "the most frequent caption", say, validation, test, measure, began)


def nearest_frames(training: RawPart, validation: RawPart, test: RawPart, measure: Measure) -> SimpleModel:
    """Gives the caption of the training series whose frames are nearest, by Euclidean distance.

    Each series is brought to as many frames first, evenly chosen. The arguments are those of `most_frequent_caption`.
    """
    began = time.perf_counter()
    rows, series = drawn(len(training.targets)), list(training.inputs())
    captions = texts_of(training.targets[rows])
    known = as_vectors([series[row] for row in rows])
    squares = (known**2).sum(axis=1)

    def say(part: RawPart) -> list[str]:
        said: list[str] = []
        asked = as_vectors(list(part.inputs()))
        for start in range(0, len(asked), _AT_ONCE):
            distances = squares - 2 * asked[start : start + _AT_ONCE] @ known.T
            said += [captions[row] for row in distances.argmin(axis=1)]
        return said

    title = f"the caption of the training series with the nearest frames{drawn_words(len(training.targets))}"
    return _simple("nearest-frames", title, say, validation, test, measure, began)


def as_vectors(series: Series) -> NDArray[np.float32]:
    """N series (T_i, C) as N vectors of `FRAMES` frames, which stand evenly spread over each.

    Example:
        >>> as_vectors([np.arange(15.0)[:, None]]).tolist()
        [[0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]]
    """
    chosen = [one[np.linspace(0, len(one) - 1, FRAMES).round().astype(int)].ravel() for one in series]
    return np.asarray(chosen, dtype=np.float32)


def _simple(
    name: str,
    title: str,
    say: Callable[[RawPart], list[str]],
    validation: RawPart,
    test: RawPart,
    measure: Measure,
    began: float,
) -> SimpleModel:
    held_out = as_array(say(validation))
    reached = measure.value(validation.targets, np.asarray(held_out, dtype=np.float64), HALF)
    said = as_array(say(test))
    return SimpleModel(name, title, said, None, time.perf_counter() - began, reached)
