"""Sequences of tokens as a cell's input: what they stand for, and whether to project the vocabulary or every step.

Without gradients the kernels read the tokens themselves, and no array of their vectors is made. And as a token means
the same vector wherever it stands, its product with the cell's weights can be taken once for the whole vocabulary.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

LARGEST_TABLE = 2**24
"""Numbers in a projected vocabulary (64 MiB), beyond which memory is worth more than the time it saves."""

_times: ContextVar[int] = ContextVar("unspool_times", default=1)


class Embedded(NamedTuple):
    """Sequences x (B, T, D) of which step t of row b is `embedding[tokens[b, t]]`.

    Tokens that the embedding lacks are what `jax.numpy.take` makes of them: NaN, but -1 is the last, and so on.
    """

    tokens: Array
    """(B, T) int32."""
    embedding: Array
    """(V, D)."""

    def vectors(self) -> Array:
        """The sequences (B, T, D)."""
        return jnp.take(self.embedding, self.tokens, axis=0)


@contextmanager
def looped(times: int) -> Iterator[None]:
    """Declare that code traced inside the block runs `times` times in one program, with the same weights.

    Example:
        >>> embedded = Embedded(jnp.zeros((1, 50), "int32"), jnp.zeros((100, 4)))
        >>> with looped(2):
        ...     projects_vocabulary(embedded, columns=8)
        True
    """
    token = _times.set(times)
    try:
        yield
    finally:
        _times.reset(token)


def projects_vocabulary(x: Embedded, columns: int) -> bool:
    """Whether to multiply the whole embedding by a kernel with so many columns, and not the vectors of the tokens.

    It pays where there are more tokens than the vocabulary has; in a loop, more in all its rounds together, since XLA
    takes out of a loop what is the same in each round.
    """
    vocabulary = x.embedding.shape[0]
    return 0 < vocabulary <= x.tokens.size * _times.get() and vocabulary * columns <= LARGEST_TABLE
