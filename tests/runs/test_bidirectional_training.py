"""Training in both directions, then in one."""

import csv
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from unspool.errors import UserError
from unspool.evaluation.result import BothDirections
from unspool.runs import network_fitting
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records import training_log
from unspool.runs.records.folder import HISTORY_OF_BOTH_DIRECTIONS, RECIPE
from unspool.runs.records.record import read_result
from unspool.runs.records.training_log import read_digests
from unspool.runs.replay import replay
from unspool.runs.resume import resume
from unspool.runs.run import train
from unspool.training.loop import Loop

CHANGES = [
    *("model.units=4", "model.width=8", "data.size=300", "training.epochs=3", "evaluation.resamples=100"),
    "training.bidirectional_epochs=2",
]
RATES = ["training.learning_rate=1e-3..1e-2:log"]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> FileSettings:
    path = tmp_path_factory.mktemp("pairs") / "pairs.csv"
    things, colours = ("hund", "mann", "ball", "baum", "fisch", "stein"), ("rot", "blau", "alt", "neu", "klein")
    rows = [f"der {thing} ist {colour},the {thing} is {colour}" for thing in things for colour in colours]
    path.write_text("\n".join(["de,en", *rows]))
    return FileSettings(path=str(path), source="de", target="en", kind="pairs")


@pytest.fixture(scope="module")
def trained(pairs: FileSettings) -> tuple[Path, list[str]]:
    out, said = Path(pairs.path).parent / "model", []
    train(pairs, out, changes=CHANGES, say=said.append, verbose=0)
    return out, said


def assert_same(one: Path, other: Path) -> None:
    assert (one / "history.csv").read_bytes() == (other / "history.csv").read_bytes()
    assert read_digests(one).epochs == read_digests(other).epochs


def test_both_directions_come_first_and_are_reported(trained) -> None:
    out, said = trained
    assert any(line.startswith("training: first up to 2 epochs in both directions; batches of 16") for line in said)
    both = "first in both directions: from source to target, and from target to source"
    now = "trained for 2 epochs in both directions, kept the weights of epoch 2; now from source to target only"
    assert said.index(both) < said.index(now)
    result = read_result(out)
    assert (result.epochs, result.both_directions) == (3, BothDirections(2, 2))
    with (out / HISTORY_OF_BOTH_DIRECTIONS).open(newline="") as file:
        losses = [float(row["val_loss"]) for row in csv.DictReader(file)]
    assert losses[0] > losses[1]
    assert result.history["val_loss"] != losses
    with (out / training_log.LOG).open(newline="") as file:
        epochs = [row["done"] for row in csv.DictReader(file) if row["done"].startswith("epoch")]
    assert epochs == ["epoch 1 in both directions", "epoch 2 in both directions", "epoch 1", "epoch 2", "epoch 3"]
    report = " ".join((out / "report.html").read_text().split())
    assert "Trained in both directions for 2 epochs (the weights of epoch 2 were kept), then from source to" in report


def test_the_model_begins_with_what_it_learned(pairs: FileSettings, trained, tmp_path: Path) -> None:
    train(pairs, tmp_path / "alone", changes=[*CHANGES, "training.bidirectional_epochs=0"], verbose=0)
    assert read_result(trained[0]).history["val_loss"][0] < read_result(tmp_path / "alone").history["val_loss"][0]


@pytest.mark.parametrize("epoch", [1, 4])
def test_interrupted_in_either_phase_it_resumes_to_the_same_end(pairs, trained, tmp_path, monkeypatch, epoch) -> None:
    begun = Loop._epoch
    counted = []
    hour_by_hour = SimpleNamespace(perf_counter=lambda: time.perf_counter() + 3600 * len(counted))

    def interrupt(self, point):
        counted.append(point)
        if len(counted) > epoch:
            raise KeyboardInterrupt
        return begun(self, point)

    with monkeypatch.context() as patch:
        patch.setattr(Loop, "_epoch", interrupt)
        patch.setattr(training_log, "time", hour_by_hour)
        with pytest.raises(KeyboardInterrupt):
            train(pairs, tmp_path / "model", changes=CHANGES, verbose=0)
    assert network_fitting.BOTH_DIRECTIONS in {
        path.name for path in (tmp_path / "model.partial" / "checkpoints").iterdir()
    }
    counted.clear()
    monkeypatch.setattr(Loop, "_epoch", lambda self, point: counted.append(point) or begun(self, point))
    resume(tmp_path / "model")
    assert len(counted) == 5 - epoch
    assert_same(tmp_path / "model", trained[0])
    result = read_result(tmp_path / "model")
    assert 3600 * epoch <= result.training_seconds < result.seconds < 3600 * (epoch + 1)
    assert result.both_directions == BothDirections(2, 2)


