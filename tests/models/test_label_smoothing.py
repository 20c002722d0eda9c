"""The loss of models that write, beside Keras's."""

import keras
import numpy as np
import pytest

from unspool.models import SmoothedCrossentropy

RNG = np.random.default_rng(0)
IDS, LOGITS = RNG.integers(0, 7, (3, 4)), RNG.normal(size=(3, 4, 7)).astype("float32")


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.4])
def test_it_is_keras_loss_of_smoothed_targets(smoothing):
    theirs = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, reduction=None)
    ours = SmoothedCrossentropy(smoothing, reduction=None)
    np.testing.assert_allclose(ours(IDS, LOGITS), theirs(np.eye(7, dtype="float32")[IDS], LOGITS), rtol=1e-5)


def test_it_comes_back_from_its_configuration():
    assert SmoothedCrossentropy.from_config(SmoothedCrossentropy(0.2).get_config()).smoothing == 0.2


def test_a_share_of_one_is_refused():
    with pytest.raises(ValueError, match="from 0 to below 1"):
        SmoothedCrossentropy(1.0)
