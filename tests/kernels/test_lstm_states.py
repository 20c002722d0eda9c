import jax.numpy as jnp
import numpy as np
import pytest

from unspool import kernels
from unspool.kernels.lstm import lstm_reference
from unspool.kernels.lstm_states import lstm_states


@pytest.fixture
def weights():
    random = np.random.default_rng(0)
    shapes = (9, 5), (5, 28), (7, 28), (28,)  # 9 tokens of 5 numbers, 7 units
    return [random.normal(size=shape).astype(np.float32) for shape in shapes]


@pytest.mark.parametrize("path", ["native", "reference"])
def test_states_are_those_of_the_layer(path, weights):
    tokens = np.random.default_rng(1).integers(0, 9, (4, 11)).astype(np.int32)
    zeros = jnp.zeros((4, 7))
    wanted, _, _ = lstm_reference(jnp.asarray(weights[0])[tokens], zeros, zeros, *weights[1:])
    with kernels.use(path):
        np.testing.assert_allclose(lstm_states(tokens, *weights), wanted, atol=2e-5)


@pytest.mark.parametrize("path", ["native", "reference"])
def test_a_row_depends_neither_on_others_nor_on_what_follows(path, weights):
    tokens = np.random.default_rng(1).integers(0, 9, (5, 8)).astype(np.int32)
    with kernels.use(path):
        together = lstm_states(tokens, *weights)
        np.testing.assert_array_equal(lstm_states(np.ascontiguousarray(tokens[3:4, :6]), *weights), together[3:4, :6])
        assert lstm_states(tokens[:0], *weights).shape == (0, 8, 7)


def test_what_does_not_fit_is_refused(weights):
    with pytest.raises(ValueError, match="no vector"):
        lstm_states(np.array([[9]], np.int32), *weights)
    with pytest.raises(ValueError, match="fit together"):
        lstm_states(np.array([[1]], np.int32), weights[0], weights[1][:, :8], *weights[2:])
