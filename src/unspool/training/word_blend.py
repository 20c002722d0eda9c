"""The mean of two models that tag words: a network, and a linear model over windows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np
from numpy.typing import NDArray

from unspool.candidates import model_files
from unspool.candidates.model_files import Arrays, prefixed, unprefixed
from unspool.candidates.texts import KINDS, STEM, WordsModel
from unspool.candidates.texts.storage import pack_strings, unpack_strings
from unspool.data.padding import pad
from unspool.descriptions.networks import Tagger
from unspool.models.tagger import tagger
from unspool.readers import WordReader
from unspool.training.inference import predict

_AT_ONCE = 64  # texts, as where a network predicts alone: each batch is padded to its longest
_LINEAR, _FORMS, _WEIGHT = "linear/", "forms", "weight"


@dataclass(frozen=True, eq=False)
class WordBlend:
    """A fitted model.

    Attributes:
        linear: one of its parts.
        reader: how the network reads words.
        config: what the network is.
        network: the Keras model, the other part.
    """

    kind: ClassVar = "blend words"
    side: ClassVar = None
    held_out: ClassVar = None

    linear: WordsModel
    reader: WordReader = field(repr=False)
    config: Tagger
    network: keras.Model = field(repr=False)

    def outputs(self, texts: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """(N, T, K) the mean of both parts' probabilities, zeros after the end of each text."""
        linear = self.linear.outputs(texts)
        if not len(texts):
            return linear
        said = predict(self.network, self.reader.read(texts), batch_size=_AT_ONCE)
        mean: NDArray[np.float64] = (linear + pad(said, linear.shape[1], padding="post")) / 2
        return mean

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, as JSON has it, and its arrays."""
        plain, arrays = self.linear.state()
        arrays = prefixed(arrays, _LINEAR) | pack_strings(_FORMS, list(self.reader.words))
        arrays |= {f"{_WEIGHT}{number:02}": one for number, one in enumerate(self.network.get_weights())}
        return {"kind": self.kind, "linear": plain, "network": asdict(self.config)}, arrays

    @classmethod
    def from_state(cls, plain: dict[str, Any], arrays: Arrays) -> "WordBlend":
        """The model again, with the same bits.

        Raises:
            KeyError, TypeError, ValueError: the state was altered.
        """
        linear = WordsModel.from_state(plain["linear"], unprefixed(arrays, _LINEAR))
        config, reader = Tagger(**plain["network"]), WordReader(tuple(unpack_strings(_FORMS, arrays)))
        if config.outputs != len(linear.intercept):
            raise ValueError("the network does not give the tags of the linear model")
        weights = [arrays[name] for name in sorted(arrays) if name.startswith(_WEIGHT)]
        if [one.shape for one in weights] != _shapes(config, reader.inputs.size):  # before any is made
            raise ValueError("the weights do not suit the network")
        network = tagger(config, reader.inputs)
        network.set_weights(weights)
        return cls(linear, reader, config, network)

    def save(self, folder: Path) -> None:
        """Write two files to a folder."""
        model_files.write(folder, STEM, *self.state())


def _shapes(config: Tagger, forms: int) -> list[tuple[int, ...]]:
    """Of all weights of a network with a bidirectional LSTM, in Keras's order; none for other networks."""
    if (config.cell, config.bidirectional, config.layers, config.batch_normalization) != ("lstm", True, 1, False):
        return []
    gates = 4 * config.units
    lstm = [(config.embedding, gates), (config.units, gates), (gates,)]
    return [(forms, config.embedding), *lstm, *lstm, (2 * config.units, config.outputs), (config.outputs,)]


KINDS[WordBlend.kind] = WordBlend
