"""Features of series and vectors of texts, learned in seconds and without labels."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from unspool.candidates.features import Competition, Convolution, Quantiles, flat_series
from unspool.candidates.features.plain import Statistics
from unspool.candidates.texts.vector_training import WIDTH_STEP, occurrences, vectors_of
from unspool.candidates.texts.vectors import VectorTexts
from unspool.estimators.errors import InputError, as_input_error
from unspool.estimators.inputs import check_series, end_to_end, read_sequences
from unspool.estimators.settings import seed_of

_KINDS: dict[str, Callable[[], Any]] = {
    "convolution": Convolution,
    "competition": Competition,
    "quantiles": Quantiles,
    "statistics": Statistics,
}


class SeriesFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns series of any length into features for a linear model or trees, as a scikit-learn transformer.

    `unspool train` fits ridge regressions or trees to the same features. Labels are not used.

    X holds series of numbers, as `SequenceClassifier` takes them: arrays (N, T, C) or (N, T), or a list of N arrays
    (T_i, C) or (T_i,). Missing numbers (NaN) are interpolated.

    Args:
        kind: "convolution": random dilated convolutions, pooled as in MiniRocket and MultiRocket (Dempster et al.,
            2021; Tan et al., 2022); "competition": kernels that compete, as in Hydra (Dempster et al., 2023);
            "quantiles": of intervals, as in QUANT (Dempster et al., 2024), for trees; "statistics": mean, spread and
            extremes of each channel, without the sums over steps that `unspool train` adds.
        random_state: a whole number for the same features each time; a RandomState, from which a seed is drawn; None
            for others each time.

    Attributes:
        description_: the features, as `unspool.candidates.features` describes them.
        encoder_: what was fitted.
        n_features_in_: T, where X was an array (N, T).

    Example:
        >>> import numpy as np, unspool
        >>> from sklearn.linear_model import RidgeClassifierCV
        >>> from sklearn.pipeline import make_pipeline
        >>> waves = [np.sin(np.arange(40 + n) * (0.2 if n % 2 else 0.5)) for n in range(40)]
        >>> model = make_pipeline(unspool.SeriesFeatures(random_state=0), RidgeClassifierCV(np.logspace(-3, 3, 7)))
        >>> float(model.fit(waves[:20], np.arange(20) % 2).score(waves[20:], np.arange(20) % 2))
        1.0
    """

    def __init__(self, kind: str = "convolution", *, random_state: Any = None):
        self.kind = kind
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> "SeriesFeatures":
        """Fit the features to training series; labels are ignored.

        Args:
            X: N series.
            y: ignored.

        Returns:
            Itself.

        Raises:
            InputError: `kind` or a series is wrong; it is a UserError and a ValueError.
            ValueError: scikit-learn's own, where an array is not of finite numbers.
        """
        self._fit(X)
        return self

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> NDArray[np.float32]:
        """The same as `fit(X).transform(X)`, for little more than the cost of one of them."""
        return self._fit(X)

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Compute the features of each series.

        Args:
            X: N series.

        Returns:
            (N, F) float32.

        Raises:
            InputError: a series has other channels than in training.
        """
        check_is_fitted(self, "encoder_")
        found: NDArray[np.float32] = self.encoder_.transform(self._read(X, self._channels)[0])
        return found

    def _fit(self, X: Any) -> NDArray[np.float32]:
        if not isinstance(self.kind, str) or self.kind not in _KINDS:
            raise InputError(f"SeriesFeatures: kind is {self.kind!r}. It can be {', '.join(_KINDS)}.")
        series, channels = self._read(X)
        description = _KINDS[self.kind]()
        encoder, found = description.fit_transform(series, seed_of(self.random_state))
        self.description_, self.encoder_ = description, encoder
        self._channels, self._n_features_out = channels, found.shape[1]
        return np.asarray(found)

    def _read(self, X: Any, channels: int | None = None) -> tuple[Any, int]:
        """The series, which have so many channels (None: as many as the first, in `fit`), and how many they have."""
        fitting = channels is None
        found = read_sequences(self, X, "series", fitting=fitting)
        channels = found.items[0].shape[1] if channels is None else channels
        check_series(found, channels)
        if fitting:
            with as_input_error():
                end_to_end(found)  # refuses a channel without numbers
        return flat_series(list(found.items)), channels

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = []
        tags.input_tags.allow_nan = True
        return tags


class TextVectors(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns texts into document vectors, trained to predict their n-grams, as a scikit-learn transformer.

    Each n-gram and each text has a vector, such that their products distinguish the n-grams of the text from others
    (Li et al., "Learning document embeddings by predicting n-grams for sentiment classification of long movie
    reviews", 2016). No labels are needed: fit it to all texts, and a classifier to the vectors of those with a
    label.

    Args:
        width: numbers in a vector, a multiple of 16.
        random_state: a whole number for the same bits each time; a RandomState, from which a seed is drawn; None for
            other vectors each time.

    Attributes:
        description_: the model, as `unspool.candidates.texts` describes it.
        reader_: which n-grams are read.
        vectors_: of the n-grams.

    Example:
        >>> import unspool
        >>> texts = ["a fine film", "fine acting in a film", "stocks fell again", "stocks and bonds fell"] * 10
        >>> unspool.TextVectors(width=16, random_state=0).fit(texts).transform(texts[:2]).shape
        (2, 16)
    """

    def __init__(self, width: int = 96, *, random_state: Any = None):
        self.width = width
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> "TextVectors":
        """Learn the vectors of n-grams; labels are ignored.

        Args:
            X: N texts.
            y: ignored.

        Returns:
            Itself.

        Raises:
            InputError: `width` or a text is wrong, or no word occurs in four texts.
        """
        if not isinstance(self.width, int | np.integer) or self.width < 1 or self.width % WIDTH_STEP:
            raise InputError(f"TextVectors: width is {self.width!r}. It must be a multiple of {WIDTH_STEP}.")
        width = int(self.width)
        description = VectorTexts("vectors", 1.0, width=width)
        texts = read_sequences(self, X, "text", fitting=True).items
        reader, _, vectors = description.without_labels(texts, seed_of(self.random_state))
        if not sum(reader.widths):
            raise InputError(
                f"No word of X occurs in {description.least} of its texts, so there is nothing to learn. Give "
                "more texts."
            )
        self.description_, self._n_features_out = description, width
        self.reader_, self.vectors_ = reader, vectors
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Find the vector of each text.

        Args:
            X: N texts.

        Returns:
            (N, width) float32. A text's vector does not depend on the others; that of a text of unknown words is 0.
        """
        check_is_fitted(self, "vectors_")
        texts = read_sequences(self, X, "text", fitting=False).items
        return vectors_of(self.vectors_, occurrences(self.reader_, texts))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags
