"""Small data and small models, for the tests of the estimators."""

from functools import cache

import numpy as np
from sklearn.datasets import load_digits

from unspool.data import load
from unspool.data.named import prose

QUICK = {"cell": "gru", "units": 16, "bidirectional": False, "learning_rate": 0.01, "random_state": 0}


def digits(count):
    """Images of 8 rows of 8 pixels, and which digit each shows."""
    data = load_digits()
    return data.images[:count], data.target[:count]


def texts(count):
    """Sentences, and whether each has its words in their order."""
    part = _sentences(prose.library_files)
    return list(part.texts[:count]), np.array(part.labels[:count])


@cache
def _sentences(library_files):
    """Loaded once for each way to list the library, as that takes long: tests list fewer files than `CASES` read."""
    return load("sentences").train


def ragged(count, seed=0):
    """Series of 4 to 9 steps and 2 channels; those with odd numbers rise in the first channel, the others fall."""
    rng = np.random.default_rng(seed)
    series = []
    for number in range(count):
        steps = np.arange(rng.integers(4, 10))[:, None] * [[1.0 if number % 2 else -1.0, 0.0]]
        series.append(100 + 20 * (steps + 0.3 * rng.normal(size=steps.shape)))
    return series, np.array(["falling", "rising"])[np.arange(count) % 2]


def tokens(count, seed=0):
    """Lists of 3 to 12 token ids; those with odd numbers hold a 7."""
    rng = np.random.default_rng(seed)
    lists = [rng.integers(10, 60, size=rng.integers(3, 13)).tolist() for _ in range(count)]
    for ids in lists[1::2]:
        ids[rng.integers(len(ids))] = 7
    return lists, np.arange(count) % 2
