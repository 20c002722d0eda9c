"""Every command that uses a model works on every kind of folder: of `run` and of `train`."""

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from unspool.cli import main
from unspool.data import load

from .reviews import write_reviews
from .series import write_npz

KINDS = ["texts of a dataset", "images", "texts of a file", "series", "series to reconstruct"]
OF_SERIES = ["--set", "training.epochs=1", "--set", "evaluation.resamples=100"]


@dataclass(frozen=True)
class Made:
    """A folder that a command has made, a file for it with so many examples, and whether it answers with labels."""

    folder: Path
    file: Path
    rows: int
    has_labels: bool = True


def trained_on_series(folder, *options):
    path = write_npz(folder / "a.npz", count=40)
    assert main(["train", str(path), "--out", str(folder / "model"), *OF_SERIES, *options]) == 0
    return folder / "model"


def of_texts(folder, request):
    data = load("sentences")
    rows = [{"text": data.test.texts[n], "label": data.label_names[int(data.test.labels[n])]} for n in range(20)]
    (folder / "new.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return Made(request.getfixturevalue("finished")[0], folder / "new.jsonl", 20)


def of_images(folder, request):
    np.savez(folder / "new.npz", x=load("digits").test.images[:20])
    return Made(request.getfixturevalue("finished_autoencoder")[0], folder / "new.npz", 20, has_labels=False)


def of_file(folder, request):
    return Made(request.getfixturevalue("trained")[0], write_reviews(folder / "new.csv", rows=20, seed=4), 20)


def of_series(folder, request):
    return Made(trained_on_series(folder, "--set", "model.units=4"), write_npz(folder / "new.npz", 20, seed=1), 20)


def of_reconstruction(folder, request):
    small = ["--set", "model.encoder.units=4", "--set", "model.decoder.units=4", "--set", "model.encoder.outputs=3"]
    model = trained_on_series(folder, "--task", "reconstruction", *small)
    return Made(model, write_npz(folder / "new.npz", 20, seed=1), 20, has_labels=False)


MAKERS = dict(zip(KINDS, (of_texts, of_images, of_file, of_series, of_reconstruction), strict=True))


@pytest.fixture(scope="module", params=KINDS)
def made(request, tmp_path_factory):
    return MAKERS[request.param](tmp_path_factory.mktemp("made"), request)


@pytest.fixture
def copy(made, tmp_path):
    return shutil.copytree(made.folder, tmp_path / "copy")


def test_predict(made, tmp_path, capsys):
    out = tmp_path / "scored.csv"
    assert main(["predict", str(made.folder), str(made.file), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert told["rows"] == len(rows) == made.rows
    if made.has_labels:
        labels = set(json.loads((made.folder / "labels.json").read_text())["names"])
        assert {row["prediction"] for row in rows} <= labels
        assert all(0 < float(row["probability"]) <= 1 for row in rows)
    else:
        assert all(float(row["prediction"]) > 0 for row in rows)
        assert "probability" not in rows[0]


def test_evaluate(made, capsys):
    assert main(["evaluate", str(made.folder), str(made.file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    metrics = json.loads((made.folder / "metrics.json").read_text())
    assert (told["rows"], told["task"]) == (made.rows, metrics["task"])
    figures = told["scores"]["figures"]
    assert figures
    assert {f"{name}_ci" for name in figures} <= set(metrics["test"])
    assert main(["evaluate", str(made.folder), str(made.file)]) == 0
    assert f"{made.file.name}, 20 examples" in capsys.readouterr().out


def test_inspect(made, capsys):
    assert main(["inspect", str(made.folder)]) == 0
    told = capsys.readouterr().out
    assert json.loads((made.folder / "metrics.json").read_text())["verdict"]["words"] in told
    assert "as an earlier version prepared it" not in told


def test_check(copy, capsys):
    assert main(["check", str(copy)]) == 0
    assert "reload            0                0         passed" in capsys.readouterr().out
    assert (copy / "certificate.json").is_file()


def test_compare(made, copy, tmp_path, capsys):
    command = ["compare", str(made.folder), str(copy), "--out", str(tmp_path / "out"), "--json"]
    assert main(command) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["value"] for one in told["differences"]] == [0.0] * len(told["differences"])
    assert told["differences"]


def test_resume_refuses_what_is_finished(made, capsys):
    assert main(["resume", str(made.folder)]) == 1
    assert capsys.readouterr().err == f"unspool: {made.folder} is finished: there is nothing to resume.\n"


def test_replay_gives_the_same_bits_and_changes_nothing(made, capsys):
    before = {path: path.stat().st_mtime_ns for path in made.folder.rglob("*")}
    assert main(["replay", str(made.folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["equal"] is True
    assert told["epochs"] == json.loads((made.folder / "metrics.json").read_text())["epochs"]
    assert {path: path.stat().st_mtime_ns for path in made.folder.rglob("*")} == before


def test_report(copy, capsys):
    pages = {name: (copy / name).read_text() for name in ("report.html", "README.md")}
    for name in pages:
        (copy / name).unlink()
    shutil.rmtree(copy / "figures")
    assert main(["report", str(copy)]) == 0
    assert {name: (copy / name).read_text() for name in pages} == pages
    assert list((copy / "figures").glob("*.svg"))
