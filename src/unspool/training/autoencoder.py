"""A trained autoencoder in use: its encoder and its decoder, each a model and a file of its own."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from unspool.descriptions.networks import DECODER, ENCODER
from unspool.models.saving import save_model
from unspool.models.series import present_steps
from unspool.training.inference import predict

BATCH_SIZE = 100

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class TrainedAutoencoder:
    """Two Keras models: an encoder from (N, T, D) to (N, L), and a decoder back.

    Where the decoder also reads which steps are there (see `vec2seq`), padded series are NaN where they have no step.
    """

    encoder: keras.Model
    decoder: keras.Model

    @property
    def reads_padding(self) -> bool:
        """Whether series may have different lengths."""
        return len(self.decoder.inputs) > 1

    @property
    def shape(self) -> tuple[int, int]:
        """(T, D) of the sequences."""
        length, features = self.decoder.output_shape[1:]
        return length, features

    @property
    def latent(self) -> int:
        """Width of the latent vector."""
        return int(self.encoder.output_shape[-1])

    def encode(self, sequences: Floats) -> Floats:
        """(N, T, D) to (N, L)."""
        vectors: Floats = predict(self.encoder, sequences, batch_size=BATCH_SIZE)
        return vectors

    def decode(self, vectors: Floats, present: NDArray[np.bool_] | None = None) -> Floats:
        """(N, L) to (N, T, D); with `present`, (N, T), steps that are not there are NaN."""
        every_step = np.ones((len(vectors), self.shape[0]), dtype=bool)
        inputs = [vectors, every_step if present is None else present] if self.reads_padding else vectors
        sequences: Floats = predict(self.decoder, inputs, batch_size=BATCH_SIZE)
        return sequences if present is None else np.where(present[:, :, None], sequences, np.nan)

    def reconstruct(self, sequences: Floats) -> Floats:
        """(N, T, D) through both."""
        return self.decode(self.encode(sequences), present_steps(sequences) if self.reads_padding else None)

    def save(self, folder: Path) -> None:
        """Write encoder.keras and decoder.keras."""
        save_model(self.encoder, folder / ENCODER)
        save_model(self.decoder, folder / DECODER)


def halves(model: keras.Model) -> TrainedAutoencoder:
    """The autoencoder within a model that `autoencoder` built."""
    return TrainedAutoencoder(model.get_layer("encoder"), model.get_layer("decoder"))
