import json

import keras
import numpy as np
import pytest

import unspool
from unspool.errors import UserError
from unspool.experiment.classification import prepare
from unspool.experiment.recipe_file import load_recipe
from unspool.experiment.record import read_result
from unspool.experiment.run import command_line, run


def test_a_run_writes_its_folder(finished, small_recipe):
    folder, _ = finished
    assert {path.name for path in folder.iterdir()} == {
        "model.keras",
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
    assert load_recipe(folder / "recipe.toml") == small_recipe
    assert not folder.with_name(folder.name + ".partial").exists()


def test_metrics_hold_what_others_rely_on(finished):
    metrics = json.loads((finished[0] / "metrics.json").read_text())
    assert set(metrics) >= {"recipe", "protocol", "seed", "epochs", "best_epoch", "seconds"}
    assert set(metrics["parameters"]) == {"total", "trainable", "non_trainable"}
    scores = {"auc", "auc_ci", "balanced_accuracy", "balanced_accuracy_ci", "accuracy", "accuracy_ci", "brier"}
    for part in ("test", "validation"):
        assert set(metrics[part]) >= scores | {"threshold", "confusion_matrix"}
    assert {"accuracy", "auc"} <= set(metrics["baselines"]["tfidf-logistic-regression"])
    assert {"beats_baseline", "difference", "difference_ci"} <= set(metrics["verdict"])
    low, high = metrics["test"]["auc_ci"]
    assert low < metrics["test"]["auc"] < high


def test_the_saved_model_gives_the_scores_that_were_reported(finished, small_recipe):
    folder, result = finished
    test = prepare(small_recipe).test
    probabilities = unspool.predict(keras.saving.load_model(folder / "model.keras"), test.ids, batch_size=100)[:, 0]
    np.testing.assert_allclose(probabilities, result.test_predictions.probabilities, atol=1e-6)
    accuracy = np.mean((probabilities >= result.test.threshold) == test.labels)
    assert accuracy == pytest.approx(result.test.accuracy.value)


def test_the_best_epoch_is_the_one_of_the_lowest_validation_loss(finished):
    _, result = finished
    assert result.best_epoch == int(np.argmin(result.history["val_loss"])) + 1
    assert result.epochs == len(result.history["loss"]) == 2


def test_the_same_recipe_gives_the_same_bits(finished, small_recipe, tmp_path):
    folder, result = finished
    again = run(small_recipe, tmp_path / "again")
    np.testing.assert_array_equal(again.test_predictions.probabilities, result.test_predictions.probabilities)
    models = [keras.saving.load_model(f / "model.keras") for f in (folder, tmp_path / "again")]
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(one, other)
    assert again.history == result.history


def test_a_folder_reads_back_into_the_result_it_was_written_from(finished):
    folder, result = finished
    back = read_result(folder)
    for name in (
        "data",
        "layers",
        "parameters",
        "test",
        "validation",
        "verdict",
        "environment",
        "published",
        "history",
    ):
        assert getattr(back, name) == getattr(result, name), name
    np.testing.assert_array_equal(back.test_predictions.probabilities, result.test_predictions.probabilities)
    np.testing.assert_array_equal(back.test_predictions.groups, result.test_predictions.groups)
    np.testing.assert_array_equal(back.baselines[1].probabilities, result.baselines[1].probabilities)


def test_a_folder_that_is_there_is_not_overwritten(finished, small_recipe):
    with pytest.raises(UserError, match="is there already"):
        run(small_recipe, finished[0])


def test_a_damaged_folder_is_told(finished, tmp_path):
    import shutil

    for name, content in {"metrics.json": "{}", "history.csv": "epoch\n", "predictions.npz": "PK"}.items():
        copy = tmp_path / name
        shutil.copytree(finished[0], copy)
        (copy / name).write_text(content)
        with pytest.raises(UserError, match="is damaged"):
            read_result(copy)


def test_the_command_line_is_quoted():
    assert command_line("my recipe.toml", ["model.units=3"]) == "unspool run 'my recipe.toml' --set model.units=3"
