"""Trackers: each one's own reader shows the run; and none can end a training."""

import json
import os
import sqlite3
import struct
import subprocess
import sys
import warnings
from typing import ClassVar

import pytest

from unspool.errors import UserError
from unspool.runs import trackers
from unspool.runs.resume import resume
from unspool.runs.run import run
from unspool.runs.trackers.tracking import TRACKERS, flat, refuse_missing, tracker_name

from ..conftest import interrupted


class Recorded:
    """A tracker that notes what it is told, and fails where it is told to."""

    told: ClassVar = []
    fails_at = ""

    def __init__(self, begun):
        self._tell("begin", begun.name, dict(begun.parameters), begun.group, begun.beside)

    def epoch(self, number, values):
        self._tell("epoch", number, dict(values))

    def finish(self, finished):
        names = {path.name for path in finished.content.iterdir()} if finished.content else None
        self._tell("finish", dict(finished.scores), names, dict(finished.words))

    def close(self, failed):
        self._tell("close", failed)

    def _tell(self, what, *rest):
        print("trackers print what they like")
        if what == self.fails_at:
            raise ConnectionError("no server at 127.0.0.1\nand more of it")
        self.told.append((what, *rest))


@pytest.fixture
def recorded(monkeypatch):
    """The tracker `tensorboard`, replaced by one that notes what it is told."""
    module = type(sys)("unspool.runs.trackers.recorded")
    module.Recorded = type("Recorded", (Recorded,), {"told": []})
    monkeypatch.setitem(sys.modules, "unspool.runs.trackers.recorded", module)
    monkeypatch.setitem(TRACKERS, "recorded", ("json", "Recorded"))
    return module.Recorded


def test_a_tracker_is_told_of_the_whole_run_and_changes_no_bit(recorded, small_recipe, finished, tmp_path, capsys):
    capsys.readouterr()
    result = run(small_recipe, tmp_path / "small", track="recorded")
    begin, *epochs, finish, close = recorded.told
    assert begin[:2] == ("begin", "small")
    assert begin[3:] == (None, tmp_path)
    assert begin[2]["model.units"] == 4
    assert begin[2]["training.epochs"] == 2
    assert [(number, values["val_loss"]) for _, number, values in epochs] == list(
        enumerate(result.history["val_loss"], start=1)
    )
    assert epochs[0][2]["loss"] == result.history["loss"][0]
    _, scores, names, words = finish
    for name, score in result.test.figures.items():
        assert scores[f"test/{name}"] == score.value
        assert scores[f"test/{name}_low"] == score.interval.low
        assert scores[f"test/{name}_high"] == score.interval.high
    assert {"report.html", "model.keras", "recipe.toml"} <= names
    assert words == {"verdict": result.verdict.words}
    assert close == ("close", False)
    assert capsys.readouterr().out == ""  # what a tracker prints is no result
    assert (tmp_path / "small" / "digests.json").read_bytes() == (finished[0] / "digests.json").read_bytes()


@pytest.mark.parametrize("fails_at", ["begin", "epoch", "finish", "close"])
def test_a_tracker_that_fails_is_told_no_more_and_training_goes_on(recorded, fails_at, small_recipe, tmp_path):
    recorded.fails_at, said = fails_at, []
    result = run(small_recipe, tmp_path / "small", track="recorded", say=said.append)
    assert result.epochs == 2
    (warning,) = [line for line in said if line.startswith("warning")]
    assert warning == "warning: training continues, but logging to recorded stopped: no server at 127.0.0.1"
    reached = [what for what, *_ in recorded.told]
    assert (
        reached
        == {
            "begin": [],
            "epoch": ["begin"],
            "finish": ["begin", "epoch", "epoch"],
            "close": ["begin", "epoch", "epoch", "finish"],
        }[fails_at]
    )


