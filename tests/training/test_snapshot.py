import keras
import numpy as np

import unspool
from unspool.training.snapshot import Point, capture, restore


def test_training_further_does_not_change_a_snapshot():
    """It is written while the training goes on."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dropout(0.5)])
    model.compile("adam", "mse")
    hook = keras.callbacks.History()

    def train():
        unspool.fit(model, np.ones((8, 2)), np.ones((8, 3)), callbacks=hook, verbose=0)
        return [variable.numpy().tolist() for variable in (*model.variables, *model.optimizer.variables)], hook.history

    variables, history = train()
    losses = list(history["loss"])
    snapshot = capture(model, [hook], Point(1, 0, logs={"loss": 1.0}, total=1))
    drawn = np.random.rand()
    assert train() != (variables, {"loss": losses})
    assert len(hook.history["loss"]) == 2
    point = restore(model, [hook], snapshot)
    assert (point.epoch, point.total, point.logs) == (1, 1, {"loss": 1.0})
    assert [variable.numpy().tolist() for variable in (*model.variables, *model.optimizer.variables)] == variables
    assert hook.history == {"loss": losses}
    assert np.random.rand() == drawn
