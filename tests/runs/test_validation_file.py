"""A file with the validation examples: of each kind of file, on the command line, in Python, in a recipe and again."""

import json
from dataclasses import replace

import numpy as np
import pytest

import unspool
from unspool.cli import main
from unspool.errors import UserError
from unspool.runs.reading.read_file import read_file
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.replay import replay

SMALL = {"training.epochs": 2, "evaluation.resamples": 100}
PARTS = {"train": (0, 120), "valid": (200, 24), "test": (300, 36)}


def texts(first, count):
    return "".join(
        f"a {'fine' if n % 2 else 'dull'} film number {n},{'pos' if n % 2 else 'neg'},{n // 4}\n"
        for n in range(first, first + count)
    )


@pytest.fixture
def files(tmp_path):
    for name, (first, count) in PARTS.items():
        (tmp_path / f"{name}.csv").write_text("text,label,who\n" + texts(first, count))
    return tmp_path


def settings(folder, ending, **more):
    named = {"validation": str(folder / f"valid.{ending}"), "test": str(folder / f"test.{ending}")}
    return FileSettings(path=str(folder / f"train.{ending}"), kind="auto", **(named | more))


def test_texts_of_each_file_are_a_part(files):
    found = read_file(settings(files, "csv"), seed=0)
    assert found.examples.counts() == {"training": 120, "validation": 24, "test": 36}
    assert next(found.examples.texts("validation")) == "a dull film number 200"
    assert next(found.examples.texts("test")) == "a dull film number 300"
    assert f"rows for validation are those of {files / 'valid.csv'}" in found.seen
    alone = read_file(settings(files, "csv", test=None), seed=0).examples.counts()
    assert alone == {"training": 108, "validation": 24, "test": 12}
    texts_of_column = "text,label,part\na fine film,pos,valid\na dull film,neg,valid\n"
    train = (files / "train.csv").read_text().splitlines()[1:]
    (files / "train.csv").write_text(texts_of_column + "".join(f"{one.rpartition(',')[0]},train\n" for one in train))
    both = read_file(settings(files, "csv", split="part"), seed=0)
    assert both.examples.counts()["validation"] == 26
    assert f"{files / 'valid.csv'}, besides those that the column names" in both.seen


def test_groups_of_a_validation_file_stay_there(files):
    grouped = read_file(settings(files, "csv", group="who"), seed=0)
    assert grouped.examples.counts()["validation"] == 24


def test_a_validation_file_needs_the_groups_that_series_have(tmp_path):
    for name, (first, count) in PARTS.items():
        rows = "".join(f"{'xy'[n % 2]},{n % 7},{n % 5},{n % 3},{n // 4}\n" for n in range(first, first + count))
        (tmp_path / f"{name}.csv").write_text("label,a,b,c,who\n" + rows)
    asked = replace(settings(tmp_path, "csv", label="label", group="who", test=None), kind="series")
    assert len(set(read_file(asked, 0).examples.series.groups)) > 2
    lines = (tmp_path / "valid.csv").read_text().splitlines()
    (tmp_path / "valid.csv").write_text("".join(f"{line.rpartition(',')[0]}\n" for line in lines))
    with pytest.raises(UserError, match=r"valid.csv has no groups, but .*train.csv has"):
        read_file(asked, 0)


@pytest.mark.parametrize(
    ("change", "more", "message"),
    [
        ("text,who\na film,1\n", {}, "valid.csv has no column 'label' for the label"),
        ("text,label\na film,pos\n", {"group": "who"}, "valid.csv has no column 'who' for the group"),
        (
            "text,label\na film,good\n",
            {},
            "valid.csv, row 1 .line 2., column label: the label 'good' does not occur in training",
        ),
        (None, {"time": "who"}, "--validation and --time both say what is held out for validation"),
        (None, {"horizon": 3}, "--validation is not for forecasting"),
        (None, {"validation_target": "x"}, "--validation-target is for translation from two text files"),
    ],
)
def test_what_does_not_fit_is_told(files, change, more, message):
    if change is not None:
        (files / "valid.csv").write_text(change)
    with pytest.raises(UserError, match=message):
        read_file(settings(files, "csv", test=None, **more), seed=0)


def test_series_tags_and_pairs_have_one_too(tmp_path):
    draw = np.random.default_rng(0)
    for name, (_, count) in PARTS.items():
        np.savez(tmp_path / f"{name}.npz", x=draw.normal(size=(count, 5, 2)), y=np.arange(count) % 2)
        lines = "".join(f"word{n} A\nfilm B\n\n" for n in range(count))
        (tmp_path / f"{name}.conll").write_text(lines)
        pairs = [f"a film {name} {n}" for n in range(count)]
        (tmp_path / f"{name}.en").write_text("".join(f"{one}\n" for one in pairs))
        (tmp_path / f"{name}.de").write_text("".join(f"ein {one}\n" for one in pairs))
        (tmp_path / f"{name}.jsonl").write_text(
            "".join(json.dumps({"source": one, "target": one.upper()}) + "\n" for one in pairs)
        )
    expected = {"training": 120, "validation": 24, "test": 36}
    for ending, more in (("npz", {}), ("conll", {}), ("jsonl", {"source": "source", "target": "target"})):
        assert read_file(settings(tmp_path, ending, **more), seed=0).examples.counts() == expected
    targets = {
        name: str(tmp_path / f"{file}.de")
        for name, file in (("target", "train"), ("validation_target", "valid"), ("test_target", "test"))
    }
    found = read_file(settings(tmp_path, "en", **targets), seed=0)
    assert found.examples.counts() == expected
    with pytest.raises(UserError, match="--validation-target needs --validation, the file with the sources"):
        read_file(settings(tmp_path, "en", validation=None, **targets), seed=0)
    with pytest.raises(UserError, match="the validation set must be a table if the training set is one"):
        read_file(settings(tmp_path, "en", **(targets | {"validation": str(tmp_path / "valid.jsonl")})), seed=0)


def test_a_network_stops_by_them_and_is_replayed(files, monkeypatch):
    monkeypatch.chdir(files)
    run = unspool.train(
        "train.csv", validation="valid.csv", test="test.csv", model="network", out="run", settings=SMALL, verbose=False
    )
    recipe = load_recipe(files / "run" / "recipe.toml")
    assert recipe.data.validation == str(files / "valid.csv")
    assert run.result.data.examples == {"training": 120, "validation": 24, "test": 36}
    monkeypatch.chdir("/")
    assert replay(files / "run", say=lambda _: None)


def test_models_are_compared_on_training_and_validation_together(files, capsys):
    paths = [str(files / f"{name}.csv") for name in PARTS]
    options = ["--model", "nb-words", "--set", "evaluation.resamples=100", "--out", str(files / "run"), "--json"]
    assert main(["train", paths[0], "--validation", paths[1], "--test", paths[2], *options]) == 0
    said = capsys.readouterr()
    assert "144 training examples" in said.err or "on 144" in said.err
    assert main(["check", str(files / "run")]) == 0
