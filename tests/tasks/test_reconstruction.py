import keras
import numpy as np
import pytest

from unspool.evaluation.latent import LatentErrors
from unspool.evaluation.measures.reconstruction import example_errors
from unspool.evaluation.result import Predictions
from unspool.models import Autoencoder, Seq2Vec, Series, Vec2Seq
from unspool.tasks import Reconstruction
from unspool.tasks.reconstruction import latent_details
from unspool.training.autoencoder import halves

GREY, ANY = Reconstruction(likelihood="bernoulli"), Reconstruction(likelihood="gaussian")
TARGETS = np.array([[[1.0, 0.0]], [[0.5, 0.5]]])
GUESSES = np.array([[[0.8, 0.4]], [[0.5, 0.25]]])
SMALL = Autoencoder(
    encoder=Seq2Vec(units=2, input_dropout=0, output_dropout=0, batch_normalization=False, outputs=1),
    decoder=Vec2Seq(units=2, output="gaussian"),
)
PADDED = np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32)
PADDED[1, 2:] = np.nan


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    return ANY.build(SMALL, Series(length=4, features=2))


def test_values_by_hand():
    errors = example_errors(TARGETS, GUESSES)
    scores = GREY.scores(Predictions(np.zeros(2), errors.columns), None, resamples=50)
    assert scores["mse"].value == pytest.approx((0.1 + 0.03125) / 2)
    assert scores["cross_entropy"].value == pytest.approx(errors.cross_entropy.mean())
    assert scores["excess"].value == pytest.approx(errors.cross_entropy.mean() - np.log(2) / 2)
    assert scores["psnr"].value == pytest.approx(10 * np.log10(1 / 0.065625))
    assert scores.examples == 2


def test_the_interval_of_the_ratio_is_that_of_the_squared_error_turned_round():
    squared = np.random.default_rng(0).gamma(4, 0.05, 200)
    scores = GREY.scores(Predictions(np.zeros(200), np.stack([squared] * 3, axis=1)), None)
    assert scores["psnr"].interval.low == pytest.approx(-10 * np.log10(scores["mse"].interval.high))
    assert scores["psnr"].interval.high == pytest.approx(-10 * np.log10(scores["mse"].interval.low))


def test_without_any_error_the_ratio_is_infinite():
    scores = GREY.scores(Predictions(np.zeros(3), np.zeros((3, 3))), None, resamples=50)
    assert scores["psnr"].value == scores["psnr"].interval.low == np.inf
    assert GREY.measures["psnr"].say(np.inf) == "infinite"


def test_any_numbers_are_judged_by_squared_error_alone():
    assert list(ANY.measures) == ["mse"]
    assert (GREY.headline, ANY.headline) == ("cross_entropy", "mse")
    assert (GREY.compared, ANY.compared) == (("cross_entropy",), ("mse",))
    scores = ANY.scores(Predictions(np.zeros(2), np.array([[4.0], [0.0]])), None, resamples=50)
    assert {name: score.value for name, score in scores.figures.items()} == {"mse": 2}
    assert "reconstructions" in GREY.figures
    assert "reconstructions" not in ANY.figures


def test_an_answer_is_the_loss_of_an_example():
    errors = example_errors(TARGETS, GUESSES)
    assert GREY.decide(errors.columns, None) == (errors.cross_entropy.tolist(), [])
    assert ANY.decide(errors.columns[:, :1], None) == (errors.squared.tolist(), [])


def test_labels_are_not_looked_at():
    assert ANY.flaw("whatever") is None
    assert ANY.encode(["a", "b"]).tolist() == [0, 0]
    assert ANY.decode(np.zeros(2)) == ["", ""]


def test_inputs_are_their_own_targets_and_padding_weighs_nothing():
    whole = np.nan_to_num(PADDED)
    inputs, targets = ANY.examples(whole, np.zeros(3), balanced=True)
    assert inputs is targets is whole
    inputs, targets, weights = ANY.examples(PADDED, np.zeros(3), balanced=True)
    assert inputs is PADDED
    np.testing.assert_array_equal(targets, whole)
    np.testing.assert_array_equal(weights > 0, ~np.isnan(PADDED[:, :, 0]))


def test_a_network_is_scored_by_what_its_halves_give_back(network):
    autoencoder = halves(network)
    present = ~np.isnan(PADDED[:, :, 0])
    expected = example_errors(PADDED, autoencoder.reconstruct(PADDED), present, likelihood="gaussian")
    found = ANY.predict(network, PADDED)
    assert found.shape == (3, 1)
    np.testing.assert_array_equal(found[:, 0], expected.squared)
    assert ANY.networks(network) == (autoencoder.encoder, autoencoder.decoder)


def test_simple_ways_to_reconstruct_do_not_see_the_padding():
    random = np.random.default_rng(0)
    train = random.normal(size=(20, 4, 2))
    train[::2, 3] = np.nan
    mean, pca = ANY.simple_reconstructions((train, None), (train[:8], None), dimensions=2, cache_folder=None)
    expected = (train[:8] - np.nanmean(train, axis=0)) ** 2
    assert (mean.name, pca.name) == ("mean", "pca")
    np.testing.assert_allclose(mean.errors.squared, np.nanmean(expected, axis=(1, 2)))
    assert pca.errors.squared.mean() < mean.errors.squared.mean()


def test_what_latent_vectors_keep_is_told_in_plain_values():
    right = np.array([1.0, 1.0, 0.0, 1.0])
    found = latent_details(LatentErrors(2, right, 0.9, 4), resamples=50)["latent"]
    assert (found["dimensions"], found["trustworthiness"], found["trustworthiness_examples"]) == (2, 0.9, 4)
    low, high = found["neighbours_accuracy_ci"]
    assert low <= found["neighbours_accuracy"] == 0.75 <= high
    without = latent_details(LatentErrors(2, None, 0.9, 4), resamples=50)["latent"]
    assert without["neighbours_accuracy"] is without["neighbours_accuracy_ci"] is None
