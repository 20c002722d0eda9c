"""What the arguments of `fit`, `evaluate` and `predict` may be; what is not supported is refused by name."""

import warnings
from collections.abc import Collection, Mapping, Sequence
from numbers import Real
from typing import Any, TypeAlias

import keras
import numpy as np

from unspool.keras_internals import optimized_variables
from unspool.training.checkpoint import Checkpoint

Callbacks: TypeAlias = Sequence[keras.callbacks.Callback] | keras.callbacks.Callback | None
"""Keras callbacks, as `fit` takes them."""


def listed(callbacks: Callbacks) -> list[keras.callbacks.Callback]:
    """One callback, several or none as a list.

    Raises:
        TypeError: one of them is not a callback, or is the class of one.
    """
    given = [callback for callback in keras.tree.flatten(callbacks) if callback is not None]
    for callback in given:
        if isinstance(callback, type):
            raise TypeError(
                f"callbacks holds the class {callback.__name__}: give an instance, {callback.__name__}(...)"
            )
        if not hasattr(callback, "set_model"):
            advice = ": pass it to fit as checkpoint=" if isinstance(callback, Checkpoint) else ""
            raise TypeError(f"callbacks must be Keras callbacks, but one is {callback!r}{advice}")
    return given


def refuse(**arguments: Any) -> None:
    """Raise for each argument that was given (is not None).

    Raises:
        ValueError: names the arguments.
    """
    given = [name for name, value in arguments.items() if value is not None]
    if given:
        raise ValueError(
            f"unspool does not support {' and '.join(given)}: a pass runs over all rows of the arrays. Give fewer rows "
            "(x[: steps * batch_size], y[: steps * batch_size]), or use the model's own method, which "
            "unspool.accelerate(model) speeds up too."
        )


def checked_batch_size(batch_size: int | None, name: str = "batch_size", default: int = 32) -> int:
    """Give the batch size to use.

    Args:
        batch_size: what was asked for, or None.
        name: of the argument, for the error.
        default: for None.

    Raises:
        ValueError: it is not a whole number of at least 1.

    Example:
        >>> checked_batch_size(None), checked_batch_size(8)
        (32, 8)
    """
    if batch_size is None:
        return default
    if not _is_whole(batch_size, least=1):
        raise ValueError(f"{name} is a whole number of at least 1, not {batch_size!r}")
    return int(batch_size)


def checked_epoch(epoch: int, name: str) -> int:
    """Give the number of an epoch, 0 or more: a training without any is no error, as in Keras.

    Raises:
        ValueError: it is not a whole number of at least 0.
    """
    if not _is_whole(epoch, least=0):
        raise ValueError(f"{name} is a whole number of at least 0, not {epoch!r}")
    return int(epoch)


def within_limits(epochs: int) -> int:
    """Give the number of epochs, lowered to the limit of `keras.config.set_max_epochs` with Keras's warning.

    The limit of `keras.config.set_max_steps_per_epoch` is not supported: where there is one, a warning says so.
    """
    most = keras.config.max_epochs()
    if keras.config.max_steps_per_epoch():
        warnings.warn(
            "unspool does not support keras.config.max_steps_per_epoch: an epoch is a pass over all rows of the arrays",
            stacklevel=3,
        )
    if not most or epochs <= most:
        return epochs
    warnings.warn(f"Limiting epochs to {most}", stacklevel=3)
    return int(most)


def checked_validation_split(validation_split: float | None) -> float:
    """Give the fraction of the examples to set aside, 0 for None.

    Raises:
        ValueError: it is not a number from 0 to less than 1.
    """
    if validation_split is None:
        return 0.0
    given: Any = validation_split
    if isinstance(given, bool) or not isinstance(given, Real) or not 0 <= float(given) < 1:
        raise ValueError(f"validation_split must be a number from 0 to less than 1, not {validation_split!r}")
    return float(given)


def checked_validation_freq(validation_freq: int | Collection[int]) -> int | list[int]:
    """Give a number of epochs, or the epochs listed.

    Raises:
        ValueError: it is neither a whole number of at least 1 nor a list of such.

    Example:
        >>> checked_validation_freq(np.int64(2)), checked_validation_freq((1, 3))
        (2, [1, 3])
    """
    if _is_whole(validation_freq, least=1):
        return int(validation_freq)  # type: ignore[arg-type]
    several = isinstance(validation_freq, Collection | np.ndarray) and not isinstance(validation_freq, str | Mapping)
    if not several or not all(_is_whole(epoch, least=1) for epoch in validation_freq):  # type: ignore[union-attr]
        raise ValueError(
            "validation_freq is a whole number of at least 1, or a list of epochs counted from 1, not "
            f"{validation_freq!r}"
        )
    return [int(epoch) for epoch in validation_freq]  # type: ignore[union-attr]


def checked_shuffle(shuffle: bool | str) -> bool | str:
    """Give True, False or "batch".

    Raises:
        ValueError: it is something else.

    Example:
        >>> checked_shuffle(np.True_), checked_shuffle("batch")
        (True, 'batch')
    """
    if isinstance(shuffle, str) and shuffle == "batch":
        return shuffle
    if not isinstance(shuffle, bool | int | np.bool_) or shuffle not in (0, 1):
        raise ValueError(f"shuffle is True, False or 'batch', not {shuffle!r}")
    return bool(shuffle)


def unpacked(validation_data: Any) -> tuple[Any, Any, Any]:
    """Give x, y and sample_weight of validation data, None for what is not there.

    Raises:
        ValueError: it is a tuple or list of none or of more than three.
    """
    if isinstance(validation_data, tuple | list) and not 1 <= len(validation_data) <= 3:
        raise ValueError(f"validation_data is (x, y) or (x, y, sample_weight), not {len(validation_data)} parts")
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(validation_data)
    return x, y, sample_weight


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= least)


def check_model(model: keras.Model) -> None:
    """Raise unless the model can run in a compiled loop.

    Raises:
        TypeError: it is not a Keras model.
        ValueError: it is not compiled, is to run eagerly, or is spread over devices; or Keras runs on another backend.
    """
    if keras.backend.backend() != "jax":
        raise ValueError(
            f"unspool needs Keras's JAX backend, but Keras runs on {keras.backend.backend()}: set KERAS_BACKEND=jax, "
            "or import unspool before keras"
        )
    if not isinstance(model, keras.Model):
        raise TypeError(f"the first argument must be a Keras model, not {type(model).__name__}")
    if not getattr(model, "compiled", False):
        raise ValueError("compile the model first: model.compile(optimizer, loss)")
    if model.run_eagerly or model.jit_compile is False:
        raise ValueError(
            "the model was compiled with run_eagerly=True or jit_compile=False, which unspool does not support: "
            "its loop is one compiled program. Compile the model without them, or use the model's own method"
        )
    if keras.distribution.distribution() is not None:
        raise ValueError("unspool does not support keras.distribution: it trains on one device")


def check_optimizer(model: keras.Model) -> None:
    """Raise unless the optimizer was built for the variables that are trained now; a custom `train_step` is exempt.

    Raises:
        ValueError: a layer was frozen, thawed or replaced after the optimizer had been built.
    """
    if not model.optimizer.built or type(model).train_step is not keras.Model.train_step:
        return
    trained, optimized = model.trainable_variables, optimized_variables(model)
    if [*map(id, trained)] != [*map(id, optimized)]:
        raise ValueError(
            f"the model's {len(trained)} trainable variables are not the {len(optimized)} that its optimizer was built "
            "for. After changing `trainable` or layers, compile the model again"
        )
