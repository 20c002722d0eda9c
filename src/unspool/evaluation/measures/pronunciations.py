"""How pronunciations are judged: by the words and by the phonemes that are wrong.

Targets hold the pronunciations of each word, as `data.named.pronunciations.joined` writes them, and outputs the one
that was written; both as `text_arrays.as_array` gives them. A word is right if any of its pronunciations was written.

Source: M. Bisani and H. Ney, "Joint-sequence models for grapheme-to-phoneme conversion", Speech Communication 50
(2008), 434-451, section 4.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.named.pronunciations import pronunciations
from unspool.errors import UserError
from unspool.evaluation.measures import weighted
from unspool.evaluation.measures.measure import Measure, Outputs, Targets
from unspool.evaluation.measures.translation import written
from unspool.evaluation.text_arrays import texts_of
from unspool.evaluation.wording import percent, points_with_interval


def edit_distance() -> Any:
    """The function that counts the edits between two sequences.

    Raises:
        UserError: the rapidfuzz library is not installed.
    """
    try:
        from rapidfuzz.distance import Levenshtein
    except ImportError as error:
        raise UserError(
            "The task pronunciation counts wrong phonemes with the rapidfuzz library. Install it: pip install "
            "'unspool[pronunciation]'."
        ) from error
    return Levenshtein.distance


def phoneme_edits(targets: Targets, outputs: Outputs) -> NDArray[np.float64]:
    """Return (N, 2): for each word the edit distance in phonemes, and how many phonemes there should be.

    Of several pronunciations, the one with the fewest edits is meant.

    Example:
        >>> from unspool.evaluation.text_arrays import as_array
        >>> phoneme_edits(as_array(["R IY D | R EH D"]), as_array(["R EH T"])).tolist()
        [[1.0, 3.0]]
    """
    distance, rows = edit_distance(), []
    for reference, output in zip(texts_of(targets), texts_of(outputs), strict=True):
        written = output.split()
        references = [one.split() for one in pronunciations(reference)] or [[]]
        rows.append(min((distance(one, written), len(one)) for one in references))
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def _wrong(targets: Targets, outputs: Outputs) -> NDArray[np.float64]:
    return (phoneme_edits(targets, outputs)[:, 0] > 0).astype(np.float64)


def _phoneme_errors(targets: Targets, outputs: Outputs, _: float) -> float:
    edits, phonemes = phoneme_edits(targets, outputs).sum(axis=0)
    return float(edits / phonemes) if phonemes else float("nan")


MEASURES = {
    "word_errors": Measure(
        "word error rate",
        "share of the words whose answer matches none of their pronunciations; lower is better",
        lambda y, p, _: float(_wrong(y, p).mean()),
        lambda y, p, _: weighted.mean(_wrong(y, p)),
        percent,
        points_with_interval,
        higher_is_better=False,
        share=True,
        decisions=lambda y, p, _: _wrong(y, p),
    ),
    "phoneme_errors": Measure(
        "phoneme error rate",
        "phonemes to change, add or remove, divided by those in the nearest pronunciation; lower is better",
        _phoneme_errors,
        lambda y, p, _: weighted.ratio(*phoneme_edits(y, p).T),
        percent,
        points_with_interval,
        higher_is_better=False,
        bounds=(0.0, np.inf),
        decisions=written,
    ),
}
"""By name."""
