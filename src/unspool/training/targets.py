"""Checks that a model's loss can use the labels: with others, Keras's loss is silently 0, NaN or negative."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import Ragged
from unspool.keras_internals import (
    compiled_loss,
    function_of_loss,
    layers_within,
    parts_of_the_loss,
    places_of_losses,
)
from unspool.training.examples import Examples, is_ragged
from unspool.training.places import first_not_finite, place_of

_TOLERANCE = 1e-3  # of a probability, for targets that were scaled in low precision

_ONE_HOT = (keras.losses.categorical_crossentropy, keras.losses.categorical_focal_crossentropy)
_BINARY = (keras.losses.binary_crossentropy, keras.losses.binary_focal_crossentropy)


@dataclass(frozen=True)
class _Range:
    """The labels that a loss can use.

    Attributes:
        least: the smallest.
        most: the largest.
        ignored: another label, which the loss leaves out; or None.
        whole: whether only whole numbers are labels.
        why: where the range comes from, as a clause.
        what_to_do: sentences, the last without its full stop.
    """

    least: float
    most: float
    ignored: int | None
    whole: bool
    why: str
    what_to_do: str


def check_targets(model: keras.Model, examples: Examples, sample: Callable[[], Examples], name: str = "y") -> None:
    """Check that the model's loss can use all labels, except those with weight 0.

    Of the range, only Keras's binary and sparse categorical cross-entropies are checked, of NaN all other losses of
    Keras's. Targets for each step are not checked if the
    model masks steps, as those at masked steps have no effect.

    Args:
        model: built and compiled.
        examples: the targets, with their weights.
        sample: returns some examples as the model reads them; only called if the model is not a graph of layers.
        name: what to call the targets in messages.

    Raises:
        ValueError: a label is out of range, not a whole number or not finite; gives the first such label, its position,
            and what to do.
    """
    weights = keras.tree.flatten(examples.sample_weight)
    outputs: list[Any] | None = None
    for number, output, target, function, settings in losses_of_targets(model, examples.y):
        weight = weights[0 if len(weights) == 1 else number]
        if _is_nan_for_nan(function) and (found := first_not_finite(target)):
            raise ValueError(
                f"{called_in(examples.y, number, name)} has {found}: the loss would be NaN, even with a sample_weight "
                "of 0. Leave such examples out, or give them a number and a sample_weight of 0"
            )
        if function is keras.losses.sparse_categorical_crossentropy and settings.get("axis", -1) == -1:
            outputs = outputs or shapes_of_outputs(model, sample)
            if outputs[output][-1] is None:
                continue
            readable = _of_classes(int(outputs[output][-1]), settings.get("ignore_class"))
        elif function in _BINARY:
            readable = _of_probabilities()
        else:
            continue
        _check(target, weight, readable, called_in(examples.y, number, name), model)


def check_target_shapes(
    model: keras.Model, examples: Examples, sample: Callable[[], Examples], name: str = "y"
) -> None:
    """Check that targets are labels where the model's loss takes labels, and one-hot where it takes these.

    Args:
        model: built and compiled.
        examples: the targets; ragged ones are not checked.
        sample: returns some examples as the model reads them; only called if the model is not a graph of layers.
        name: what to call the targets in messages.

    Raises:
        ValueError: names the loss that suits.
    """
    outputs: list[Any] | None = None
    for number, output, target, function, settings in losses_of_targets(model, examples.y):
        sparse = function is keras.losses.sparse_categorical_crossentropy
        if is_ragged(target) or not (sparse or function in _ONE_HOT):
            continue
        outputs = outputs or shapes_of_outputs(model, sample)
        classes, rank = outputs[output][-1], len(outputs[output])
        called, shape = called_in(examples.y, number, name), target.shape
        if classes in (None, 1) or settings.get("axis", -1) != -1:
            continue
        if sparse and len(shape) == rank and shape[-1] == classes:
            raise ValueError(
                f"{called} has the shape {shape}, a number for each of {classes} classes, but sparse categorical "
                "cross-entropy takes one label: compile the model with the loss 'categorical_crossentropy', or give "
                "np.argmax(y, axis=-1)"
            )
        if not sparse and (len(shape) == rank - 1 or (len(shape) == rank and shape[-1] == 1)):
            raise ValueError(
                f"{called} has the shape {shape}, one label for each example or step, but categorical cross-entropy "
                f"takes a number for each of {classes} classes: compile the model with the loss "
                "'sparse_categorical_crossentropy', or give keras.utils.to_categorical(y)"
            )


def called_in(nested: Any, number: int, name: str) -> str:
    """What messages call one of several nested arrays, given its index after flattening.

    Example:
        >>> called_in({"b": 0, "a": [1, 2]}, 1, "y"), called_in([0, 1], 1, "y"), called_in(0, 0, "y")
        ("y['a'][1]", 'y[1]', 'y')
    """
    paths = [path for path, _ in keras.tree.flatten_with_path(nested)]
    return name + "".join(f"[{key!r}]" for key in paths[number])


def refuse_missing_targets(model: keras.Model, y: Any, name: str = "y") -> None:
    """Refuse to train without targets a model whose loss compares its outputs with them.

    Raises:
        ValueError: there are none, or an output that has a loss has none.
    """
    if compiled_loss(model) is None or not uses_its_loss(model):
        return
    if y is None:
        advice = ". validation_data is (x, y) or (x, y, sample_weight)" if "validation_data" in name else ""
        raise ValueError(
            f"{name} is missing, but the model was compiled with a loss, which compares outputs with it{advice}"
        )
    targets, losses = keras.tree.flatten(y), model.loss
    if isinstance(losses, dict):
        return
    if not isinstance(losses, list | tuple):
        losses = [losses] * len(targets)
    for number, (target, loss) in enumerate(zip(targets, losses, strict=False)):
        if target is None and loss is not None:
            raise ValueError(
                f"{name}[{number}] is None, but the model was compiled with a loss for that output. Give its targets, "
                "or compile the model with None as the loss of that output"
            )


def uses_its_loss(model: keras.Model) -> bool:
    """Whether training compares outputs with targets by the compiled loss alone, as Keras does."""
    kind, base = type(model), keras.Model
    return kind.compute_loss is base.compute_loss and kind.train_step is base.train_step


def losses_of_targets(model: keras.Model, y: Any) -> Iterator[tuple[int, int, Any, Any, dict[str, Any]]]:
    """The losses that training compares targets with outputs by; none if it does so in another way.

    Args:
        model: built and compiled.
        y: nested targets.

    Yields:
        For each target that has a loss: its index in flattened y, the index of its output in flattened outputs, the
        target, the loss's function, or None where it has none, and the arguments that the function is called with.
    """
    parts = parts_of_the_loss(model)
    places = places_of_losses(model, y) if parts and uses_its_loss(model) else None
    targets = keras.tree.flatten(y)
    for (number, output), part in zip(places or [], parts, strict=places is not None):
        if targets[number] is not None:
            yield number, output, targets[number], *function_of_loss(part.loss)


def shapes_of_outputs(model: keras.Model, sample: Callable[[], Examples]) -> list[Any]:
    """The shape of each output, batch first; `sample` is called only if the model is not a graph of layers."""
    found = getattr(model, "outputs", None)
    if not found:
        x = keras.tree.map_structure(lambda one: keras.KerasTensor(one.shape, str(one.dtype)), sample().x)
        found = keras.tree.flatten(model.compute_output_spec(x))
    return [one.shape for one in found]


def _of_classes(count: int, ignored: int | None) -> _Range:
    return _Range(
        0,
        count - 1,
        ignored,
        True,
        f"the model has {count:,} output{'s' * (count > 1)}, for labels from 0 to {count - 1:,}",
        "Number the labels from 0 (np.unique(y, return_inverse=True)[1]), or give the model as many outputs as there "
        "are labels. If some are padding, give them a sample_weight of 0, or compile the loss with ignore_class",
    )


def _of_probabilities() -> _Range:
    return _Range(
        -_TOLERANCE,
        1 + _TOLERANCE,
        None,
        False,
        "binary cross-entropy needs labels from 0 to 1",
        "Encode two labels as 0 and 1 (y == y.max()), scale numbers to that range, or use sparse categorical "
        "cross-entropy for more labels. If some are padding, give them a sample_weight of 0",
    )


def _check(target: Any, weight: Any, readable: _Range, name: str, model: keras.Model) -> None:
    begun = 0
    for piece in target.pieces() if is_ragged(target) else [target]:
        values = piece.flat if isinstance(piece, Ragged) else piece
        if len(values) and not _all_fit(values, readable):
            by_step = np.ndim(values) > 1 and values.shape[1] > 1
            if by_step and not isinstance(piece, Ragged) and _masks(model):
                return
            wrong = ~_fits(values, readable) & (_weights_of(piece, weight, begun, np.shape(values)) != 0)
            if wrong.any():
                at = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
                value = f"{values[at]:g} in {place_of(piece, begun, tuple(map(int, at)), by_step=by_step)}"
                why = readable.why
                if readable.whole and readable.least <= values[at] <= readable.most:
                    why = f"the labels of classes are whole numbers, and Keras would cut it to {int(values[at])}"
                raise ValueError(f"{name} has the label {value}, but {why}. {readable.what_to_do}.")
        begun += len(piece)


def _all_fit(values: NDArray[Any], readable: _Range) -> bool:
    """Whether all labels are in the range; faster than a check of each."""
    within = values.min() >= readable.least and values.max() <= readable.most
    return bool(within and (not _may_be_fractions(values, readable) or np.array_equal(values, np.trunc(values))))


def _fits(values: NDArray[Any], readable: _Range) -> NDArray[np.bool_]:
    fit = (values >= readable.least) & (values <= readable.most)
    if _may_be_fractions(values, readable):
        fit &= values == np.trunc(values)
    return fit if readable.ignored is None else fit | (values == readable.ignored)


def _is_nan_for_nan(function: Any) -> bool:
    """Whether a loss is one of Keras's that compute with the targets; those of classes only count by them."""
    sparse = function is keras.losses.sparse_categorical_crossentropy
    return getattr(function, "__module__", "").startswith("keras.") and not sparse


def _may_be_fractions(values: NDArray[Any], readable: _Range) -> bool:
    return readable.whole and values.dtype.kind == "f"


def _weights_of(piece: Any, weight: Any, begun: int, shape: tuple[int, ...]) -> NDArray[Any]:
    """The weight of each label of a piece, in a shape that broadcasts to that of the labels."""
    if weight is None:
        return np.ones(1)
    if not isinstance(piece, Ragged):
        weight = np.ravel(weight) if np.size(weight) == shape[0] else weight
        return np.reshape(weight, np.shape(weight) + (1,) * (len(shape) - np.ndim(weight)))
    rows = np.arange(begun, begun + len(piece))
    found = weight.take(rows).load().flat if is_ragged(weight) else np.repeat(np.ravel(weight)[rows], piece.lengths)
    return np.reshape(found, (-1,) + (1,) * (len(shape) - 1))


def _masks(model: keras.Model) -> bool:
    """Whether some layer masks padding."""
    return any(
        isinstance(one, keras.layers.Masking) or getattr(one, "mask_zero", False) for one in layers_within(model)
    )
