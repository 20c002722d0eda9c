"""Which translations a report shows: the best, the median and the worst."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.result import Predictions
from unspool.evaluation.text_arrays import texts_of
from unspool.evaluation.translated import TranslatedExample

_EACH = 3


def chosen_examples(
    sources: Sequence[str], predictions: Predictions, scores: NDArray[np.float64], *, higher_is_better: bool = True
) -> tuple[TranslatedExample, ...]:
    """Choose the best, the median and the worst translations; among equal ones, at random.

    Args:
        sources: N texts.
        predictions: of them, see `measures.translation`.
        scores: (N,), one of each translation.
        higher_is_better: whether the best translation is that of the largest.
    """
    shuffled = np.random.RandomState(0).permutation(len(scores))
    order = shuffled[np.argsort((-scores if higher_is_better else scores)[shuffled], kind="stable")]
    each = min(_EACH, len(order) // 3) or 1
    middle = (len(order) - each) // 2
    places = {"best": order[:each], "median": order[middle : middle + each], "worst": order[-each:]}
    found = []
    for place, rows in places.items():
        wanted, said = texts_of(predictions.targets[rows]), texts_of(predictions.outputs[rows])
        for row, reference, translation in zip(rows.tolist(), wanted, said, strict=True):
            found.append(TranslatedExample(place, sources[row], reference, translation, float(scores[row])))
    return tuple(found)
