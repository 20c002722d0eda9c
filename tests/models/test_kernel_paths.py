"""A model learns the same with the native kernels and without."""

import keras
import numpy as np
import pytest

import unspool
from unspool import kernels
from unspool.models import Seq2Vec, Tokens, seq2vec

if kernels.status().path != "native":
    pytest.skip("the native kernels are not here", allow_module_level=True)


def losses(path, config):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 60, (200, 20)).astype("int32")
    x[::3, :9] = 0
    y = (x[:, -3:].sum(1) > 90).astype("float32")
    keras.utils.set_random_seed(1)
    with kernels.use(path):
        model = seq2vec(config, Tokens(size=60, length=20))
        model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
        history = unspool.fit(model, x, y, batch_size=32, epochs=3, validation_split=0.2, verbose=0).history
    return [*history["loss"], *history["val_loss"]]


@pytest.mark.soak
@pytest.mark.parametrize("mask_padding", [False, True])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_loss_curve_is_the_same(cell, mask_padding):
    config = Seq2Vec(cell=cell, units=9, embedding=7, mask_padding=mask_padding, input_dropout=0.0, output_dropout=0.0)
    native, reference = losses("native", config), losses("reference", config)
    np.testing.assert_allclose(native, reference, atol=1e-4, rtol=0)
    assert reference[2] < reference[0], "nothing was learnt"
