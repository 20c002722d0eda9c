"""How much each part of a text speaks for a model's prediction."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates import RawModel
from unspool.candidates.texts.arithmetic import ARITHMETIC
from unspool.candidates.texts.attribution import attribute
from unspool.descriptions.networks import Seq2Vec
from unspool.errors import UserError
from unspool.readers import RawTextReader, Reader, TextReader, VocabularyReader
from unspool.runs.explanation import Attributor, Explanation
from unspool.runs.model import TrainedModel


def attributor_of(model: TrainedModel, reader: Reader) -> Attributor:
    """Return what explains a model's predictions.

    Raises:
        UserError: the model does not read texts, or predicts several labels at once, so that no one score is explained.
    """
    reads_texts = isinstance(reader, RawTextReader) or (
        isinstance(reader, TextReader | VocabularyReader) and isinstance(model.recipe.model, Seq2Vec)
    )
    if not reads_texts:
        raise UserError("Attributions show how much each word of a text counts; this model does not read single texts.")
    if not model.task.explainable:
        raise UserError("Attributions explain one prediction for a text; this model predicts several labels at once.")
    if isinstance(reader, RawTextReader):
        return _Shares(model)
    assert isinstance(reader, TextReader | VocabularyReader)
    from unspool.runs.integrated_gradients import IntegratedGradients

    return IntegratedGradients(model, reader)


class _Shares:
    """Explains the predictions of a model that was chosen among candidates: see `attribute`."""

    def __init__(self, model: TrainedModel) -> None:
        assert isinstance(model.network, RawModel)
        self._model, self._fitted, self._unit = model, model.network.fitted, model.network.transformation

    def explain(self, inputs: Any, outputs: NDArray[np.float64]) -> Iterator[Explanation]:
        """See `Attributor`."""
        for text, output in zip(inputs.items, outputs, strict=True):
            found = attribute(self._fitted, text)
            target, factor = self._model.task.explained_score(output, self._model.threshold)
            missed = found.shares.sum(axis=0) + found.base - self._fitted.scores([text])[0]
            if ARITHMETIC[self._fitted.task].numbers:
                factor = (
                    1.0 if self._unit is None else self._unit.share
                )  # unlike a network's, these scores are not standardised
            weights = factor * found.shares[:, target]
            yield Explanation(tuple(found.pieces), tuple(weights.tolist()), abs(float(factor * missed[target])))
