import keras
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool.layers import MeanMaxPooling1D

RNG = np.random.default_rng(0)


@settings(deadline=None)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=5))
def test_padding_takes_no_part(lengths):
    x = RNG.standard_normal((len(lengths), 7, 3)).astype("float32")
    mask = np.arange(7) < np.array(lengths)[:, None]
    pooled = np.asarray(MeanMaxPooling1D()(x, mask=mask))
    for row, length in enumerate(lengths):
        real = x[row, :length]
        expected = np.concatenate([real.mean(0), real.max(0)]) if length else np.zeros(6)
        np.testing.assert_allclose(pooled[row], expected, atol=1e-6)


def test_it_trains_behind_a_mask_and_its_gradient_is_finite_where_all_is_padding():
    stack = [
        keras.Input((None,), dtype="int32"),
        keras.layers.Embedding(9, 4, mask_zero=True),
        MeanMaxPooling1D(),
        keras.layers.Dense(1),
    ]
    model = keras.Sequential(stack)
    model.compile("sgd", "mse")
    model.fit(np.array([[0, 0], [3, 4]]), np.ones(2), verbose=0)
    assert all(np.isfinite(weights).all() for weights in model.get_weights())
    assert model.output_shape == (None, 1)
