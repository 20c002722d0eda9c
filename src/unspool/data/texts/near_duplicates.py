"""Near-duplicates among many texts, found without comparing every pair.

MinHash with banding (Broder, 1997; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3). The
datasketch library does the same, but its tables hold some 4 KB a text (measured with 20,000 texts of 240 words), where
6 numbers are enough: they must be held for a million rows.
"""

import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import Ragged

BANDS, ROWS = 6, 8
"""Two texts meet if all 8 minima of any of 6 bands agree: 97% of the pairs that share 9 in 10 of their three-word runs,
67% at 8 in 10, 2% at 5 in 10."""

_RUN = 3  # words
_MIX = np.random.RandomState(20).randint(0, 2**63, 3 + BANDS * ROWS, dtype=np.int64).astype(np.uint64) | np.uint64(1)

Bands = NDArray[np.uint64]


def bands(words: Ragged) -> Bands:
    """Return what N texts meet by: equal texts are equal in all bands, near-duplicates in at least one, others in none.

    Args:
        words: N sequences of numbers of words.

    Returns:
        (N, BANDS); a text without words gets zeros, which meet nothing.
    """
    found = np.zeros((len(words), BANDS), dtype=np.uint64)
    spoken = np.flatnonzero(words.lengths)
    if not len(spoken):
        return found
    runs = _runs(words)
    starts = words.offsets[:-1][spoken]
    for function in range(BANDS * ROWS):
        minima = np.minimum.reduceat(runs * _MIX[3 + function], starts)
        band = found[spoken, function // ROWS]
        found[spoken, function // ROWS] = _mixed(band ^ minima) | np.uint64(1)
    return found


def _runs(words: Ragged) -> NDArray[np.uint64]:
    """Return a number for the three words from each position on; beyond the end of its text stands nothing."""
    padded = np.zeros(len(words.flat) + _RUN - 1, dtype=np.uint64)
    padded[: len(words.flat)] = words.flat.astype(np.uint64) + np.uint64(1)
    left = np.repeat(words.offsets[1:], words.lengths) - np.arange(len(words.flat))
    runs = np.zeros(len(words.flat), dtype=np.uint64)
    for step in range(_RUN):
        word = padded[step : step + len(words.flat)] * (left > step)
        runs += _mixed(word * _MIX[step])
    return _mixed(runs)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread 64 bits over all of them (the finalizer of SplitMix64; Steele et al., 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
