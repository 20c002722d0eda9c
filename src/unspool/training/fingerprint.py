"""What a training is: model, data, arguments; so that a checkpoint of another one is not taken for it."""

import hashlib
import warnings
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from typing import Any

import keras
import numpy as np

from unspool.data.stored_ragged import Sequences
from unspool.layers import kernel_status
from unspool.training.examples import Examples, Nested

Fingerprint = dict[str, Any]
"""A tree (see `serialization`) of what the result of a training depends on, without the values that it begins with."""

PACKAGES = ("unspool", "keras", "jax", "jaxlib", "numpy")


def fingerprint(
    model: keras.Model, training: Examples, validation: Examples | None, arguments: Mapping[str, Any]
) -> Fingerprint:
    """Describe a training.

    Args:
        model: compiled and built.
        training: the examples.
        validation: the same, or None.
        arguments: others that the result depends on, by name.
    """
    return {
        "model": _description(model),
        "learning rate": learning_rates(model),
        "weights": [f"{v.dtype} {tuple(v.shape)}" for v in model.variables],
        "training data": _digests(training),
        "validation data": _digests(validation) if validation else None,
        **arguments,
    }


def surroundings() -> dict[str, str]:
    """What the last bits of a result depend on, besides the training itself."""
    kernels = kernel_status()
    return {
        **{package: version(package) for package in PACKAGES},
        "kernels": kernels.path,
        "instruction set": kernels.instruction_set,
    }


def learning_rates(model: keras.Model) -> list[float]:
    """The present learning rate of the optimizer and of those within it; one that follows a schedule has none."""
    return [float(v.numpy()) for v in model.optimizer.variables if v.name == "learning_rate"]


def differences(there: Any, here: Any, place: str = "") -> Iterator[str]:
    """Where two trees differ, as in "batch_size: 100 there, 50 here"; `place` is that of these in larger ones."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in there | here:
            yield from differences(there.get(key), here.get(key), f"{place}.{key}" if place else key)
    elif isinstance(there, list) and isinstance(here, list) and len(there) == len(here):
        for number, pair in enumerate(zip(there, here, strict=True)):
            yield from differences(*pair, f"{place}.{number}")
    elif there != here:
        yield f"{place}: {_short(there)} there, {_short(here)} here"


def _short(value: Any) -> str:
    text = f"{len(value)} entries" if isinstance(value, dict | list) else str(value)
    if isinstance(value, list) and all(isinstance(one, dict) and "class" in one for one in value):
        text = ", ".join(one["class"] for one in value) or "none"  # callbacks
    return text if len(text) <= 60 else text[:57] + "..."


def _description(model: keras.Model) -> Any:
    """The configurations of model, optimizer, loss and metrics, as far as their classes give one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns of lambdas, which are not to be read back here
        parts = {
            "architecture": _config(model, keras.saving.serialize_keras_object),
            "compilation": _config(model, keras.Model.get_compile_config),
        }
    parts["architecture"].pop("compile_config", None)
    names = {name: f"#{number}" for number, name in enumerate(dict.fromkeys(_names(parts)))}
    return _comparable(parts, names)


def _config(model: keras.Model, config_of: Callable[[keras.Model], dict[str, Any]]) -> dict[str, Any]:
    try:
        return config_of(model)
    except (NotImplementedError, TypeError, ValueError):  # a class of the user's without `get_config`
        return {"class": type(model).__qualname__}


def _names(config: Any) -> Iterator[str]:
    if isinstance(config, dict):
        if isinstance(config.get("name"), str):
            yield config["name"]
        config = list(config.values())
    if isinstance(config, list | tuple):
        for value in config:
            yield from _names(value)


def _comparable(config: Any, names: Mapping[str, str]) -> Any:
    """A configuration without what differs between two makings of the same model.

    Keras counts the names of layers up ("lstm_1"), so a number stands for a name; a learning rate moves in training;
    of a lambda the configuration holds the line it stands on.
    """
    if isinstance(config, dict):
        if config.get("class_name") == "__lambda__":
            return "a lambda"
        return {
            str(key): _comparable(value, names)
            for key, value in config.items()
            if not (key == "learning_rate" and isinstance(value, float))
        }
    if isinstance(config, list | tuple):
        return [_comparable(value, names) for value in config]
    if isinstance(config, str):
        return names.get(config, config)
    return config if isinstance(config, bool | int | float | None) else repr(config)


def _digests(examples: Examples) -> dict[str, list[str]]:
    parts = {"x": examples.x, "y": examples.y, "sample_weight": examples.sample_weight}
    return {name: [_digest(leaf) for leaf in keras.tree.flatten(part)] for name, part in parts.items()}


def _digest(leaf: Nested) -> str:
    if leaf is None:
        return "none"
    digest = hashlib.sha256()
    if isinstance(leaf, Sequences):
        for piece in leaf.pieces():
            digest.update(np.ascontiguousarray(piece.flat).data)
        array = leaf.lengths
    else:
        array = leaf
    digest.update(np.ascontiguousarray(array).data)
    kind = f"{len(leaf)} sequences{_steps(leaf)}" if isinstance(leaf, Sequences) else f"{leaf.dtype} {leaf.shape}"
    return f"{kind} {digest.hexdigest()[:16]}"


def _steps(leaf: Sequences) -> str:
    """What a step is; nothing for token ids, so that checkpoints from before there were other sequences still match."""
    flat = leaf.take([]).load().flat
    return "" if flat.dtype == np.int32 and flat.ndim == 1 else f" of {flat.dtype} {flat.shape[1:]}"