def test_interrupted_before_anything_is_saved_it_leaves_nothing(pairs, tmp_path, monkeypatch) -> None:
    def interrupt(self, point):
        raise KeyboardInterrupt

    monkeypatch.setattr(Loop, "_epoch", interrupt)
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        train(pairs, tmp_path / "model", changes=CHANGES, say=said.append, verbose=0)
    assert said[-1].startswith(f"nothing of {tmp_path / 'model'} was kept: there is nothing to resume")
    assert list(tmp_path.iterdir()) == []


def test_a_search_ends_in_time_in_the_first_phase_too(pairs, tmp_path, monkeypatch) -> None:
    pytest.importorskip("optuna", reason="the extra `search` is not installed")
    from unspool.runs.search import searching
    from unspool.runs.search.subject import OfFile

    begun, counted, clock = Loop._epoch, [], iter(range(1000))
    monkeypatch.setattr(Loop, "_epoch", lambda self, point: counted.append(point) or begun(self, point))
    with monkeypatch.context() as patch:
        patch.setattr(searching, "monotonic", lambda: float(next(clock)))
        with pytest.raises(UserError, match="No trial was trained to its end"):
            searching.search(OfFile(pairs, CHANGES), RATES, tmp_path / "search", trials=1, budget=1.5)
    assert len(counted) == 1
    found = searching.search(OfFile(pairs, CHANGES), RATES, tmp_path / "search", trials=1)
    assert [one.state for one in found.trials] == ["finished"]


def test_the_budget_ends_each_phase_with_an_epoch(pairs, tmp_path, monkeypatch) -> None:
    begun, counted, said = Loop._epoch, [], []
    every_10_seconds = SimpleNamespace(perf_counter=lambda: 10.0 * len(counted))
    changes = [*CHANGES, "training.epochs=9", "training.bidirectional_epochs=9"]

    def interrupt(*given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Loop, "_epoch", lambda self, point: counted.append(point) or begun(self, point))
        patch.setattr(training_log, "time", every_10_seconds)
        patch.setattr("unspool.runs.run.write_run", interrupt)
        with pytest.raises(KeyboardInterrupt):
            train(pairs, tmp_path / "model", changes=changes, say=said.append, verbose=0, budget=45)
    assert any("has not fallen for 5 epochs, or 45 s are over" in line for line in said)
    assert any(line.startswith("trained for 3 epochs in both directions until the budget was spent") for line in said)
    assert any(line.startswith("trained for 2 epochs until the budget was spent, kept") for line in said)
    assert len(counted) == 3 + 2

    monkeypatch.setattr(Loop, "_epoch", lambda self, point: counted.append(point) or begun(self, point))
    resume(tmp_path / "model")
    assert len(counted) == 3 + 2  # what ended once is not begun again
    result, training = read_result(tmp_path / "model"), load_recipe(tmp_path / "model" / RECIPE).training
    assert result.network_stopped
    assert (result.epochs, result.both_directions.epochs) == (2, 3)
    assert (training.epochs, training.bidirectional_epochs, training.budget) == (2, 3, None)
    assert "The budget limited the training." in " ".join((tmp_path / "model" / "report.html").read_text().split())
    assert replay(tmp_path / "model").parting is None


def test_it_is_replayed(trained) -> None:
    assert replay(trained[0]).parting is None


def test_without_tied_weights_those_of_what_is_written_are_taken(pairs: FileSettings, tmp_path: Path) -> None:
    assert train(pairs, tmp_path / "untied", changes=[*CHANGES, "model.tied=false"], verbose=0).epochs == 3
