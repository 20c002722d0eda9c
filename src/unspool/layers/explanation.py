"""Which path a layer or a model takes, and why."""

import logging
from typing import Any

import keras

from unspool import keras_internals, kernels
from unspool.layers.recurrent import CELLS, Recurrent

_LOGGED = "_unspool_slow_layers_logged"
"""The attribute of a model that holds the reason that was logged."""
_log = logging.getLogger("unspool.layers")


def explain(layer: Any) -> kernels.Choice:
    """Return which path recurrent layers take here, "native" or "reference" (Keras's own), and why.

    Args:
        layer: Any Keras layer, wrapper or model.

    Returns:
        The choice; `native` is True if there are recurrent layers and all of them are computed by kernels. Else
        `reason` says why not, for a wrapper or a model with the names of the layers in front.

    Raises:
        TypeError: the argument is not a Keras layer.

    Example:
        >>> import keras
        >>> from unspool.layers import Bidirectional, GRU, LSTM, explain
        >>> explain(LSTM(4, recurrent_dropout=0.5)).reason
        'recurrent_dropout changes the state inside the loop, which no kernel does'
        >>> explain(keras.Sequential([LSTM(4, name="read"), Bidirectional(GRU(4, use_cudnn=True, name="both"))])).reason
        'backward_both, forward_both: use_cudnn=True asks for cuDNN'
    """
    keras_internals.check_layer(layer)
    if isinstance(layer, keras.layers.RNN):
        return _of_one(layer)
    recurrent = [inner for inner in keras_internals.layers_within(layer) if isinstance(inner, keras.layers.RNN)]
    if not recurrent:
        return kernels.Choice(False, f"{layer.name} ({type(layer).__name__}) has no recurrent layer")
    slow: dict[str, list[str]] = {}
    for inner in recurrent:
        choice = _of_one(inner)
        if not choice.native:
            slow.setdefault(choice.reason, []).append(inner.name)
    return kernels.Choice(not slow, "; ".join(f"{', '.join(names)}: {reason}" for reason, names in slow.items()))


def log_slow_layers(model: Any) -> None:
    """Log which recurrent layers take Keras's path and why, once for each model, unless all do on this machine."""
    choice = explain(model)
    recurrent = any(isinstance(layer, keras.layers.RNN) for layer in keras_internals.layers_within(model))
    if choice.native or not recurrent or kernels.status().path != "native":
        return
    if getattr(model, _LOGGED, None) != choice.reason:
        object.__setattr__(model, _LOGGED, choice.reason)  # past Keras, which tracks attributes
        _log.warning("In %s, these layers are as slow as in Keras: %s", model.name, choice.reason)


def _of_one(layer: Any) -> kernels.Choice:
    if isinstance(layer, Recurrent):
        return layer.choice()
    kind = type(layer)
    if kind in CELLS.values() or (kind is keras.layers.RNN and type(layer.cell) in CELLS):
        return kernels.Choice(
            False, f"it is keras.layers.{kind.__name__}, which unspool.accelerate swaps for a fast one"
        )
    if kind is keras.layers.RNN:
        return kernels.Choice(False, f"RNN over {type(layer.cell).__name__}, for which there is no kernel")
    return kernels.Choice(False, f"{kind.__name__} is not one of unspool's recurrent layers")
