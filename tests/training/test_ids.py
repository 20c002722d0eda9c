"""Ids that an embedding has no vector for are refused: they would train on NaN, or on another id's vector."""

import keras
import numpy as np
import pytest

import unspool
from unspool.data.ragged import Ragged

TEXTS = np.arange(24).reshape(4, 6) % 10
LABELS = np.arange(4) % 2


def reader(embedding=keras.layers.Embedding):
    """A model of ids from 0 to 9."""
    layers = [embedding(10, 4, name="words"), unspool.layers.LSTM(3), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential([keras.Input((None,), dtype="int32"), *layers])
    model.compile("sgd", "binary_crossentropy")
    return model


def of_two_inputs():
    """A model of ids from 0 to 9, named "body", and of ids from 0 to 4, named "author"."""
    body, author = keras.Input((None,), dtype="int32", name="body"), keras.Input((), dtype="int32", name="author")
    read = unspool.layers.LSTM(3)(unspool.layers.Embedding(10, 4)(body))
    both = keras.layers.Concatenate()([read, keras.layers.Embedding(5, 2, name="authors")(author)])
    model = keras.Model([body, author], keras.layers.Dense(1, "sigmoid")(both))
    model.compile("sgd", "binary_crossentropy")
    return model


def with_id(wrong):
    """The texts, with this id in row 2, step 3."""
    changed = TEXTS.copy()
    changed[2, 3] = wrong
    return changed


@pytest.mark.parametrize("embedding", [keras.layers.Embedding, unspool.layers.Embedding])
@pytest.mark.parametrize("wrong", [10, -1])
def test_the_first_id_without_a_vector_is_told_with_its_place(embedding, wrong):
    message = (
        rf"x has the id {wrong} in row 2, step 3 \(counted from 0\), but the layer 'words' has vectors for ids from "
        r"0 to 9\. Number the tokens from 0, or give the layer a larger input_dim\."
    )
    with pytest.raises(ValueError, match=message):
        unspool.fit(reader(embedding), with_id(wrong), LABELS, verbose=0)


def test_texts_of_different_lengths_are_checked():
    texts = Ragged.from_sequences([[1, 2], [3], [4, 5, 12], [6]])
    with pytest.raises(ValueError, match="x has the id 12 in row 2, step 2"):
        unspool.fit(reader(), texts, LABELS, verbose=0)


def test_ids_of_validation_are_told_as_such():
    with pytest.raises(ValueError, match=r"^x of validation_data has the id 10 in row 2, step 3"):
        unspool.fit(reader(), TEXTS, LABELS, validation_data=(with_id(10), LABELS), verbose=0)


@pytest.mark.parametrize(("names", "told"), [(False, r"x\[1\]"), (True, r"x\['author'\]")])
def test_each_input_has_its_embedding(names, told):
    given = {"author": np.array([0, 4, 5, 1]), "body": TEXTS} if names else [TEXTS, np.array([0, 4, 5, 1])]
    with pytest.raises(ValueError, match=rf"^{told} has the id 5 in row 2 \(counted from 0\), but the layer 'authors'"):
        unspool.fit(of_two_inputs(), given, LABELS, verbose=0)


def test_ids_with_vectors_are_trained_on():
    assert np.isfinite(unspool.fit(reader(), TEXTS, LABELS, verbose=0).history["loss"]).all()
    history = unspool.fit(of_two_inputs(), {"author": LABELS, "body": TEXTS}, LABELS, verbose=0)
    assert np.isfinite(history.history["loss"]).all()


@pytest.mark.parametrize(
    "use", [unspool.evaluate, lambda model, x, y: unspool.predict(model, x)], ids=["evaluate", "predict"]
)
def test_ids_are_checked_without_training_too(use):
    with pytest.raises(ValueError, match=r"^x has the id 10 in row 2, step 3"):
        use(reader(), with_id(10), LABELS)


def test_ids_that_keras_would_cut_are_refused():
    ids = TEXTS.astype(np.float32)
    assert np.isfinite(unspool.fit(reader(), ids, LABELS, verbose=0).history["loss"]).all()
    ids[2, 3] = 1.5
    with pytest.raises(
        ValueError, match=r"the id 1\.5 in row 2, step 3 .* takes whole numbers: Keras would cut it to 1"
    ):
        unspool.fit(reader(), ids, LABELS, verbose=0)
