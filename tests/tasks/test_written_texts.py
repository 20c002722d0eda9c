"""What models that write texts can be asked for: the best, drawn ones, and the scores of given ones."""

import math

import keras
import numpy as np
import pytest

from unspool.errors import UserError
from unspool.models import EncoderDecoder
from unspool.readers import PairReader
from unspool.tasks import Pronunciation, Translation
from unspool.tasks.written_texts import best_texts, drawn_texts, refuse_count, sampling, scored_texts

pytestmark = pytest.mark.whole

SOURCES, TARGETS = ["ein mann", "ein hund", "zwei"] * 2, ["a man", "a dog", "two"] * 2
READER = PairReader.fit(SOURCES, TARGETS, size=270)
TASK = Translation.of(READER, TARGETS)
INPUTS = READER.read(["ein mann", "zwei", "hund"])


@pytest.fixture(scope="module")
def network():
    """Untrained, with large weights, so that answers differ."""
    keras.utils.set_random_seed(3)
    network = TASK.build(EncoderDecoder(units=4, width=8), READER.inputs)
    network.set_weights([4 * weight for weight in network.get_weights()])
    return network


def test_the_best_texts_are_ranked_and_the_first_is_the_prediction(network):
    found = best_texts(TASK.searching(4), network, INPUTS, 3)
    assert [len(texts) for texts in found] == [3, 3, 3]
    for texts in found:
        assert [one.score for one in texts] == sorted((one.score for one in texts), reverse=True)
        assert len({(one.text, one.score) for one in texts}) == 3
    assert [texts[0].text for texts in found] == TASK.searching(4).decide(
        TASK.searching(4).predict(network, INPUTS), None
    )[0]
    assert best_texts(TASK, network, INPUTS.take([]), 3) == []


def test_a_text_that_is_found_in_several_splits_counts_once(network):
    found = best_texts(TASK, network, INPUTS, 40)
    everything = TASK.searching(40).translate(network, INPUTS, returned=40)
    written = [text.strip() for text in TASK.decode(everything.tokens)]
    for row, texts in enumerate(found):
        assert [one.text for one in texts] == [*dict.fromkeys(written[40 * row : 40 * row + 40])]
    assert min(map(len, found)) < 40
    narrower = best_texts(TASK.searching(40), network, INPUTS, 30)
    assert [[one.text for one in texts] for texts in narrower] == [[one.text for one in texts[:30]] for texts in found]


def test_a_narrow_beam_is_widened_to_the_count(network):
    assert best_texts(TASK, network, INPUTS, 3) == best_texts(TASK.searching(3), network, INPUTS, 3)


def test_a_seed_draws_the_same_texts_again(network):
    how = sampling(1.0, 0, 1.0, 7)
    twice = drawn_texts(TASK, network, INPUTS, how, 2)
    assert [len(texts) for texts in twice] == [2, 2, 2]
    assert drawn_texts(TASK, network, INPUTS, how, 2) == twice
    assert drawn_texts(TASK, network, INPUTS, how) == [texts[:1] for texts in twice]
    assert drawn_texts(TASK, network, INPUTS, sampling(1.0, 0, 1.0, 8), 2) != twice
    assert len({texts[0].text for texts in twice} | {texts[1].text for texts in twice}) > 3


@pytest.mark.parametrize("how", [(1.0, 1, 1.0, 0), (0.0, 0, 1.0, 0), (1.0, 0, 1e-9, 0)])
def test_the_likeliest_token_alone_is_greedy_search(network, how):
    drawn = [texts[0].text for texts in drawn_texts(TASK, network, INPUTS, sampling(*how))]
    assert drawn == [texts[0].text for texts in best_texts(TASK, network, INPUTS, 1)]


def test_a_given_text_has_a_score_for_each_token_and_the_end(network):
    first, second = scored_texts(TASK, network, INPUTS.take([0, 1]), ["a man", ""])
    assert "".join(name for name, _ in first.tokens[:-1]) == "a man"
    assert (first.tokens[-1][0], [name for name, _ in second.tokens]) == ("<end>", ["<end>"])
    assert first.log_probability == pytest.approx(sum(one for _, one in first.tokens))
    assert first.log_probability < second.log_probability < 0
    assert scored_texts(TASK, network, INPUTS.take([0, 1]), [" a man\n", " "]) == [first, second]


def test_a_token_that_cannot_be_written_has_no_probability(network):
    (found,) = scored_texts(TASK, network, INPUTS.take([0]), ["zwei"])
    assert found.log_probability == -math.inf
    assert any(math.isfinite(one) for _, one in found.tokens)


def test_pronunciations_are_scored_one_at_a_time():
    reader, task = Pronunciation.fitted(["red", "read"] * 2, ["R EH D", "R IY D | R EH D"] * 2, size=270)
    network = task.build(EncoderDecoder(units=4, width=8), reader.inputs)
    inputs = reader.read(["read"])
    found = scored_texts(task, network, inputs, ["R EH D"])
    assert [name.strip() for name, _ in found[0].tokens] != []
    assert scored_texts(task, network, inputs, [" R  EH D |\n"]) == found
    with pytest.raises(UserError, match=r"Pronunciation 1: 'R IY D \| R EH D' holds several"):
        scored_texts(task, network, inputs, ["R IY D | R EH D"])


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda network: refuse_count(0), "The count is 0: it must be a whole number from 1 to 100"),
        (lambda network: refuse_count(5, 3), "A beam of 3 finds at most 3 texts, but 5 were asked for"),
        (lambda network: sampling(-1, 0, 1, 0), "temperature is -1: it must be a finite number"),
        (lambda network: sampling(1, -1, 1, 0), "top_k is -1"),
        (lambda network: sampling(1, 0, 0, 0), "top_p is 0"),
        (lambda network: sampling(1, 0, 1, 2**32), "seed is 4294967296"),
        (lambda network: scored_texts(TASK, network, INPUTS, ["a", 7, "b"]), "Label 2: it is 7"),
    ],
)
def test_what_cannot_be_is_told(network, ask, message):
    with pytest.raises(UserError, match=message):
        ask(network)


def test_a_beam_that_is_no_number_is_left_to_the_search_to_refuse():
    refuse_count(3, "5")


def test_probabilities_that_are_nan_are_told(network):
    broken = TASK.build(EncoderDecoder(units=4, width=8), READER.inputs)
    broken.set_weights([np.full_like(weight, np.nan) for weight in broken.get_weights()])
    for ask in (
        lambda: best_texts(TASK, broken, INPUTS, 2),
        lambda: drawn_texts(TASK, broken, INPUTS, sampling(1.0, 0, 1.0, 0)),
        lambda: scored_texts(TASK, broken, INPUTS.take([0]), ["a man"]),
    ):
        with pytest.raises(UserError, match="NaN or infinite"):
            ask()
