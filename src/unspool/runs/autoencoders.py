"""A finished autoencoder at work: on arrays that someone brings, and on vectors that are drawn at random."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from unspool.data.examples_in_memory import series_of
from unspool.data.numpy_files import read_npz
from unspool.descriptions.networks import Autoencoder
from unspool.errors import UserError
from unspool.evaluation.measures.reconstruction import example_errors
from unspool.files import DAMAGE, reason_of
from unspool.models.series import present_steps
from unspool.readers import SeriesReader
from unspool.runs.latent_space import load_latent_space
from unspool.runs.model import TrainedModel, load_trained
from unspool.runs.pictures import on_the_line
from unspool.runs.records.folder import PREDICTIONS, check_run, is_model_alone
from unspool.tasks.finite import finite
from unspool.training.autoencoder import Floats, TrainedAutoencoder

Source = Literal["uniform", "density", "interpolate"]


@dataclass(frozen=True)
class FinishedRun:
    """An autoencoder that was trained, as its run's folder keeps it; what it is given is checked.

    Attributes:
        folder: of the run.
        model: that was trained, an autoencoder.
    """

    folder: Path
    model: TrainedModel

    @property
    def autoencoder(self) -> TrainedAutoencoder:
        """Its two halves."""
        return self.model.autoencoder

    @property
    def description(self) -> Autoencoder:
        """Of the model."""
        assert isinstance(self.model.recipe.model, Autoencoder)
        return self.model.recipe.model

    @property
    def gives_grey_values(self) -> bool:
        """Whether what it gives are numbers between 0 and 1."""
        return self.description.decoder.output == "bernoulli"

    def encode(self, sequences: NDArray[np.generic], name: str = "sequences") -> Floats:
        """(N, T, D) sequences to (N, L) latent vectors; `name` is what an error calls them.

        Series may be of any length T: missing numbers (NaN) are filled in, steps of NaN at the end are ignored,
        and of a series longer than the model reads, only the last steps are read.

        Raises:
            UserError: the array has another shape, holds something else than the numbers that it was trained on, or an
                answer is NaN or infinite.
        """
        return finite(self.autoencoder.encode(self._sequences(sequences, name)))

    def decode(self, vectors: NDArray[np.generic], name: str = "vectors") -> Floats:
        """(N, L) latent vectors to (N, T, D) sequences.

        Raises:
            UserError: the array has another shape, or numbers that no latent vector has.
        """
        return self._as_given(self._decoded(self._vectors(vectors, name)))

    def reconstruct(self, sequences: NDArray[np.generic], name: str = "sequences") -> tuple[Floats, Floats]:
        """(N, T, D) sequences to the same through encoder and decoder, and the loss of each, (N,).

        For series, the result has the most steps that the model reads. The loss is the cross-entropy in nats per
        number, or the mean squared error where the recipe's output is "gaussian".

        Raises:
            UserError: as for `encode`.
        """
        given = self._sequences(sequences, name)
        reconstructed = self.autoencoder.reconstruct(given)
        mask = present_steps(given) if self.autoencoder.reads_padding else None
        errors = example_errors(given, reconstructed, mask, likelihood=self.description.decoder.output)
        return self._as_given(reconstructed), errors.losses

    def generate(self, count: int, source: Source, seed: int) -> Floats:
        """Decode (count, T, D) sequences from vectors drawn at random.

        Args:
            count: how many.
            source: "uniform", from anywhere in the latent space, as in the chapter; "density", from where the training
                set's vectors lie; "interpolate", from the line between two test examples of different labels.
            seed: of the draw.
        """
        rng = np.random.default_rng(seed)
        if source == "interpolate":
            return self._as_given(self._decoded(on_the_line(*self._two_test_vectors(rng), count)))
        space = load_latent_space(self.folder)
        vectors = space.uniform(count, rng) if source == "uniform" else space.density(count, rng)
        return self._as_given(self._decoded(vectors))

    def _decoded(self, vectors: Floats) -> Floats:
        return finite(self.autoencoder.decode(vectors))

    def _as_given(self, sequences: Floats) -> Floats:
        """What the decoder gives in the unit of what the model was given."""
        reader = self.model.reader
        return reader.original(sequences).astype(np.float32) if isinstance(reader, SeriesReader) else sequences

    def _sequences(self, given: NDArray[np.generic], name: str) -> Floats:
        length, features = self.autoencoder.shape
        reader = self.model.reader
        if isinstance(reader, SeriesReader) and self.autoencoder.reads_padding:
            return _series(reader, _numbers(given, (None, features), name, "series"), name)
        numbers = _numbers(given, (length, features), name, "sequences of time steps (rows of an image)")
        known = np.isfinite(numbers)
        if self.autoencoder.reads_padding:
            known |= ~present_steps(numbers)[:, :, None]
        _refuse(~known, numbers, name, "which is not a finite number")
        if self.gives_grey_values:
            wrong = (numbers < 0) | (numbers > 1)
            _refuse(wrong, numbers, name, "but all must lie between 0 and 1 (divide grey values by their largest)")
        return reader.read(numbers) if isinstance(reader, SeriesReader) else numbers

    def _vectors(self, given: NDArray[np.generic], name: str) -> Floats:
        numbers = _numbers(given, (self.autoencoder.latent,), name, "latent vectors")
        _refuse(~np.isfinite(numbers), numbers, name, "which is not a finite number")
        if bounds := self.description.latent_range:
            low, high = bounds
            wrong = (numbers < low) | (numbers > high)
            _refuse(wrong, numbers, name, f"but this encoder's vectors lie between {low:g} and {high:g}")
        return numbers

    def _two_test_vectors(self, rng: np.random.Generator) -> tuple[Floats, Floats]:
        try:
            arrays = read_npz(self.folder / PREDICTIONS)
            vectors, labels = arrays["pictures/latent_vectors"], arrays["pictures/latent_labels"]
            if (
                vectors.shape != (len(labels), self.autoencoder.latent)
                or labels.ndim != 1
                or not np.isfinite(vectors).all()
            ):
                raise ValueError("its latent vectors are not those of labelled test examples")
        except KeyError as error:
            raise UserError(f"{self.folder} keeps no labelled test examples to interpolate between.") from error
        except DAMAGE as error:
            raise UserError(
                f"{self.folder / PREDICTIONS} is damaged: {reason_of(error)}. Run the recipe again."
            ) from error
        found = np.unique(labels)
        if len(found) < 2:
            raise UserError(
                f"{self.folder}: all test examples have one label, and two are needed to interpolate between."
            )
        one, other = (rng.choice(np.flatnonzero(labels == label)) for label in rng.permutation(found)[:2])
        return vectors[one], vectors[other]


def open_run(folder: Path) -> FinishedRun:
    """Read an autoencoder from its folder.

    Args:
        folder: of a finished run, or one that an estimator's `save` wrote.

    Raises:
        UserError: there is no such run, it is not an autoencoder's, or a file in it is damaged.
    """
    if not is_model_alone(folder):
        check_run(folder)
    model = load_trained(folder)
    if not isinstance(model.recipe.model, Autoencoder):
        raise UserError(
            f"{folder} holds a run of {model.recipe.name}, which is no autoencoder: only autoencoders encode, "
            "decode, reconstruct and generate. Train one, as in unspool run digits-lstm-ae."
        )
    return FinishedRun(folder, model)


def _series(reader: SeriesReader, numbers: Floats, name: str) -> Floats:
    """(N, T, C) series of any T as the model takes them, (N, length, C), read as `Model.predict` reads them."""
    _refuse(np.isinf(numbers), numbers, name, "which is not a finite number")
    empty = np.flatnonzero(np.isnan(numbers).all(axis=(1, 2)))
    if empty.size:
        raise UserError(f"{name}[{empty[0]}] has no numbers ({empty.size:,} such series in all). Leave it out.")
    return reader.read_series(series_of(numbers))


def _numbers(given: NDArray[np.generic], shape: tuple[int | None, ...], name: str, what: str) -> Floats:
    """An array (N, *shape) in single precision; None in `shape` is any number of steps."""
    if given.dtype.kind not in "fiub":
        raise UserError(f"{name} holds {given.dtype}, not numbers.")
    sizes_fit = given.ndim == len(shape) + 1 and all(
        wanted in (None, size) for wanted, size in zip(shape, given.shape[1:], strict=True)
    )
    if not sizes_fit or given.size == 0:
        wanted = ", ".join(["N", *("steps" if size is None else str(size) for size in shape)])
        raise UserError(f"{name} has the shape {given.shape}, but this run's autoencoder takes ({wanted}): N {what}.")
    return given.astype(np.float32)


def _refuse(wrong: NDArray[np.bool_], numbers: Floats, name: str, reason: str) -> None:
    if wrong.any():
        place = np.argwhere(wrong)[0]
        at = ", ".join(str(index) for index in place)
        raise UserError(f"{name}[{at}] is {numbers[tuple(place)]:g}, {reason} ({wrong.sum():,} such in all).")
