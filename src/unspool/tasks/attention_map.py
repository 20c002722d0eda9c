"""What a network looks at as it writes: the attention of one example, as a report draws it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import Ragged
from unspool.data.stored_ragged import Sequences

if TYPE_CHECKING:
    from unspool.models.encoding_decoding import SequenceToSequence

MOST_DRAWN = 24
"""The most steps of a source that are drawn; of what is written, twice as many."""


def short_source(inputs: Sequences) -> Ragged:
    """One of the sources that are short enough to be drawn: the one at the upper quartile of their lengths."""
    lengths = inputs.lengths
    fitting = np.flatnonzero(lengths <= max(MOST_DRAWN, int(lengths.min())))
    row = fitting[np.argsort(lengths[fitting], kind="stable")[3 * len(fitting) // 4]]
    return inputs.take(np.array([row])).load()


def attention_weights(
    network: "SequenceToSequence", source: Ragged, written: Sequence[int]
) -> tuple[tuple[float, ...], ...] | None:
    """How much a network looks at each of S steps of a source as it writes the id after each of T ids.

    Args:
        network: that reads the source and writes.
        source: a single one, of S steps.
        written: T ids, the start first.

    Returns:
        T rows of S weights that sum to 1 but for rounding; None if the network has no attention.
    """
    import jax
    import jax.numpy as jnp

    from unspool.keras_internals import forget_masks_of_traced

    @jax.jit
    def look(ids: Any, written: Any) -> Any:
        forget_masks_of_traced()
        return network.memory_weights(network.encode(ids), written)

    weights: Any = look(jnp.asarray(source.flat[np.newaxis]), jnp.array([[*written]], dtype="int32"))
    if weights is None:
        return None
    found: NDArray[Any] = np.asarray(weights)[0].round(4)
    return tuple(map(tuple, found.tolist()))
