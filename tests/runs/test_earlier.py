"""Finished folders of an earlier version, of `train` and of `run`: they are used like new ones."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from unspool.cli import main
from unspool.errors import UserError
from unspool.runs.autoencoders import open_run
from unspool.runs.checking.golden import load_golden
from unspool.runs.compare import compare_runs
from unspool.runs.description import described
from unspool.runs.model import load_trained, reader_of
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings, ImageSettings, TextSettings
from unspool.runs.records.record import read_result
from unspool.tasks import task_of

EARLIER = Path(__file__).with_name("earlier")
OF_FILES, OF_DATASETS = ["own-text", "own-series"], ["classifier", "autoencoder"]
ALL = [*OF_FILES, *OF_DATASETS]


@pytest.fixture
def copy(tmp_path):
    return lambda name: shutil.copytree(EARLIER / name, tmp_path / name)


@pytest.mark.parametrize("name", ALL)
def test_its_model_answers_as_its_golden_inputs_say(name):
    model, golden = load_trained(EARLIER / name), load_golden(EARLIER / name)
    answers = model.checkable(model.checkable.rectangle(golden.inputs), len(golden))
    np.testing.assert_allclose(answers, golden.answers, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "own-text",
            ["binary classification (neg, pos)", "column review: 38 different tokens", "200 rows that can be"],
        ),
        (
            "own-series",
            ["multiclass classification (a, b, c)", "2 channels, the last 19 steps", "lstm, 8 units in both"],
        ),
        (
            "classifier",
            ["binary classification", "sentences: as an earlier version prepared it", "lstm, 8 units in one"],
        ),
        (
            "autoencoder",
            ["digits: as an earlier version prepared it", "an autoencoder with a latent vector of 2 numbers"],
        ),
    ],
)
def test_it_is_described(name, words):
    told = described(EARLIER / name)
    for one in words:
        assert one in told
    assert read_result(EARLIER / name).verdict.words in told


@pytest.mark.parametrize(
    ("name", "kind", "epochs", "class_weight"),
    [
        ("own-text", FileSettings, 4, "balanced"),
        ("own-series", FileSettings, 4, "balanced"),
        ("classifier", TextSettings, 2, "none"),
        ("autoencoder", ImageSettings, 3, "none"),
    ],
)
def test_its_recipe_reads(name, kind, epochs, class_weight):
    recipe = load_recipe(EARLIER / name / "recipe.toml")
    assert isinstance(recipe.data, kind)
    assert (recipe.training.epochs, recipe.training.class_weight) == (epochs, class_weight)


@pytest.mark.parametrize(("name", "auc"), [("own-text", 1.0), ("own-series", 0.292), ("classifier", 0.732)])
def test_its_scores_are_those_of_its_predictions(name, auc):
    result = read_result(EARLIER / name)
    assert result.test["auc"].value == pytest.approx(auc, abs=5e-4)
    again = task_of(result).scores(result.test_predictions, result.test.threshold, resamples=100)
    assert {name: one.value for name, one in again.figures.items()} == pytest.approx(
        {name: result.test[name].value for name in again.figures}
    )


def test_an_autoencoders_scores_are_read():
    result = read_result(EARLIER / "autoencoder")
    assert list(result.test.figures) == list(task_of(result).measures)
    assert result.test["cross_entropy"].value == pytest.approx(0.438, abs=5e-4)
    assert result.test_predictions.outputs[:, 1].mean() == pytest.approx(result.test["cross_entropy"].value)
    assert result.data.examples == {"training": 1293, "validation": 144, "test": 360}
    assert result.pictures.walk.tiles.shape == (15, 15, 8, 8)


@pytest.mark.parametrize("name", ALL)
def test_its_report_is_built_again(name, copy, capsys):
    folder = copy(name)
    assert main(["report", str(folder)]) == 0
    page = (folder / "report.html").read_text()
    assert "<svg" in page
    assert read_result(folder).verdict.words.split(".")[0] in page
    assert list((folder / "figures").glob("*.svg"))


@pytest.mark.parametrize("name", ALL)
def test_it_is_compared(name, copy, tmp_path):
    folders = [copy(name), shutil.copytree(EARLIER / name, tmp_path / "other")]
    comparison = compare_runs(folders, tmp_path / "out")
    assert [one.value for one in comparison.differences] == [0.0] * len(comparison.differences)
    assert comparison.differences


@pytest.mark.parametrize(("name", "file", "rows"), [("own-text", "reviews.csv", 200), ("own-series", "waves.npz", 120)])
def test_a_model_of_a_file_predicts_and_is_evaluated(name, file, rows, tmp_path, capsys):
    out = tmp_path / "scored.csv"
    assert main(["predict", str(EARLIER / name), str(EARLIER / file), "--out", str(out)]) == 0
    assert len(out.read_text().splitlines()) == rows + 1
    assert main(["evaluate", str(EARLIER / name), str(EARLIER / file)]) == 0
    assert f"{rows} examples" in capsys.readouterr().out


@pytest.mark.parametrize("name", OF_DATASETS)
def test_a_run_of_a_named_dataset_did_not_keep_how_raw_examples_are_read(name):
    with pytest.raises(UserError, match=f"{name} was made by an earlier version of unspool, which did not keep"):
        reader_of(load_trained(EARLIER / name), EARLIER / name)


def test_an_autoencoder_encodes_and_generates(tmp_path):
    run = open_run(EARLIER / "autoencoder")
    images = read_result(EARLIER / "autoencoder").pictures.originals
    again, losses = run.reconstruct(images)
    np.testing.assert_allclose(again, read_result(EARLIER / "autoencoder").pictures.reconstructions, atol=1e-5)
    assert losses.shape == (10,)
    assert run.generate(3, "density", seed=0).shape == run.generate(3, "interpolate", seed=0).shape == (3, 8, 8)
