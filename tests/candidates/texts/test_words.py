"""The linear model that tags words."""

import numpy as np
import pytest

from unspool.candidates.tagged import Tagged
from unspool.candidates.texts.registry import load
from unspool.candidates.texts.words import WORD_CANDIDATES, fit_words, in_sequence
from unspool.errors import UserError

MODEL = WORD_CANDIDATES[0]


def places(count, seed=0):
    """Texts in which `in` before a name makes it a place; the tag of a name's second part follows from the first's."""
    rng, texts, tags = np.random.default_rng(seed), [], []
    for _ in range(count):
        name = [*rng.choice(["Ada", "Kim", "Paris", "Rome"], 1), rng.choice(["North", "West"])]
        place = rng.random() < 0.5
        texts.append(("she", "went", "in" if place else "with", *name, "."))
        tags.append([0, 0, 0, *([1, 2] if place else [3, 4]), 0])
    return Tagged(texts, np.concatenate(tags))


def test_a_saved_model_gives_the_same_bits(tmp_path):
    training, validation = places(40), places(10, 1)
    found = MODEL.compare(training, validation, 5)
    assert found.rows.tolist() == list(range(40, 50))
    assert (found.held_out.argmax(axis=2).ravel() == validation.tags).all()
    model = found.fit()
    model.save(tmp_path)
    asked = [*training.examples[:2], ("she",)]
    outputs = load(tmp_path).outputs(asked)
    np.testing.assert_array_equal(outputs, model.outputs(asked))
    assert outputs.shape == (3, 6, 5)
    assert not outputs[2, 1:].any()
    np.testing.assert_allclose(outputs.sum(axis=2), [[1] * 6, [1] * 6, [1] + [0] * 5])
    assert model.outputs([]).shape == (0, 1, 5)


def test_a_tag_depends_on_the_one_before():
    """The words near the third `x` do not show whether the first word was `a` or `b`."""
    texts = [(first, *"xxxxx") for first in "ab" * 20]
    tags = np.array([[number] * 6 for number in (0, 1) * 20])
    model = fit_words(Tagged(texts, tags.ravel()), 2, 1.0)
    assert model.outputs([tuple("axxxxx"), tuple("bxxxxx")]).argmax(axis=2).tolist() == [[0] * 6, [1] * 6]


def test_letters_four_places_away_decide():
    rng = np.random.default_rng(0)
    texts = [tuple(rng.choice([*"abcd"], 12)) for _ in range(200)]
    tags = np.array(["".join(text[max(0, at - 4) : at - 2]) == "cd" for text in texts for at in range(12)], np.int64)
    model = fit_words(Tagged(texts[:150], tags[: 150 * 12]), 2, 3.0)
    assert (model.outputs(texts[150:]).argmax(axis=2).ravel() == tags[150 * 12 :]).mean() > 0.99


def test_a_tag_that_does_not_occur_in_training_is_improbable():
    assert fit_words(places(40), 6, 1.0).outputs(places(5).examples)[:, :, 5].max() < 0.05


def test_tags_all_of_which_are_improbable_are_still_told_apart():
    for much in (40.0, 1e3, 1e5):  # sigmoids that round to 0, and such that overflow
        found = in_sequence(np.array([[-much, np.log(3) - much]] * 2), np.zeros((3, 2)))
        np.testing.assert_allclose(found, [[0.25, 0.75]] * 2, rtol=1e-6)


def test_a_damaged_file_is_refused(tmp_path):
    model = fit_words(places(20), 5, 1.0)
    model.save(tmp_path)
    path = tmp_path / "text-model.safetensors"
    path.write_bytes(path.read_bytes().replace(b"transitions", b"transitionz"))
    with pytest.raises(UserError, match="no model of texts can be read"):
        load(tmp_path)
