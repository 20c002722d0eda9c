"""Where a step stands, said in sines and cosines: attention itself does not know it."""

import jax.numpy as jnp
from jax import Array

SLOWEST = 10_000.0
"""The longest wave, in steps over 2 pi (Vaswani et al., 2017, section 3.5)."""


def places_of(present: Array) -> Array:
    """The place of each step among those that are there, from 0: (B, T) booleans to whole numbers.

    So a place does not depend on how much padding there is, nor on which side.

    Example:
        >>> places_of(jnp.array([[False, True, True]])).tolist()
        [[0, 0, 1]]
    """
    return jnp.maximum(jnp.cumsum(present, axis=1) - 1, 0)


def sinusoids(places: Array, width: int) -> Array:
    """A vector for each place: sines of waves from one of 2 pi steps to `SLOWEST`, then their cosines.

    Args:
        places: (...) whole numbers.
        width: D, even.

    Returns:
        (..., D).

    Example:
        >>> sinusoids(jnp.array([0, 1]), 2).round(3).tolist()
        [[0.0, 1.0], [0.8410000205039978, 0.5400000214576721]]
    """
    angles = _angles(places, width)
    return jnp.concatenate([jnp.sin(angles), jnp.cos(angles)], axis=-1)


def rotate(x: Array, places: Array) -> Array:
    """Turn each pair of numbers by an angle that grows with the place (Su et al., 2021).

    The product of a query and a key turned so depends on how far apart they are, not on where.

    Args:
        x: (B, T, H, D), D even; as layers give it, since XLA turns it there without moving it in memory.
        places: (B, T).

    Returns:
        (B, T, H, D).
    """
    angles = _angles(places, x.shape[-1])[:, :, None]
    sine, cosine = jnp.sin(angles), jnp.cos(angles)
    first, second = jnp.moveaxis(x.reshape(*x.shape[:3], 2, -1), 3, 0)
    turned = jnp.stack([first * cosine - second * sine, second * cosine + first * sine], axis=3)
    return turned.reshape(x.shape).astype(x.dtype)


def _angles(places: Array, width: int) -> Array:
    half = width // 2
    speeds = SLOWEST ** (-jnp.arange(half) / half)
    return places[..., None] * speeds
