"""Real sentences, in a folder by class and in Parquet, by the commands that a person types."""

import json

import pytest

from unspool.cli import main
from unspool.data import load
from unspool.data.tables import write_table

SMALL = ["--set", "evaluation.resamples=100", "--set", "training.epochs=1"]


@pytest.fixture(scope="module")
def sentences():
    """Real sentences, and the same with their words in a random order."""
    found = load("sentences").train
    return found.texts[:240], [("shuffled", "written")[label] for label in found.labels[:240]]


@pytest.mark.soak
def test_a_folder_of_texts_by_class(sentences, in_folder, capsys):
    for number, (text, label) in enumerate(zip(*sentences, strict=True)):
        (in_folder / "sentences" / label).mkdir(parents=True, exist_ok=True)
        (in_folder / "sentences" / label / f"{number}.txt").write_text(text)
    assert main(["train", "sentences", "--out", "model", *SMALL, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert sum(result["data"]["examples"].values()) == 240
    assert result["data"]["label_names"] == ["shuffled", "written"]
    assert main(["evaluate", "model", "sentences", "--include-seen"]) == 0
    assert "sentences, 240 examples" in capsys.readouterr().out


@pytest.mark.soak
def test_parquet_with_texts(sentences, in_folder, capsys):
    write_table(({"text": text, "label": label} for text, label in zip(*sentences, strict=True)), "sentences.parquet")
    assert main(["train", "sentences.parquet", "--out", "model", *SMALL, "--json"]) == 0
    assert sum(json.loads(capsys.readouterr().out)["data"]["examples"].values()) == 240
    assert main(["predict", "model", "sentences.parquet", "--out", "said.parquet"]) == 0
    assert "said.parquet: 240 rows with predictions" in capsys.readouterr().out
