"""The task pronunciation: a phoneme is a token, every pronunciation is learned, any of them is right."""

import sys

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.result import Predictions
from unspool.evaluation.text_arrays import as_array
from unspool.tasks import Pronunciation

WORDS, SAID = ["read", "red", "reed"] * 2, ["R IY D | R EH D", "R EH D", "R IY D"] * 2
READER, TASK = Pronunciation.fitted(WORDS, SAID)


def test_a_letter_and_a_phoneme_are_tokens():
    assert READER.tokenizer.tokens(READER.read(["read"])[0]) == ["<start>", "r", "e", "a", "d"]
    assert READER.tokenizer.tokens(TASK.encode(["R IY D"])[0]) == ["R", " IY", " D"]
    assert TASK.maximum >= 4


def test_every_pronunciation_is_an_example():
    inputs = READER.read(WORDS[:3])
    (sources, read), said = TASK.examples(inputs, TASK.encode(SAID[:3]), balanced=False)
    assert [READER.tokenizer.decode(ids) for ids in sources] == ["read", "read", "red", "reed"]
    assert [READER.tokenizer.decode(ids) for ids in said] == ["R IY D", "R EH D", "R EH D", "R IY D"]
    assert read.lengths.tolist() == said.lengths.tolist() == [4] * 4


def test_any_pronunciation_is_right():
    truth = TASK.truth(TASK.encode(SAID[:2]))
    scores = TASK.scores(Predictions(truth, np.asarray(as_array(["R EH D", "R IY D"]), float)), None, resamples=100)
    assert scores["word_errors"].value == 0.5
    assert scores["phoneme_errors"].value == pytest.approx(1 / 6)
    assert scores.details["words"]["references"] == [3, 3, 3]


def test_examples_are_ranked_by_wrong_phonemes_as_the_verdict_counts_them():
    task = Pronunciation.fitted(["read", "red"] * 2, ["R IY D | R EH D", "R EH D"] * 2)[1]
    wanted = as_array(["R IY D | R EH D", "R EH D", "HH AH L OW"])
    said = as_array(["R EH D", "R IY D", "HH AH"])
    assert task.example_scores(Predictions(wanted, said)).round(1).tolist() == [0, 33.3, 50]
    assert not task.measures[task.headline].higher_is_better


def test_what_a_score_needs_is_asked_for_before_training(monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidfuzz.distance", None)
    with pytest.raises(UserError, match=r"pip install 'unspool\[pronunciation\]'"):
        Pronunciation.fitted(WORDS, SAID)
