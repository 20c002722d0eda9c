"""The task translation: texts to targets and back, what training takes, what is refused."""

import json
from dataclasses import asdict

import keras
import numpy as np
import pytest

from unspool.data.ragged import Ragged
from unspool.errors import UserError
from unspool.evaluation.baselines.simple_models import RawPart, RawParts
from unspool.evaluation.text_arrays import texts_of
from unspool.models import EncoderDecoder, Transformer
from unspool.readers import PairReader
from unspool.tasks import Binary, Translation, find_task, load_task
from unspool.tasks.translation import END, MOST_TOKENS

pytestmark = pytest.mark.whole

TARGETS = ["a man", "a dog"] * 3
READER = PairReader.fit(["ein mann", "ein hund"] * 3, TARGETS, size=270)
TASK = Translation.of(READER, TARGETS)
NETWORK = TASK.build(EncoderDecoder(units=4, width=8), READER.inputs)


@pytest.mark.parametrize("text", ["a man", "A dog, 电影!", " two  spaces "])
def test_a_text_is_scored_as_it_was_given(text):
    assert texts_of(TASK.truth(TASK.encode([text]))) == [text]


def test_capitals_do_not_count_where_they_are_not_read():
    task = Translation.of(PairReader.fit(["ein mann"] * 2, ["a man"] * 2, lowercase=True), ["a man"] * 2)
    assert texts_of(task.truth(task.encode(["A Man"]))) == ["a man"]


def test_other_models_and_baselines_are_scored_in_the_models_case():
    """The references are in lower case, so that each of their capitals counted as a mistake."""
    sources, targets = ["Ein Mann", "Ein Hund"] * 3, ["A man", "A dog"] * 3
    task = Translation.of(PairReader.fit(sources, targets, lowercase=True), targets)
    truth = task.truth(task.encode(targets))
    assert texts_of(task.decided(["A MAN"], truth[:1])) == ["a man"]
    part = RawPart(lambda: iter(["Ein Mann", "Ein Hund", "Paul"]), task.truth(task.encode(["A man", "a dog", "Paul"])))
    training = RawPart(lambda: iter(sources), truth)
    found = task.simple_models(RawParts(training, part, part, task.measures["chrf"]))
    said = {one.name: texts_of(one.outputs) for one in found}
    assert said["word-by-word"] == ["a man", "a dog", "paul"]
    assert said["copied-source"] == ["ein mann", "ein hund", "paul"]


@pytest.mark.parametrize("model", [Transformer(layers=1, width=8, heads=2), EncoderDecoder(units=4, width=8)])
def test_only_tokens_of_the_training_targets_can_be_written(model):
    ids = TASK.encode(TARGETS).flat
    assert TASK.outputs == ids.max() + 1 < READER.tokenizer.size
    source = READER.read(["ein mann"])
    assert source.flat.max() >= TASK.outputs, "a token that only sources have"
    network = TASK.build(model, READER.inputs)
    assert network((source[0][np.newaxis], np.array([[1, int(source.flat.max())]]))).shape == (1, 2, TASK.outputs)


def test_folders_from_before_write_all_tokens():
    content = json.loads(json.dumps(asdict(TASK)))
    del content["written"]
    assert Translation.from_content(content).outputs == READER.tokenizer.size


def test_very_long_targets_are_written_up_to_the_most_tokens():
    target = " ".join(f"{number}" for number in range(5000))
    reader = PairReader.fit(["ein mann"] * 2, [target] * 2, size=270, length=9000)
    assert Translation.of(reader, [target] * 2).maximum == MOST_TOKENS


def test_training_shifts_and_cuts_the_targets():
    long = "a man and " * 10
    targets = TASK.encode(["a dog", long])
    (inputs, read), said = TASK.examples("sources", targets, balanced=False)
    assert inputs == "sources"
    assert read[0].tolist() == [1, *targets[0].tolist()]
    assert said[0].tolist() == [*targets[0].tolist(), END]
    assert len(said[1]) == TASK.maximum < len(targets[1])
    assert texts_of(TASK.truth(targets))[1] == long


@pytest.mark.parametrize("model", [Transformer(layers=1, width=8, heads=2), EncoderDecoder(units=4, width=8)])
def test_a_translation_does_not_depend_on_the_batch(model):
    keras.utils.set_random_seed(0)
    network = TASK.build(model, READER.inputs)
    network.set_weights([4 * weight for weight in network.get_weights()])
    inputs = READER.read(["ein mann", "ein", "ein hund und ein mann", "x"])
    together = TASK.translate(network, inputs).tokens.tolist()
    assert [TASK.translate(network, inputs.take([row])).tokens.tolist()[0] for row in range(4)] == together
    assert len({tuple(one) for one in together}) > 1
    assert TASK.searching(1).translate(network, inputs).tokens.tolist() == together
    weights = TASK.attention(network, inputs)
    assert weights is not None
    np.testing.assert_allclose(np.sum(weights.weights, axis=1), 1, atol=1e-2)
    assert len(weights.weights) == len(weights.target)
    assert len(weights.weights[0]) == len(weights.source)


