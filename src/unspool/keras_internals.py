"""Keras's private names that unspool uses, in one place, so that one test sees them move: test_keras_internals.py.

Keras may rename them in any minor version, which is why `keras` is pinned below the next one.
"""

from collections.abc import Iterator
from os import PathLike
from typing import Any

import keras
from keras.src.backend.common import global_state
from keras.src.backend.common.masking import set_keras_mask
from keras.src.models.functional import Functional
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR, global_seed_generator

Model = Any
"""A `keras.Model`; Keras has no types."""

MODULES = {
    "functional": "keras.src.models.functional",
    "operations": "keras.src.ops.numpy",
    "neural-network operations": "keras.src.ops.nn",
    "core operations": "keras.src.ops.core",
}
"""The modules of classes that Keras writes into its files."""

MODEL_CHECKPOINT = ("_batches_seen_since_last_saving", "_last_batch_seen", "_current_epoch")
"""What `keras.callbacks.ModelCheckpoint` remembers from batch to batch."""

SWAP_EMA_WEIGHTS = ("_ema_weights_in_model",)
"""What `keras.callbacks.SwapEMAWeights` remembers."""

OF_EVERY_CALLBACK = ("params", "_model")
"""What Keras sets on every callback."""

MASKS_OF_TRACED = "_keras_mask_dict"
"""What Keras calls its dictionary of masks."""

PROGRAMS = "_unspool_programs"
"""Attributes of a model whose names begin like this hold what unspool has compiled for it."""


def build_from(model: Model, x: Any, y: Any = None, sample_weight: Any = None) -> None:
    """Create a compiled model's weights, optimizer, losses and metrics from a batch's shapes, where there are none."""
    forget_masks_of_traced()
    model._symbolic_build(data_batch=(x, y, sample_weight))


def build_to_predict(model: Model, x: Any) -> None:
    """Create a model's weights from a batch of inputs, as `keras.Model.predict` does; it need not be compiled."""
    forget_masks_of_traced()
    with keras.StatelessScope():
        model(x)


def compile_arguments(model: Model) -> dict[str, Any]:
    """The arguments that a compiled model was compiled with, as objects; `get_compile_config` gives their names."""
    given: dict[str, Any] = model._compile_config.config
    return {"optimizer": model.optimizer} | given  # Keras removes it from there when it saves an .h5 file


def compilation(model: Model) -> Any:
    """An object that each `compile` makes anew; None for a model that is not compiled."""
    return getattr(model, "_compile_config", None)


def compiled_loss(model: Model) -> Any:
    """What `compile` made of the loss; None for a model that is not compiled, or has no loss."""
    return getattr(model, "_compile_loss", None)


def parts_of_the_loss(model: Model) -> list[Any]:
    """The losses of a compiled model, one an output."""
    return getattr(compiled_loss(model), "_flat_losses", None) or []


def function_of_loss(loss: Any) -> tuple[Any, dict[str, Any]]:
    """The function of one of Keras's losses, or None where it has none, and the arguments that it is called with."""
    return getattr(loss, "fn", None), getattr(loss, "_fn_kwargs", {})


def places_of_losses(model: Model, y: Any) -> list[tuple[int, int]] | None:
    """For each of `parts_of_the_loss`, the index of its target in flattened y and of its output in flattened outputs.

    Args:
        model: compiled.
        y: nested targets, matched with the outputs as Keras matches them.

    Returns:
        None if the loss is not built, or the structure of y does not match that of the outputs.
    """
    built = compiled_loss(model)
    if not built.built:
        return None
    outputs, targets = _numbered(built._y_pred_build_structure), _numbered(y)
    if isinstance(y, dict) and isinstance(outputs, list | tuple) and {*y} == {*(built.output_names or [])}:
        targets = [targets[name] for name in built.output_names]
    try:
        keras.tree.assert_same_paths(targets, outputs)
    except ValueError:
        if len(keras.tree.flatten(targets)) != len(keras.tree.flatten(outputs)):
            return None
        targets = keras.tree.pack_sequence_as(outputs, keras.tree.flatten(targets))
    return [(_at(part.path, targets), _at(part.path, outputs)) for part in built._flat_losses]


