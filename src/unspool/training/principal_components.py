"""The best weights of a linear autoencoder, which need no training: those of principal components."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unspool.models.series import present_steps

if TYPE_CHECKING:
    import keras


def fit_principal_components(network: "keras.Model", series: NDArray[np.floating]) -> None:
    """Set the weights of a linear autoencoder to those that reconstruct the series with the least squared error.

    Where a step is not there, a series is taken to lie at the mean. With fewer series, or fewer numbers in each, than
    the latent vector has, its other numbers are 0 (Baldi and Hornik, 1989).

    Args:
        network: built by `autoencoder` from a description that is `linear`.
        series: (N, T, D), padded with NaN.

    Example:
        >>> from unspool.models import Autoencoder, Seq2Vec, Series, Vec2Seq, autoencoder
        >>> plain = {"layers": 0, "batch_normalization": False}
        >>> encoder = Seq2Vec(pooling="flatten", outputs=1, activation="linear", **plain)
        >>> network = autoencoder(
        ...     Autoencoder(encoder=encoder, decoder=Vec2Seq(output="gaussian", **plain)), Series(length=2, features=1)
        ... )
        >>> series = np.array([[[1.0], [2.0]], [[2.0], [4.0]], [[4.0], [8.0]]], "float32")
        >>> fit_principal_components(network, series)
        >>> np.asarray(network(series)).round(3)[2].tolist()
        [[4.0], [8.0]]
    """
    from sklearn.decomposition import PCA

    encoder, decoder = network.get_layer("encoder"), network.get_layer("decoder")
    width = encoder.output_shape[-1]
    mean = np.nan_to_num(series).sum(axis=0, dtype=np.float64)
    mean /= np.maximum(present_steps(series).sum(axis=0), 1)[:, np.newaxis]
    differences = np.nan_to_num(series - mean.astype(series.dtype)).reshape(len(series), -1)
    pca = PCA(min(width, *differences.shape), random_state=0).fit(differences)
    weights = np.zeros((differences.shape[1], width), np.float32)
    weights[:, : len(pca.components_)] = pca.components_.T
    encoder.get_layer("flatten").set_weights([mean])
    encoder.get_layer("head").set_weights([weights, np.zeros(width)])
    decoder.get_layer("numbers").set_weights([weights.T, mean.reshape(-1)])
