"""Whole models that are fitted to raw texts or series in one go, and the choice between them.

The networks of `unspool.models` are trained epoch by epoch on arrays that a reader makes; a candidate reads raw
examples itself and is fitted in seconds. `choose` compares candidates by cross-validation within the training data.

Importing this package is cheap; what needs SciPy and scikit-learn is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unspool.candidates.choice import Choice, choose, choose_forecaster
    from unspool.candidates.raw_model import RawModel, load_raw_model
    from unspool.candidates.registry import (
        baselines,
        candidate_names,
        holds_language_model,
        holds_network,
        reads_side,
        reads_unlabelled,
    )
    from unspool.kernels import status as kernel_status

__all__ = [
    "Choice",
    "RawModel",
    "baselines",
    "candidate_names",
    "choose",
    "choose_forecaster",
    "holds_language_model",
    "holds_network",
    "kernel_status",
    "load_raw_model",
    "reads_side",
    "reads_unlabelled",
]


def __getattr__(name: str) -> object:
    if name == "kernel_status":
        return import_module("unspool.kernels").status
    if name in __all__:
        modules = (import_module(f"unspool.candidates.{module}") for module in ("choice", "raw_model", "registry"))
        return next(getattr(module, name) for module in modules if hasattr(module, name))
    raise AttributeError(f"module 'unspool.candidates' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
