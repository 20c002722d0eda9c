import keras
import numpy as np
import pytest

from unspool.errors import UserError
from unspool.runs.fitting import adam
from unspool.runs.recipe import TrainingSettings
from unspool.runs.recipe_file import load_recipe
from unspool.runs.run import run

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
