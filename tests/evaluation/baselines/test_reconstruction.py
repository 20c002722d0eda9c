"""The mean and PCA: against scikit-learn, masks, clipping, and the cache."""

import os
from dataclasses import asdict

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from unspool.data.named import registry
from unspool.errors import UserError
from unspool.evaluation.baselines.reconstruction import fit_reconstruction_baselines
from unspool.evaluation.latent import latent_errors
from unspool.evaluation.measures.reconstruction import example_errors

pytestmark = pytest.mark.whole

IMAGES, DIGITS = load_digits().images.astype(np.float32) / 16, load_digits().target
TRAIN, TEST = IMAGES[:400], IMAGES[400:500]
LABELS = {"train_labels": DIGITS[:400], "test_labels": DIGITS[400:500]}


def _fit(train=TRAIN, test=TEST, dimensions=2, **options):
    return fit_reconstruction_baselines(train, test, dimensions=dimensions, **options)


def _components(dimensions):
    """Training vectors, test vectors and reconstructions of scikit-learn's own PCA on the images."""
    pca = PCA(dimensions).fit(TRAIN.reshape(400, -1))
    vectors = pca.transform(TEST.reshape(100, -1))
    return pca.transform(TRAIN.reshape(400, -1)), vectors, pca.inverse_transform(vectors).reshape(TEST.shape)


def test_the_mean_of_the_training_images():
    mean, _ = _fit(**LABELS)
    expected = example_errors(TEST, np.broadcast_to(TRAIN.mean(axis=0), TEST.shape))
    assert (mean.name, mean.title, mean.latent) == ("mean", "the mean of the training examples", None)
    np.testing.assert_allclose(mean.errors.columns, expected.columns, rtol=1e-6)


def test_principal_components_with_as_many_dimensions():
    _, pca = _fit(dimensions=5, **LABELS)
    train_vectors, vectors, reconstructions = _components(5)
    expected = example_errors(TEST, np.clip(reconstructions, 0.001, 0.999))
    assert (pca.name, pca.title) == ("pca", "PCA with 5 dimensions")
    np.testing.assert_allclose(pca.errors.columns.mean(axis=0), expected.columns.mean(axis=0), rtol=1e-5)
    latent = latent_errors(train_vectors, DIGITS[:400], vectors, DIGITS[400:500], TEST)
    assert pca.latent.dimensions == 5
    assert pca.latent.neighbours_right.mean() == pytest.approx(latent.neighbours_right.mean(), abs=0.011)
    assert pca.latent.trustworthiness == pytest.approx(latent.trustworthiness, abs=1e-4)
    assert pca.seconds > 0


def test_any_numbers_are_not_clipped():
    _, pca = _fit(100 * TRAIN - 50, 100 * TEST - 50, likelihood="gaussian")
    mse = ((_components(2)[2] - TEST) ** 2).mean()
    assert pca.errors.squared.mean() == pytest.approx(1e4 * mse, rel=1e-4)
    assert pca.errors.cross_entropy is None
    assert pca.latent.neighbours_right is None


def test_there_are_no_more_components_than_the_data_has():
    assert _fit(dimensions=100)[1].title == "PCA with 64 dimensions"
    assert _fit(TRAIN[:7], dimensions=100)[1].title == "PCA with 7 dimensions"
    assert _fit(dimensions=1)[1].title == "PCA with 1 dimension"


def test_padding_changes_nothing():
    """Some rows are left out; what stands there, and a step that counts nowhere, must not show."""
    random = np.random.default_rng(0)
    train_mask, test_mask = (np.arange(8) < random.integers(3, 8, (size, 1)) for size in (400, 100))

    def padded(values, mask, value):
        return np.where(mask[..., np.newaxis], values, np.float32(value))

    first, second = (
        _fit(
            padded(TRAIN, train_mask, value),
            padded(TEST, test_mask, value),
            train_mask=train_mask,
            test_mask=test_mask,
            **LABELS,
        )
        for value in (0, np.nan)
    )
    for before, after in zip(first, second, strict=True):
        np.testing.assert_array_equal(before.errors.columns, after.errors.columns)
    np.testing.assert_equal(asdict(first[1].latent), asdict(second[1].latent))
    mean = np.ma.masked_array(TRAIN, np.broadcast_to(~train_mask[..., np.newaxis], TRAIN.shape)).mean(axis=0)
    expected = example_errors(TEST, np.broadcast_to(mean.filled(0), TEST.shape), test_mask)
    np.testing.assert_allclose(first[0].errors.squared, expected.squared, rtol=1e-6)


