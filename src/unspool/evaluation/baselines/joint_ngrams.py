"""The usual simple model of pronunciations: n-grams of letters with the phonemes that they stand for.

See `unspool.candidates.pronunciations`.
"""

import time

import numpy as np

from unspool.candidates.pronunciations.counting import ORDER, fit_joint_ngrams
from unspool.data.named.pronunciations import pronunciations
from unspool.evaluation.baselines.simple_models import RawPart, SimpleModel
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.scoring import HALF
from unspool.evaluation.text_arrays import as_array, texts_of


def joint_ngrams(training: RawPart, validation: RawPart, test: RawPart, measure: Measure) -> SimpleModel:
    """Fits n-grams to the training words, and says the pronunciations of the others.

    Args:
        training: words, and their pronunciations as `text_arrays.as_array` gives them.
        validation: what the measure is computed on.
        test: what the model speaks of.
        measure: of the verdict.
    """
    began = time.perf_counter()
    pairs = [
        (word, said.split())
        for word, cell in zip(training.inputs(), texts_of(training.targets), strict=True)
        for said in pronunciations(cell)
    ]
    model = fit_joint_ngrams([word for word, _ in pairs], [said for _, said in pairs])
    held_out = as_array(model.say(validation.inputs()))
    reached = measure.value(validation.targets, np.asarray(held_out, dtype=np.float64), HALF)
    said = as_array(model.say(test.inputs()))
    title = f"a joint {ORDER}-gram model of letters and phonemes"
    return SimpleModel("joint-ngrams", title, said, None, time.perf_counter() - began, reached)