def _numbered(nested: Any) -> Any:
    return keras.tree.pack_sequence_as(nested, list(range(len(keras.tree.flatten(nested)))))


def _at(path: tuple[Any, ...], nested: Any) -> Any:
    for key in path:
        nested = nested[key]
    return nested


def optimized_variables(model: Model) -> list[Any]:
    """The variables that a compiled model's optimizer was built for, in its order."""
    return list(model.optimizer._trainable_variables)


def exclude_alike(optimizer: Any, copy: Any, weights: list[Any], copied: list[Any]) -> None:
    """Exclude the same weights from weight decay in an optimizer's copy: the configuration does not contain them.

    Args:
        optimizer: of a compiled model.
        copy: not built.
        weights: of the model.
        copied: those of the model's clone, in the same order.
    """
    if hasattr(optimizer, "_exclude_from_weight_decay"):
        keys, pattern = optimizer._exclude_from_weight_decay, optimizer._exclude_from_weight_decay_pattern
        pairs = zip(weights, copied, strict=True)
        copy.exclude_from_weight_decay([new for old, new in pairs if optimizer._var_key(old) in keys])
        copy._exclude_from_weight_decay_pattern = pattern
    for inner, copy_of_inner in zip(_optimizers_within(optimizer), _optimizers_within(copy), strict=False):
        exclude_alike(inner, copy_of_inner, weights, copied)


def _optimizers_within(optimizer: Any) -> list[Any]:
    """Those of a MultiOptimizer, or that of a LossScaleOptimizer; none of others."""
    inner = getattr(optimizer, "inner_optimizer", None)
    return list(getattr(optimizer, "optimizers", [] if inner is None else [inner]))


def compiled_metrics(model: Model) -> Any:
    """What `compile` made of the metrics; None where there are none."""
    return model._compile_metrics


def update_weighted(metrics: Any, y: Any, y_pred: Any, sample_weight: Any) -> None:
    """`CompileMetrics.update_state`, with weights for all metrics, not only for those given as `weighted_metrics`.

    Step weights (B, L) are scaled so that a mean over L counts all steps alike, see `StepWeights`. Metrics that sum
    over steps instead, such as precision and AUC, get the weights divided by L.
    """
    if not metrics.built:
        metrics.build(y, y_pred)
    targets, outputs, weights = (metrics._flatten_y(part) for part in (y, y_pred, sample_weight))
    for lists in (metrics._flat_metrics, metrics._flat_weighted_metrics):
        for some, target, output, weight in zip(lists, targets, outputs, weights, strict=True):
            for metric in some.metrics if some else ():
                adds_up = not isinstance(metric, keras.metrics.Mean) and len(weight.shape) > 1
                weighed = weight / weight.shape[1] if adds_up else weight
                metric.update_state(target, output, sample_weight=weighed)


def forget_mask(output: Any) -> None:
    """Take away the mask that Keras has attached to an output."""
    set_keras_mask(output, None)


def forget_masks_of_traced() -> None:
    """Take away what is left of masks that Keras gave to traced arrays; to be called before the next trace.

    Keras keeps them by the `id` of an array, for each thread, and removes one when its array is collected. If another
    thread collects it, the mask stays, and goes to whatever is traced at that address next.
    """
    global_state.set_global_attribute(MASKS_OF_TRACED, None)


def forget_first_epoch(model: Model) -> None:
    """Forget the epoch of a backup that was restored for an earlier training, as Keras does not."""
    model._initial_epoch = None


def first_epoch(model: Model, initial_epoch: int) -> int:
    """The epoch to begin with: that of a backup that `BackupAndRestore` has restored, or else `initial_epoch`."""
    return int(model._initial_epoch or initial_epoch)


def check_layer(given: Any) -> None:
    """Raise unless something is a Keras layer or model.

    Raises:
        TypeError: says what was given, and how to load a model from a file.
    """
    if not isinstance(given, keras.layers.Layer):
        what = f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__
        load = " Load a file with keras.models.load_model first." if isinstance(given, str | PathLike) else ""
        raise TypeError(f"a Keras model or layer is needed, not {what}.{load}")


