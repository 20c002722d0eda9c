"""The usual simple model of pronunciations and of single words: n-grams of letters with what they stand for.

See `unspool.candidates.pronunciations`.
"""

import time
from collections.abc import Sequence

import numpy as np

from unspool.candidates.pronunciations.counting import ORDER, fit_joint_ngrams
from unspool.data.named.pronunciations import pronunciations
from unspool.evaluation.baselines.simple_models import RawParts, SimpleModel
from unspool.evaluation.text_arrays import as_array, texts_of

_LONGEST, _MOST = 32, 20_000
"""Characters of a word, and words that the model of characters is fitted to: the alignment takes time and memory."""


def joint_ngrams(parts: RawParts) -> SimpleModel:
    """Fit joint n-grams to the training words, and predict the pronunciations of the others.

    Args:
        parts: words, and their pronunciations as `text_arrays.as_array` gives them.
    """
    began = time.perf_counter()
    pairs = [
        (word, said.split())
        for word, cell in zip(parts.training.inputs(), texts_of(parts.training.targets), strict=True)
        for said in pronunciations(cell)
    ]
    model = fit_joint_ngrams([word for word, _ in pairs], [said for _, said in pairs])
    title = f"a joint {ORDER}-gram model of letters and phonemes"
    return parts.answered("joint-ngrams", title, lambda part: as_array(model.say(part.inputs())), began)


def joint_character_ngrams(parts: RawParts) -> SimpleModel:
    """Fit joint n-grams of characters to the training pairs of single words, and write the others word by word.

    Args:
        parts: words, and what is written for each as `text_arrays.as_array` gives it.
    """
    began = time.perf_counter()
    written = zip(parts.training.inputs(), texts_of(parts.training.targets), strict=True)
    pairs = [pair for pair in written if all(map(_is_word, pair))]
    if len(pairs) > _MOST:
        pairs = [pairs[row] for row in np.sort(np.random.RandomState(0).choice(len(pairs), _MOST, replace=False))]
    model = fit_joint_ngrams([source for source, _ in pairs], [[*target] for _, target in pairs])

    def write(texts: Sequence[str]) -> list[str]:
        words = [text.split() for text in texts]
        found = iter(model.say([word for some in words for word in some]))
        return [" ".join("".join(next(found).split()) for _ in some) for some in words]

    title = f"a joint {ORDER}-gram model of characters"
    return parts.answered("joint-ngrams", title, lambda part: as_array(write([*part.inputs()])), began)


def are_words(texts: Sequence[str]) -> bool:
    """Whether most texts are single words.

    Example:
        >>> are_words(["mice", "oxen", "two geese"]), are_words(["two mice", "", "an ox"])
        (True, False)
    """
    return 2 * sum(map(_is_word, texts)) > len(texts)


def _is_word(text: str) -> bool:
    return len(text) <= _LONGEST and len(text.split()) == 1
