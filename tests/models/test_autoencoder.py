import keras
import numpy as np
import pytest
from pydantic import ValidationError

import unspool
from programs import output_of
from unspool.models import (
    Autoencoder,
    Seq2Vec,
    Series,
    Vec2Seq,
    autoencoder,
    pad_series,
    seq2vec,
    vec2seq,
)

IMAGE = Series(length=28, features=28)
LSTM_AE = Autoencoder(
    encoder=Seq2Vec(units=28, mask_padding=False, input_dropout=0.1, output_dropout=0.1, outputs=2),
    decoder=Vec2Seq(units=28),
)
BILSTM_AE = Autoencoder(
    encoder=Seq2Vec(
        units=28, bidirectional=True, mask_padding=False, input_dropout=0.5, output_dropout=0.5, outputs=100
    ),
    decoder=Vec2Seq(units=28, bidirectional=True, input_dropout=0.1),
)


def counts(model):
    trainable = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    return model.count_params(), trainable, model.count_params() - trainable


def test_the_chapters_autoencoders_have_its_parameters():
    assert counts(autoencoder(LSTM_AE, IMAGE)) == (10_950, 10_838, 112)
    both = autoencoder(BILSTM_AE, IMAGE)
    assert counts(both) == (49_408, 49_184, 224)
    assert both.get_layer("encoder").count_params() == 18_692
    assert both.get_layer("decoder").count_params() == 30_716


def test_the_halves_are_the_models_of_their_own_shapes():
    model = autoencoder(BILSTM_AE, IMAGE)
    encoder, decoder = seq2vec(BILSTM_AE.encoder, IMAGE), vec2seq(BILSTM_AE.decoder, 100, IMAGE)
    encoder.set_weights(model.get_layer("encoder").get_weights())
    decoder.set_weights(model.get_layer("decoder").get_weights())
    x = np.random.default_rng(0).random((3, 28, 28), dtype="float32")
    np.testing.assert_array_equal(unspool.predict(decoder, unspool.predict(encoder, x)), unspool.predict(model, x))


def test_layers_stand_one_upon_the_other():
    deep = vec2seq(Vec2Seq(cell="gru", units=5, layers=3, bidirectional=True), 4, Series(length=6, features=2))
    widths = [layer.output.shape for layer in deep.layers if isinstance(layer, keras.layers.Bidirectional)]
    assert widths == [(None, 6, 10)] * 3
    assert seq2vec(Seq2Vec(cell="rnn", units=5, layers=2, outputs=0), Series(length=6, features=2)).output_shape == (
        None,
        5,
    )


def test_the_latent_vector_is_bounded_by_its_activation():
    assert LSTM_AE.latent_range == (0.0, 1.0)
    for activation, bounds in (("tanh", (-1.0, 1.0)), ("linear", None)):
        assert Autoencoder(encoder=Seq2Vec(outputs=3, activation=activation), decoder=Vec2Seq()).latent_range == bounds
    states = Autoencoder(encoder=Seq2Vec(units=7, bidirectional=True, outputs=0), decoder=Vec2Seq())
    assert (states.latent, states.latent_range) == (14, None)
    with pytest.raises(ValidationError, match="softmax"):
        Autoencoder(encoder=Seq2Vec(activation="softmax"), decoder=Vec2Seq())


@pytest.mark.soak
def test_each_half_can_be_saved_and_loaded_alone(tmp_path):
    halves = {"units": 5, "bidirectional": True}
    config = Autoencoder(encoder=Seq2Vec(**halves, outputs=2), decoder=Vec2Seq(**halves))
    model = autoencoder(config, Series(length=4, features=3))
    rng = np.random.default_rng(0)
    x = pad_series([rng.random((length, 3), dtype="float32") for length in (4, 2)])
    for name, part in (
        ("model", model),
        ("encoder", model.get_layer("encoder")),
        ("decoder", model.get_layer("decoder")),
    ):
        part.save(tmp_path / f"{name}.keras")
    np.savez(tmp_path / "x.npz", x=x, z=unspool.predict(model.get_layer("encoder"), x), y=unspool.predict(model, x))
    program = f"""
import numpy as np, unspool, unspool.layers, keras
folder = {str(tmp_path)!r}
model, encoder, decoder = (keras.saving.load_model(f"{{folder}}/{{n}}.keras") for n in ("model", "encoder", "decoder"))
data = np.load(folder + "/x.npz")
present = ~np.isnan(data["x"]).all(-1)
np.testing.assert_array_equal(unspool.predict(model, data["x"]), data["y"])
np.testing.assert_array_equal(unspool.predict(encoder, data["x"]), data["z"])
np.testing.assert_array_equal(unspool.predict(decoder, [data["z"], present]), data["y"])
"""
    output_of(program)
