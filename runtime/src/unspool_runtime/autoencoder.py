"""Autoencoders: an encoder, a latent vector, a decoder."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.answers import Answers, Floats
from unspool_runtime.errors import InputError
from unspool_runtime.networks import Network, Steps, checked_network, computed
from unspool_runtime.networks.batching import AT_ONCE
from unspool_runtime.node import Node
from unspool_runtime.readers import ImageReader, SeriesReader
from unspool_runtime.stream import Stream

_CLIPPING = 1e-7  # as Keras clips probabilities in its loss


class Autoencoder:
    """An autoencoder and its reader.

    Args:
        node: its "encoder" and "decoder"; "reads_padding" if the decoder reads which steps are padding.
        reader: of series or images.
        answers: its task.
    """

    reads = "series"
    shape = (1,)

    def __init__(self, node: Node, reader: SeriesReader | ImageReader, answers: Answers):
        self._encoder = checked_network(node.node("encoder"), reader)
        self._decoder = Network(node.node("decoder"), self._encoder.width, of_vectors=True)
        self._reads_padding = node.flag("reads_padding")
        if self._encoder.gives_sequences or not self._decoder.gives_sequences:
            raise node.wrong("there is no vector between encoder and decoder")
        if self._decoder.width != reader.width or self._decoder.times != reader.length or answers.width:
            raise node.wrong("the decoder does not give what the encoder reads")
        self._reader, self._grey = reader, answers.likelihood == "bernoulli"

    def outputs(self, examples: list[Any]) -> Floats:
        """(N, 1) how badly each example is reconstructed: cross-entropy of grey values, else squared error."""
        found = np.zeros((len(examples), 1))
        for places, steps in self._reader.batches(examples):
            wanted, present = self._whole(steps)
            vectors = self._encoder(steps)
            given = self._decoder(Steps(vectors, present if self._reads_padding else None))
            found[places, 0] = self._errors(wanted.astype(np.float64), given.astype(np.float64), present != 0)
        return found

    def encode(self, examples: list[Any]) -> NDArray[np.float32]:
        """(N, L)."""
        return computed(self._encoder, self._reader, examples)

    def decode(self, vectors: Any) -> NDArray[np.float32]:
        """(N, L) to (N, T, D), in the units of the data."""
        given = np.asarray(vectors)
        if given.dtype.kind not in "iuf" or given.ndim != 2 or given.shape[1] != self._encoder.width:
            raise InputError(f"Latent vectors of this model are an array (N, {self._encoder.width}) of numbers.")
        if not np.isfinite(given).all():
            raise InputError("A latent vector holds NaN or infinity.")
        found = np.empty((len(given), self._reader.length, self._reader.width), np.float32)
        for start in range(0, len(given), AT_ONCE):
            some = np.ascontiguousarray(given[start : start + AT_ONCE], np.float32)
            present = np.ones((len(some), self._reader.length), np.uint8) if self._reads_padding else None
            found[start : start + AT_ONCE] = self._reader.original(self._decoder(Steps(some, present)))
        return found

    def stream(self, sessions: int, digest: str) -> Stream:
        """Refused."""
        raise InputError("An autoencoder cannot read a stream: it needs the whole series.")

    def _whole(self, steps: Steps) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Sequences padded to the decoder's length, and which steps are there."""
        batch, length, width = steps.values.shape
        wanted = np.zeros((batch, self._reader.length, width), np.float32)
        present = np.zeros((batch, self._reader.length), np.uint8)
        wanted[:, :length] = steps.values
        present[:, :length] = 1 if steps.mask is None else steps.mask
        return wanted, present

    def _errors(self, wanted: Floats, given: Floats, present: NDArray[np.bool_]) -> Floats:
        where = np.broadcast_to(present[:, :, None], wanted.shape)
        if self._grey:
            clipped = np.clip(given, _CLIPPING, 1 - _CLIPPING)
            errors = -wanted * np.log(clipped) - (1 - wanted) * np.log1p(-clipped)
        else:
            errors = (wanted - given) ** 2
        found: Floats = errors.mean(axis=(1, 2), where=where)
        return found
