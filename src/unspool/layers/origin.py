"""Where a tensor came from, for the layers that compute less where they know it.

What is remembered is the very tensor: any layer in between makes another one, of which nothing is known. A tensor is
known by its identity, as neither JAX's arrays nor its tracers take attributes everywhere (Keras keeps masks in the same
way). An entry lives as long as its tensor.
"""

import weakref
from typing import Any, NamedTuple

import keras


class Repeated(NamedTuple):
    """The origin of x (B, T, D) whose steps are all equal."""

    step: Any
    """(B, 1, D)."""


_origins: dict[int, tuple[Any, Any]] = {}


def remember(tensor: Any, origin: Any) -> None:
    """Keep a tensor's origin; on another backend than JAX, or for a symbolic tensor, nothing is kept."""
    if keras.backend.backend() == "jax" and not isinstance(tensor, keras.KerasTensor):
        key = id(tensor)
        _origins[key] = weakref.ref(tensor, lambda _: _origins.pop(key, None)), origin


def origin_of(tensor: Any) -> Any:
    """What was remembered of this very tensor, or None."""
    reference, origin = _origins.get(id(tensor), (None, None))
    return origin if reference is not None and reference() is tensor else None
