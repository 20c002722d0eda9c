"""Training in both directions, then in one."""

from pathlib import Path

import pytest

from unspool.runs import fitting
from unspool.runs.recipes.recipe import FileSettings
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
    assert said.index(both) < said.index("now from source to target only")
    assert read_result(out).epochs == 3


def test_the_model_begins_with_what_it_learned(pairs: FileSettings, trained, tmp_path: Path) -> None:
    train(pairs, tmp_path / "alone", changes=[*CHANGES, "training.bidirectional_epochs=0"], verbose=0)
    assert read_result(trained[0]).history["val_loss"][0] < read_result(tmp_path / "alone").history["val_loss"][0]


@pytest.mark.parametrize("epoch", [1, 4])
def test_interrupted_in_either_phase_it_resumes_to_the_same_end(pairs, trained, tmp_path, monkeypatch, epoch) -> None:
    begun = Loop._epoch
    counted = []

    def interrupt(self, point):
        counted.append(point)
        if len(counted) > epoch:
            raise KeyboardInterrupt
        return begun(self, point)

    with monkeypatch.context() as patch:
        patch.setattr(Loop, "_epoch", interrupt)
        with pytest.raises(KeyboardInterrupt):
            train(pairs, tmp_path / "model", changes=CHANGES, verbose=0)
    assert fitting.BOTH_DIRECTIONS in {path.name for path in (tmp_path / "model.partial" / "checkpoints").iterdir()}
    counted.clear()
    monkeypatch.setattr(Loop, "_epoch", lambda self, point: counted.append(point) or begun(self, point))
    resume(tmp_path / "model")
    assert len(counted) == 5 - epoch
    assert_same(tmp_path / "model", trained[0])


def test_it_is_replayed(trained) -> None:
    assert replay(trained[0]).parting is None


def test_without_tied_weights_those_of_what_is_written_are_taken(pairs: FileSettings, tmp_path: Path) -> None:
    assert train(pairs, tmp_path / "untied", changes=[*CHANGES, "model.tied=false"], verbose=0).epochs == 3
