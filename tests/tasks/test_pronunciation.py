"""The task pronunciation: a phoneme is a token, every pronunciation is learned, any of them is right."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from unspool.candidates.pronunciations.counting import fit_joint_ngrams
from unspool.candidates.pronunciations.storage import FILE
from unspool.data.ragged import Ragged
from unspool.errors import UserError
from unspool.evaluation.result import Predictions
from unspool.evaluation.text_arrays import as_array
from unspool.tasks import Pronunciation, load_task
from unspool.training.decoding import Decoded

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


NGRAMS = fit_joint_ngrams(["read", "red"], [["R", "IY", "D"], ["R", "EH", "D"]])


@pytest.fixture
def answering(monkeypatch):
    """Makes every network answer each of N words alike: with these pronunciations, the best first."""

    def answers(*said):
        def searched(task, network, inputs, batch_size, returned=1):
            count, shown = len(inputs), [*said, *[""] * returned][:returned]
            log_probabilities = np.tile(-np.arange(1.0, returned + 1), (count, 1))
            tokens = Ragged.from_sequences([*task._encode(shown)] * count)
            return Decoded(tokens, log_probabilities, log_probabilities, np.ones((count, returned), bool))

        monkeypatch.setattr(Pronunciation, "_searched", searched)

    return answers


def part(words, said):
    return SimpleNamespace(inputs=READER.read(words), targets=TASK.encode(said))


TRAINING = part(["read", "red", "reed"], ["R IY D | R EH D", "R EH D", "R IY D"])


def test_ngrams_are_fitted_and_weighed_on_validation_words(answering):
    answering("R IY D", "R EH D")
    found = TASK.completed(None, TRAINING, part(["red"] * 3, ["R EH D"] * 3))
    assert found.ngrams.letters == ("r", "e", "a", "d")
    assert 0 < found.weight < 1  # the least that puts the right one first
    assert found.predict(None, READER.read(["red"])).tobytes() == as_array(["R EH D"]).tobytes()
    assert found.weight == next(
        weight / 10 for weight in range(11) if said(replace(found, weight=weight / 10), "red") == "R EH D"
    )
    assert f"{found.weight:.1f} times that of joint 6-grams" in found.answers_in_words(None)


def said(task, word):
    (text,) = task.decide(np.asarray(task.predict(None, READER.read([word])), float), None)[0]
    return text


def test_where_ngrams_do_not_help_the_network_answers_alone(answering):
    answering("R IY D", "R EH D")
    found = TASK.completed(None, TRAINING, part(["red"] * 3, ["R IY D"] * 3))
    assert (found.weight, found.ngrams) == (0, None)
    assert found.answers_in_words(None) == TASK.answers_in_words(None)
    assert TASK.searching(1).completed(None, TRAINING, TRAINING) == TASK.searching(1)  # greedy: nothing to rank


def test_padding_is_no_part_of_a_word(answering):
    answering("R EH D")
    inputs = READER.read(["red"])
    padded = np.concatenate([np.zeros((1, 3), np.int32), inputs.flat[None], np.zeros((1, 2), np.int32)], axis=1)
    assert TASK._read(padded) == TASK._read(inputs) == ["red"]


def test_ngrams_are_saved_beside(tmp_path):
    path = tmp_path / "labels.json"
    TASK.save(path)
    assert "ngrams" not in path.read_text()
    assert not (tmp_path / FILE).exists()
    assert load_task(path).ngrams is None
    replace(TASK, ngrams=NGRAMS, weight=0.3).save(path)
    found = load_task(path)
    assert found.weight == 0.3
    assert {name: one.tolist() for name, one in found.learned.items()} == {
        name: one.tolist() for name, one in replace(TASK, ngrams=NGRAMS, weight=0.3).learned.items()
    }
    (tmp_path / FILE).unlink()
    with pytest.raises(UserError, match="cannot be read"):
        load_task(path)


def test_a_task_of_an_earlier_version_answers_without_ngrams(tmp_path):
    path = tmp_path / "labels.json"
    TASK.save(path)
    path.write_text(path.read_text().replace('"weight": 0.0,\n', "").replace(',\n"weight": 0.0', ""))
    assert "weight" not in path.read_text()
    assert load_task(path) == TASK


@pytest.mark.parametrize("weight", ["-0.1", "1.5", "true", '"half"', "null", "NaN"])
def test_a_weight_out_of_bounds_is_refused(tmp_path, weight):
    path = tmp_path / "labels.json"
    TASK.save(path)
    path.write_text(path.read_text().replace('"weight": 0.0', f'"weight": {weight}'))
    with pytest.raises(UserError, match="is altered"):
        load_task(path)
