"""What `fit`, `evaluate` and `predict` accept as data, brought into one form: nested arrays of equal length."""

import sys
from collections.abc import Mapping
from numbers import Real
from typing import Any

import jax
import keras
import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import Ragged
from unspool.data.stored_ragged import Sequences
from unspool.training.examples import Examples, Nested
from unspool.training.places import place_of
from unspool.training.sequences import check_weights

MOST_WEIGHT = 1e30
"""The largest weight of a class: losses are computed in single precision, which ends at 3.4e38."""

_BLOCK = 10_000
"""Rows of integers that are checked at a time."""


def to_examples(
    x: Nested,
    y: Nested = None,
    sample_weight: Nested = None,
    class_weight: Mapping[int, float] | None = None,
    of: str = "",
) -> Examples:
    """Check the data and bring it into arrays: floats as Keras's `floatx`, everything else as it is.

    Args:
        x: inputs.
        y: targets.
        sample_weight: of examples or steps.
        class_weight: of labels.
        of: what to add to the names of these in messages.

    Raises:
        TypeError: the data is not arrays (a generator, a `tf.data.Dataset`, a `PyDataset`).
        ValueError: the arrays' numbers of rows differ, there is no example, both kinds of weight are given, an integer
            does not fit in 32 bits, or a weight is not finite.
    """
    x = _to_arrays(x, f"x{of}")  # first, as a dataset, which holds its own targets, is refused here
    if not keras.tree.flatten(x):
        raise ValueError(f"x{of} is empty: give an array with a row for each example")
    if class_weight is not None:
        if sample_weight is not None:
            raise ValueError("give class_weight or sample_weight, not both")
        sample_weight = _weights_of_classes(y, class_weight)
    examples = Examples(x, _to_arrays(y, f"y{of}"), _to_arrays(sample_weight, f"sample_weight{of}"))
    _check_lengths(examples, of)
    if len(examples) == 0:
        raise ValueError("there is no example: the arrays are empty")
    if keras.tree.is_nested(examples.sample_weight) and not keras.tree.is_nested(examples.y):
        raise ValueError("sample_weight is a list or dict of arrays, but y is one array: give one array of weights")
    if keras.tree.is_nested(examples.y) and examples.sample_weight is not None:
        examples = Examples(examples.x, examples.y, _weights_like(examples.y, examples.sample_weight))
    if examples.sample_weight is not None:
        check_weights(examples, f"sample_weight{of}")
    return examples


def _check_lengths(examples: Examples, of: str) -> None:
    lengths = {
        name: {len(array): None for array in keras.tree.flatten(part) if array is not None}
        for name, part in vars(examples).items()
    }
    if len({length for several in lengths.values() for length in several}) > 1:
        shown = "; ".join(
            f"{name} has {' and '.join(f'{length:,}' for length in several)}"
            for name, several in lengths.items()
            if several
        )
        for name, part in vars(examples).items():
            others = {length for other, several in lengths.items() if other != name for length in several}
            if isinstance(part, list | tuple) and len(part) in others:
                alike = len({np.shape(one) for one in part}) == 1
                shown += (
                    f". {name} is a list of {len(part):,} arrays, which stand for as many inputs or outputs. If each "
                    f"is an example, give {'np.stack' if alike else 'unspool.data.Ragged.from_arrays'}({name})"
                )
        raise ValueError(f"x, y and sample_weight{of} must have the same number of rows, one for each example: {shown}")


def filled(data: Nested, count: int) -> Nested:
    """Nested arrays with rows of zeros behind, up to `count`: never computed on, they keep a program's shape."""
    return keras.tree.map_structure(lambda array: None if array is None else _filled(array, count - len(array)), data)


def first_rows(count: int, outputs: Any) -> Any:
    """The first rows of each array of some outputs, on the host."""
    return jax.tree.map(lambda array: np.asarray(array)[:count], outputs)


