import keras
import numpy as np

from unspool.layers import FlattenSteps


def test_differences_from_the_mean_stand_side_by_side() -> None:
    x = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
    layer = FlattenSteps()
    layer.build(x.shape)
    layer.set_weights([x[0]])
    assert np.asarray(layer(x)).tolist() == [[0.0] * 6, [6.0] * 6]


def test_a_step_that_is_not_there_lies_at_the_mean() -> None:
    x = np.array([[[1.0], [7.0]]], np.float32)
    layer = FlattenSteps()
    layer.build(x.shape)
    layer.set_weights([np.array([[0.5], [3.0]])])
    assert np.asarray(layer(x, mask=np.array([[True, False]]))).tolist() == [[0.5, 0.0]]


def test_the_mean_is_not_trained_and_the_shape_is_known() -> None:
    read = keras.Input((3, 2))
    given = FlattenSteps()(read)
    assert given.shape == (None, 6)
    assert not keras.Model(read, given).trainable_weights
