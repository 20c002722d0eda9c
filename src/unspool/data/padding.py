"""Sequences of different lengths to one rectangle, as `keras.utils.pad_sequences` does it, but all at once."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import Ragged
from unspool.data.vocabulary import PAD
from unspool.errors import UserError

Side = Literal["pre", "post"]


def pad(
    sequences: Ragged | Sequence[Sequence[int]],
    maxlen: int,
    padding: Side = "pre",
    truncating: Side = "pre",
) -> NDArray[np.int32]:
    """Pad or cut each sequence to `maxlen`.

    Equal to `keras.utils.pad_sequences` with the same arguments. That function loops over the sequences in Python and
    needs Keras, whose import takes seconds; this one does 50,000 reviews in some 0.1 s.

    Args:
        sequences: N sequences of ids.
        maxlen: the length of every row, at least 1.
        padding: where zeros are put in a sequence that is too short: before it or after it.
        truncating: where a sequence that is too long is cut: "pre" keeps its end, "post" its beginning.

    Returns:
        (N, maxlen) ids.

    Raises:
        UserError: `maxlen` is below 1, or a side is neither "pre" nor "post".

    Example:
        >>> pad([[7], [1, 2, 3, 4]], maxlen=3)
        array([[0, 0, 7],
               [2, 3, 4]], dtype=int32)
    """
    if maxlen < 1:
        raise UserError(f"maxlen is {maxlen}: it must be at least 1.")
    for name, side in (("padding", padding), ("truncating", truncating)):
        if side not in ("pre", "post"):
            raise UserError(f'{name} is {side!r}: it must be "pre" or "post".')
    ragged = sequences if isinstance(sequences, Ragged) else Ragged.from_sequences(sequences)
    kept = np.minimum(ragged.lengths, maxlen)
    sources = ragged.offsets[:-1] if truncating == "post" else ragged.offsets[1:] - kept
    columns = maxlen - kept if padding == "pre" else np.zeros_like(kept)
    targets = np.arange(len(ragged)) * maxlen + columns
    # Where each kept id stands in its own sequence: 0, 1, ..., kept[0] - 1, 0, 1, ...
    steps = np.arange(kept.sum()) - np.repeat(np.cumsum(kept) - kept, kept)
    padded = np.full(len(ragged) * maxlen, PAD, dtype=np.int32)
    padded[np.repeat(targets, kept) + steps] = ragged.flat[np.repeat(sources, kept) + steps]
    return padded.reshape(len(ragged), maxlen)
