"""How much each part of a text speaks for what a model says of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from unspool.candidates import RawModel
from unspool.candidates.texts.attribution import attribute
from unspool.descriptions.networks import Seq2Vec
from unspool.errors import UserError
from unspool.readers import RawTextReader, Reader, TextReader, VocabularyReader
from unspool.runs.model import TrainedModel


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one prediction rests on.

    Attributes:
        tokens: of a network, as it read them; of another model, what stands between white space in the text.
        weights: for each, how much it speaks for the prediction (against it, where negative): in log-odds for one of
            two labels, in the score before the softmax for one of several, in the label's unit for a number.
        error: by how much the weights' sum misses what they should add up to: the score of the text less that of an
            empty one, of a network less that of the same text with all words unknown. Small beside that difference, or
            the weights mean little.
    """

    tokens: tuple[str, ...]
    weights: tuple[float, ...]
    error: float

    @property
    def pairs(self) -> list[dict[str, Any]]:
        """Token and weight side by side, as a cell holds them."""
        return [
            {"token": token, "weight": round(weight, 6)}
            for token, weight in zip(self.tokens, self.weights, strict=True)
        ]


class Attributor(Protocol):
    """Explains the predictions of one model of texts."""

    def explain(self, inputs: Any, outputs: NDArray[np.float64]) -> Iterator[Explanation]:
        """Explain N predictions, one after the other.

        Args:
            inputs: N texts as the model reads them.
            outputs: what it said of them (`TrainedModel.outputs`).
        """


def attributor_of(model: TrainedModel, reader: Reader) -> Attributor:
    """Return what explains a model's predictions.

    Raises:
        UserError: the model reads no texts, or gives several labels at once, so that there is no one score to explain.
    """
    reads_texts = isinstance(reader, RawTextReader) or (
        isinstance(reader, TextReader | VocabularyReader) and isinstance(model.recipe.model, Seq2Vec)
    )
    if not reads_texts:
        raise UserError("Attributions show how much each token of a text counts; this model reads no single texts.")
    if not model.task.explainable:
        raise UserError("Attributions explain one answer to a text; this model gives several labels at once.")
    if isinstance(reader, RawTextReader):
        return _Shares(model)
    assert isinstance(reader, TextReader | VocabularyReader)
    from unspool.runs.integrated_gradients import IntegratedGradients

    return IntegratedGradients(model, reader)


class _Shares:
    """Explains the predictions of a model that was chosen among candidates: see `attribute`."""

    def __init__(self, model: TrainedModel) -> None:
        assert isinstance(model.network, RawModel)
        self._model, self._fitted = model, model.network.fitted

    def explain(self, inputs: Any, outputs: NDArray[np.float64]) -> Iterator[Explanation]:
        """See `Attributor`."""
        for text, output in zip(inputs.items, outputs, strict=True):
            found = attribute(self._fitted, text)
            target, factor = self._model.task.explained_score(output, self._model.threshold)
            missed = found.shares.sum(axis=0) + found.base - self._fitted.scores([text])[0]
            weights = factor * found.shares[:, target]
            yield Explanation(tuple(found.pieces), tuple(weights.tolist()), abs(float(factor * missed[target])))