def test_no_text_has_no_translation():
    network = TASK.build(EncoderDecoder(units=4, width=8), READER.inputs)
    assert TASK.decide(TASK.predict(network, Ragged.from_sequences([])), None) == ([], [])


@pytest.mark.parametrize("beam", [1, 3])
def test_nan_is_no_translation(beam):
    network = TASK.build(EncoderDecoder(units=4, width=8), READER.inputs)
    network.set_weights([np.full_like(weight, np.nan) for weight in network.get_weights()])
    with pytest.raises(UserError, match="some answers are NaN or infinite"):
        TASK.searching(beam).predict(network, READER.read(["ein mann"]))


def test_it_says_how_it_answers():
    assert "greedy search" in TASK.answers_in_words(None)
    assert "beam search of width 5" in TASK.searching(5).answers_in_words(None)
    assert TASK.searching(5, 0.6).answers_in_words(None).endswith("beam search of width 5 and a length penalty of 0.6")


@pytest.mark.parametrize("penalty", [0, 0.6, 2])
def test_a_beam_ranks_by_the_length_penalty_of_the_task(penalty):
    found = TASK.searching(3, penalty).translate(NETWORK, READER.read(["ein mann", "ein hund"]))
    lengths = found.best.lengths + found.ended[:, 0]
    ranked = found.log_probabilities[:, 0] / ((5 + lengths) / 6) ** penalty
    np.testing.assert_allclose(found.scores[:, 0], ranked, rtol=1e-5)


def test_a_portable_file_keeps_the_length_penalty():
    assert TASK.searching(length_penalty=0.6).portable(None)["length_penalty"] == 0.6


def test_a_folder_of_an_earlier_version_has_the_usual_length_penalty(tmp_path):
    path = tmp_path / "labels.json"
    TASK.searching(length_penalty=0.5).save(path)
    assert load_task(path).length_penalty == 0.5
    content = json.loads(path.read_text())
    del content["length_penalty"]
    path.write_text(json.dumps(content))
    assert load_task(path) == TASK


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: TASK.searching(0), "The beam is 0: it must be a whole number from 1"),
        (lambda: TASK.searching("5"), "The beam is '5': it must be a whole number from 1"),
        (lambda: TASK.searching(5, "1"), "The length penalty is '1': it must be a number from 0 to 100"),
        (lambda: TASK.searching(5, -1.0), "The length penalty is -1.0: it must be a number from 0 to 100"),
        (lambda: Binary(("no", "yes")).searching(length_penalty=0.6), "A length penalty is for models that translate"),
        (lambda: Binary(("no", "yes")).searching(3), "A beam is for models that translate"),
        (lambda: TASK.encode(["a", 7]), "Label 2: it is 7"),
        (lambda: find_task(["a", "b"], "translation"), "--source, --target"),
        (lambda: TASK.check(np.zeros(1), "test"), "only 1 test pair"),
        (
            lambda: TASK.check(np.zeros(1), "validation"),
            r"only 1 validation pair.* --set data\.validation_fraction=0\.3\.",
        ),
    ],
)
def test_what_cannot_be_is_told(ask, message):
    with pytest.raises(UserError, match=message):
        ask()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("beam", 0),
        ("beam", "5"),
        ("length_penalty", -1),
        ("length_penalty", True),
        ("maximum", 10**9),
        ("bpe", "{}"),
        ("bpe", 7),
        ("lowercase", 1),
        ("names", ["a"]),
    ],
)
def test_an_altered_file_is_refused(tmp_path, name, value):
    path = tmp_path / "labels.json"
    TASK.save(path)
    assert load_task(path) == TASK
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    with pytest.raises(UserError, match="is altered"):
        load_task(path)


def test_joint_ngrams_stand_beside_models_that_write_single_words():
    for sources, targets, beside in ((["mouse", "ox"], ["mice", "oxen"], True), (["a mouse", "an ox"], TARGETS, False)):
        task = Translation.of(PairReader.fit(sources, targets[:2]), targets[:2])
        part = RawPart(lambda sources=sources: iter(sources), task.truth(task.encode(targets[:2])))
        found = task.simple_models(RawParts(part, part, part, task.measures["chrf"]))
        assert ("joint-ngrams" in [one.name for one in found]) is beside
