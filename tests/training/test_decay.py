"""A learning rate that falls evenly from epoch to epoch."""

import keras
import numpy as np
import pytest

from unspool.training import Checkpoint, fit
from unspool.training.callback_state import without_known_state
from unspool.training.decay import LinearDecay


def trained(epochs, callbacks=(), checkpoint=None):
    """The learning rate of each epoch, as its history has it, and the weights."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.5), "mse")
    x = np.linspace(-1, 1, 16, dtype=np.float32)[:, None]
    decay = [LinearDecay(0.5, 4), *callbacks]
    found = fit(model, x, 2 * x, batch_size=8, epochs=epochs, verbose=0, callbacks=decay, checkpoint=checkpoint)
    return found.history["learning_rate"], model.get_weights()


def test_it_falls_by_the_same_each_epoch():
    rates, _ = trained(4)
    np.testing.assert_allclose(rates, [0.5, 0.375, 0.25, 0.125], rtol=1e-6)


def test_nothing_that_it_remembers_is_missing_from_a_checkpoint():
    assert without_known_state([LinearDecay(0.5, 4)]) == []


def test_a_training_that_was_stopped_goes_on_with_the_rate_of_its_epoch(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    whole, weights = trained(4)
    with pytest.raises(KeyboardInterrupt):
        trained(4, [Stop()], Checkpoint(tmp_path))
    rates, others = trained(4, [type("Stop", (keras.callbacks.Callback,), {})()], Checkpoint(tmp_path))
    assert rates == whole
    for one, other in zip(weights, others, strict=True):
        np.testing.assert_array_equal(one, other)
