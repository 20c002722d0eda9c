import numpy as np
import pytest
from sklearn.decomposition import PCA

from unspool.data.padding import pad_series
from unspool.descriptions.networks import Autoencoder
from unspool.evaluation.baselines.reconstruction import fit_reconstruction_baselines
from unspool.evaluation.measures.reconstruction import example_errors
from unspool.models import Seq2Vec, Series, Vec2Seq, autoencoder
from unspool.models.series import present_steps
from unspool.training.autoencoder import halves
from unspool.training.principal_components import fit_principal_components

PLAIN = {"layers": 0, "batch_normalization": False, "input_dropout": 0.0, "output_dropout": 0.0}


def linear(width: int, masked: bool) -> Autoencoder:
    encoder = Seq2Vec(pooling="flatten", outputs=width, activation="linear", mask_padding=masked, **PLAIN)
    return Autoencoder(encoder=encoder, decoder=Vec2Seq(output="gaussian", **PLAIN))


def waves(count: int, length: int = 9, features: int = 2, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    phases = rng.uniform(0, 6, (count, 1, features))
    waves = np.sin(np.arange(length)[None, :, None] * rng.uniform(0.2, 0.9, (count, 1, 1)) + phases)
    return (3 + waves + 0.05 * rng.normal(size=waves.shape)).astype(np.float32)


def test_it_reconstructs_as_principal_components_do() -> None:
    series, more = waves(40), waves(7, seed=1)
    network = autoencoder(linear(3, masked=False), Series(length=9, features=2))
    fit_principal_components(network, series)
    pca = PCA(3, random_state=0).fit(series.reshape(40, -1))
    flat = more.reshape(7, -1)
    expected = pca.inverse_transform(pca.transform(flat)).reshape(more.shape)
    np.testing.assert_allclose(halves(network).reconstruct(more), expected, atol=1e-5)


def test_padding_counts_as_for_the_baseline() -> None:
    lengths = np.random.default_rng(2).integers(3, 10, 30)
    series = pad_series([one[:length] for one, length in zip(waves(30), lengths, strict=True)])
    network = autoencoder(linear(3, masked=True), Series(length=9, features=2))
    fit_principal_components(network, series)
    mask = present_steps(series)
    found = example_errors(series, halves(network).reconstruct(series), mask, likelihood="gaussian")
    filled = np.nan_to_num(series)
    _, pca = fit_reconstruction_baselines(
        filled, filled, dimensions=3, train_mask=mask, test_mask=mask, likelihood="gaussian"
    )
    np.testing.assert_allclose(found.squared, pca.errors.squared, rtol=1e-3, atol=1e-6)


def test_numbers_of_the_vector_without_a_component_are_0() -> None:
    series = waves(3)
    network = autoencoder(linear(16, masked=False), Series(length=9, features=2))
    fit_principal_components(network, series)
    both = halves(network)
    assert not both.encode(series)[:, 3:].any()
    np.testing.assert_allclose(both.reconstruct(series), series, atol=1e-5)


@pytest.mark.parametrize("masked", [False, True])
def test_it_is_no_worse_than_other_weights(masked: bool) -> None:
    series = waves(25)
    network = autoencoder(linear(2, masked), Series(length=9, features=2))
    fit_principal_components(network, series)

    def error() -> float:
        return float(np.mean((halves(network).reconstruct(series) - series) ** 2))

    least, rng, weights = error(), np.random.default_rng(0), network.get_weights()
    for _ in range(3):
        network.set_weights([one + rng.normal(0, 0.01, one.shape) for one in weights])
        assert error() > least
