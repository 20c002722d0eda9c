import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from unspool.cli import main
from unspool.errors import UserError


@pytest.mark.parametrize(
    ("options", "folder"),
    [([], "compare-imdb-rnn-imdb-lstm"), (["--protocol", "chapter"], "compare-imdb-rnn-imdb-lstm-chapter")],
)
def test_both_protocols_can_be_compared_one_after_the_other(options, folder, tmp_path, monkeypatch, capsys):
    asked = []

    def compare(recipes, seeds, out, **kwargs):
        asked.append((out, {recipe.evaluation.protocol for recipe in recipes}))
        raise UserError("That is enough.")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("unspool.runs.compare.compare", compare)
    assert main(["compare", "imdb-rnn", "imdb-lstm", *options]) == 1
    assert asked == [(Path("runs") / folder, {"chapter" if options else "honest"})]
    assert "That is enough." in capsys.readouterr().err


EARLIER = Path(__file__).parents[1] / "runs" / "earlier"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A finished run of a file, in the folder that one is in."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(EARLIER / "own-text", tmp_path / "mine")
    return tmp_path / "mine"


def _answers(run, name, probability=None):
    """A file with the right answers in the order of the test, or with one probability for all."""
    targets = np.load(run / "predictions.npz")["test/labels"]
    lines = ["prediction", *(("neg", "pos")[target] for target in targets)]
    if probability is not None:
        lines = ["pos", *(str(probability) for _ in targets)]
    (run.parent / name).write_text("\n".join(lines) + "\n")


def test_a_run_is_compared_with_a_file_named_as_it_is(run, capsys):
    _answers(run, "people.csv")
    assert main(["compare", "mine", "people.csv"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "mine" in printed
    assert "people" in printed
    assert "AUC and Brier score are not compared: people.csv has no probability for each label." in printed
    assert "report: runs/compare-mine-people/compare.html" in printed
    assert main(["compare", "people.csv", "mine", "--json"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert [(one["recipe"], one["seeds"]) for one in written["recipes"]] == [("people", []), ("mine", [0])]
    assert written["recipes"][0]["scores"]["accuracy"]["value"] == 1


def test_where_they_differ_is_counted_and_listed(run, capsys):
    saved = np.load(run / "predictions.npz")
    targets = saved["test/labels"]
    _answers(run, "people.csv")
    _answers(run, "label.csv", 0.9)
    assert main(["compare", "mine", "people.csv", "label.csv", "--out", "out"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "where they differ: out/disagreements.csv" in printed
    agreements = json.loads(Path("out/comparison.json").read_text())["agreements"]
    assert [(one["first"], one["second"]) for one in agreements] == [
        ("mine", "people"), ("mine", "label"), ("people", "label")
    ]  # fmt: skip
    right, yes = agreements[0]["both"], int(targets.sum())
    assert agreements[0]["second_only"] == len(targets) - right
    assert (agreements[2]["both"], agreements[2]["first_only"]) == (yes, len(targets) - yes)
    assert (
        f"mine and people are both right on {right}, only mine on 0, only people on {len(targets) - right}, and neither"
        in printed
    )
    header, *rows = [line.split(",") for line in Path("out/disagreements.csv").read_text().splitlines()]
    assert header == ["test example", "label", "mine", "people", "prediction of label"]
    assert all(len({*decided}) == 2 and decided[1] == label and decided[2] == "pos" for _, label, *decided in rows)
    assert {int(row) for row, label, *_ in rows if label == "neg"} == set(1 + np.flatnonzero(targets == 0))
    page = Path("out/compare.html").read_text()
    assert "Where do they agree?" in page
    assert f'<th scope="row">people<small>and label</small></th><td class="number">{yes}</td>' in page


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("mine mine", "mine is given twice: a model cannot be compared with itself. Name another one."),
        ("mine", "A comparison needs at least two contenders: a run, and another run or a file of predictions."),
        ("people.csv", "A comparison needs at least two contenders: a run, and another run or a file of predictions."),
        ("people.csv guess.csv", "people.csv and guess.csv: there is no run among the contenders."),
        ("mine people.csv --seeds 2", "people.csv holds predictions, whose model cannot be trained again"),
        ("imdb-rnn people.csv", "imdb-rnn is not a folder, but people.csv holds predictions: compare recipes"),
        ("imdb-rnn mine", "imdb-rnn is not a folder, but mine is a folder: compare recipes with recipes"),
        ("mine none.csv", "none.csv is not there."),
        ("mine answers.xlsx", "answers.xlsx is not there."),
        ("mine wrong.csv", "wrong.csv, row 1 (line 2): the probability of pos is 1.5, which does not lie"),
        ("mine people.csv --set training.seed=1", "--set and --protocol change recipes; a finished run keeps"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_one_clear_error(command, told, run, capsys):
    _answers(run, "people.csv")
    _answers(run, "guess.csv", 0.5)
    _answers(run, "wrong.csv", 1.5)
    assert main(["compare", *command.split()]) == 1
    complaint = " ".join(capsys.readouterr().err.split())
    assert told in complaint
    assert not (run.parent / "runs").exists()
