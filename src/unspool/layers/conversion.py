"""From stock Keras to unspool's layers and back.

A layer of unspool has the attributes, weights and states of the Keras layer that it is a subclass of; only how it
computes differs. So a layer is swapped by giving it the other class, and nothing else of a model is touched.
"""

import contextlib
import logging
import types
from collections.abc import Iterator
from typing import Any

import keras

from unspool import keras_internals
from unspool.layers import dropout, embedding, recurrent, repeat, time_distributed
from unspool.layers.explanation import log_slow_layers

_OURS: dict[type, type] = {
    keras.layers.SimpleRNN: recurrent.SimpleRNN,
    keras.layers.LSTM: recurrent.LSTM,
    keras.layers.GRU: recurrent.GRU,
    keras.layers.Bidirectional: recurrent.Bidirectional,
    keras.layers.Embedding: embedding.Embedding,
    keras.layers.RepeatVector: repeat.RepeatVector,
    keras.layers.TimeDistributed: time_distributed.TimeDistributed,
}
_STOCK = {ours: stock for stock, ours in _OURS.items()} | {dropout.Dropout: keras.layers.Dropout}
_LONGEST_LINE = 200
"""Characters of an error in a message: Keras puts the code of a lambda into it."""
_log = logging.getLogger("unspool.layers")


def accelerate(model: Any) -> Any:
    """Swap a Keras model's recurrent layers, and what speeds them up, for unspool's.

    Works on any model: Sequential, Functional, subclassed, nested; on wrappers (Bidirectional, TimeDistributed and
    others), on custom layers with recurrent layers inside, and on `RNN` over one of Keras's own cells. Other layers
    stay as they are. A recurrent layer that no kernel covers stays on Keras's path; each is logged with the reason, and
    `unspool.layers.explain` gives it.

    A Sequential or Functional model is copied: names, weights, random seeds, the compilation and the state of the
    optimizer are kept, the states of metrics and stateful layers start again, and the given model is not changed. A
    model that Keras cannot clone (a subclass of `keras.Model`, or a custom layer, metric or optimizer without a working
    `get_config`) is changed in place and returned, which is logged; so is one whose clone would have other weights,
    such as a model in which wrappers share a layer or a layer was built before the model.

    Args:
        model: A Keras model or layer.

    Returns:
        A new model of the same kind; or the given one, changed.

    Raises:
        TypeError: the argument is neither a Keras model nor a Keras layer.

    Example:
        >>> import keras
        >>> from unspool.layers import accelerate
        >>> stock = keras.Sequential([keras.Input((5, 3)), keras.layers.LSTM(4)])
        >>> type(accelerate(stock).layers[0]).__module__.split(".")[0]
        'unspool'
    """
    new = _swapped(model, to_ours=True)
    log_slow_layers(new)
    return new


def to_keras(model: Any) -> Any:
    """Swap unspool's layers for Keras's, so that the model is readable where unspool is not installed.

    The opposite of `accelerate`; whether the model is copied is as there.

    Raises:
        TypeError: the argument is neither a Keras model nor a Keras layer.
    """
    return _swapped(model, to_ours=False)


def _swapped(model: Any, to_ours: bool) -> Any:
    keras_internals.check_layer(model)
    try:
        new = _copy(model)
    except _NotCopied as error:
        _log.warning("%s is changed in place: %s", model.name, error)
        new = model
    for layer in keras_internals.layers_within(new):
        _swap(layer, to_ours)
        keras_internals.forget_compiled_functions(layer)
    return new


class _NotCopied(Exception):
    """Why Keras cannot clone a model."""


def _copy(model: Any) -> Any:
    inside = list(keras_internals.layers_within(model))
    for layer in inside:
        if isinstance(layer, keras.Model) and not keras_internals.is_plain(layer):
            raise _NotCopied(f"{type(layer).__name__} is a subclass, which Keras cannot clone")
    with keras.saving.custom_object_scope({type(layer).__name__: type(layer) for layer in inside}):
        if isinstance(model, keras.Model):
            new = _clone(model)
        else:
            new = _copy_layer(model)
            if model.built and not new.built:
                new.build_from_config(model.get_build_config())
            _fill_alike(model, new)
    return new


def _fill_alike(model: Any, new: Any) -> dict[Any, Any]:
    """Give a clone what the model's variables hold, and freeze the same weights; return what `_freeze_alike` does."""
    pairs = _freeze_alike(model, new)
    if model.built:
        new.set_weights(model.get_weights())
    _draw_alike(model, new)
    return pairs


def _draw_alike(model: Any, new: Any) -> None:
    """Continue the random numbers of a model in its clone, which Keras gives other seeds where none were given."""
    states, copied = _random_states(model), _random_states(new)
    if len(states) == len(copied):  # not where wrappers share a layer such as Dropout, which Keras clones repeatedly
        for state, copy in zip(states, copied, strict=True):
            copy.assign(state.numpy())


def _random_states(model: Any) -> list[Any]:
    weights = {id(weight) for weight in model.weights}
    return [variable for variable in model.variables if id(variable) not in weights]


