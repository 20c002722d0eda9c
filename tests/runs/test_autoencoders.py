import shutil

import numpy as np
import pytest

from unspool.data import load
from unspool.errors import UserError
from unspool.models import pad_series
from unspool.runs.autoencoders import open_run
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.run import train
from unspool.tasks.reconstruction import CROSS_ENTROPY

from .series import series_of, write_npz


@pytest.fixture(scope="module")
def opened(finished_autoencoder):
    return open_run(finished_autoencoder[0])


@pytest.fixture(scope="module")
def images():
    return load("digits").test.images


def test_reconstructing_is_encoding_and_decoding(opened, images, finished_autoencoder):
    again, losses = opened.reconstruct(images)
    np.testing.assert_allclose(opened.decode(opened.encode(images)), again, atol=1e-6)
    np.testing.assert_allclose(losses, finished_autoencoder[1].test_predictions.outputs[:, CROSS_ENTROPY], atol=1e-5)


def test_whole_numbers_are_read_too(opened, images):
    black = (images[:3] > 0.5).astype("uint8")
    np.testing.assert_array_equal(opened.encode(black), opened.encode(black.astype("float64")))


@pytest.mark.parametrize("source", ["uniform", "density", "interpolate"])
def test_what_is_generated_follows_the_seed(opened, source):
    one, same, other = (opened.generate(5, source, seed) for seed in (1, 1, 2))
    assert one.shape == (5, 8, 8)
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)


def test_interpolation_goes_from_one_test_example_to_one_of_another_label(opened, finished_autoencoder):
    pictures = finished_autoencoder[1].pictures
    decoded = opened.decode(pictures.latent_vectors)
    ends = opened.generate(7, "interpolate", seed=3)[[0, -1]]
    places = [int(np.abs(decoded - end).max(axis=(1, 2)).argmin()) for end in ends]
    np.testing.assert_allclose(decoded[places], ends, atol=1e-5)
    assert pictures.latent_labels[places[0]] != pictures.latent_labels[places[1]]


@pytest.mark.parametrize(
    ("method", "array", "message"),
    [
        ("encode", np.zeros((2, 8, 9)), r"shape \(2, 8, 9\), but this run's autoencoder takes \(N, 8, 8\)"),
        ("encode", np.zeros((8, 8)), r"shape \(8, 8\), but"),
        ("encode", np.zeros((0, 8, 8)), r"shape \(0, 8, 8\), but"),
        ("encode", np.full((2, 8, 8), 16), r"x\.npy\[0, 0, 0\] is 16, but all must lie between 0 and 1 \(divide"),
        (
            "reconstruct",
            np.full((2, 8, 8), np.nan),
            r"x\.npy\[0, 0, 0\] is nan, which is not a finite number \(128 such in all\)",
        ),
        ("encode", np.full((2, 8, 8), "a"), "holds <U1, not numbers"),
        ("encode", np.zeros((2, 8, 8), complex), "holds complex128, not numbers"),
        ("decode", np.zeros((2, 3)), r"shape \(2, 3\), but this run's autoencoder takes \(N, 2\)"),
        ("decode", np.array([[0.5, 0.5], [0.5, 1.5]]), r"x\.npy\[1, 1\] is 1\.5, but this encoder's vectors lie betwe"),
        ("decode", np.array([[0.5, np.inf]]), r"x\.npy\[0, 1\] is inf, which is not a finite number"),
    ],
)
def test_a_wrong_array_is_one_clear_error(opened, method, array, message):
    with pytest.raises(UserError, match=message):
        getattr(opened, method)(array, "x.npy")


def test_a_classifiers_run_is_refused(finished):
    with pytest.raises(UserError, match="a run of sentences-rnn, which is no autoencoder"):
        open_run(finished[0])


def test_a_damaged_run_is_told(finished_autoencoder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(finished_autoencoder[0], copy)
    whole = (copy / "model.keras").read_bytes()
    (copy / "model.keras").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"model\.keras cannot be read as a model"):
        open_run(copy)
    (copy / "model.keras").unlink()
    with pytest.raises(UserError, match=r"model\.keras is not there"):
        open_run(copy)


@pytest.fixture(scope="module")
def of_series(tmp_path_factory):
    """An autoencoder of series of different lengths, around 100, and series as it is given them."""
    folder = tmp_path_factory.mktemp("series")
    data = FileSettings(path=str(write_npz(folder / "a.npz")), kind="series", task="reconstruction")
    changes = ["training.epochs=1", "model.encoder.units=4", "model.decoder.units=4", "model.encoder.outputs=3"]
    train(data, folder / "model", changes=[*changes, "evaluation.resamples=100"])
    run = open_run(folder / "model")
    return run, pad_series(series_of(5, seed=1)[0], run.autoencoder.shape[0])


def test_series_are_given_back_in_their_own_unit_and_length(of_series):
    run, series = of_series
    again, losses = run.reconstruct(series)
    assert again.shape == series.shape
    np.testing.assert_array_equal(np.isnan(again), np.isnan(series))
    assert abs(np.nanmean(again) - 100) < 20
    standardised = run.model.reader.read(again) - run.model.reader.read(series)
    np.testing.assert_allclose(losses, np.nanmean(standardised**2, axis=(1, 2)), rtol=1e-4)
    decoded = run.decode(run.encode(series))
    whole = ~np.isnan(series).any(axis=(1, 2))  # from a vector alone nobody knows how long its series was
    assert whole.any()
    np.testing.assert_allclose(decoded[whole], again[whole], rtol=1e-4)


def test_series_with_gaps_or_of_other_lengths_are_read_as_predict_reads_them(of_series):
    run, series = of_series
    ends = np.flatnonzero(~np.isnan(series).all(axis=(0, 2)))[-1] + 1
    gaps = series.copy()
    gaps[1, 1, 0] = np.nan
    filled = series.copy()
    filled[1, 1, 0] = (series[1, 0, 0] + series[1, 2, 0]) / 2
    np.testing.assert_array_equal(run.encode(gaps), run.encode(filled))
    longer = np.concatenate([series, np.full_like(series[:, :3], np.nan)], axis=1)
    np.testing.assert_array_equal(run.encode(longer), run.encode(series))
    np.testing.assert_array_equal(run.encode(series[:, :ends]), run.encode(series))
    again, losses = run.reconstruct(longer)
    np.testing.assert_array_equal(again, run.reconstruct(series)[0])
    np.testing.assert_array_equal(losses, run.reconstruct(series)[1])


@pytest.mark.parametrize(
    ("number", "rows", "message"),
    [
        (np.inf, (1, 0, 0), r"x\.npy\[1, 0, 0\] is inf, which is not a finite number \(1 such in all\)"),
        (np.nan, (1,), r"x\.npy\[1\] has no numbers \(1 such series in all\)\. Leave it out"),
    ],
)
def test_an_infinite_number_or_a_series_without_numbers_is_refused(of_series, number, rows, message):
    run, series = of_series
    broken = series.copy()
    broken[rows] = number
    with pytest.raises(UserError, match=message):
        run.encode(broken, "x.npy")
    with pytest.raises(UserError, match=r"takes \(N, steps, 2\): N series"):
        run.encode(series[:, :, :1])


def test_series_without_pictures_are_drawn_from_the_latent_space_but_not_interpolated(of_series):
    run, series = of_series
    assert run.generate(4, "density", seed=0).shape == (4, *series.shape[1:])
    with pytest.raises(UserError, match="keeps no labelled test examples to interpolate between"):
        run.generate(4, "interpolate", seed=0)
