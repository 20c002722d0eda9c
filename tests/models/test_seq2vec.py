import keras
import numpy as np
import pytest
from pydantic import ValidationError

from unspool.models import Seq2Vec, Series, Tokens, seq2vec

IMDB = Tokens(size=10_000, length=128)


def counts(model):
    trainable = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    return model.count_params(), trainable, model.count_params() - trainable


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("rnn", (643_265, 643_201, 64)), ("lstm", (652_577, 652_513, 64))],
)
def test_the_chapters_sentiment_models_have_its_parameters(cell, expected):
    assert counts(seq2vec(Seq2Vec(cell=cell), IMDB)) == expected


def test_the_chapters_simple_rnn_has_130_parameters():
    bare = Seq2Vec(
        cell="rnn",
        units=10,
        mask_padding=False,
        input_dropout=0.0,
        batch_normalization=False,
        output_dropout=0.0,
        outputs=0,
    )
    model = seq2vec(bare, Series(length=5, features=2))
    assert model.count_params() == 130
    assert model.output_shape == (None, 10)


def test_the_chapters_embedding_has_300_parameters():
    model = keras.Sequential([keras.Input((5,)), keras.layers.Embedding(30, 10)])
    assert model.count_params() == 300
    assert model.output_shape == (None, 5, 10)


def test_masked_padding_does_not_change_the_output():
    keras.utils.set_random_seed(0)
    short, long = np.array([[5, 6, 7]]), np.array([[0, 0, 5, 6, 7]])
    for cell in ("rnn", "lstm", "gru"):
        model = seq2vec(Seq2Vec(cell=cell), Tokens(size=10, length=5))
        shorter = seq2vec(Seq2Vec(cell=cell), Tokens(size=10, length=3))
        shorter.set_weights(model.get_weights())
        np.testing.assert_allclose(model(long), shorter(short), atol=1e-6)
        unmasked = seq2vec(Seq2Vec(cell=cell, mask_padding=False), Tokens(size=10, length=5))
        unmasked.set_weights(model.get_weights())
        assert not np.allclose(unmasked(long), shorter(short), atol=1e-4)


def test_pooling_reads_every_state_and_no_padding():
    config = Seq2Vec(units=3, pooling="mean_max", bidirectional=True, batch_normalization=False, outputs=0)
    model = seq2vec(config, Tokens(size=10))
    assert model.output_shape == (None, 12)
    np.testing.assert_allclose(model(np.array([[0, 0, 5, 6, 7]])), model(np.array([[5, 6, 7]])), atol=1e-6)
    states = keras.Model(model.input, model.get_layer("bidirectional_lstm").output)(np.array([[5, 6, 7]]))
    pooled = np.concatenate([np.mean(states, axis=1), np.max(states, axis=1)], axis=1)
    np.testing.assert_allclose(model(np.array([[5, 6, 7]])), pooled, atol=1e-6)


def test_series_are_pooled_without_their_padding():
    model = seq2vec(Seq2Vec(units=3, pooling="mean_max", input_dropout=0.0), Series(length=4, features=2))
    series = np.ones((1, 4, 2), "float32")
    longer, other = series.copy(), series.copy()
    longer[0, 2:], other[0, 2:] = np.nan, 5.0
    shorter = seq2vec(Seq2Vec(units=3, pooling="mean_max", input_dropout=0.0), Series(length=2, features=2))
    shorter.set_weights(model.get_weights())
    np.testing.assert_allclose(model(longer), shorter(series[:, :2]), atol=1e-6)
    assert not np.allclose(model(other), shorter(series[:, :2]), atol=1e-4)


def test_dropped_tokens_are_read_as_the_unknown_one():
    keras.utils.set_random_seed(0)
    config = Seq2Vec(units=3, token_dropout=0.99, input_dropout=0.0, output_dropout=0.0, batch_normalization=False)
    model = seq2vec(config, Tokens(size=10))
    ids = np.array([[1, 7, 8, 9]])
    unknown = np.array([[1, 2, 2, 2]])
    np.testing.assert_allclose(model(ids, training=True), model(unknown), atol=1e-6)
    assert not np.allclose(model(ids), model(unknown), atol=1e-6)


@pytest.mark.parametrize(
    "wrong", [{"cell": "transformer"}, {"units": 0}, {"units": 2.5}, {"input_dropout": 1.0}, {"unit": 3}]
)
def test_a_description_refuses_wrong_values(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Seq2Vec(**wrong)
