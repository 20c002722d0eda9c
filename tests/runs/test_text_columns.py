"""Several text columns, from `train` to `predict`, `evaluate`, `check` and a replay."""

import csv

import pytest

import unspool
from unspool.cli import main
from unspool.errors import UserError
from unspool.runs.replay import replay

SMALL = ["--set", "evaluation.resamples=100"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Reviews whose label shows in the title of half of them, and in the body of the other half."""
    place = tmp_path_factory.mktemp("columns")
    for name, rows, first in (("reviews.csv", 200, 0), ("new.csv", 60, 1000)):
        with (place / name).open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["body", "number", "title", "mood"])
            for n in range(first, first + rows):
                word = ("fine", "dull")[n % 2]
                told = (f"the film {n}", f"so {word}") if n // 2 % 2 else (f"a {word} film {n}", "")
                writer.writerow([told[0], n, told[1], ("pos", "neg")[n % 2]])
    said = ["train", str(place / "reviews.csv"), "--text", "title,body", "--label", "mood", "--model", "nb-words"]
    assert main([*said, "--out", str(place / "model"), *SMALL]) == 0
    return place


def test_a_model_of_two_columns_is_used_by_every_command(folder, tmp_path, capsys):
    model, new = str(folder / "model"), str(folder / "new.csv")
    assert main(["predict", model, new, "--out", str(tmp_path / "said.csv")]) == 0
    with (tmp_path / "said.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["body", "number", "title", "mood", "prediction", "probability"]
    assert [row["prediction"] for row in rows] == [row["mood"] for row in rows]
    assert rows[0]["title"] == "" or rows[0]["title"].startswith("so")
    capsys.readouterr()
    assert main(["evaluate", model, new]) == 0
    assert "100.0%" in capsys.readouterr().out
    assert main(["evaluate", model, str(folder / "reviews.csv")]) == 0  # all but the test were trained on
    assert "The model was trained on 180 of the 200 examples" in capsys.readouterr().out
    assert main(["check", model]) == 0
    assert main(["inspect", model]) == 0
    assert "column title,body" in capsys.readouterr().out
    assert replay(folder / "model").parting is None


def test_a_frame_and_joined_texts_are_predicted_alike(folder):
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(folder / "new.csv", keep_default_na=False)
    model = unspool.load(folder / "model")
    said = model.predict(frame)
    assert said == frame["mood"].tolist()
    assert model.predict(folder / "new.csv") == said
    assert (
        model.predict([f"{title} | {body}" for title, body in zip(frame["title"], frame["body"], strict=True)]) == said
    )


def test_a_list_of_columns_may_be_given_in_python(folder):
    told = unspool.inspect(folder / "reviews.csv", text=["title", "body"], label="mood")
    assert "the text is in columns title, body, joined in this order" in told


def test_a_file_that_lacks_one_is_refused(folder, tmp_path):
    (tmp_path / "short.csv").write_text("title,mood\nso fine,pos\n")
    with pytest.raises(UserError, match=r"short\.csv has no column 'body', which the model reads"):
        unspool.load(folder / "model").predict(tmp_path / "short.csv")
