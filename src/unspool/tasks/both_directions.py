"""Reversed pairs of texts: training data for a network that translates in both directions."""

from dataclasses import replace
from typing import Any

import numpy as np

from unspool.data.ragged import Ragged
from unspool.data.tokenizers.vocabulary import START
from unspool.tasks.translation import END, MOST_TOKENS, Translation


def in_both_directions(task: Translation, inputs: Any, targets: Any) -> tuple[Translation, Ragged, Ragged]:
    """Turn N pairs into 2N, the second half from target to source.

    Args:
        task: of the pairs.
        inputs: N sources, as a `PairReader` reads them.
        targets: of them, as the task encodes them.

    Returns:
        The task in which all ids can be written, the 2N sources, and their targets.

    Example:
        >>> from unspool.readers.pairs import PairReader
        >>> reader = PairReader.fit(["ein mann"] * 2, ["a man"] * 2, size=262)
        >>> task = Translation.of(reader, ["a man"])
        >>> both, sources, targets = in_both_directions(task, reader.read(["ein mann"]), task.encode(["a man"]))
        >>> task.decode(sources), task.decode(targets)
        (['ein mann', 'a man'], ['a man', 'ein mann'])
    """
    from unspool.training.buckets import bucket_length
    from unspool.training.decoding import teacher_forcing

    sources = inputs.load()
    turned, _ = teacher_forcing(targets, START, END)
    written = Ragged.from_lengths(np.delete(sources.flat, sources.offsets[:-1]), sources.lengths - 1)
    longest = bucket_length(1 + int(written.lengths.max(initial=0)))
    task = replace(task, written=0, maximum=min(MOST_TOKENS, max(task.maximum, longest)))
    return task, _end_to_end(sources, turned), _end_to_end(targets, written)


def _end_to_end(first: Ragged, second: Ragged) -> Ragged:
    flat, lengths = zip(*((one.flat, one.lengths) for one in (first, second)), strict=True)
    return Ragged.from_lengths(np.concatenate(flat), np.concatenate(lengths))
