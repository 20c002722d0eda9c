"""The model of a run fitted to all examples: what it learns from, and what is said of it."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import pytest

from unspool.cli import main
from unspool.errors import UserError
from unspool.runs import run as run_module
from unspool.runs.checking.check import check
from unspool.runs.description import described
from unspool.runs.model import load_trained
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records import folder
from unspool.runs.records.record import read_result
from unspool.runs.records.seen import fingerprints, load_seen
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.refit import refit
from unspool.runs.resume import resume
from unspool.runs.run import prepare, run, train

from .conftest import interrupted
from .reviews import write_reviews
from .series import write_npz

SHORT = ["training.epochs=1", "model.units=2", "model.embedding=2", "data.num_words=100", "evaluation.resamples=100"]


@contextmanager
def watching(monkeypatch):
    """The recipe and the data of each model that the block fits."""
    fit, fitted = run_module.fit_recipe, []

    def fit_recipe(recipe, prepared, job):
        fitted.append((recipe, prepared))
        return fit(recipe, prepared, job)

    with monkeypatch.context() as patch:
        patch.setattr(run_module, "fit_recipe", fit_recipe)
        yield fitted


def prepared_of(run):
    return prepare(load_recipe(run / "recipe.toml"), None, TrainingLog())


def weights_of(model):
    return keras.saving.load_model(model / "model.keras").get_weights()


def test_a_network_learns_from_the_test_and_is_stopped_by_validation(trained, tmp_path, monkeypatch):
    before = prepared_of(trained[0])
    with watching(monkeypatch) as fitted:
        refit(trained[0], tmp_path / "all")
    training, validation = fitted[0][1].training, fitted[0][1].validation
    assert [*training.raw()] == [*before.training.raw(), *before.test.raw()]
    assert (
        training.inputs.load().tolist() == before.training.inputs.load().tolist() + before.test.inputs.load().tolist()
    )
    assert training.targets.tolist() == [*before.training.targets, *before.test.targets]
    assert [*validation.raw()] == [*before.validation.raw()]
    assert load_seen(tmp_path / "all").holds(fingerprints(before.test.raw())).all()
    assert not np.array_equal(weights_of(tmp_path / "all")[0], weights_of(trained[0])[0])
    assert not check(tmp_path / "all").broken


def test_the_chosen_candidate_alone_is_fitted_to_all(tmp_path, monkeypatch):
    reviews = write_reviews(tmp_path / "reviews.csv", rows=120)
    train(FileSettings(path=str(reviews)), tmp_path / "run", model="nb-words", changes=["evaluation.resamples=100"])
    with watching(monkeypatch) as fitted:
        refit(tmp_path / "run", tmp_path / "all")
    recipe, prepared = fitted[0]
    assert recipe.model.candidates == ("nb-words",)
    assert len(prepared.learned) == 120
    assert len(list(prepared.test.raw())) == 12
    seen = (tmp_path / "run" / "inspection.txt").read_text()
    assert described(tmp_path / "all").endswith(f"What {tmp_path / 'run'} was trained and tested on:\n\n{seen}")
    assert not check(tmp_path / "all").broken


def test_a_blend_is_weighed_again(tmp_path, monkeypatch):
    series = write_npz(tmp_path / "waves.npz", count=60)
    data = FileSettings(path=str(series), kind="series")
    train(data, tmp_path / "run", changes=["evaluation.resamples=100"], budget=60.0)
    result = read_result(tmp_path / "run")
    recipe = load_recipe(tmp_path / "run" / "recipe.toml")
    with watching(monkeypatch) as fitted:
        refit(tmp_path / "run", tmp_path / "all")
    chosen = next(one.name for one in result.candidates if one.chosen)
    assert fitted[0][0].model.candidates == (recipe.model.candidates if chosen == "blend" else (chosen,))
    assert len(fitted[0][1].learned) == 60
    assert not check(tmp_path / "all").broken


def test_after_an_interruption_it_ends_with_the_same_bits(finished, tmp_path, monkeypatch):
    refit(finished[0], tmp_path / "whole")
    with interrupted(monkeypatch, epoch=1):
        refit(finished[0], tmp_path / "all", say=(said := []).append)
    assert said[-1] == f"the training so far is saved. To continue: unspool resume {tmp_path / 'all'}"
    assert resume(tmp_path / "all") is None
    for one, other in zip(weights_of(tmp_path / "whole"), weights_of(tmp_path / "all"), strict=True):
        assert np.array_equal(one, other)
    assert {path.name for path in (tmp_path / "all").iterdir()} == {
        path.name for path in (tmp_path / "whole").iterdir()
    }


def test_what_cannot_be_refitted(small_recipe, finished_autoencoder, tmp_path):
    with pytest.raises(UserError, match=r"is an autoencoder\. Only models that predict"):
        refit(finished_autoencoder[0], tmp_path / "all")
    run(load_recipe("sentences-rnn", [*SHORT, "evaluation.protocol=chapter"]), tmp_path / "chapter")
    with pytest.raises(UserError, match=r"stopped its training by the test examples .protocol chapter."):
        refit(tmp_path / "chapter", tmp_path / "all")
    assert not (tmp_path / "all").exists()


def test_data_that_has_changed_is_refused(tmp_path):
    reviews = write_reviews(tmp_path / "reviews.csv", rows=120)
    settings = {"changes": ["evaluation.resamples=100"], "model": "nb-words"}
    train(FileSettings(path=str(reviews)), tmp_path / "run", **settings)
    reviews.write_text(reviews.read_text() + "120,one more film,pos\n")
    with pytest.raises(
        UserError, match=r"has changed since .*run was trained on it.* Train again with `unspool train`"
    ):
        refit(tmp_path / "run", tmp_path / "all")
    assert not folder.partial_of(tmp_path / "all").exists()


def test_the_commands_say_whose_scores_to_see(finished, tmp_path, capsys):
    out = tmp_path / "all"
    assert main(["refit", str(finished[0]), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"model: {out} (not scored; for scores, see {finished[0]})\n"
    accuracy = f"an accuracy of {100 * finished[1].test['accuracy'].value:.1f}% (95% interval "
    known = f"fitted to all examples of {finished[0]}, including the test, so no test examples remain"
    assert known in described(out)
    assert accuracy in described(out)
    assert main(["report", str(out)]) == 1
    error = capsys.readouterr().err
    assert known in error
    assert error.endswith(f"Use the run instead: {finished[0]}.\n")
    assert load_trained(out).task == load_trained(finished[0]).task


def test_its_run_is_found_from_wherever_the_folder_is_named(finished, tmp_path, monkeypatch):
    shutil.copytree(finished[0], tmp_path / "small")
    monkeypatch.chdir(tmp_path / "small")
    assert main(["refit", "."]) == 0
    assert "fitted to all examples of ../small, " in described(Path("../small-refit"))
    monkeypatch.chdir(tmp_path)
    assert "fitted to all examples of small, " in described(Path("small-refit"))


def test_what_a_resumed_refit_has_not_is_refused(finished, tmp_path, monkeypatch):
    with interrupted(monkeypatch, epoch=1):
        refit(finished[0], tmp_path / "all")
    with pytest.raises(UserError, match=r"all is a refit: it is not tracked, and trains in one process\. Leave out"):
        resume(tmp_path / "all", track="mlflow")
    assert folder.is_unfinished(tmp_path / "all")
