"""An encoder-decoder in NumPy, one source at a time: the equations of native/encoder_decoder.h."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.answers import softmax
from unspool_runtime.networks.dense import applied
from unspool_runtime.networks.recurrent import Given
from unspool_runtime.translation.encoder_decoder_weights import EncoderDecoderWeights
from unspool_runtime.translation.plain_search import State, plain_search
from unspool_runtime.translation.searching import Answer, Search

Floats32 = NDArray[np.float32]


def answers(weights: EncoderDecoderWeights, source: NDArray[np.int32], how: Search) -> list[Answer]:
    """Search for the answers to one source, the best first."""
    return plain_search(_encoded(weights, source), how)


def _encoded(weights: EncoderDecoderWeights, source: NDArray[np.int32]) -> "_Decoder":
    x = weights.source_embedding[source][None]
    start = list[tuple[Floats32, ...]]()
    for layer in weights.layers:
        (ahead, ends), (back, other_ends) = (one.run(Given(x), True) for one in (layer.forward, layer.backward))
        pairs = zip(ends, other_ends, layer.first, strict=False)  # of a cell with one state both ends are that
        start.append(tuple(np.tanh(applied(np.concatenate(both, axis=-1), dense)) for *both, dense in pairs))
        x = np.ascontiguousarray(np.concatenate((ahead, back[:, ::-1]), axis=-1))
    return _Decoder(weights, x[0], x[0] @ weights.keys, start)


@dataclass(eq=False)
class _Decoder:
    """Writes step by step, all hypotheses of one source together.

    Attributes:
        weights: of the model.
        values: (S, 2 U), the encoder's states.
        keys: (S, U), to what queries are compared with.
        first: the states of each layer before the first step.
    """

    weights: EncoderDecoderWeights
    values: Floats32
    keys: Floats32
    first: list[tuple[Floats32, ...]]

    def start(self) -> State:
        """The decoder's first states, and nothing found yet."""
        return [*self.first, (np.zeros((1, self.weights.source_embedding.shape[1]), np.float32),)]

    def step(self, kept: State, tokens: list[int], place: int) -> tuple[Floats32, State]:
        """(B,) ids to the logits of what follows (B, V), and the states after it."""
        weights, after = self.weights, list[tuple[Floats32, ...]]()
        x = weights.target_embedding[np.array(tokens)]
        if weights.input_feeding:
            x = np.concatenate((x, kept[-1][0]), axis=-1)
        for layer, before in zip(weights.layers, kept, strict=False):
            state = tuple(np.ascontiguousarray(one) for one in before)
            x, ends = layer.decoder.run(Given(np.ascontiguousarray(x[:, None])), False, (state[0], state[-1]))
            after.append(ends[: len(before)])
        found = np.tanh(applied(np.concatenate((self._looked(x), x), axis=-1), weights.found))
        return applied(found, weights.output), [*after, (found,)]

    def _looked(self, states: Floats32) -> Floats32:
        """(B, U) states to the mean of what they look at, (B, 2 U); zeros where that is nothing."""
        if not len(self.values):
            return np.zeros((len(states), self.values.shape[1]), np.float32)
        if self.weights.query is None or self.weights.sum is None:
            scores: Floats32 = states @ self.keys.T
        else:
            scores = np.tanh(applied(states, self.weights.query)[:, None] + self.keys) @ self.weights.sum
        found: Floats32 = softmax(scores) @ self.values
        return found
