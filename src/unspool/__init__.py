"""Sequence models that train fast on the CPU you have and say honestly how good they are.

Importing the package is cheap: what needs Keras or JAX is imported when it is first used.

Example:
    >>> import unspool
    >>> unspool.__version__.count(".")
    2
"""

import os
from importlib import import_module
from importlib.metadata import version as _version

# Keras reads its backend once, when it is first imported, so it must be named before that.
os.environ.setdefault("KERAS_BACKEND", "jax")

# With one thread XLA sums in another order than with several, whose number does not matter. Where there is one core, it
# is told of two, so that the same training gives the same bits there as elsewhere.
if hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) == 1:
    os.environ.setdefault("NPROC", "2")

__version__ = _version("unspool")

_EXPORTS = {
    "Checkpoint": "unspool.training",
    "SequenceClassifier": "unspool.estimators",
    "SequenceEncoder": "unspool.estimators",
    "SequenceRegressor": "unspool.estimators",
    "accelerate": "unspool.layers",
    "fit": "unspool.training",
    "evaluate": "unspool.training",
    "predict": "unspool.training",
}

__all__ = ["__version__", *_EXPORTS]


def __getattr__(name: str) -> object:
    if name in _EXPORTS:
        return getattr(import_module(_EXPORTS[name]), name)
    raise AttributeError(f"module 'unspool' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
