import json

import keras
import numpy as np
import pytest

import unspool
from unspool.data import load
from unspool.errors import UserError
from unspool.experiment.recipe_file import load_recipe
from unspool.experiment.reconstruction import prepare
from unspool.experiment.record import read_result
from unspool.experiment.run import run
from unspool.models import seq2seq


@pytest.mark.parametrize(
    ("name", "expected"), [("mnist-lstm-ae", (10_950, 10_838)), ("mnist-bilstm-ae", (49_408, 49_184))]
)
def test_the_chapters_recipes_have_its_parameters(name, expected):
    from unspool.models import Series

    model = seq2seq(load_recipe(name).model, Series(length=28, features=28))
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert (model.count_params(), trainable) == expected


def test_the_honest_protocol_never_shows_the_test_set_to_training():
    prepared = prepare(load_recipe("digits-lstm-ae"))
    images = [{image.tobytes() for image in part.images} for part in (prepared.training, prepared.validation)]
    test = {image.tobytes() for image in prepared.test.images}
    assert not test & images[0]
    assert not test & images[1]
    assert len(prepared.training) + len(prepared.validation) == 1437
    assert len(prepared.validation) == 144


def test_the_chapters_protocol_validates_on_the_test_set_and_trains_on_all_else():
    prepared = prepare(load_recipe("digits-lstm-ae", ["evaluation.protocol=chapter"]))
    assert prepared.validation is prepared.test
    assert len(prepared.training) == 1437


def test_texts_are_refused_by_an_autoencoders_recipe():
    with pytest.raises(UserError, match="seq2seq recipes read images"):
        prepare(load_recipe("digits-lstm-ae", ["data.dataset=sentences"]))


def test_a_run_writes_its_folder(finished_autoencoder, small_autoencoder_recipe):
    folder, _ = finished_autoencoder
    assert {path.name for path in folder.iterdir()} == {
        "model.keras",
        "encoder.keras",
        "decoder.keras",
        "latent.npz",
        "recipe.toml",
        "metrics.json",
        "history.csv",
        "environment.json",
        "digests.json",
        "golden.npz",
        "predictions.npz",
        "report.html",
        "figures",
    }
    assert load_recipe(folder / "recipe.toml") == small_autoencoder_recipe


def test_metrics_hold_what_others_rely_on(finished_autoencoder):
    metrics = json.loads((finished_autoencoder[0] / "metrics.json").read_text())
    assert set(metrics) >= {"kind", "recipe", "protocol", "seed", "epochs", "best_epoch", "seconds", "parameters"}
    scores = {"cross_entropy", "cross_entropy_ci", "excess", "excess_ci", "mse", "mse_ci", "psnr", "psnr_ci"}
    for part in (metrics["test"], metrics["validation"], metrics["baselines"]["pca"], metrics["baselines"]["mean"]):
        assert set(part) >= scores
    assert metrics["latent"]["dimensions"] == metrics["baselines"]["pca"]["latent"]["dimensions"] == 2
    assert metrics["verdict"]["measure"] == "cross_entropy"


def test_the_saved_halves_give_the_scores_that_were_reported(finished_autoencoder):
    folder, result = finished_autoencoder
    images = load("digits").test.images
    model, encoder, decoder = (
        keras.saving.load_model(folder / f"{name}.keras") for name in ("model", "encoder", "decoder")
    )
    vectors = unspool.predict(encoder, images, batch_size=100)
    np.testing.assert_allclose(vectors, result.pictures.latent_vectors, atol=1e-6)
    again = unspool.predict(decoder, vectors, batch_size=100)
    np.testing.assert_allclose(again, unspool.predict(model, images, batch_size=100), atol=1e-6)
    assert np.mean((again - images) ** 2) == pytest.approx(result.test.mse.value, abs=1e-6)
    cross_entropy = keras.losses.BinaryCrossentropy()(images, again)
    assert float(cross_entropy) == pytest.approx(result.test.cross_entropy.value, abs=1e-5)


def test_what_stopped_the_training_is_what_was_scored(finished_autoencoder):
    _, result = finished_autoencoder
    assert result.validation.cross_entropy.value == pytest.approx(min(result.history["val_loss"]), abs=1e-5)
    assert result.history["val_loss"][1] < result.history["val_loss"][0]


def test_a_folder_reads_back_into_the_result_it_was_written_from(finished_autoencoder):
    folder, result = finished_autoencoder
    back = read_result(folder)
    same_as(back, result)


def same_as(one, other):
    """Compares frozen values field by field, arrays by their content."""
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            same_as(a, b)
    elif hasattr(one, "__dataclass_fields__"):
        for name in one.__dataclass_fields__:
            same_as(getattr(one, name), getattr(other, name))
    else:
        assert one == other


def test_images_of_any_numbers_with_a_wide_code_and_masks(tmp_path):
    changes = [
        "training.epochs=1",
        "model.encoder.units=4",
        "model.decoder.units=4",
        "model.encoder.outputs=3",
        "model.encoder.activation=linear",
        "model.encoder.mask_padding=true",
        "model.decoder.output=gaussian",
        "evaluation.resamples=100",
    ]
    result = run(load_recipe("digits-lstm-ae", changes), tmp_path / "run")
    assert result.test.cross_entropy is None
    assert result.verdict.measure == "mse"
    assert result.pictures.walk is None
    assert result.pictures.projection.vectors.shape == (360, 2)
    same_as(read_result(tmp_path / "run"), result)
