"""Where sequences come in: named datasets, people's own files, tokenizers, splits and padding.

Importing this package is cheap; what a dataset needs is imported when it is loaded.
"""

from unspool.data.registry import DATASETS, DatasetInfo, load, where

__all__ = ["DATASETS", "DatasetInfo", "load", "where"]
