"""The usual simple model of pronunciations: n-grams of letters with the phonemes that they stand for.

See `unspool.candidates.pronunciations`.
"""

import time

from unspool.candidates.pronunciations.counting import ORDER, fit_joint_ngrams
from unspool.data.named.pronunciations import pronunciations
from unspool.evaluation.baselines.simple_models import RawParts, SimpleModel
from unspool.evaluation.text_arrays import as_array, texts_of


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
