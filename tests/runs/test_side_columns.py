"""Numbers and categories beside the text, from `train` to `predict`, `evaluate`, `check` and a replay."""

import csv
import json
import re
import shutil

import numpy as np
import pytest

import unspool
from unspool.api.run import Run
from unspool.cli import main
from unspool.errors import UserError
from unspool.runs.checking.golden import load_golden
from unspool.runs.replay import replay

SMALL = ["--set", "evaluation.resamples=100"]
COLUMNS = ["body", "price", "brand", "row", "mood"]


def rows_of(first, count):
    """Rows whose label shows in the text of a third of them, in the price of another, in the brand of the last."""
    for n in range(first, first + count):
        good, told = n % 2 == 0, n // 2 % 3
        word = ("fine" if good else "dull") if told == 0 else "long"
        price = ("9" if good else "1") if told == 1 else ("" if n % 5 else "5")
        brand = ("Acme" if good else "Bolt") if told == 2 else ("Cord", "", "Rare")[(n % 7 > 0) + (n % 41 == 0)]
        yield [f"a {word} film {n}", price, brand, str(n), "pos" if good else "neg"]


def write(path, rows, columns=COLUMNS):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("side")
    write(place / "reviews.csv", rows_of(0, 300))
    write(place / "new.csv", rows_of(1000, 60))
    said = ["train", str(place / "reviews.csv"), "--text", "body", "--label", "mood", "--model", "nb-words", *SMALL]
    assert main([*said, "--numeric", "price", "--categorical", "brand", "--out", str(place / "model")]) == 0
    return place


def test_attributions_of_a_chosen_model_find_the_words_that_tell(folder, tmp_path):
    model, new = str(folder / "model"), str(folder / "new.csv")
    assert main(["predict", model, new, "--out", str(tmp_path / "said.jsonl"), "--attributions"]) == 0
    rows = [json.loads(line) for line in (tmp_path / "said.jsonl").read_text().splitlines()]
    assert len(rows) == 60
    for row in rows:
        assert [pair["token"] for pair in row["attributions"]] == row["body"].split()
        assert row["attribution_error"] < 1e-5
        weights = {pair["token"]: pair["weight"] for pair in row["attributions"]}
        assert max(weights, key=lambda word: abs(weights[word])) in ("fine", "dull", "long")
    assert all(row["attributions"][1]["weight"] > 0 for row in rows if "long" not in row["body"])
    explained = unspool.load(model).explain(new)
    assert [one.pairs for one in explained] == [row["attributions"] for row in rows]