def split_tail(examples: Examples, fraction: float) -> tuple[Examples, Examples]:
    """Keras's `validation_split`: the last `fraction` of the examples, in their order, become validation data.

    Raises:
        ValueError: one side would be empty.
    """
    cut = int(np.floor(len(examples) * (1.0 - fraction)))
    if not 0 < cut < len(examples):
        raise ValueError(f"validation_split={fraction} of {len(examples)} examples leaves one side empty")
    return examples.take(slice(None, cut)), examples.take(slice(cut, None))


def batch_order(count: int, batch_size: int, shuffle: bool | str) -> NDArray[np.int32]:
    """The order of an epoch's examples, (N,), drawn from NumPy's global generator exactly as Keras draws it.

    Args:
        count: N.
        batch_size: examples in a batch.
        shuffle: True, False, or "batch" for batches in order with their examples shuffled within.
    """
    if shuffle == "batch":
        starts = range(0, count, batch_size)
        order = np.concatenate([np.random.permutation(min(batch_size, count - s)) + s for s in starts])
    elif shuffle:
        order = np.random.permutation(count)
    else:
        order = np.arange(count)
    return order.astype(np.int32)


def _filled(array: NDArray[Any], missing: int) -> NDArray[Any]:
    return np.concatenate([array, np.zeros((missing, *array.shape[1:]), array.dtype)]) if missing else array


def _to_arrays(data: Nested, name: str) -> Nested:
    if data is None:
        return data
    if hasattr(data, "columns") and hasattr(data, "to_numpy"):
        data = data.to_numpy()
    optional = not name.startswith("x") and keras.tree.is_nested(data)  # an output without a loss has no targets
    return keras.tree.map_structure(lambda leaf: None if leaf is None and optional else _to_array(leaf, name), data)


def _to_array(leaf: Any, name: str, ragged: Ragged | None = None) -> Any:
    if isinstance(leaf, Ragged):
        return Ragged(_to_array(leaf.flat, name, leaf), leaf.offsets)
    if isinstance(leaf, Sequences):
        return leaf
    if isinstance(leaf, str | Real):
        raise TypeError(f"{name} holds {type(leaf).__name__}, but unspool takes arrays. {_instead_of_list(leaf, name)}")
    if leaf is None or not hasattr(leaf, "__array__"):
        raise TypeError(
            f"{name} holds {type(leaf).__name__}, but unspool takes NumPy or JAX arrays and cuts them into batches "
            "itself: np.asarray for a list, unspool.data.Ragged.from_arrays for sequences of different lengths, "
            "np.memmap for what does not fit into memory. For a generator or a dataset use the model's own method, "
            "which unspool.accelerate(model) speeds up too"
        )
    array = np.asarray(leaf)
    if _is_pandas_series(leaf):
        array = array[:, None]  # as Keras does, for weights, too
    if array.ndim == 0:
        raise ValueError(f"{name} holds a single number where an array with one row an example is expected")
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} has dtype {array.dtype}, but a model reads numbers. {_as_numbers(array, name)}")
    if array.dtype.kind in "iu":
        _refuse_large(array, array if ragged is None else ragged, name)
    return array.astype(keras.config.floatx(), copy=False) if array.dtype.kind == "f" else array


def _instead_of_list(leaf: Any, name: str) -> str:
    """What to give in place of a list of numbers or of texts."""
    part = name.partition(" ")[0]
    if isinstance(leaf, str):
        return _as_numbers(np.asarray([leaf]), name)
    return (
        f"A list stands for several inputs or outputs: give np.asarray({part}), or unspool.data.Ragged.from_arrays("
        f"{part}) for sequences of different lengths"
    )


def _as_numbers(array: NDArray[Any], name: str) -> str:
    """What to do about an array that does not hold numbers."""
    first = array.flat[0] if array.size else None
    if isinstance(first, str) and name.startswith("y"):
        return "Number the labels from 0: names, y = np.unique(y, return_inverse=True)"
    if isinstance(first, str) and name.startswith("x"):
        return "Number the tokens of texts, for example with unspool.data.Vocabulary"
    if isinstance(first, np.ndarray | list | tuple):
        return f"For sequences of different lengths, give unspool.data.Ragged.from_arrays({name.partition(' ')[0]})"
    return "Convert it with astype, for example to float32"