def _no_fitting(*_):
    raise AssertionError("it was fitted")


@pytest.mark.parametrize("options", [LABELS, {}, {"likelihood": "gaussian"}])
def test_what_is_cached_is_not_fitted_again_and_is_the_same(tmp_path, monkeypatch, options):
    first = _fit(cache_folder=tmp_path, **options)[1]
    monkeypatch.setattr("unspool.evaluation.baselines.reconstruction._fit_components", _no_fitting)
    second = _fit(cache_folder=tmp_path, **options)[1]
    np.testing.assert_equal(asdict(second), asdict(first))


@pytest.mark.parametrize(
    "change",
    [
        {"train": TRAIN[::-1]},
        {"test": 1 - TEST},
        {"dimensions": 3},
        {"likelihood": "gaussian"},
        {"train_labels": DIGITS[1:401]},
        {"test_mask": np.arange(8) < np.full((100, 1), 7)},
    ],
)
def test_nothing_else_is_taken_from_the_cache(tmp_path, monkeypatch, change):
    _fit(cache_folder=tmp_path, **LABELS)
    monkeypatch.setattr("unspool.evaluation.baselines.reconstruction._fit_components", _no_fitting)
    with pytest.raises(AssertionError, match="it was fitted"):
        _fit(cache_folder=tmp_path, **LABELS | change)


def test_a_damaged_cache_is_computed_again(tmp_path):
    expected = _fit(cache_folder=tmp_path)[1]
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-100])
    np.testing.assert_array_equal(_fit(cache_folder=tmp_path)[1].errors.columns, expected.errors.columns)


def test_what_the_user_got_wrong_is_told():
    with pytest.raises(UserError, match=r"one shape; they have \(8, 8\) and \(7, 8\)"):
        _fit(TRAIN, TEST[:, 1:])
    with pytest.raises(UserError, match="dimensions is 0"):
        _fit(dimensions=0)
    with pytest.raises(UserError, match="test sequences must be finite numbers; example 0, step 0, feature 0"):
        _fit(TRAIN, TEST * np.nan)
    with pytest.raises(UserError, match="targets must lie between 0 and 1"):
        _fit(TRAIN, TEST * 255)


@pytest.mark.soak
@pytest.mark.data
@pytest.mark.skipif("UNSPOOL_DATA" not in os.environ, reason="UNSPOOL_DATA names no folder of datasets")
@pytest.mark.parametrize(
    ("dimensions", "cross_entropy", "mse", "accuracy"), [(2, 0.2287, 0.0555, 0.443), (100, 0.0823, 0.0046, 0.971)]
)
def test_on_mnist_they_are_as_good_as_known(dimensions, cross_entropy, mse, accuracy):
    mnist = registry.load("mnist", folder=os.environ["UNSPOOL_DATA"])
    mean, pca = _fit(
        mnist.train.images,
        mnist.test.images,
        dimensions=dimensions,
        train_labels=mnist.train.labels,
        test_labels=mnist.test.labels,
    )
    assert mean.errors.cross_entropy.mean() == pytest.approx(0.2625, abs=1e-4)
    assert mean.errors.entropy.mean() == pytest.approx(0.0581, abs=1e-4)
    assert pca.errors.cross_entropy.mean() == pytest.approx(cross_entropy, abs=1e-4)
    assert pca.errors.squared.mean() == pytest.approx(mse, abs=1e-4)
    assert pca.latent.neighbours_right.mean() == pytest.approx(accuracy, abs=1e-3)
