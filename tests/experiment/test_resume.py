"""A run that was interrupted leaves what it trained, and goes on as if it had not been."""

import json

import numpy as np
import pytest

from unspool import files
from unspool.errors import UserError
from unspool.experiment import environment
from unspool.experiment import run as run_module
from unspool.experiment.chronicle import Chronicle
from unspool.experiment.compare import compare
from unspool.experiment.folder import free_folder, holds_checkpoint
from unspool.experiment.resume import resume
from unspool.experiment.run import run
from unspool.training.loop import Loop


def interrupted(recipe, out, monkeypatch, error=KeyboardInterrupt, epoch=0, **arguments):
    """A run that is interrupted in an epoch; what it said."""
    note, said = Chronicle.on_epoch_end, []

    def interrupt(self, number, logs=None):
        if number == epoch:
            raise error
        note(self, number, logs)

    with monkeypatch.context() as patch:
        patch.setattr(Chronicle, "on_epoch_end", interrupt)
        with pytest.raises(error):
            run(recipe, out, say=said.append, **arguments)
    return said


@pytest.fixture
def unfinished(small_recipe, tmp_path, monkeypatch):
    """Where a run would be that was interrupted in its second and last epoch."""
    out = tmp_path / "small"
    said = interrupted(small_recipe, out, monkeypatch, epoch=1, command="unspool run sentences-rnn")
    assert said[-1] == f"what was trained is kept. To go on: unspool resume {out}"
    return out


def assert_same_run(one, other):
    for name in ("history.csv", "digests.json", "recipe.toml"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    with np.load(one / "predictions.npz") as ours, np.load(other / "predictions.npz") as theirs:
        assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    assert {path.name for path in one.iterdir()} == {path.name for path in other.iterdir()}
    assert json.loads((one / "metrics.json").read_text())["command"] == "unspool run sentences-rnn"


def test_an_interrupted_run_goes_on_to_the_same_end(unfinished, finished):
    assert {path.name for path in unfinished.parent.iterdir()} == {"small.partial"}
    result = resume(unfinished)
    assert result.history == finished[1].history
    assert_same_run(unfinished, finished[0])
    assert {path.name for path in unfinished.parent.iterdir()} == {"small"}


def test_what_fails_after_training_does_not_train_again(small_recipe, finished, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(run_module, "write_report", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(small_recipe, tmp_path / "small", command="unspool run sentences-rnn")
    monkeypatch.setattr(Loop, "_epoch", None)
    resume(tmp_path / "small")
    assert_same_run(tmp_path / "small", finished[0])


def test_the_time_before_an_interruption_counts(unfinished, monkeypatch):
    state = Chronicle.set_state
    monkeypatch.setattr(
        Chronicle, "set_state", lambda self, earlier: state(self, earlier | {"seconds": earlier["seconds"] + 1000})
    )
    assert 1000 < resume(unfinished).seconds < 2000


def test_interrupted_before_it_trained_it_leaves_nothing(small_recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(run_module.classification, "fitted", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(small_recipe, tmp_path / "small")
    assert list(tmp_path.iterdir()) == []


def test_killed_before_it_was_noted_it_begins_anew(small_recipe, finished, tmp_path):
    partial = tmp_path / "small.partial"
    (partial / "content").mkdir(parents=True)
    (partial / "content" / "half").write_text("")
    (partial / "recipe.toml.partial").write_text("name =")
    run(small_recipe, tmp_path / "small", command="unspool run sentences-rnn")
    assert_same_run(tmp_path / "small", finished[0])
    assert not partial.exists()


def test_a_run_that_was_begun_is_not_overwritten(unfinished, small_recipe):
    with pytest.raises(UserError, match=r"is not finished\. To go on: unspool resume .*small\. To begin anew, remove"):
        run(small_recipe, unfinished)
    assert holds_checkpoint(unfinished)
    assert free_folder(unfinished.parent, "small").name == "small-2"


def test_what_is_not_unfinished_is_told(unfinished, finished, tmp_path):
    with pytest.raises(UserError, match="is finished: there is nothing to go on with"):
        resume(finished[0])
    with pytest.raises(UserError, match=r"There is no unfinished run .*nowhere"):
        resume(tmp_path / "nowhere")
    unfinished.mkdir()
    with pytest.raises(UserError, match=r"small is in the way of the unfinished run .*small\.partial\. Move it"):
        resume(unfinished)
    unfinished.rmdir()
    for content in ("{", "[]", '{"command": "", "data_folder": null, "environment": []}', "[" * 200_000):
        (tmp_path / "small.partial" / "begun.json").write_text(content)
        with pytest.raises(UserError, match=r"^\S*begun\.json is damaged: .* and run anew\.$"):
            resume(unfinished)


def test_a_run_in_the_making_has_one_owner(unfinished):
    with (
        files.locked(unfinished.with_name("small.partial") / "run"),
        pytest.raises(UserError, match="small is being made by another process"),
    ):
        resume(unfinished)
    assert holds_checkpoint(unfinished)


def test_what_changes_the_result_is_refused_without_force(unfinished, finished, monkeypatch):
    here = environment.describe()
    monkeypatch.setattr(environment, "describe", lambda: here | {"instruction_set": "none", "cores": "64"})
    change = f"instruction_set: {here['instruction_set']}, now none"
    with pytest.raises(UserError, match=rf"\({change}\)\. `unspool resume .*small --force` goes on all the same"):
        resume(unfinished)
    said = []
    result = resume(unfinished, force=True, say=said.append)
    assert said[0] == f"changed since it was begun: {change}; cores: {here['cores']}, now 64"
    assert result.history == finished[1].history


def test_an_edited_recipe_is_refused(unfinished, small_recipe):
    recipe = unfinished.with_name("small.partial") / "recipe.toml"
    recipe.write_text(recipe.read_text().replace("batch_size = 32", "batch_size = 99"))
    with pytest.raises(UserError, match="batch_size: 32 there, 99 here"):
        resume(unfinished)
    with pytest.raises(UserError, match=r"another recipe \(training.batch_size: 99, 32\)"):
        run(small_recipe, unfinished, go_on=True)


def test_the_data_folder_is_remembered(small_recipe, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    interrupted(small_recipe, tmp_path / "small", monkeypatch, epoch=1, data_folder=tmp_path / "data")
    (tmp_path / "data").rmdir()
    with pytest.raises(UserError, match=r"The data folder given, .*data, is not there"):
        resume(tmp_path / "small")


def test_a_comparison_goes_on_in_the_middle_of_a_run(small_recipe, finished, tmp_path, monkeypatch):
    from dataclasses import replace

    other = replace(small_recipe, name="other")
    interrupted(small_recipe, tmp_path / "sentences-rnn-seed0", monkeypatch, epoch=1)
    said = []
    compare([small_recipe, other], [0], tmp_path, say=said.append)
    assert said[0] == "[1/2] sentences-rnn, seed 0: going on"
    for name in ("history.csv", "digests.json"):
        assert (tmp_path / "sentences-rnn-seed0" / name).read_bytes() == (finished[0] / name).read_bytes()