def test_a_model_of_columns_beside_the_text_is_used_by_every_command(folder, tmp_path, capsys):
    model, new = str(folder / "model"), str(folder / "new.csv")
    assert main(["predict", model, new, "--out", str(tmp_path / "said.csv")]) == 0
    with (tmp_path / "said.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [*COLUMNS, "prediction", "probability"]
    assert np.mean([row["prediction"] == row["mood"] for row in rows]) == 1
    capsys.readouterr()
    assert main(["evaluate", model, new]) == 0
    assert "100.0%" in capsys.readouterr().out
    assert main(["check", model]) == 0
    assert main(["inspect", model]) == 0
    told = capsys.readouterr().out
    assert "beside them numbers in price; categories in brand" in told
    assert "empty cells in column price: read as the mean of the training rows, and marked as missing" in told
    assert replay(folder / "model").parting is None


def test_a_column_with_only_unknown_categories_is_reported(folder, tmp_path, capsys, caplog):
    model, out = str(folder / "model"), str(tmp_path / "said.csv")
    brands = ("Foo", "Rarer", "Bar", "Foo", "Baz")
    new = write(
        tmp_path / "new.csv", [[f"a fine film {n}", "9", brand, str(n), "pos"] for n, brand in enumerate(brands)]
    )
    note = "column brand has only categories that few or no training rows have, such as Foo, Rarer, Bar"
    assert main(["predict", model, str(new), "--out", out]) == 0
    assert f"new.csv: {note}: the model treats them all alike." in " ".join(capsys.readouterr().err.split())
    unspool.load(model).predict(new)
    assert caplog.messages == [f"{note}: the model treats them all alike."]
    assert main(["predict", model, str(folder / "new.csv"), "--out", out]) == 0
    assert "categories" not in capsys.readouterr().err


def test_the_report_names_the_columns_and_the_baselines_read_them(folder):
    run = Run(folder / "model")
    assert "beside them numbers in price; categories in brand" in run.result.data.title
    baselines = {one.name: one for one in run.result.baselines}
    assert baselines["columns"].title == "logistic regression over the columns beside the text"
    assert all(
        "the columns beside the text" in one.title for name, one in baselines.items() if name != "majority-class"
    )
    # Two thirds of the labels show in columns alone, one third in the text alone.
    right = {name: one.scores["accuracy"].value for name, one in baselines.items()}
    assert right["tfidf-logistic-regression"] > 0.95
    assert 0.7 < right["columns"] < 0.95
    assert run.result.candidates[0].title.endswith(", and the columns beside the text")


def test_frames_and_files_are_predicted_alike_and_a_list_of_texts_is_refused(folder):
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(folder / "new.csv")
    assert frame["price"].isna().any()
    model = unspool.load(folder / "model")
    assert model.predict(frame) == model.predict(folder / "new.csv") == frame["mood"].tolist()
    with pytest.raises(UserError, match=r"reads columns beside the text \(numbers in price; categories in brand\)"):
        model.predict(["a fine film"])
    with pytest.raises(UserError, match="The data frame has no column 'brand'"):
        model.predict(frame.drop(columns="brand"))
    with pytest.raises(UserError, match=r"Entry 3 \(counted from 0\), column price: 'cheap' is not a finite number"):
        model.predict(frame.astype({"price": object}).assign(price=[*[1.0] * 3, "cheap", *[2.0] * 56]))


def test_a_row_with_a_known_text_and_other_cells_is_new(folder, tmp_path, capsys):
    trained = list(rows_of(0, 300))
    known = write(
        tmp_path / "known.csv", [*trained[:40], *([body, "7", "Cord", *rest] for body, _, _, *rest in trained)]
    )
    assert main(["evaluate", str(folder / "model"), str(known)]) == 0
    told = re.search(r"trained on (\d+) of the 340 examples", capsys.readouterr().out)
    assert 20 < int(told[1]) <= 40  # not those of the test


def test_columns_are_lists_in_python(folder):
    told = unspool.inspect(folder / "reviews.csv", text="body", label="mood", numeric=["price"], categorical=["brand"])
    assert "read beside the text: numbers in price; categories in brand" in told
    assert "ignored column: row" in told


def test_ignored_columns_are_named_with_what_reads_them(folder):
    told = unspool.inspect(folder / "reviews.csv", text="body", label="mood")
    assert "ignored columns: price, brand, row" in told
    assert "to read columns beside the text: --numeric price --categorical brand" in told  # row names the rows


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--numeric", "brand"], r"reviews\.csv, row 5 \(line 6\), column brand: 'Acme' is not a finite number"),
        (["--numeric", "prize"], r"has no column 'prize' for --numeric\. Did you mean price\?"),
        (["--numeric", "price", "--categorical", "price"], "column price cannot be both numeric and categorical"),
        (["--categorical", "body"], "column body cannot be both text and categorical"),
        (["--numeric", "mood"], "column mood cannot be both label and numeric"),
        (["--numeric", "price", "--model", "cnn"], "This model reads the text alone, not numbers in price"),
        (["--numeric", "price", "--set", "model.units=8"], "This model reads the text alone"),
        (["--model", "columns"], r"--model columns \(in Python, model='columns'\): there is no such model"),
    ],
)
def test_what_cannot_be_read_is_one_line(folder, tmp_path, capsys, options, message):
    said = ["train", str(folder / "reviews.csv"), "--text", "body", "--label", "mood", *options]
    assert main([*said, "--out", str(tmp_path / "model")]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert re.search(message, last), last
    assert not (tmp_path / "model").exists()


def test_columns_beside_a_series_are_refused(tmp_path, capsys):
    np.savez(tmp_path / "waves.npz", x=np.zeros((20, 4)), y=np.arange(20) % 2)
    assert main(["inspect", str(tmp_path / "waves.npz"), "--numeric", "price"]) == 1
    assert "--numeric is for texts: it names columns that are read beside one" in capsys.readouterr().err


def test_files_that_lack_a_column_or_a_number_are_refused(folder, tmp_path, capsys):
    model, out = str(folder / "model"), str(tmp_path / "out.csv")
    short = write(tmp_path / "short.csv", [["a fine film", "2", "pos"]], ["body", "price", "mood"])
    bad = write(tmp_path / "bad.csv", [*rows_of(0, 2), ["a film", "cheap", "Acme", "3", "pos"]])
    for command in (["predict", model, str(short), "--out", out], ["evaluate", model, str(short)]):
        assert main(command) == 1
        assert "short.csv has no column 'brand', which the model reads beside the text" in capsys.readouterr().err
    for command in (["predict", model, str(bad), "--out", out], ["evaluate", model, str(bad)]):
        assert main(command) == 1
        assert "bad.csv, row 3 (line 4), column price: 'cheap' is not a finite number" in capsys.readouterr().err
    assert main(["predict", model, str(bad), "--out", out, "--on-error", "skip"]) == 0
    assert "2 rows with predictions; left out: 1 with a value that is not a finite number" in capsys.readouterr().out


def test_it_has_a_page_and_a_graph(folder, tmp_path, capsys):
    assert main(["export", str(folder / "model"), "--html", str(tmp_path / "m.html")]) == 0
    assert "a page of" in capsys.readouterr().out
    assert main(["export", str(folder / "model"), "--onnx", str(tmp_path / "m.onnx")]) == 0
    assert "ONNX Runtime gives all" in capsys.readouterr().out


def test_golden_examples_keep_their_cells_and_altered_ones_are_noticed(folder, tmp_path, capsys):
    golden = load_golden(folder / "model")
    assert {type(cell) for text in golden.inputs for cell in text.cells} == {float, str}
    assert any(np.isnan(text.cells[0]) for text in golden.inputs)
    shutil.copytree(folder / "model", tmp_path / "altered")
    with np.load(tmp_path / "altered" / "golden.npz") as file:
        arrays = dict(file)
    cells = json.loads(arrays["cells"].tobytes())
    for changed, message in (
        ([[1.0, "Acme"]] * len(cells), "reload"),
        ([["Acme", 1.0]] * len(cells), "examples that the model cannot read"),
        (cells[:-1], "the cells do not fit the texts"),
        ([[[1.0], "Acme"]] * len(cells), "a cell is neither a number nor a category"),
    ):
        arrays["cells"] = np.frombuffer(json.dumps(changed).encode(), np.uint8)
        np.savez(tmp_path / "altered" / "golden.npz", **arrays)
        assert main(["check", str(tmp_path / "altered")]) != 0
        told = capsys.readouterr()
        assert message in told.out + told.err, (message, told)


def test_another_cell_is_another_data_set(folder, tmp_path):
    """Baselines are kept by the data's digest: one of other numbers must not be taken."""
    rows = list(rows_of(0, 300))
    rows[7][1] = "8"
    other = write(tmp_path / "reviews.csv", rows)
    run = unspool.train(
        other,
        text="body",
        label="mood",
        numeric="price",
        categorical="brand",
        model="columns",
        out=tmp_path / "other",
        settings={"evaluation.resamples": 100},
        verbose=False,
    )
    first = Run(folder / "model").result.data
    assert run.result.data.digest != first.digest
    assert run.result.data.test_digest == first.test_digest  # of texts and labels: the two can be compared


def test_runs_with_and_without_columns_can_be_compared(folder, tmp_path):
    run = unspool.train(
        folder / "reviews.csv",
        text="body",
        label="mood",
        model="nb-words",
        out=tmp_path / "text",
        settings={"evaluation.resamples": 100},
        verbose=False,
    )
    found = unspool.compare(folder / "model", run, out=tmp_path / "compared")
    assert "model has a higher accuracy than text: 100.0% against" in str(found)
    assert "did not read the same columns beside the text (data.numeric: ('price',), None" in str(found)


def test_a_test_file_has_the_columns_too(folder, tmp_path):
    run = unspool.train(
        folder / "reviews.csv",
        test=folder / "new.csv",
        text="body",
        label="mood",
        numeric="price",
        categorical="brand",
        model="nb-words",
        out=tmp_path / "model",
        settings={"evaluation.resamples": 100},
        verbose=False,
    )
    assert run.result.test["accuracy"].value == 1
    short = write(tmp_path / "short.csv", [["a fine film", "2", "pos"]] * 4, ["body", "price", "mood"])
    with pytest.raises(UserError, match=r"short\.csv has no column 'brand'"):
        unspool.inspect(
            folder / "reviews.csv", test=short, text="body", label="mood", numeric="price", categorical="brand"
        )


def test_a_file_with_decimal_commas_is_read_as_one_with_points(folder, tmp_path, capsys):
    said = []
    for name, delimiter, price in (("points.csv", ",", "-8.5"), ("commas.csv", ";", "-8,5")):
        lines = [delimiter.join(one) for one in (["body", "price", "brand"], ["a long film", price, "Acme"])]
        (tmp_path / name).write_text("\n".join(lines) + "\n")
        assert main(["predict", str(folder / "model"), str(tmp_path / name)]) == 0
        (row,) = csv.DictReader(capsys.readouterr().out.splitlines())
        assert row.pop("price") == price  # as the file has it
        said.append(row)
    assert said[0] == said[1]
