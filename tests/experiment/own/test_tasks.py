"""Every task, and series, from a file to predictions."""

import json
import random

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.experiment.chronicle import Chronicle
from unspool.experiment.fitting import Job
from unspool.experiment.own.examples import as_found, inspected, kind_of, read_file
from unspool.experiment.own.fitting import fitted, prepared_for
from unspool.experiment.own.model import load_own_model
from unspool.experiment.own.prediction import predict_file
from unspool.experiment.own.recipe import OwnFile, recipe_for

from .series import write_long_form, write_npz

WORDS = ("comedy", "drama", "horror")


def trained(path, folder, epochs=4, **options):
    """A model of a file, as its folder gives it."""
    data = OwnFile(path=str(path), kind=kind_of(path, None, None), **options)
    examples = read_file(data, seed=0)
    inspection = inspected(examples, data)
    changes = [
        f"training.epochs={epochs}",
        "model.layers=1",
        "model.units=6",
        "training.learning_rate=0.02",
        *(["model.embedding=8"] if data.kind == "text" else []),
    ]
    recipe = recipe_for(as_found(data, examples), 100, changes)
    reader, prepared = prepared_for(recipe, examples, inspection)
    model, _ = fitted(recipe, reader, examples, prepared, Job(folder, None, "", lambda line: None, Chronicle()))
    folder.mkdir()
    model.save(folder)
    return load_own_model(folder)


def write_texts(path, label_of, count=120):
    """JSON lines with a text of some words of WORDS, each at most once, and the label that they give."""
    rng = random.Random(0)
    lines = []
    for _ in range(count):
        named = rng.sample(WORDS, k=rng.randint(1, 3))
        words = [*named, *rng.choices(["film", "plot", "scene"], k=4)]
        lines.append(json.dumps({"text": " ".join(words), "label": label_of(named)}))
    path.write_text("\n".join(lines))
    return path


def predictions(model, path, out):
    predict_file(model, path, out)
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_several_classes(tmp_path):
    path = write_texts(tmp_path / "a.jsonl", lambda named: named[0] if len(named) == 1 else "several")
    rows = predictions(trained(path, tmp_path / "model", epochs=15), path, tmp_path / "scored.jsonl")
    assert np.mean([row["prediction"] == row["label"] for row in rows]) > 0.8
    assert all(0.25 <= row["probability"] <= 1 for row in rows)


def test_several_labels_at_once(tmp_path):
    path = write_texts(tmp_path / "a.jsonl", lambda named: "|".join(sorted(named)))
    model = trained(path, tmp_path / "model", epochs=15)
    rows = predictions(model, path, tmp_path / "scored.jsonl")
    assert np.mean([row["prediction"] == row["label"] for row in rows]) > 0.8
    assert all(len(row["probability"]) == len(WORDS) for row in rows)
    with pytest.raises(UserError, match="several labels at once"):
        predict_file(model, path, tmp_path / "x.jsonl", attributions=True)


def test_a_number(tmp_path):
    path = write_texts(tmp_path / "a.jsonl", lambda named: 1000.5 + 100 * len(named))
    model = trained(path, tmp_path / "model", epochs=15, task="regression")
    rows = predictions(model, path, tmp_path / "scored.jsonl")
    assert "probability" not in rows[0]
    errors = [row["prediction"] - row["label"] for row in rows]
    assert np.mean(np.square(errors)) < 0.3 * np.var([row["label"] for row in rows])


def test_series_from_a_table_and_from_arrays_are_read_alike(tmp_path):
    table, arrays = write_long_form(tmp_path / "a.csv"), write_npz(tmp_path / "a.npz")
    of_table, of_arrays = trained(table, tmp_path / "one", epochs=1), trained(arrays, tmp_path / "other", epochs=1)
    np.testing.assert_allclose(of_table.reader.mean, of_arrays.reader.mean, rtol=1e-4)
    assert of_table.reader.length == of_arrays.reader.length
    assert of_table.reader.channels == ("x", "y")
    assert of_table.recipe.data.series == "series"


def test_series_are_told_apart_and_named(tmp_path):
    model = trained(write_long_form(tmp_path / "a.csv"), tmp_path / "model", epochs=8)
    new = write_long_form(tmp_path / "new.csv", count=20, seed=1)
    rows = predictions(model, new, tmp_path / "scored.jsonl")
    assert [row["series"] for row in rows] == [f"s{number}" for number in range(20)]
    assert np.mean([row["prediction"] == ("falling", "rising")[n % 2] for n, row in enumerate(rows)]) > 0.8
    assert min(row["probability"] for row in rows) > 0.4


def test_series_need_no_labels_to_be_predicted(tmp_path):
    model = trained(write_npz(tmp_path / "a.npz"), tmp_path / "model", epochs=1)
    with np.load(write_npz(tmp_path / "new.npz", count=6)) as arrays:
        np.savez(tmp_path / "bare.npz", x=arrays["x"], lengths=arrays["lengths"])
    rows = predictions(model, tmp_path / "bare.npz", tmp_path / "scored.jsonl")
    assert [row["series"] for row in rows] == ["1", "2", "3", "4", "5", "6"]


def test_series_with_other_channels_are_refused(tmp_path):
    model = trained(write_npz(tmp_path / "a.npz"), tmp_path / "model", epochs=1)
    np.savez(tmp_path / "new.npz", x=np.zeros((3, 4, 1)))
    with pytest.raises(UserError, match="has the channels 0; the model reads 0, 1"):
        predict_file(model, tmp_path / "new.npz", tmp_path / "scored.csv")
    with pytest.raises(UserError, match="whose channels have no names"):
        predict_file(model, write_long_form(tmp_path / "new.csv"), tmp_path / "scored.csv")
    assert not (tmp_path / "scored.csv").exists()
