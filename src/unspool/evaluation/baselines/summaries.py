"""The simple model of summaries that is hard to beat: the first sentences of the document."""

import re
import time

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.baselines.simple_models import RawPart, RawParts, SimpleModel
from unspool.evaluation.scoring import HALF
from unspool.evaluation.text_arrays import as_array

MOST = 3
"""Sentences at most."""

_BETWEEN = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[^\Wa-z])|(?<=[。！？])|\n\s*\n")
_ENOUGH = 2000
"""Training examples that decide how many sentences are taken."""


def sentences(text: str) -> list[str]:
    """Split a text into sentences, roughly: at a full stop before a capital letter, and at the end of a paragraph.

    Example:
        >>> sentences("See e.g. the second one. It has 2.5 parts! Really?")
        ['See e.g. the second one.', 'It has 2.5 parts!', 'Really?']
    """
    return [" ".join(one.split()) for one in _BETWEEN.split(text) if one and one.strip()]


def lead(text: str, count: int) -> str:
    """Return the first sentences of a text.

    Example:
        >>> lead("One. Two. Three.", 2)
        'One. Two.'
    """
    return " ".join(sentences(text)[:count])


def lead_sentences(parts: RawParts) -> SimpleModel:
    """Summarise by the first one, two or three sentences, as many as do best on the training documents.

    Args:
        parts: documents, and their summaries as `text_arrays.as_array` gives them.
    """
    began = time.perf_counter()

    def said(part: RawPart, count: int) -> NDArray[np.uint8]:
        return as_array(lead(text, count) for text in part.inputs())

    training, measure = parts.training, parts.measure
    better = 1 if measure.higher_is_better else -1
    some = training.targets[:_ENOUGH]
    every = (np.asarray(said(training, count)[:_ENOUGH], dtype=np.float64) for count in range(1, MOST + 1))
    reached = [measure.value(some, one, HALF) for one in every]
    count = 1 + int(np.argmax(better * np.array(reached)))
    title = "taking the first sentence" if count == 1 else f"taking the first {count} sentences"
    return parts.answered("lead-sentences", title, lambda part: said(part, count), began)
