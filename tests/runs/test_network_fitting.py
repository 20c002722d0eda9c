from types import SimpleNamespace

import keras
import numpy as np
import pytest

from unspool.errors import UserError
from unspool.runs import network_fitting
from unspool.runs.fitting import fit_recipe
from unspool.runs.network_fitting import adam, steering
from unspool.runs.reading.preparation import PreparedPart
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import TrainingSettings
from unspool.runs.run import run
from unspool.runs.trained import Trained
from unspool.training import fit

from .conftest import SMALL_AUTOENCODER


def test_a_training_that_has_diverged_is_told_and_leaves_nothing_to_go_on_with(tmp_path):
    changes = [*SMALL_AUTOENCODER, 'model.decoder.output="gaussian"', "training.learning_rate=1e30"]
    said = []
    with pytest.raises(UserError, match=r"^training has diverged: .*--set training\.learning_rate=1e\+29\.$"):
        run(load_recipe("digits-lstm-ae", changes), tmp_path / "run", say=said.append)
    assert not any("To go on" in line for line in said)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("clip_norm", "expected"), [(None, [30.0, 40.0]), (5.0, [3.0, 4.0]), (100.0, [30.0, 40.0])])
def test_gradients_are_scaled_down_to_the_norm_that_is_set_all_weights_together(clip_norm, expected):
    optimizer = adam(TrainingSettings(clip_norm=clip_norm))
    weights = [keras.Variable(np.zeros(1)), keras.Variable(np.zeros(1))]
    optimizer.build(weights)
    optimizer.apply([np.array([30.0]), np.array([40.0])])
    first_moments = [v.numpy()[0] for v in optimizer.variables if "momentum" in v.path]
    assert first_moments == pytest.approx(np.multiply(expected, 0.1), rel=1e-5)


class Weights(keras.callbacks.Callback):
    """The weight of a model after each step."""

    def __init__(self):
        super().__init__()
        self.after = []

    def on_train_batch_end(self, batch, logs=None):
        self.after.append(float(self.model.get_weights()[0][0, 0]))


@pytest.mark.parametrize("share", [None, 0.25])
def test_what_is_kept_is_the_average_of_the_weights_where_one_is_asked_for(share):
    settings = TrainingSettings(learning_rate=0.1, ema=share, early_stopping_patience=9)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    first = float(model.get_weights()[0][0, 0])
    model.compile(adam(settings), "mse")
    data = np.ones((4, 1), "float32"), np.full((4, 1), 9, "float32")
    steps = Weights()
    fit(
        model, *data, batch_size=2, epochs=3, validation_data=data, callbacks=[*steering(settings)[0], steps], verbose=0
    )
    wanted = steps.after[-1]
    if share is not None:
        wanted = first
        for weight in steps.after:
            wanted = share * wanted + (1 - share) * weight
        assert wanted != pytest.approx(steps.after[-1], rel=1e-3)
    assert float(model.get_weights()[0][0, 0]) == pytest.approx(wanted, rel=1e-4)


def test_the_weights_of_the_epoch_with_the_lowest_validation_loss_are_kept():
    """From its first epoch on, the weight moves away from what validation asks for."""
    settings = TrainingSettings(learning_rate=0.1, early_stopping_patience=2)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(adam(settings), "mse")
    x, steps = np.ones((4, 1), "float32"), Weights()
    callbacks, stop = steering(settings)
    fit(model, x, 9 * x, epochs=9, validation_data=(x, -9 * x), callbacks=[*callbacks, steps], verbose=0)
    assert (len(steps.after), stop.best_epoch) == (3, 0)
    assert float(model.get_weights()[0][0, 0]) == steps.after[0] < steps.after[-1]


def test_the_learning_rate_falls_where_the_settings_say():
    settings = TrainingSettings(plateau_factor=0.3, plateau_patience=4, min_delta=0.02, early_stopping_patience=7)
    for monitor in ("val_loss", "loss"):
        plateau, stop = steering(settings, monitor)[0]
        assert (plateau.monitor, plateau.factor, plateau.patience, plateau.min_delta) == (monitor, 0.3, 4, 0.02)
        assert (stop.monitor, stop.patience, abs(stop.min_delta)) == (monitor, 7, 0.02)


def test_classes_are_balanced_in_training_alone(monkeypatch):
    """Early stopping uses the loss on unweighted validation examples."""
    given = []
    log = SimpleNamespace(begin_training=lambda: None, training_seconds=0.0)
    task = SimpleNamespace(examples=lambda inputs, targets, balanced: (inputs, targets, balanced))
    training, validation = (PreparedPart(np.full(3, number), np.full(3, number)) for number in (0, 1))
    prepared = SimpleNamespace(task=task, training=training, validation=validation, reader=None)
    recipe = SimpleNamespace(model=None, training=TrainingSettings(class_weight="balanced"))
    monkeypatch.setattr(network_fitting, "_compiled", lambda *arguments: None)
    monkeypatch.setattr(
        network_fitting, "train", lambda network, *parts: given.extend(parts[:2]) or Trained(network, {}, 1, 1, 0.0)
    )
    fit_recipe(recipe, prepared, SimpleNamespace(say=lambda line: None, log=log))
    assert [(int(inputs[0]), int(targets[0]), balanced) for inputs, targets, balanced in given] == [
        (0, 0, True),
        (1, 1, False),
    ]