def _refuse_large(values: NDArray[np.integer], piece: Any, name: str) -> None:
    """Refuse integers that do not fit in 32 bits: JAX would silently drop the upper bits.

    Args:
        values: the array, or the flat array of a `Ragged`; it may be in a file, and is read once.
        piece: the array, or the `Ragged`.
        name: what to call it in messages.

    Raises:
        ValueError: gives the first such integer, its position, and what to do.
    """
    read_as = np.dtype(np.int32) if isinstance(piece, Ragged) else jax.dtypes.canonicalize_dtype(values.dtype)
    if np.can_cast(values.dtype, read_as):
        return
    kept = np.iinfo(read_as)
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK]
        if not block.size or (kept.min <= block.min() and block.max() <= kept.max):
            continue
        wrong = (block < kept.min) | (block > kept.max)
        row, *others = map(int, np.unravel_index(int(np.argmax(wrong)), wrong.shape))
        at = (start + row, *others)
        place = place_of(piece, 0, at, by_step=values.ndim > 1 and values.shape[1] > 1)
        raise ValueError(
            f"{name} has the integer {values[at]:,} in {place}, but integers must be from {kept.min:,} to "
            f"{kept.max:,}, as JAX has 32 bits for them. Number ids and labels from 0 "
            "(np.unique(..., return_inverse=True)[1]), and give quantities as floats"
        )


def _is_pandas_series(leaf: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(leaf, pandas.Series)


def _weights_of_classes(y: Nested, class_weight: Mapping[int, float]) -> Any:
    if y is None or keras.tree.is_nested(y):
        raise ValueError("class_weight needs one array of targets")
    if not isinstance(class_weight, Mapping) or any(not isinstance(label, Real) for label in class_weight):
        raise ValueError(f"class_weight must map numbers to weights, as in {{0: 1.0, 1: 5.0}}, but is {class_weight!r}")
    for label, one in class_weight.items():
        known = not np.ndim(one) and np.asarray(one).dtype.kind in "fiub"
        if not known or not 0 <= float(one) <= MOST_WEIGHT:
            raise ValueError(
                f"class_weight gives label {label} the weight {one!r}: it must be a number from 0 to {MOST_WEIGHT:g}"
            )
    if isinstance(y, Sequences):
        flat = [_weights_of_classes(piece.flat, class_weight) for piece in y.pieces()]
        return Ragged.from_lengths(np.concatenate(flat), y.lengths)
    labels = np.asarray(y)
    if labels.ndim > 1:
        _refuse_several_labels(labels)
        labels = np.argmax(labels, axis=-1) if labels.shape[-1] != 1 else labels[..., 0]
    labels = np.round(labels).astype(np.int32)
    weights = np.ones(len(labels), keras.config.floatx())
    for label, weight in class_weight.items():
        weights[labels == label] = weight
    return weights


def _refuse_several_labels(targets: NDArray[Any]) -> None:
    """Refuse targets (N, K) that are not shares of K classes: Keras would take the largest number's place as the label.

    Raises:
        ValueError: an example has several labels, or one at each step.
    """
    several = targets.ndim > 2
    if not several and targets.shape[1] > 1:
        several = not ((targets >= 0).all() and np.allclose(targets.sum(axis=1), 1, atol=0.01))
    if several:
        raise ValueError(
            f"class_weight needs one label for each example, but y has the shape {targets.shape} and is not one-hot. "
            "Give sample_weight instead"
        )


def _weights_like(y: Nested, sample_weight: Nested) -> Nested:
    if not keras.tree.is_nested(sample_weight):
        return keras.tree.map_structure(lambda target: None if target is None else sample_weight, y)
    try:
        keras.tree.assert_same_structure(y, sample_weight)
    except ValueError as error:
        raise ValueError(
            "sample_weight must be one array for all outputs, or a list, tuple or dict of arrays that is nested like y"
        ) from error
    return sample_weight
