"""Numbers such as 1,200 are read in new files as in training."""

import csv

import pytest

import unspool
from unspool.cli import main

SERIES = "\n".join(
    [
        "series;time;x;label",
        *(f"s{n};{t};{1 + n % 2},{200 + n + t}.5;{'ab'[n % 2]}" for n in range(40) for t in range(4)),
    ]
)
TEXTS = "\n".join(
    ["text;price;label", *(f"number {n} of many;{1 + n % 2},{200 + n}.5;{'ab'[n % 2]}" for n in range(60))]
)
NEW_SERIES = "\n".join(
    ["series;time;x;label", *(f"s{n};{t};{1 + n % 2},{250 + t};{'ab'[n % 2]}" for n in range(4) for t in range(4))]
)
NEW_TEXTS = "\n".join(
    ["text;price;label", *(f"again {n} of many;{1 + n % 2},{250 + n};{'ab'[n % 2]}" for n in range(4))]
)
QUICK = ["--set", "evaluation.resamples=100"]


@pytest.mark.parametrize(
    ("old", "new", "column", "options"),
    [
        (SERIES, NEW_SERIES, "x", ["--model", "statistics"]),
        (TEXTS, NEW_TEXTS, "price", ["--model", "nb-words", "--numeric", "price"]),
    ],
    ids=["series", "texts"],
)
def test_a_comma_separates_thousands_if_it_did_in_training(in_folder, capsys, old, new, column, options):
    (in_folder / "old.csv").write_text(old)
    (in_folder / "new.csv").write_text(new)
    assert main(["train", "old.csv", "--out", "model", *options, *QUICK]) == 0
    assert 'decimal = "point"' in (in_folder / "model" / "recipe.toml").read_text()
    capsys.readouterr()
    assert main(["predict", "model", "new.csv", "--out", "said.csv"]) == 0
    with (in_folder / "said.csv").open(newline="") as file:
        assert [row["prediction"] for row in csv.DictReader(file)] == ["a", "b", "a", "b"]
    words = f"umbers in column {column}, such as 1,250, are read as 1250, as in training."
    assert words in capsys.readouterr().err
    assert main(["evaluate", "model", "new.csv"]) == 0
    assert f"N{words}" in " ".join(capsys.readouterr().out.split())
    assert [*unspool.load("model").predict("new.csv")] == ["a", "b", "a", "b"]
