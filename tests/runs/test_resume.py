"""A run that was interrupted leaves what it trained, and goes on as if it had not been."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from unspool import locks
from unspool.errors import UserError
from unspool.runs import run as run_module
from unspool.runs.compare import compare
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records import environment
from unspool.runs.records.folder import free_folder, holds_checkpoint, partial_of
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.resume import resume
from unspool.runs.run import run, train
from unspool.training.loop import Loop

from .conftest import SMALL_FILE, interrupted


def interrupted_run(recipe, out, monkeypatch, epoch=0, **arguments):
    """A run that is interrupted in an epoch; what it said."""
    said = []
    with interrupted(monkeypatch, epoch):
        run(recipe, out, say=said.append, **arguments)
    return said


@pytest.fixture(scope="module")
def half_trained(small_recipe, tmp_path_factory):
    """The unfinished folder of a run that was interrupted in its second and last epoch."""
    out = tmp_path_factory.mktemp("half") / "small"
    with pytest.MonkeyPatch.context() as patch:
        said = interrupted_run(small_recipe, out, patch, epoch=1, command="unspool run sentences-rnn")
    assert said[-1] == f"the training so far is saved. To continue: unspool resume {out}"
    return partial_of(out)


@pytest.fixture
def unfinished(half_trained, tmp_path):
    """Where the run of a copy of it would be."""
    shutil.copytree(half_trained, tmp_path / "small.partial")
    return tmp_path / "small"


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
    state = TrainingLog.set_state
    monkeypatch.setattr(
        TrainingLog, "set_state", lambda self, earlier: state(self, earlier | {"seconds": earlier["seconds"] + 1000})
    )
    assert 1000 < resume(unfinished).seconds < 2000


def test_interrupted_before_it_trained_it_leaves_nothing(small_recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(run_module, "fit_recipe", lambda *arguments: 1 / 0)
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
    with pytest.raises(UserError, match=r"is not finished\. To continue: unspool resume .*\. To start over, remove"):
        run(small_recipe, unfinished)
    assert holds_checkpoint(unfinished)
    assert free_folder(unfinished.parent, "small").name == "small-2"


def test_what_is_not_unfinished_is_told(unfinished, finished, tmp_path):
    with pytest.raises(UserError, match="is finished: there is nothing to resume"):
        resume(finished[0])
    with pytest.raises(UserError, match=r"There is no unfinished run .*nowhere"):
        resume(tmp_path / "nowhere")
    (tmp_path / "early.partial").mkdir()
    with pytest.raises(UserError, match=r"early was interrupted before it had read its data. Start it again"):
        resume(tmp_path / "early")
    unfinished.mkdir()
    with pytest.raises(UserError, match=r"small is in the way of the unfinished run .*small\.partial\. Move it"):
        resume(unfinished)
    unfinished.rmdir()
    for content in ("{", "[]", '{"command": "", "data_folder": null, "environment": []}', "[" * 200_000):
        (tmp_path / "small.partial" / "begun.json").write_text(content)
        with pytest.raises(UserError, match=r"^\S*begun\.json is damaged: .* and run it again\.$"):
            resume(unfinished)


def test_a_run_in_the_making_has_one_owner(unfinished):
    with (
        locks.locked(unfinished.with_name("small.partial") / "run"),
        pytest.raises(UserError, match="small is being made by another process"),
    ):
        resume(unfinished)
    assert holds_checkpoint(unfinished)


@pytest.mark.parametrize("name", ["begun.json", "recipe.toml"])
def test_a_link_is_refused_before_it_is_read(name, unfinished, tmp_path):
    path = partial_of(unfinished) / name
    path.unlink()
    (tmp_path / name).write_text("[nothing that could be read")
    path.symlink_to(tmp_path / name)
    with pytest.raises(UserError, match=rf"{name} is a link\. An unfinished run holds files of its own only"):
        resume(unfinished)


def test_a_link_that_comes_while_the_data_is_read_is_not_followed(unfinished, tmp_path, monkeypatch):
    real, checkpoints = run_module.prepare, partial_of(unfinished) / "checkpoints"
    elsewhere = tmp_path / "elsewhere"

    def prepare(*arguments):
        checkpoints.rename(elsewhere)
        (elsewhere / "checkpoint-7.partial").write_text("precious")
        checkpoints.symlink_to(elsewhere)
        return real(*arguments)

    monkeypatch.setattr(run_module, "prepare", prepare)
    with pytest.raises(UserError, match=r"checkpoints is a link.*Nothing was changed"):
        resume(unfinished)
    assert (elsewhere / "checkpoint-7.partial").read_text() == "precious"
    assert checkpoints.is_symlink()


def test_what_changes_the_result_is_refused_without_force(unfinished, finished, monkeypatch):
    here = environment.describe()
    monkeypatch.setattr(environment, "describe", lambda network=True: here | {"instruction_set": "none", "cores": "64"})
    change = f"instruction_set: {here['instruction_set']}, now none"
    with pytest.raises(UserError, match=rf"\({change}\)\. `unspool resume .*small --force` continues anyway"):
        resume(unfinished)
    said = []
    result = resume(unfinished, force=True, say=said.append)
    assert said[0] == f"changed since it was started: {change}; cores: {here['cores']}, now 64"
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
    monkeypatch.delenv("UNSPOOL_DATA", raising=False)
    interrupted_run(small_recipe, tmp_path / "small", monkeypatch, epoch=1, data_folder=tmp_path / "data")
    (tmp_path / "data").rmdir()
    with pytest.raises(UserError, match=r"The data folder given, .*data, is not there"):
        resume(tmp_path / "small")


def test_the_folder_of_unspool_data_is_remembered_wherever_it_is_resumed(small_recipe, tmp_path, monkeypatch):
    for name in ("data", "elsewhere"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNSPOOL_DATA", "data")
    interrupted_run(small_recipe, tmp_path / "small", monkeypatch, epoch=1)
    monkeypatch.chdir("elsewhere")
    (tmp_path / "data").rename(tmp_path / "moved")
    with pytest.raises(UserError, match=rf"that UNSPOOL_DATA names, {tmp_path}/elsewhere/data, is not there"):
        resume(tmp_path / "small")
    (tmp_path / "moved").rename(tmp_path / "data")
    resume(tmp_path / "small")


@pytest.mark.soak
def test_a_comparison_goes_on_in_the_middle_of_a_run(small_recipe, finished, tmp_path, monkeypatch):
    other = replace(small_recipe, name="other")
    interrupted_run(small_recipe, tmp_path / "sentences-rnn-seed0", monkeypatch, epoch=1)
    said = []
    compare([small_recipe, other], [0], tmp_path, say=said.append)
    assert said[0] == "[1/2] sentences-rnn, seed 0: going on"
    for name in ("history.csv", "digests.json"):
        assert (tmp_path / "sentences-rnn-seed0" / name).read_bytes() == (finished[0] / name).read_bytes()


@pytest.fixture(scope="module")
def half_trained_of_file(reviews, tmp_path_factory):
    """The folder of a file and its model, interrupted in the third epoch; both have since been moved to `left`."""
    home = tmp_path_factory.mktemp("half") / "home"
    home.mkdir()
    path = shutil.copy(reviews, home / "reviews.csv")
    said, data = [], FileSettings(path=str(path))
    with pytest.MonkeyPatch.context() as patch, interrupted(patch, epoch=2):
        train(data, home / "model", changes=SMALL_FILE, command="as typed", say=said.append)
    assert said[-1] == f"the training so far is saved. To continue: unspool resume {home / 'model'}"
    home.rename(home.with_name("left"))
    return home


@pytest.fixture
def unfinished_file(half_trained_of_file):
    """Where the model would be, and the file beside it: copies in the original folder, which the recipe names."""
    home = half_trained_of_file
    shutil.copytree(home.with_name("left"), home)
    yield home / "model", home / "reviews.csv"
    shutil.rmtree(home)


def test_an_interrupted_training_of_a_file_goes_on_to_the_same_end(unfinished_file, trained, reviews):
    folder, path = unfinished_file
    assert not folder.exists()
    result = resume(folder)
    assert result.history == trained[1].history
    assert result.command == "as typed"
    assert result.data.digest == trained[1].data.digest
    for name in ("digests.json", "history.csv", "decision.json", "tokenizer.json", "labels.json"):
        ours, theirs = (one / name for one in (folder, trained[0]))
        assert ours.read_text() == theirs.read_text(), name
    assert "it was named" not in (folder / "inspection.txt").read_text()
    inspections = [(one / "inspection.txt").read_text() for one in (folder, trained[0])]
    assert inspections[0].replace(str(path), "") == inspections[1].replace(str(reviews), "")
    with np.load(folder / "predictions.npz") as ours, np.load(trained[0] / "predictions.npz") as theirs:
        assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    assert {path.name for path in folder.iterdir()} == {path.name for path in trained[0].iterdir()}
    assert not partial_of(folder).exists()


def test_a_file_that_has_changed_is_not_gone_on_with(unfinished_file):
    folder, path = unfinished_file
    whole = path.read_text()
    for old, new in (("pos", "neg"), ("film", "movie")):
        path.write_text(new.join(whole.rsplit(old, 1)))
        with pytest.raises(UserError, match=r"reviews\.csv has changed since it was trained on"):
            resume(folder)
    path.write_text(whole)
    assert resume(folder).epochs == 6


def write(content):
    return lambda path: path.write_text(content)


def make_folder_in_place(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        (Path.unlink, "is not there."),
        (write(""), "is empty."),
        (write("review,sentiment\n"), "has no rows, only the columns review, sentiment."),
        (write("review,mood\nfine,pos\n"), "has no column 'sentiment' for the label."),
        (write("review,review\nfine,pos\n"), "line 1: two columns are named 'review'."),
        (
            write("review,sentiment\n" + "".join(f"film {n},pos\n" for n in range(20))),
            "Nothing can be learned from one label: all 20 examples have the label pos.",
        ),
        (
            write("review,sentiment\nfilm,neg\nplot,pos\n"),
            "each label needs at least two, and a place on both sides of the split.",
        ),
        (write("review,sentiment\nfilm,\n"), "no row has a label in column sentiment."),
        (make_folder_in_place, "has no folders with .txt files in them."),
        (
            lambda path: path.write_bytes(b"review,sentiment\nfine,pos\n\xff,pos\n"),
            "is not UTF-8.",
        ),
    ],
)
def test_a_file_that_is_gone_or_spoilt_is_to_be_put_back(unfinished_file, harm, problem):
    """No other path can be given; and as long as it fails before it trains, to resume it again is no advice."""
    folder, path = unfinished_file
    harm(path)
    said = []
    with pytest.raises(UserError) as caught:
        resume(folder, say=said.append)
    named = partial_of(folder) / "recipe.toml"
    advice = f"The run needs its data as they were, at the path in {named}: put them back there."
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).endswith(f"{problem} {advice}")
    assert not [line for line in said if "unspool resume" in line]


def test_a_resumed_run_that_is_interrupted_before_it_trains_can_be_resumed(unfinished, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(run_module, "prepare", interrupt)
    said = []
    with pytest.raises(KeyboardInterrupt):
        resume(unfinished, say=said.append)
    assert said[-1] == f"the training so far is saved. To continue: unspool resume {unfinished}"


def test_another_recipe_of_a_file_is_not_gone_on_with(unfinished_file):
    folder, path = unfinished_file
    with pytest.raises(UserError, match=r"is not finished\. To continue: unspool resume"):
        train(FileSettings(path=str(path)), folder, changes=SMALL_FILE)
    recipe = partial_of(folder) / "recipe.toml"
    recipe.write_text(recipe.read_text().replace("batch_size = 16", "batch_size = 20"))
    with pytest.raises(UserError, match="batch_size: 16 there, 20 here"):
        resume(folder)


def test_what_an_earlier_version_began_is_gone_on_with(unfinished_file, trained):
    folder, _ = unfinished_file
    path = partial_of(folder) / "begun.json"
    begun = json.loads(path.read_text())
    path.write_text(json.dumps(begun | {"file_digest": begun.pop("digest")}))
    assert resume(folder).history == trained[1].history
