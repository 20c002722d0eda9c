"""fastText's files, from `train` to `predict` and `evaluate`."""

import csv

from unspool.cli import main
from unspool.runs.reading.read_file import read_file
from unspool.runs.recipes.recipe import FileSettings


def test_files_of_fasttext_are_read_by_every_command(tmp_path, capsys) -> None:
    lines = [f"__label__{('fine', 'dull')[n % 2]} a {('fine', 'dull')[n % 2]} film {n}" for n in range(160)]
    train, new = tmp_path / "cooking.train", tmp_path / "new.txt"
    train.write_text("\n".join(lines[:120]))
    new.write_text("\n".join(lines[120:]))
    out, said = str(tmp_path / "model"), tmp_path / "said.csv"
    assert main(["train", str(train), "--model", "nb-words", "--out", out, "--set", "evaluation.resamples=100"]) == 0
    assert main(["predict", out, str(new), "--out", str(said)]) == 0
    with said.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["prediction"] for row in rows] == [row["label"] for row in rows] == ["fine", "dull"] * 20
    assert rows[0]["text"] == "a fine film 120"
    assert main(["predict", out, str(new), "--text", "text", "--out", str(said)]) == 0
    capsys.readouterr()
    assert main(["evaluate", out, str(new)]) == 0
    assert "100.0%" in capsys.readouterr().out


def test_several_labels_are_a_multilabel_task(tmp_path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("".join(f"__label__a {'__label__b ' * (n % 2)}text {n}\n" for n in range(60)))
    found = read_file(FileSettings(path=str(path), kind="auto"), seed=0)
    assert (found.task.name, found.task.names) == ("multilabel", ("a", "b"))
