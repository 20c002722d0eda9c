"""The simple model of summaries that is hard to beat: the first sentences of the document."""

import re
import time

import numpy as np

from unspool.evaluation.baselines.simple_models import RawPart, SimpleModel
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.scoring import HALF
from unspool.evaluation.text_arrays import as_array

MOST = 3
"""Sentences at most."""

_BETWEEN = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[^\Wa-z])|(?<=[。！？])|\n\s*\n")
_ENOUGH = 2000
"""Training examples that decide how many sentences are taken."""


def sentences(text: str) -> list[str]:
    """Gives the sentences of a text, roughly: they end in a stop before a capital letter, or where a paragraph does.

    Example:
        >>> sentences("See e.g. the second one. It has 2.5 parts! Really?")
        ['See e.g. the second one.', 'It has 2.5 parts!', 'Really?']
    """
    return [" ".join(one.split()) for one in _BETWEEN.split(text) if one and one.strip()]


def lead(text: str, count: int) -> str:
    """Gives the first sentences of a text.

    Example:
        >>> lead("One. Two. Three.", 2)
        'One. Two.'
    """
    return " ".join(sentences(text)[:count])


def lead_sentences(training: RawPart, validation: RawPart, test: RawPart, measure: Measure) -> SimpleModel:
    """Gives the first one, two or three sentences, as many as do best on the training documents.

    Args:
        training: documents, and their summaries as `text_arrays.as_array` gives them.
        validation: what the measure is computed on.
        test: what the model speaks of.
        measure: of the verdict.
    """
    began = time.perf_counter()

    def said(part: RawPart, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.asarray(as_array(lead(text, count) for text in part.inputs()), dtype=np.float64)

    better = 1 if measure.higher_is_better else -1
    some = training.targets[:_ENOUGH]
    reached = [measure.value(some, said(training, count)[:_ENOUGH], HALF) for count in range(1, MOST + 1)]
    count = 1 + int(np.argmax(better * np.array(reached)))
    title = "taking the first sentence" if count == 1 else f"taking the first {count} sentences"
    held_out = measure.value(validation.targets, said(validation, count), HALF)
    found = as_array(lead(text, count) for text in test.inputs())
    return SimpleModel("lead-sentences", title, found, None, time.perf_counter() - began, held_out)
