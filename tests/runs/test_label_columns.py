"""Labels that have a column each, from `train` to `predict`, `evaluate`, `compare` and a replay."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import unspool
from unspool.cli import main
from unspool.errors import UserError
from unspool.runs.reading.read_file import read_file
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.replay import replay

WORDS = {"toxic": "idiot", "rude": "shut", "threat": "hurt"}
LABELS = ",".join(WORDS)


def rows(count: int, seed: int) -> list[dict[str, object]]:
    draw = np.random.default_rng(seed)
    found = []
    for number in range(count):
        has = draw.random(len(WORDS)) < 0.4
        text = " ".join(
            ["so", f"it is {number}", *(word for word, yes in zip(WORDS.values(), has, strict=True) if yes)]
        )
        found.append({"id": number, "comment": text, **dict(zip(WORDS, has.astype(int).tolist(), strict=True))})
    return found


def written(path: Path, found: list[dict[str, object]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("labels")
    written(place / "comments.csv", rows(150, 0))
    written(place / "new.csv", rows(40, 1))
    said = ["train", str(place / "comments.csv"), "--label", LABELS, "--model", "nb-words"]
    assert main([*said, "--out", str(place / "model"), "--set", "evaluation.resamples=100"]) == 0
    return place


def test_a_model_of_columns_of_labels_is_used_by_every_command(folder, tmp_path, capsys) -> None:
    model, new, out = str(folder / "model"), str(folder / "new.csv"), tmp_path / "said.csv"
    assert main(["predict", model, new, "--out", str(out)]) == 0
    with out.open(newline="") as file:
        for row in csv.DictReader(file):
            assert json.loads(row["prediction"]) == sorted(name for name in WORDS if row[name] == "1")
            shares = json.loads(row["probability"])
            assert {name: shares[name] > 0.5 for name in shares} == {name: row[name] == "1" for name in sorted(WORDS)}
    capsys.readouterr()
    assert main(["evaluate", model, new]) == 0
    assert "1.000" in capsys.readouterr().out
    assert main(["check", model]) == 0
    assert main(["inspect", model]) == 0
    assert replay(folder / "model").parting is None


def test_a_list_of_columns_of_a_frame_is_read_alike(folder) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(folder / "comments.csv")
    said = unspool.inspect(frame, label=[*WORDS])
    assert "the labels are in columns toxic, rude, threat, each of 1 and 0: they were named" in said
    assert "the task is multilabel: each label has a column" in said
    assert "exactly one" not in said
    one = pandas.DataFrame({"text": [f"film {n}" for n in range(60)], "a": [n % 2 for n in range(60)]})
    one["b"] = 1 - one["a"]
    said = unspool.inspect(one, label=["a", "b"])
    assert "each row has exactly one of the labels: if that is always so, write its name in one column" in said
    with pytest.raises(UserError, match=r"^label does not name a column\. Give the name"):
        unspool.inspect(one, label=["good", "bad", "good"])
    with pytest.raises(UserError, match=r"^label does not name a column\. Give the name"):
        unspool.inspect(frame, label=frame["toxic"])


def test_a_label_that_no_training_row_has_is_mentioned(tmp_path) -> None:
    path = written(tmp_path / "a.csv", [row | {"never": 0} for row in rows(60, 0)])
    found = read_file(FileSettings(path=str(path), label=f"{LABELS},never"), seed=0)
    assert found.task.names == ("rude", "threat", "toxic")
    assert "no training example has the label never: not predicted" in found.examples.decisions


def test_the_columns_that_may_be_labels_are_proposed(folder) -> None:
    with pytest.raises(UserError, match=rf"or several columns of 1 and 0 \(--label {LABELS}\): there are id"):
        unspool.inspect(folder / "comments.csv")


def test_series_may_have_columns_of_labels(tmp_path) -> None:
    draw = np.random.default_rng(0)
    series = [
        {**dict(zip(("low", "odd"), row, strict=True)), **{f"t{step}": draw.normal() for step in range(8)}}
        for row in draw.integers(0, 2, (60, 2)).tolist()
    ]
    path = written(tmp_path / "wide.csv", series)
    found = read_file(FileSettings(path=str(path), kind="series", label="low,odd"), seed=0)
    assert (found.task.name, found.task.names) == ("multilabel", ("low", "odd"))
    assert found.examples.series.arrays(np.array([0]))[0].shape == (8, 1)


def test_two_columns_to_forecast_are_two_series(tmp_path) -> None:
    path = written(tmp_path / "a.csv", [{"time": n, "rain": n, "wind": n} for n in range(40)])
    read = read_file(FileSettings(path=str(path), label="rain,wind", kind="auto", horizon=2), seed=0)
    assert read.panel.names == ["rain", "wind"]