def test_a_run_that_fails_is_told_as_failed(recorded, small_recipe, tmp_path, monkeypatch):
    from unspool.runs import run as run_module

    monkeypatch.setattr(run_module, "write_run", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(small_recipe, tmp_path / "small", track="recorded")
    assert recorded.told[-1] == ("close", True)


def test_a_run_that_is_resumed_is_told_whole(recorded, small_recipe, tmp_path, monkeypatch):
    said = []
    with interrupted(monkeypatch, 1):
        run(small_recipe, tmp_path / "small", track="recorded", say=said.append)
    assert said[-1].endswith(f"To continue: unspool resume {tmp_path / 'small'} --track recorded")
    assert [what for what, *_ in recorded.told] == ["begin", "epoch", "close"]
    recorded.told.clear()
    result = resume(tmp_path / "small", track="recorded")
    _, *epochs, _, _ = recorded.told
    assert [(number, values["val_loss"]) for _, number, values in epochs] == list(
        enumerate(result.history["val_loss"], start=1)
    )


def test_a_run_whose_training_had_ended_is_told_whole(recorded, small_recipe, tmp_path, monkeypatch):
    from unspool.runs import run as run_module

    with monkeypatch.context() as patch:
        patch.setattr(run_module, "write_run", lambda *given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(small_recipe, tmp_path / "small")
    assert recorded.told == []
    resume(tmp_path / "small", track="recorded")
    assert [what for what, *_ in recorded.told] == ["begin", "epoch", "epoch", "finish", "close"]
    assert [one[1] for one in recorded.told[1:3]] == [1, 2]


@pytest.mark.slow
def test_a_search_tells_of_each_trial_and_of_the_winner(recorded, tmp_path):
    pytest.importorskip("optuna", reason="the extra `search` is not installed")
    from unspool.runs.search.searching import search
    from unspool.runs.search.subject import OfRecipe

    out, settings = tmp_path / "small", ["training.epochs=4", "model.embedding=4", "data.num_words=300"]
    subject = OfRecipe("sentences-rnn", [*settings, "evaluation.resamples=100"])
    over = ["training.learning_rate=1e-6,1e-5,1e-2"]
    found = search(subject, over, out, trials=3, sampler="random", track="recorded")
    begun = [one for one in recorded.told if one[0] == "begin"]
    assert [one[1] for one in begun] == [*(f"small-{n}" for n in range(3)), "small-winner"]
    assert all(one[3:] == ("small", tmp_path) for one in begun)
    assert [one[2]["training.learning_rate"] for one in begun[:-1]] == [
        one.settings["training.learning_rate"] for one in found.trials
    ]
    *trials, winner = [one for one in recorded.told if one[0] == "finish"]
    for told, trial in zip(trials, found.trials, strict=True):
        assert told[1] == {"lowest_val_loss": min(trial.losses)}
        assert told[2] is None
        assert told[3]["outcome"].startswith("pruned after 2" if trial.state == "pruned" else "validation loss")
    assert {one.state for one in found.trials} == {"pruned", "finished"}
    assert winner[1]["test/accuracy"] == found.result.test["accuracy"].value
    assert "report.html" in winner[2]
    # Each epoch once: those of the trials, and all of the winner's again, under its own name.
    epochs = [one for one in recorded.told if one[0] == "epoch"]
    assert [one[2]["val_loss"] for one in epochs] == [
        loss for trial in [*found.trials, found.trials[found.winner]] for loss in trial.losses
    ]


def test_a_tracker_that_is_not_there_is_refused_before_a_search(tmp_path):
    pytest.importorskip("optuna", reason="the extra `search` is not installed")
    from unspool.runs.search.searching import search
    from unspool.runs.search.subject import OfRecipe

    with pytest.raises(UserError, match="--track clearml: there is no such tracker"):
        search(OfRecipe("sentences-rnn"), ["model.units=2..6"], tmp_path / "s", track="clearml")
    assert not (tmp_path / "s").exists()


def test_a_tracker_that_is_not_there_is_one_line(monkeypatch):
    monkeypatch.setitem(TRACKERS, "mlflow", ("no_such_package", "MLflow"))
    with pytest.raises(UserError, match=r"--track mlflow needs no_such_package: pip install 'unspool\[track-mlflow\]'"):
        refuse_missing("mlflow")
    with pytest.raises(UserError, match=r"there is no such tracker\. There are tensorboard, mlflow, wandb, trackio"):
        refuse_missing("clearml")
    refuse_missing(None)


def test_a_recipe_is_flat(small_recipe):
    parameters = flat(small_recipe)
    assert parameters["data.dataset"] == "sentences"
    assert parameters["training.learning_rate"] == 0.001
    assert "training.clip_norm" not in parameters  # not set
    assert all(isinstance(value, str | int | float | bool) for value in parameters.values())


def test_names_are_plain():
    assert tracker_name("my run/2") == "my-run-2"


def test_the_command_line_knows_the_trackers():
    from unspool.cli.options import TRACKERS as known

    assert tuple(trackers.TRACKERS) == known


def test_tensorboard_shows_a_run_that_is_told_again_once(tmp_path):
    pytest.importorskip("tensorboardX", reason="the extra `track-tensorboard` is not installed")
    from unspool.runs.trackers.tensorboard import TensorBoard
    from unspool.runs.trackers.tracker import Beginning

    begun = Beginning(tmp_path / "small", "small", {"model.units": 4}, tmp_path)
    for _ in range(2):
        told = TensorBoard(begun)
        told.epoch(1, {"val_loss": 0.5})
        told.close(failed=False)
    *_, path = sorted((tmp_path / "tensorboard" / "small").glob("events.*"), key=lambda one: one.stat().st_mtime_ns)
    starts = [event.step for event in events_in(path) if event.session_log.status == event.session_log.START]
    assert starts == [0]  # TensorBoard hides what earlier files of the folder hold from this step on


def events_in(path):
    """The events of a file of TensorBoard's: records with their length before them and a checksum behind."""
    from tensorboardX.proto.event_pb2 import Event

    content = path.read_bytes()
    while content:
        (length,) = struct.unpack("<Q", content[:8])
        yield Event.FromString(content[12 : 12 + length])
        content = content[16 + length :]


@pytest.mark.drawn
def test_tensorboard_shows_the_run(small_recipe, tmp_path):
    pytest.importorskip("tensorboardX", reason="the extra `track-tensorboard` is not installed")
    result = run(small_recipe, tmp_path / "small", track="tensorboard")
    paths = sorted((tmp_path / "tensorboard" / "small").glob("events.*"))
    scalars, tags = {}, set()
    for event in (event for path in paths for event in events_in(path)):
        for value in event.summary.value:
            tags.add(value.tag)
            if value.HasField("simple_value"):
                scalars.setdefault(value.tag, {})[event.step] = value.simple_value
    assert list(scalars["val_loss"]) == [1, 2]
    assert list(scalars["val_loss"].values()) == pytest.approx(result.history["val_loss"])
    assert scalars["test/accuracy"][2] == pytest.approx(result.test["accuracy"].value)
    assert scalars["test/accuracy_low"][2] == pytest.approx(result.test["accuracy"].interval.low)
    assert {"recipe/text_summary", "verdict/text_summary", "_hparams_/session_start_info"} <= tags
    assert "report/headline" in tags


SMALL = ["--set", "training.epochs=2", "--set", "model.units=4", "--set", "model.embedding=4"]
SMALL += ["--set", "data.num_words=300", "--set", "evaluation.resamples=100"]


def tracked(tracker, out, **environment):
    """A run in a process of its own, as trackers change the process that they are in."""
    command = [sys.executable, "-m", "unspool.cli", "run", "sentences-rnn", *SMALL, "--out", str(out)]
    return subprocess.run(
        [*command, "--track", tracker],
        cwd=out.parent,  # where MLflow puts the artefacts
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=1800,
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # MLflow's own, of SQLAlchemy 2.1
def test_mlflow_shows_the_run(tmp_path):
    mlflow = _imported("mlflow")
    store = f"sqlite:///{tmp_path / 'mlflow.db'}"
    done = tracked("mlflow", tmp_path / "small", MLFLOW_TRACKING_URI=store)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    client = mlflow.tracking.MlflowClient(store)
    (shown,) = client.search_runs([client.get_experiment_by_name("unspool").experiment_id])
    assert shown.data.params["model.units"] == "4"
    assert [one.step for one in client.get_metric_history(shown.info.run_id, "val_loss")] == [1, 2]
    assert shown.data.metrics["test/accuracy_low"] < shown.data.metrics["test/accuracy"]
    assert shown.info.status == "FINISHED"
    names = {one.path for one in client.list_artifacts(shown.info.run_id, "run")}
    assert {"run/report.html", "run/model.keras"} <= names


@pytest.mark.slow
def test_an_mlflow_server_that_is_not_there_ends_no_training(tmp_path):
    _imported("mlflow")
    done = tracked("mlflow", tmp_path / "small", MLFLOW_TRACKING_URI="http://127.0.0.1:9")
    assert done.returncode == 0
    assert done.stderr.count("but logging to mlflow stopped") == 1
    assert (tmp_path / "small" / "report.html").is_file()


@pytest.mark.slow
def test_wandb_shows_the_run(tmp_path):
    _imported("wandb")
    done = tracked("wandb", tmp_path / "small", WANDB_MODE="offline", HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    (path,) = (tmp_path / "wandb").glob("offline-run-*/run-*.wandb")
    content = path.read_bytes()  # records of protocol buffers, whose texts stand in it as they are
    for name in (
        b"val_loss",
        b"test/accuracy_low",
        b"test/accuracy_high",
        b"model.units",
        b"report.html",
        b"model.keras",
    ):
        assert name in content


@pytest.mark.slow
def test_trackio_shows_the_run(tmp_path):
    _imported("trackio")
    done = tracked("trackio", tmp_path / "small", TRACKIO_DIR=str(tmp_path / "trackio"))
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    (path,) = (tmp_path / "trackio").rglob("unspool*.db")
    with sqlite3.connect(path) as database:
        rows = [json.loads(row[0]) for row in database.execute("SELECT metrics FROM metrics ORDER BY step")]
        configs = [json.loads(row[0]) for row in database.execute("SELECT config FROM configs")]
    assert sum("val_loss" in row for row in rows) == 2
    assert "test/accuracy_low" in rows[-1]
    assert configs[0]["model.units"] == 4


def _imported(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name, reason=f"the extra `track-{name}` is not installed")
