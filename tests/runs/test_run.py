"""Runs of recipes: what their folders hold, and that it is what was trained and scored."""

import json

import keras
import numpy as np
import pytest

import unspool
from unspool.data import load
from unspool.errors import UserError
from unspool.models import Series, autoencoder
from unspool.runs.reading.named_datasets import prepare_dataset
from unspool.runs.recipes.file import load_recipe
from unspool.runs.run import command_line, run

OF_ANY = {
    "model.keras",
    "reader.json",
    "labels.json",
    "decision.json",
    "recipe.toml",
    "metrics.json",
    "history.csv",
    "environment.json",
    "digests.json",
    "golden.npz",
    "golden.json",
    "seen.npz",
    "predictions.npz",
    "log.csv",
    "report.html",
    "README.md",
    "figures",
}


def test_a_run_writes_its_folder(finished, small_recipe):
    folder, _ = finished
    assert {path.name for path in folder.iterdir()} == OF_ANY | {"tokenizer.json", "test_predictions.csv"}
    assert load_recipe(folder / "recipe.toml") == small_recipe
    assert not folder.with_name(folder.name + ".partial").exists()


def test_a_run_of_an_autoencoder_writes_its_folder(finished_autoencoder, small_autoencoder_recipe):
    folder, _ = finished_autoencoder
    assert {path.name for path in folder.iterdir()} == OF_ANY | {"encoder.keras", "decoder.keras", "latent.npz"}
    assert load_recipe(folder / "recipe.toml") == small_autoencoder_recipe


def test_metrics_hold_what_others_rely_on(finished):
    metrics = json.loads((finished[0] / "metrics.json").read_text())
    assert set(metrics) >= {"task", "recipe", "protocol", "seed", "epochs", "best_epoch", "seconds"}
    assert set(metrics["parameters"]) == {"total", "trainable", "non_trainable"}
    scores = {"auc", "auc_ci", "balanced_accuracy", "balanced_accuracy_ci", "accuracy", "accuracy_ci", "brier"}
    for part in ("test", "validation"):
        assert set(metrics[part]) >= scores | {"threshold", "confusion_matrix"}
    assert {"accuracy", "auc"} <= set(metrics["baselines"]["tfidf-logistic-regression"])
    assert {"beats_baseline", "difference", "difference_ci"} <= set(metrics["verdict"])
    low, high = metrics["test"]["auc_ci"]
    assert low < metrics["test"]["auc"] < high


def test_metrics_of_an_autoencoder_hold_what_others_rely_on(finished_autoencoder):
    metrics = json.loads((finished_autoencoder[0] / "metrics.json").read_text())
    assert set(metrics) >= {"task", "recipe", "protocol", "seed", "epochs", "best_epoch", "seconds", "parameters"}
    scores = {"cross_entropy", "cross_entropy_ci", "excess", "excess_ci", "mse", "mse_ci", "psnr", "psnr_ci"}
    for part in (metrics["test"], metrics["validation"], metrics["baselines"]["pca"], metrics["baselines"]["mean"]):
        assert set(part) >= scores
    assert metrics["test"]["latent"]["dimensions"] == metrics["baselines"]["pca"]["latent"]["dimensions"] == 2
    assert metrics["verdict"]["measure"] == "cross_entropy"


def test_the_saved_model_gives_the_scores_that_were_reported(finished, small_recipe):
    folder, result = finished
    test = prepare_dataset(small_recipe).test
    probabilities = unspool.predict(keras.saving.load_model(folder / "model.keras"), test.inputs, batch_size=100)[:, 0]
    np.testing.assert_allclose(probabilities, result.test_predictions.outputs, atol=1e-6)
    accuracy = np.mean((probabilities >= result.test.threshold) == test.targets)
    assert accuracy == pytest.approx(result.test["accuracy"].value)


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
    assert np.mean((again - images) ** 2) == pytest.approx(result.test["mse"].value, abs=1e-6)
    cross_entropy = keras.losses.BinaryCrossentropy()(images, again)
    assert float(cross_entropy) == pytest.approx(result.test["cross_entropy"].value, abs=1e-5)


def test_what_stopped_the_training_is_what_was_scored(finished_autoencoder):
    _, result = finished_autoencoder
    assert result.validation["cross_entropy"].value == pytest.approx(min(result.history["val_loss"]), abs=1e-5)
    assert result.history["val_loss"][1] < result.history["val_loss"][0]


def test_the_best_epoch_is_the_one_of_the_lowest_validation_loss(finished):
    _, result = finished
    assert result.best_epoch == int(np.argmin(result.history["val_loss"])) + 1
    assert result.epochs == len(result.history["loss"]) == 2
    assert 0 < result.training_seconds < result.seconds


def test_the_same_recipe_gives_the_same_bits(finished, small_recipe, tmp_path):
    folder, result = finished
    again = run(small_recipe, tmp_path / "again")
    np.testing.assert_array_equal(again.test_predictions.outputs, result.test_predictions.outputs)
    models = [keras.saving.load_model(f / "model.keras") for f in (folder, tmp_path / "again")]
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(one, other)
    assert again.history == result.history


def test_a_folder_that_is_there_is_not_overwritten(finished, small_recipe):
    with pytest.raises(UserError, match="is there already"):
        run(small_recipe, finished[0])


def test_a_measure_that_is_none_of_the_task_is_told_before_anything_is_trained(tmp_path):
    with pytest.raises(UserError, match=r"evaluation\.measure is 'rmse': the measures of binary .* are accuracy, "):
        run(load_recipe("sentences-rnn", ["evaluation.measure=rmse"]), tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "expected"), [("mnist-lstm-ae", (10_950, 10_838)), ("mnist-bilstm-ae", (49_408, 49_184))]
)
def test_the_chapters_recipes_have_its_parameters(name, expected):
    model = autoencoder(load_recipe(name).model, Series(length=28, features=28))
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert (model.count_params(), trainable) == expected


def test_the_command_line_is_quoted():
    assert command_line("my recipe.toml", ["model.units=3"]) == "unspool run 'my recipe.toml' --set model.units=3"
