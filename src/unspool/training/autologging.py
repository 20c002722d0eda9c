"""Where `mlflow.keras.autolog()` has put a function that logs around `keras.Model.fit`, it logs `unspool.fit`, too.

MLflow keeps the original in a closure, and has no public way to give it another. So its function is made anew for one
call, with another original in its closure; nothing of MLflow or Keras is changed. Where a version of MLflow keeps it
elsewhere, it logs nothing and a warning says so; `callbacks=[mlflow.keras.MlflowCallback()]` then logs most of it.
"""

import inspect
import logging
from collections.abc import Callable
from functools import wraps
from types import CellType, FunctionType
from typing import Any, ParamSpec, TypeVar

import keras

P = ParamSpec("P")
R = TypeVar("R")

_OURS = "checkpoint"
"""The argument of `fit` that Keras's has not."""
_ORIGINAL = "original"
"""What MLflow calls Keras's function in its closure."""
_log = logging.getLogger(__name__)


def through_autologging(fit: Callable[P, R]) -> Callable[P, R]:
    """Have MLflow log what `fit` trains, where its autologging is on for Keras.

    Args:
        fit: takes a model and the arguments of `keras.Model.fit`.
    """
    signature = inspect.signature(fit)

    @wraps(fit)
    def logged(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            given = dict(signature.bind(*args, **kwargs).arguments)
        except TypeError:
            return fit(*args, **kwargs)  # raises the error that names the function, too
        model = given.pop("model")
        patched = _patched(model)
        if patched is None:
            return fit(*args, **kwargs)
        ours = {name: given.pop(name) for name in (_OURS,) if name in given}
        callbacks = given.get("callbacks") or []
        given["callbacks"] = list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]

        @wraps(patched)
        def original(model: keras.Model, *args: Any, **kwargs: Any) -> R:
            return fit(model, *args, **kwargs, **ours)

        result: R = _with_original(patched, original)(model, **given)
        return result

    return logged


def _patched(model: keras.Model) -> FunctionType | None:
    """What MLflow has put in the place of the model's `fit`; None where it has not, or not so that ours fits in."""
    fit = getattr(type(model), "fit", None)
    if not isinstance(fit, FunctionType) or not fit.__globals__["__name__"].startswith("mlflow."):
        return None
    if _ORIGINAL not in fit.__code__.co_freevars:
        _log.warning("mlflow.keras.autolog() does not log this training: this version of MLflow is not known.")
        return None
    return fit


def _with_original(patched: FunctionType, original: Callable[..., Any]) -> FunctionType:
    cells = zip(patched.__code__.co_freevars, patched.__closure__ or (), strict=True)
    closure = tuple(CellType(original) if name == _ORIGINAL else cell for name, cell in cells)
    return FunctionType(patched.__code__, patched.__globals__, patched.__name__, patched.__defaults__, closure)
