"""Dropout whose random numbers cost almost nothing: a hash of position and key, computed where it is used.

JAX's own generator (threefry) is made for reproducible science on any device, and takes longer on a CPU than the rest
of a small recurrent layer's bookkeeping. Dropout needs far less: bits that look random, differ at every step, and
follow from the seed.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array


def random_bits(key: Array, shape: tuple[int, ...]) -> Array:
    """Give 32 random bits for each place of an array.

    A place's number is hashed twice, each time with a word derived from the key. The hash is a bijection of 32-bit
    words whose output bits each change with probability near one half when an input bit does (Chris Wellons,
    "Prospecting for hash functions", 2018, its `lowbias32`).

    Args:
        key: (2,) uint32; other keys give unrelated bits.
        shape: of the result, of at most 2^32 numbers.

    Returns:
        uint32 of that shape.

    Example:
        >>> bits = random_bits(jnp.array([0, 1], jnp.uint32), (2, 3))
        >>> bits.shape, str(bits.dtype)
        ((2, 3), 'uint32')
    """
    word, other = hash_words(key)
    size = 1
    for length in shape:
        size *= length
    places = jax.lax.iota(jnp.uint32, size).reshape(shape)
    return _mix(_mix(places ^ word) + other)


def dropout(x: Array, rate: float, key: Array, noise_shape: tuple[int, ...] | None = None) -> Array:
    """Set a share of the numbers to 0 and scale up the others, so that the mean stays (Srivastava et al., 2014).

    Args:
        x: any shape, floating point.
        rate: the share, from 0 to 1; exact to 2^-32.
        key: (2,) uint32, see `random_bits`.
        noise_shape: of the mask, broadcast to `x`; the shape of `x` if not given.

    Returns:
        The shape of `x`.

    Example:
        >>> y = dropout(jnp.ones((1000,)), 0.25, jnp.array([3, 4], jnp.uint32))
        >>> sorted(set(y.tolist()))
        [0.0, 1.3333333730697632]
    """
    if rate == 1:
        return jnp.zeros_like(x)
    kept = random_bits(key, noise_shape or x.shape) >= threshold_of(rate)
    return jnp.where(kept, x / (1 - rate), jnp.zeros((), x.dtype))


def hash_words(key: Array) -> tuple[Array, Array]:
    """The two words that place numbers are hashed with, derived from a key (2,)."""
    first, second = key[0], key[1]
    word = _mix(first ^ _mix(second ^ jnp.uint32(0x9E3779B9)))
    return word, _mix(word + second)


def threshold_of(rate: float) -> np.uint32:
    """The smallest value of the random bits for which a number is kept."""
    return np.uint32(round(rate * 2**32))


def _mix(word: Array) -> Array:
    word = word ^ (word >> 16)
    word = word * jnp.uint32(0x7FEB352D)
    word = word ^ (word >> 15)
    word = word * jnp.uint32(0x846CA68B)
    return word ^ (word >> 16)
