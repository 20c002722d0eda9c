"""train, inspect, predict and evaluate, on small files."""

import json
import os
import random
import shutil

import pytest

from unspool.cli import main
from unspool.runs.records.record import read_result

SMALL = ["training.epochs=2", "model.embedding=4", "evaluation.resamples=100"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Holds reviews.csv and model/."""
    folder = tmp_path_factory.mktemp("own_files")
    rng = random.Random(0)
    lines = ["review,sentiment"]
    for number in range(60):
        words = [*rng.choices(["film", "plot", "story", "scene"], k=5), ("dull", "fine")[number % 2]]
        lines.append(f"{' '.join(words)},{('neg', 'pos')[number % 2]}")
    (folder / "reviews.csv").write_text("\n".join(lines))
    settings = [word for setting in SMALL for word in ("--set", setting)]
    assert main(["train", str(folder / "reviews.csv"), "--out", str(folder / "model"), *settings]) == 0
    return folder


@pytest.fixture
def in_folder(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return folder


def test_train_says_what_it_sees_and_how_good_the_model_is(in_folder, capsys):
    settings = [word for setting in SMALL for word in ("--set", setting)]
    assert main(["train", "reviews.csv", *settings, "--json"]) == 0
    told = capsys.readouterr()
    result = json.loads(told.out)
    assert result["folder"] == os.path.join("runs", "reviews")
    assert 0 <= result["test"]["accuracy"] <= 1
    assert "the task is binary: there are two labels, neg and pos" in told.err
    assert "training on 48 examples, validating on 6" in told.err


def test_the_command_that_is_recorded_is_what_main_was_given(in_folder):
    command = read_result(in_folder / "model").command.split()
    assert command[:2] == ["unspool", "train"]
    assert command[-2:] == ["--set", SMALL[-1]]


def test_inspect(in_folder, capsys):
    assert main(["inspect", "reviews.csv"]) == 0
    assert "the label is in column sentiment" in capsys.readouterr().out
    assert main(["inspect", "model"]) == 0
    assert "column review: 10 different tokens, the last 8 of a text" in capsys.readouterr().out


def test_inspect_refuses_what_it_has_no_use_for(in_folder, capsys):
    assert main(["inspect", "reviews.csv", "--set", "data.test_fraction=0.3"]) == 0
    for setting in ("evaluation.validation_fraction=0.3", "model.units=3"):
        assert main(["inspect", "reviews.csv", "--set", setting]) == 1
        assert f"{setting.partition('=')[0]} has no effect: inspect only reads the file" in capsys.readouterr().err
    for option in (["--label", "x"], ["--test", "reviews.csv"], ["--set", "model.units=3"], ["--seed", "1"]):
        assert main(["inspect", "model", *option]) == 1
        told = capsys.readouterr().err
        assert (
            told == f"unspool: {option[0]} has no effect: model is the folder of a model, not a file. Leave it out.\n"
        )


def test_predict_and_evaluate(in_folder, capsys):
    assert main(["predict", "model", "reviews.csv", "--out", "scored.csv", "--attributions"]) == 0
    assert "scored.csv: 60 rows with predictions" in capsys.readouterr().out
    assert (in_folder / "scored.csv").read_text().startswith("review,sentiment,prediction,probability,attributions")
    assert main(["predict", "model", "reviews.csv", "--out", "scored.jsonl", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 60
    assert main(["evaluate", "model", "reviews.csv", "--include-seen", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"]["examples"] == 60
    assert main(["evaluate", "model", "reviews.csv", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["rows"], found["seen"]) == (6, 54)
    assert main(["evaluate", "model", "reviews.csv"]) == 0
    printed = capsys.readouterr().out
    assert "balanced accuracy" in printed
    assert "trained on 54 of the 60 examples" in printed


def test_predictions_are_printed_where_no_file_is_named(in_folder, capfd):
    (in_folder / "new.csv").write_text("review\na fine film\n=1+1 \u202edull plot\n")
    assert main(["predict", "model", "new.csv"]) == 0
    printed = capfd.readouterr()
    assert printed.out.splitlines()[0] == "review,prediction,probability"
    texts = [line.split(",")[0] for line in printed.out.splitlines()[1:]]
    assert texts == ["a fine film", "'=1+1 \u202edull plot"]  # as it is: no terminal reads it
    assert printed.err == ""
    assert main(["predict", "model", "new.csv", "--json"]) == 0
    rows = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [row["review"] for row in rows] == ["a fine film", "=1+1 \u202edull plot"]
    (in_folder / "new.csv").write_text('review\na fine film\n""\n')
    assert main(["predict", "model", "new.csv"]) == 1
    assert capfd.readouterr().out == ""
    assert main(["predict", "model", "new.csv", "--on-error", "skip"]) == 0
    assert "1 row with predictions; left out: 1 with" in capfd.readouterr().err


def test_compare_of_finished_models(in_folder, capsys):
    shutil.copytree("model", "twin", dirs_exist_ok=True)
    assert main(["compare", "model", "twin"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("model and twin give the same predictions for all 6 test examples.") == 1
    assert "One training of each, 6 test examples" in printed
    assert (in_folder / "runs/compare-model-twin/comparison.json").is_file()
    assert printed.endswith("report: runs/compare-model-twin/compare.html\n")
    assert (in_folder / "runs/compare-model-twin/compare.html").is_file()
    assert main(["compare", "model", "twin", "--out", "compared", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["folder"], found["report"]) == ("compared", "compared/compare.html")
    shutil.rmtree("twin")


GOOD = "a fine film,pos\na dull film,neg\n"

BAD_FILES = {
    "a missing column": ("review,mood\n" + GOOD * 9, ["--label", "sentiment"], "no column 'sentiment' for the label"),
    "an empty file": ("", [], "bad.csv is empty"),
    "only a header": ("review,label\n", [], "bad.csv has no rows"),
    "one class": ("review,label\n" + "a film,pos\n" * 9, [], "all 9 examples have the label pos"),
    "not UTF-8": (b"review,label\ncaf\xe9,pos\n", [], "bad.csv, row 1 (line 2), column review: byte 0xE9 is not UTF-8"),
    "NUL": ("review,label\na\0b,pos\n", [], "bad.csv, row 1 (line 2), column review: it holds a NUL byte"),
    "a huge cell": ("review,label\n" + "a" * 10_000_000 + ",pos\n", [], "bad.csv, row 1 (line 2), column review"),
    "an empty text": ("review,label\n" + GOOD + ",pos\n", [], "bad.csv, row 3 (line 4), column review: the text is"),
    "two rows": (
        "review,label\n" + GOOD,
        [],
        "bad.csv: There are too few examples to set aside 0.1 of them (1 of label",
    ),
    "one text": (
        "review,label\n" + "a film,pos\na film,neg\n" * 20,
        [],
        "bad.csv: Too few examples are different to hold some out for validation and the test: 1 of 40 (label neg: 1, ",
    ),
    "no label at all": (
        "review,label\n" + "a film,\n" * 9,
        [],
        "bad.csv: no row has a label in column label",
    ),
    "an id twice": ("id,review,label\n1,a b,p\n1,a c,n\n", ["--id", "id"], "row 2 (line 3), column id: row 1 (line 2)"),
    "a series of NaN": (
        "series,x,label\n1,,a\n1,nan,a\n2,1,b\n2,2,b\n",
        [],
        "row 1: series 1 has no number",
    ),
    "infinity": (
        "series,x,label\n1,1,a\n1,2,a\n2,inf,b\n2,2,b\n",
        [],
        "row 3 (line 4), column x: 'inf' is not a finite number",
    ),
    "ragged": (
        "series,x,label\n1,1,a\n1,2,b\n2,1,b\n2,2,b\n",
        [],
        "row 2 (line 3), column label: the value is another",
    ),
    "an unseen label": (
        "review,label,split\na b,pos,train\na c,neg,train\na d,so,test\n",
        [],
        "row 3 (line 4), column label: the label 'so' does not occur in training",
    ),
    "mixed types": (b'{"text": "a b", "label": 1}\n{"text": "a c", "label": "x"}\n', [], "the label is text here and"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_one_line_and_writes_nothing(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    content, options, message = BAD_FILES[name]
    path = tmp_path / ("bad.jsonl" if name == "mixed types" else "bad.csv")
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert main(["train", path.name, "--out", "model", *options]) == 1
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "nowhere.csv"], "nowhere.csv is not there"),
        (["train", "reviews.csv", "--out", "model"], "model is there already"),
        (["train", "reviews.csv", "--out", "new", "--set", "model.unit=3"], "Did you mean model.units"),
        (["train", "reviews.csv", "--out", "new", "--test", "nowhere.csv"], "nowhere.csv is not there"),
        (["train", "reviews.csv", "--out", "new", "--task", "regression"], "The task regression asks for numbers"),
        (["inspect", "nowhere.csv"], "nowhere.csv is not there"),
        (["predict", "nowhere", "reviews.csv", "--out", "x.csv"], "There is no folder nowhere"),
        (["predict", "model/figures", "reviews.csv", "--out", "x.csv"], "holds no trained model"),
        (["predict", "model", "nowhere.csv", "--out", "x.csv"], "nowhere.csv is not there"),
        (["predict", "model", "reviews.csv", "--out", "x.doc"], "Let the name end in one of"),
        (
            ["predict", "model", "reviews.csv", "--best", "2"],
            "are for models that write texts; the task of this one is binary",
        ),
        (["predict", "model", "reviews.csv", "--length-penalty", "2"], "A length penalty is for models that translate"),
        (["predict", "model", "reviews.csv", "--best", "5", "--beam", "3"], "A beam of 3 finds at most 3 texts, but 5"),
        (["predict", "model", "reviews.csv", "--best", "200"], "The count is 200: it must be a whole number from 1 to"),
        (["predict", "model", "reviews.csv", "--temperature", "-1"], "temperature is -1.0: it must be a finite number"),
        (["evaluate", "model", "reviews.csv", "--label", "mood"], "has no column 'mood' for the label"),
        (["compare", "model", "runs/nowhere"], "There is no folder runs/nowhere"),
        (["compare", "model", "model"], "model is given twice: a model cannot be compared with itself"),
        (
            ["compare", "model", "imdb-rnn"],
            "imdb-rnn is not a folder, but model is a folder: compare recipes with recipes",
        ),
        (["compare", "model", "model/figures"], "is not the folder of a finished run"),
        (["compare", "model", "runs/x", "--set", "model.units=3"], "a finished run keeps its settings"),
    ],
)
def test_a_users_error_is_one_line(arguments, message, in_folder, capsys):
    before = sorted(in_folder.rglob("*"))
    assert main(arguments) == 1
    told = capsys.readouterr().err.splitlines()
    assert message in told[-1]
    assert told[-1].startswith("unspool: ")
    assert sorted(in_folder.rglob("*")) == before
