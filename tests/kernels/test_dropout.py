import jax
import jax.numpy as jnp
import numpy as np
import pytest

from unspool.kernels.dropout import dropout, random_bits

PLACES = 200_000


def key(a, b):
    return jnp.array([a, b], jnp.uint32)


def bits_of(word):
    return ((np.asarray(word)[..., None] >> np.arange(32, dtype=np.uint32)) & 1).astype(float)


@pytest.mark.parametrize("pair", [(0, 0), (0, 1), (1, 0), (123456, 789), (2**32 - 1, 2**32 - 1)])
def test_each_bit_is_set_half_the_time(pair):
    share = bits_of(random_bits(key(*pair), (PLACES,))).mean(0)
    assert np.abs(share - 0.5).max() < 5 * 0.5 / np.sqrt(PLACES)


def test_uniform_in_fine_and_coarse_bins():
    word = np.asarray(random_bits(key(5, 6), (PLACES,)))
    for bins in (16, 256):
        counts = np.bincount((word >> np.uint32(32 - int(np.log2(bins)))).astype(int), minlength=bins)
        chi_square = ((counts - PLACES / bins) ** 2 / (PLACES / bins)).sum()
        assert abs(chi_square - (bins - 1)) < 5 * np.sqrt(2 * (bins - 1))


@pytest.mark.parametrize("lag", [1, 2, 64, 8192])
def test_neighbours_are_unrelated(lag):
    uniform = np.asarray(random_bits(key(5, 6), (PLACES,))) / 2**32
    assert abs(np.corrcoef(uniform[lag:], uniform[:-lag])[0, 1]) < 5 / np.sqrt(PLACES)


@pytest.mark.parametrize("other", [(5, 7), (6, 6), (6, 5), (7, 8)])
def test_keys_of_consecutive_steps_are_unrelated(other):
    one, two = (np.asarray(random_bits(key(*pair), (PLACES,))) for pair in ((5, 6), other))
    flipped = bits_of(one ^ two).mean(0)
    assert np.abs(flipped - 0.5).max() < 5 * 0.5 / np.sqrt(PLACES)


def test_many_steps_at_one_place_look_random():
    """What one unit sees over training: the same place under one key after the other."""
    words = np.asarray(
        jax.vmap(lambda step: random_bits(key(42, 0).at[1].set(step), (64,)))(jnp.arange(4096, dtype=jnp.uint32))
    )
    uniform = words / 2**32
    assert np.abs(uniform.mean(0) - 0.5).max() < 5 * np.sqrt(1 / 12 / 4096)
    following = [abs(np.corrcoef(uniform[1:, place], uniform[:-1, place])[0, 1]) for place in range(64)]
    assert max(following) < 5 / np.sqrt(4096)


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.9])
def test_the_share_dropped_and_the_mean_kept(rate):
    y = np.asarray(dropout(jnp.ones((PLACES,)), rate, key(1, 2)))
    tolerance = 5 * np.sqrt(rate * (1 - rate) / PLACES)
    assert abs((y == 0).mean() - rate) < tolerance
    assert abs(y.mean() - 1) < tolerance / (1 - rate)


def test_the_gradient_goes_through_what_was_kept():
    x = jnp.linspace(-1, 1, 50)
    y, gradient = jax.value_and_grad(lambda x: dropout(x, 0.4, key(1, 2)).sum())(x)
    kept = np.asarray(dropout(jnp.ones(50), 0.4, key(1, 2)))
    np.testing.assert_allclose(gradient, kept)
    np.testing.assert_allclose(y, (kept * x).sum(), rtol=1e-5)


def test_a_mask_can_be_shared_along_an_axis():
    y = np.asarray(dropout(jnp.ones((20, 30, 4)), 0.5, key(1, 2), noise_shape=(20, 1, 4)))
    assert (y == y[:, :1]).all()
    assert 0 < (y == 0).mean() < 1
