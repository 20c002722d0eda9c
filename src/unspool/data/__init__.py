"""Where sequences come from: named datasets, your files, tokenizers, splits and padding.

Importing this package is cheap; what needs NumPy is imported when it is first used.
"""

from importlib import import_module

from unspool.data.named.info import DatasetInfo
from unspool.data.named.registry import DATASETS, load, where

_EXPORTS = {
    "Ragged": "unspool.data.ragged",
    "StoredRagged": "unspool.data.stored_ragged",
    "Vocabulary": "unspool.data.tokenizers.vocabulary",
    "pad": "unspool.data.padding",
    "read_table": "unspool.data.tables",
    "stratified_split": "unspool.data.splits",
    "write_table": "unspool.data.tables",
}

__all__ = ["DATASETS", "DatasetInfo", "load", "where", *_EXPORTS]


def __getattr__(name: str) -> object:
    if name in _EXPORTS:
        return getattr(import_module(_EXPORTS[name]), name)
    raise AttributeError(f"module 'unspool.data' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
