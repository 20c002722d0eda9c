"""Sequences to vectors, without labels."""

from dataclasses import replace
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from unspool.descriptions.networks import Autoencoder, Vec2Seq
from unspool.estimators.base import SequenceEstimator
from unspool.estimators.errors import InputError
from unspool.estimators.inputs import holds_texts
from unspool.estimators.network import Plan, outputs, weights_of
from unspool.estimators.saving import save
from unspool.estimators.settings import Settings
from unspool.models.series import present_steps
from unspool.readers import Inputs, SeriesReader
from unspool.tasks import Reconstruction

TASK = Reconstruction(likelihood="gaussian")


class SequenceEncoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, SequenceEstimator):  # type: ignore[misc]
    """An autoencoder that turns series into vectors, as a scikit-learn transformer: what PCA is for rows of a table.

    An encoder reads a series and gives `latent` numbers; a decoder gives the series back from them (Srivastava,
    Mansimov and Salakhutdinov, 2015). Both are trained together, without labels, until the error on a validation part
    no longer falls.

    X holds series of numbers, as `SequenceClassifier` takes them: arrays (N, T, C) or (N, T), or a list of N arrays
    (T_i, C) or (T_i,). Texts are refused: `TextVectors` gives vectors of them without labels, and with labels
    `SequenceClassifier.encode` does.

    Args:
        latent: width of the vector.
        cell: "lstm", "gru" or "rnn", of encoder and decoder.
        units: width of the hidden state, in each direction.
        layers: how many recurrent layers stand one upon the other, in each half.
        bidirectional: also read, and give back, from the end.
        pooling: "mean_max" takes the vector from mean and maximum of all hidden states, "last" from the last one.
        dropout: share of what the encoder gives to its last layer that is 0 in training.
        length: steps that are read at most, the last ones; None chooses what 99 in 100 training series fit into, at
            most 2,048.
        epochs: at most; None takes 200, and 20 for 10,000 series or more.
        batch_size: series in a step; None takes 16, 32 from 1,000 series on, 64 from 10,000 on.
        learning_rate: of Adam.
        validation_fraction: of the series, set aside to decide when training stops; 0 for none.
        patience: epochs without a better loss before training stops; None takes 15, 2 for 10,000 series or more.
        random_state: a whole number for the same bits each time; a RandomState, from which a seed is drawn; None for
            another seed each time.
        verbose: 0 quiet, 1 a bar, 2 a line an epoch.

    Attributes:
        kind_: "series".
        reader_: how series are read.
        description_: the model, a `unspool.models.Autoencoder`.
        weights_: its weights, as arrays.
        history_: losses by epoch, of the standardised numbers.
        n_iter_: epochs that were trained.
        best_epoch_: the epoch whose weights are kept, counted from 1.
        n_features_in_: T, where X was an array (N, T).

    Example:
        >>> import numpy as np, unspool
        >>> X = np.sin(np.random.default_rng(0).random((60, 1)) * 6 + np.arange(10))
        >>> model = unspool.SequenceEncoder(latent=2, units=8, epochs=3, random_state=0).fit(X)
        >>> model.transform(X).shape, model.inverse_transform(model.transform(X)).shape
        ((60, 2), (60, 10, 1))
    """

    def __init__(
        self,
        *,
        latent: int = 16,
        cell: str = "lstm",
        units: int = 64,
        layers: int = 1,
        bidirectional: bool = True,
        pooling: str = "mean_max",
        dropout: float = 0.0,
        length: int | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float = 0.005,
        validation_fraction: float = 0.1,
        patience: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ):
        self.latent = latent
        self.cell = cell
        self.units = units
        self.layers = layers
        self.bidirectional = bidirectional
        self.pooling = pooling
        self.dropout = dropout
        self.length = length
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any = None) -> "SequenceEncoder":
        """Train on series; labels are not looked at.

        Args:
            X: N series.
            y: ignored.

        Returns:
            Itself.

        Raises:
            InputError: a parameter or a series is wrong; it is a UserError and a ValueError.
            ValueError: scikit-learn's own, where an array is not of finite numbers.
        """
        if holds_texts(X):
            raise InputError(
                "SequenceEncoder reads series of numbers, and X holds texts. For vectors of texts without labels take "
                "TextVectors().fit(X).transform(X); with labels, SequenceClassifier().fit(X, y).encode(X)."
            )
        if self.layers == 0:
            raise InputError(
                "SequenceEncoder: layers is 0, and an encoder of this kind has at least 1 recurrent layer."
            )
        settings, sequences = self._read_for_fit(X)
        nothing = np.zeros(len(sequences), dtype=np.int64)
        self._learn(
            settings, sequences, lambda rows: (TASK, nothing), lambda task, count: _description(settings, count)
        )
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Compute the vector of each series.

        Args:
            X: N series.

        Returns:
            (N, latent).
        """
        return self._encoded(self._read_for_use(X))

    def inverse_transform(self, X: Any) -> NDArray[np.float64]:
        """Give a series back from each vector.

        Args:
            X: (N, latent) vectors.

        Returns:
            (N, T, C): T is the longest series that the model reads; how long a series was, its vector does not tell.
        """
        check_is_fitted(self, "weights_")
        vectors = check_array(X, dtype=np.float32, input_name="X")
        if vectors.shape[1] != self._n_features_out:
            raise InputError(
                f"X has {vectors.shape[1]} numbers a row; the model's vectors have {self._n_features_out}."
            )
        reader = self.reader_
        assert isinstance(reader, SeriesReader)
        standard = self._decoded(vectors, np.ones((len(vectors), reader.length), dtype=bool))
        return reader.original(standard)

    def score(self, X: Any, y: Any = None) -> float:
        """Tell how much of the series' variance the vectors keep.

        Args:
            X: N series.
            y: ignored.

        Returns:
            1 - (squared error of the reconstruction) / (squared distance from the mean), over all steps and the
            channels divided by their standard deviation: 1 is perfect, 0 no better than the channels' means.
        """
        inputs = self._read_for_use(X)
        present = present_steps(inputs)
        given = inputs[present].astype(np.float64)
        spread = np.sum(given**2)
        error = np.sum((self._decoded(self._encoded(inputs), present)[present] - given) ** 2)
        return float(1 - error / spread) if spread else 0.0

    def save(self, folder: str | PathLike[str], *, test: Any = None) -> None:
        """Write the fitted autoencoder to a folder; with test series, as a complete run.

        Without `test` the folder has the model: `unspool.load(folder)` and the commands `encode`, `decode`,
        `reconstruct`, `predict`, `evaluate`, `inspect` and `check` read it, and `generate` if the estimator was not
        pickled in between. With `test` it is what `unspool train --task reconstruction` writes, see
        `SequenceClassifier.save`.

        Args:
            folder: to make; not one that is there already.
            test: series that the model has not seen, as `fit` takes them.

        Raises:
            NotFittedError: the model is not fitted.
            InputError: the folder is there already or cannot be written, or with `test`: an empty series, a model that
                was fitted without a validation set, or a pickled one.

        Example:
            >>> import tempfile, numpy as np, unspool
            >>> X = np.sin(np.random.default_rng(0).random((60, 1)) * 6 + np.arange(10))
            >>> model = unspool.SequenceEncoder(latent=2, units=4, epochs=2, random_state=0).fit(X)
            >>> with tempfile.TemporaryDirectory() as parent:
            ...     model.save(f"{parent}/model")
            ...     len(unspool.load(f"{parent}/model").predict(X))  # how badly each series is reconstructed
            60
        """
        save(self, folder, None if test is None else (test, None))

    @property
    def _n_features_out(self) -> int:
        return int(self.description_.latent)

    def _plan(self) -> Plan:
        return Plan(self.description_.encoder, self.reader_.inputs)

    def _encoded(self, inputs: Inputs) -> NDArray[np.float64]:
        plan = self._plan()
        return outputs(plan, self.weights_[: weights_of(plan)], inputs)

    def _decoded(self, vectors: NDArray[np.floating], present: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Series in the standardised numbers of the model, (N, T, C)."""
        of_encoder = weights_of(self._plan())
        plan = Plan(self.description_.decoder, self.reader_.inputs, latent=self._n_features_out)
        return outputs(plan, self.weights_[of_encoder:], [vectors.astype(np.float32), present])


def _description(settings: Settings, examples: int) -> Autoencoder:
    encoder = replace(settings.model("series", examples), outputs=settings.latent, activation="linear")
    decoder = Vec2Seq(
        cell=encoder.cell,
        units=encoder.units,
        layers=encoder.layers,
        bidirectional=encoder.bidirectional,
        batch_normalization=False,
        output="gaussian",
    )
    return Autoencoder(encoder=encoder, decoder=decoder)
