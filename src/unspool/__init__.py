"""Models for texts and time series that train fast on an ordinary CPU and tell you honestly how good they are.

Importing the package is cheap: what needs Keras or JAX is imported when it is first used.

Example:
    >>> import unspool
    >>> unspool.__version__.count(".")
    2
"""

import math
import os
from importlib import import_module

from unspool import cgroups
from unspool.backend import choose_jax

choose_jax()

# XLA takes all cores. If OMP_NUM_THREADS (which joblib sets in workers that share a machine) or a container's limit
# allows fewer, XLA is told so. With one thread it sums in another order than with several, whose number does not
# matter: so it is told of at least two, and the same training gives the same bits everywhere.
if hasattr(os, "sched_getaffinity"):
    _cores = len(os.sched_getaffinity(0))
    _usable = math.ceil(min(_cores, cgroups.processors()))
    _asked = os.environ.get("OMP_NUM_THREADS", "")
    _threads = min(_usable, int(_asked)) if _asked.isdecimal() and int(_asked) else _usable
    if _threads < max(_cores, 2):
        os.environ.setdefault("NPROC", str(max(_threads, 2)))

__version__: str
"""Looked up on first use: the imports that this needs would slow down every start."""

_EXPORTS = {
    "Model": "unspool.api.model",
    "Run": "unspool.api.run",
    "compare": "unspool.api.run",
    "inspect": "unspool.api.training",
    "load": "unspool.api.model",
    "search": "unspool.api.training",
    "train": "unspool.api.training",
    "Checkpoint": "unspool.training",
    "UserError": "unspool.errors",
    "AutoClassifier": "unspool.estimators",
    "AutoRegressor": "unspool.estimators",
    "SequenceClassifier": "unspool.estimators",
    "SequenceEncoder": "unspool.estimators",
    "SequenceRegressor": "unspool.estimators",
    "SeriesFeatures": "unspool.estimators",
    "TextVectors": "unspool.estimators",
    "accelerate": "unspool.layers",
    "fit": "unspool.training",
    "evaluate": "unspool.training",
    "predict": "unspool.training",
}

_ROOMS = ("data", "evaluation", "layers", "models", "tasks")
"""Packages that are attributes of this one without being imported by name."""

__all__ = ["__version__", *_EXPORTS]


def __getattr__(name: str) -> object:
    if name in _EXPORTS:
        return getattr(import_module(_EXPORTS[name]), name)
    if name in _ROOMS:
        return import_module(f"unspool.{name}")
    if name == "__version__":
        from importlib.metadata import version

        return version("unspool")
    raise AttributeError(f"module 'unspool' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_ROOMS])