def _freeze_alike(model: Any, new: Any) -> dict[Any, Any]:
    """Freeze the same weights in a clone: Keras copies the flags of whole layers, not of the parts within a layer.

    Returns:
        The clone of each model, and of each layer that has weights or is still to be built.
    """
    layers, clones = map(_layers_that_matter, (model, new))
    if [w.shape for w in model.weights] != [w.shape for w in new.weights] or len(layers) != len(clones):
        raise _NotCopied(
            "its clone would have other layers or weights, as happens if wrappers share a layer, or a layer was built "
            "before the model"
        )
    pairs = dict(zip(layers, clones, strict=True))
    for layer, clone in pairs.items():
        if clone.trainable != layer.trainable:
            clone.trainable = layer.trainable
    for weight, copied in zip(model.weights, new.weights, strict=True):
        copied.trainable = weight.trainable
    return pairs


def _layers_that_matter(model: Any) -> list[Any]:
    """The models within a model, and its layers with weights or yet to be built: Keras may clone others repeatedly."""
    within = keras_internals.layers_within(model)
    return [one for one in within if one.weights or not one.built or isinstance(one, keras.Model)]


def _clone(model: Any) -> Any:
    inside = keras_internals.layers_within(model)
    compiled = [part for part in inside if isinstance(part, keras.Model) and part.compiled]
    arguments = [_copy_compilation(part) for part in compiled]
    with _uncompiled(compiled):
        try:
            new = keras.models.clone_model(model, clone_function=_copy_layer, recursive=True)
        except _NotCopied:
            raise
        except Exception as error:  # a stranger's code
            raise _NotCopied(f"Keras cannot clone it ({_first_line(error)})") from error
    clones = _fill_alike(model, new)  # before the optimizer is built, whose state may begin with the weights
    for part, chosen in zip(compiled, arguments, strict=True):
        clone = clones[part]
        clone.compile(**chosen)
        if clone.optimizer is not None:
            keras_internals.exclude_alike(part.optimizer, clone.optimizer, model.weights, new.weights)
            _optimize_alike(part, clone)
    return new


def _optimize_alike(model: Any, clone: Any) -> None:
    """Build the optimizer of a clone, and continue with the state of the model's where it has one for these weights."""
    if not clone.built:
        return
    clone.optimizer.build(clone.trainable_variables)
    optimized = keras_internals.optimized_variables(model) if model.optimizer.built else []
    states, copied = model.optimizer.variables, clone.optimizer.variables
    same_weights = [*map(id, optimized)] == [*map(id, model.trainable_variables)]
    if same_weights and [state.shape for state in states] == [copy.shape for copy in copied]:
        for state, copy in zip(states, copied, strict=True):
            copy.assign(state.numpy())


@contextlib.contextmanager
def _uncompiled(models: list[Any]) -> Iterator[None]:
    """Have Keras clone models without their compilation, whose functions it would have to find by their names."""
    for model in models:
        model.compiled = False
    try:
        yield
    finally:
        for model in models:
            model.compiled = True


def _copy_compilation(model: Any) -> dict[str, Any]:
    """What the model was compiled with. What has a state, metrics and the optimizer, is copied; losses have none."""
    arguments = keras_internals.compile_arguments(model)
    for name in ("optimizer", "metrics", "weighted_metrics"):
        arguments[name] = keras.tree.map_structure(_copy_if_stateful, arguments[name])
    return arguments


def _copy_if_stateful(part: Any) -> Any:
    if not isinstance(part, keras.optimizers.Optimizer | keras.metrics.Metric):
        return part
    try:
        with keras.saving.custom_object_scope(_unregistered_within(part)):
            return type(part).from_config(part.get_config())
    except Exception as error:  # a stranger's code
        kind = "metric" if isinstance(part, keras.metrics.Metric) else "optimizer"
        raise _NotCopied(f"its {kind} {part.name} cannot be cloned ({_first_line(error)})") from error


def _unregistered_within(part: Any) -> dict[str, Any]:
    """By name: the function that a metric takes the mean of, and the class of an optimizer's schedule."""
    found: dict[str, Any] = {}
    for value in vars(part).values():
        # Not that of a MultiOptimizer, which gives optimizers that the copy would share with the model.
        if isinstance(value, types.FunctionType) and isinstance(part, keras.metrics.Metric):
            found[value.__name__] = value
        elif isinstance(value, keras.optimizers.schedules.LearningRateSchedule):
            found[type(value).__name__] = type(value)
    return found


def _copy_layer(layer: Any) -> Any:
    try:
        return type(layer).from_config(layer.get_config())
    except Exception as error:  # a stranger's code
        raise _NotCopied(f"its layer {layer.name} cannot be cloned ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"


def _swap(layer: Any, to_ours: bool) -> None:
    kind = type(layer)
    if to_ours and kind is keras.layers.RNN and type(layer.cell) in recurrent.CELLS:
        kind = recurrent.CELLS[type(layer.cell)]
        layer.input_spec = keras.layers.InputSpec(ndim=3)
        if kind is not keras.layers.SimpleRNN:
            layer.use_cudnn = "auto"
    swapped = (_OURS if to_ours else _STOCK).get(kind)
    if swapped is not None:
        layer.__class__ = swapped
    if isinstance(layer, recurrent.Bidirectional):
        layer.supports_masking = True