def layers_within(layer: Any) -> Iterator[Any]:
    """The layer itself and all layers inside it, however deep, each once; it may be a model."""
    yield from layer._flatten_layers()


def outermost_layer(layer: Any) -> Any:
    """The outermost layer or model whose call led to a layer's present one, such as the model that is being trained."""
    return layer._get_call_context().entry_layer


def shapes_made(model: Any) -> Iterator[tuple[str, tuple[int | None, ...]]]:
    """The shape of each tensor that a layer or operation makes in the graph of a model, batch first, with its name."""
    for layer in layers_within(model):
        graph = graph_of(layer)
        operations = [] if graph is None else [one for one in graph.operations if not isinstance(one, keras.Layer)]
        for one in (layer, *operations):
            for node in one._inbound_nodes:
                for tensor in node.output_tensors:
                    yield one.name, tuple(tensor.shape)


def readers_of_inputs(model: Any) -> Iterator[tuple[int, str, Any]]:
    """The layers of a graph that read an input itself, with its number and name; none of a subclassed model."""
    graph = graph_of(model)
    if graph is None:
        return
    numbers = {id(tensor): number for number, tensor in enumerate(graph.inputs)}
    for layer in graph.layers:
        for node in layer._inbound_nodes:
            for tensor in node.input_tensors:
                if id(tensor) in numbers:
                    yield numbers[id(tensor)], graph.inputs[numbers[id(tensor)]].name, layer


def graph_of(model: Any) -> Any:
    """The graph of layers that a model is; None for a subclassed model, and for a Sequential that is not built."""
    graph = model._functional if type(model) is keras.Sequential else model
    return graph if is_functional(graph) else None


def names_of_inputs(graph: Any) -> list[str]:
    """The names under which a graph takes its inputs in a dict, but for optional ones; none where it nests them."""
    given = graph._inputs_struct
    given = given if keras.tree.is_nested(given) else [given]
    if any(map(keras.tree.is_nested, _values(given))):
        return []
    named = given if isinstance(given, dict) else {tensor.name: tensor for tensor in given}
    return [name for name, one in named.items() if not getattr(one._keras_history.operation, "optional", False)]


def names_of_outputs(graph: Any) -> list[str]:
    """The names under which a graph's losses take targets in a dict; none where it nests its outputs, or has one."""
    given = graph._outputs_struct
    if not keras.tree.is_nested(given) or any(map(keras.tree.is_nested, _values(given))):
        return []
    return list(given) if isinstance(given, dict) else list(graph.output_names)


def outputs_by_name(graph: Any) -> bool:
    """Whether a graph gives its outputs as a dict."""
    return isinstance(graph._outputs_struct, dict)


def _values(given: Any) -> Any:
    return given.values() if isinstance(given, dict) else given


def is_functional(model: Any) -> bool:
    """Whether a model is a graph of layers, of no class of its own."""
    return type(model) is Functional


def is_plain(model: Any) -> bool:
    """Whether a model is Sequential or Functional and of no class of its own, so that Keras can clone it."""
    return type(model) is keras.Sequential or is_functional(model)


def is_keras_hook(hook: Any) -> bool:
    """Whether a callback's method is Keras's own, which does nothing."""
    return bool(getattr(hook, "_is_default", False))


def global_seed() -> Any:
    """The state of Keras's global random numbers, or None where none have been drawn."""
    generator = global_state.get_global_attribute(GLOBAL_SEED_GENERATOR)
    return None if generator is None else generator.state.value


def set_global_seed(state: Any) -> None:
    """Put back what `global_seed` gave."""
    if state is None:
        global_state.set_global_attribute(GLOBAL_SEED_GENERATOR, None)
    else:
        global_seed_generator().state.assign(state)  # made from Python's generator where there is none yet


def forget_compiled_functions(model: Model) -> None:
    """Have Keras and unspool compile the functions of a model again, because its layers have changed."""
    for name in [name for name in vars(model) if name.startswith(PROGRAMS)]:
        object.__delattr__(model, name)
    for name in ("train_function", "test_function", "predict_function"):
        if getattr(model, name, None) is not None:
            setattr(model, name, None)
