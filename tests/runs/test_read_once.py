"""A training opens its file once, splits each text once, and reads from the disk what it needs again."""

from collections import Counter

import pytest

from unspool import files
from unspool.data.texts import inspection
from unspool.data.tokenizers import word_tokenizer
from unspool.data.tokenizers.lexicon import Lexicon
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.run import train

from .reviews import write_reviews
from .series import write_long_form, write_npz

FAST = ["evaluation.resamples=100"]


@pytest.fixture
def counts(tmp_path, monkeypatch):
    """How often each file is opened, and how many texts are split into words and into tokens; in an empty cache."""
    monkeypatch.setenv(files.CACHE_VARIABLE, str(tmp_path / "cache"))
    found = Counter()
    opened, words, read = files.opened, inspection.split_words, Lexicon.read

    def counted_open(path):
        found[path.name] += 1
        return opened(path)

    def counted_words(text):
        found["words"] += 1
        return words(text)

    def counted_read(self, texts, *, grow=False):
        found["tokens"] += len(texts) if grow else 0
        return read(self, texts, grow=grow)

    monkeypatch.setattr(files, "opened", counted_open)
    monkeypatch.setattr(inspection, "split_words", counted_words)
    monkeypatch.setattr(word_tokenizer, "words", counted_words)
    monkeypatch.setattr(Lexicon, "read", counted_read)
    return found


@pytest.mark.parametrize(("name", "write"), [("a.csv", write_long_form), ("a.npz", write_npz)])
def test_a_file_of_series_is_opened_once(name, write, counts, tmp_path):
    train(
        FileSettings(path=str(write(tmp_path / name)), kind="auto"), tmp_path / "out", changes=FAST, model="statistics"
    )
    assert counts[name] == 1


def test_a_file_of_texts_is_opened_once_and_each_text_split_once(counts, tmp_path):
    path = write_reviews(tmp_path / "a.csv")
    train(FileSettings(path=str(path), kind="auto"), tmp_path / "out", changes=FAST, model="nb-words")
    assert counts["a.csv"] == 1
    assert counts["words"] == 200  # for the inspection, and for the TF-IDF of a baseline
    assert counts["tokens"] == 180  # for the model and two baselines, which learn from all but the test


def test_a_network_gets_the_words_of_the_inspection(counts, tmp_path):
    path = write_reviews(tmp_path / "a.csv")
    changes = [*FAST, "training.epochs=1", "model.bigrams=0"]
    train(FileSettings(path=str(path), kind="auto"), tmp_path / "out", changes=changes, model="network")
    golden = 32 + 7
    assert counts["a.csv"] == 1
    assert counts["words"] <= 200 + golden
