"""From stock Keras to unspool's layers and back: the same architecture, the same weights by value."""

from collections.abc import Callable
from typing import Any

import keras

from unspool.layers import embedding, recurrent, repeat, time_distributed

_OURS = {
    cls.__name__: cls
    for cls in (
        recurrent.SimpleRNN,
        recurrent.LSTM,
        recurrent.GRU,
        recurrent.Bidirectional,
        embedding.Embedding,
        repeat.RepeatVector,
        time_distributed.TimeDistributed,
    )
}
_CELLS = {"SimpleRNNCell": "SimpleRNN", "LSTMCell": "LSTM", "GRUCell": "GRU"}
_Config = dict[str, Any]


def accelerate(model: Any) -> Any:
    """The same Keras model with its recurrent layers, and what speeds them up, swapped for unspool's.

    Works on Sequential and Functional models, nested ones too, on wrappers (Bidirectional, TimeDistributed and others)
    and on `RNN` over one of Keras's own cells. Names, weights and the compilation (without the optimizer's state) are
    kept; the weights are copied, and the given model is not changed. The states of stateful layers start anew.

    Args:
        model: A Keras model or layer.

    Returns:
        A new model of the same kind.

    Raises:
        ValueError: The model is a subclass of `keras.Model` that Keras cannot clone.

    Example:
        >>> import keras
        >>> from unspool.layers import accelerate
        >>> stock = keras.Sequential([keras.Input((5, 3)), keras.layers.LSTM(4)])
        >>> type(accelerate(stock).layers[0]).__module__.split(".")[0]
        'unspool'
    """
    return _convert(model, _to_ours)


def to_keras(model: Any) -> Any:
    """The same model in stock Keras layers, readable where unspool is not installed. The opposite of `accelerate`."""
    return _convert(model, _to_stock)


def _convert(model: Any, rewrite: Callable[[_Config], _Config]) -> Any:
    def swap(layer: Any) -> Any:
        return keras.saving.deserialize_keras_object(_everywhere(keras.saving.serialize_keras_object(layer), rewrite))

    if isinstance(model, keras.Sequential) or type(model) is keras.Model or _is_functional(model):
        new = keras.models.clone_model(model, clone_function=swap, recursive=True)
    elif isinstance(model, keras.Model):
        raise ValueError(
            f"{type(model).__name__} is a subclass of keras.Model, whose layers only its own code knows: use "
            "unspool.layers in that code instead"
        )
    else:
        new = swap(model)
        if model.built and not new.built:
            new.build_from_config(model.get_build_config())
    if model.built:
        new.set_weights(model.get_weights())
    return new


def _is_functional(model: Any) -> bool:
    return isinstance(model, keras.Model) and hasattr(model, "_run_through_graph")


def _everywhere(config: Any, rewrite: Callable[[_Config], _Config]) -> Any:
    """Applies `rewrite` to every serialized object inside, innermost first."""
    if isinstance(config, dict):
        config = {key: _everywhere(value, rewrite) for key, value in config.items()}
        return rewrite(config) if "class_name" in config and "config" in config else config
    if isinstance(config, (list, tuple)):
        return type(config)(_everywhere(value, rewrite) for value in config)
    return config


def _to_ours(config: _Config) -> _Config:
    if config.get("module") != "keras.layers":
        return config
    name, inner = config["class_name"], config["config"]
    if name == "RNN" and inner["cell"].get("module") == "keras.layers" and inner["cell"]["class_name"] in _CELLS:
        name = _CELLS[inner["cell"]["class_name"]]
        cell = {
            key: value for key, value in inner["cell"]["config"].items() if key not in ("name", "dtype", "trainable")
        }
        inner = {**cell, **{key: value for key, value in inner.items() if key != "cell"}}
    if name not in _OURS:
        return config
    ours = _OURS[name]
    return {
        **config,
        "module": ours.__module__,
        "class_name": name,
        "config": inner,
        "registered_name": keras.saving.get_registered_name(ours),
    }


def _to_stock(config: _Config) -> _Config:
    if not str(config.get("registered_name")).startswith("unspool>") or config["class_name"] not in _OURS:
        return config
    return {**config, "module": "keras.layers", "registered_name": None}
