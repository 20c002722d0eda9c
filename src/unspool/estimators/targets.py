"""What belongs to each sequence: what is to be predicted, and how much it counts."""

import math
from datetime import date, timedelta
from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from unspool.data.cell_values import is_number
from unspool.data.frames import MISSING_IN_PANDAS
from unspool.data.labels import in_order, label_of
from unspool.estimators.errors import InputError, as_input_error
from unspool.tasks import Binary, Multiclass, Multilabel, Task, regression
from unspool.tasks.multilabel import SEPARATORS


def checked_targets(estimator: Any, y: Any, dtype: Any = None) -> NDArray[Any]:
    """Read y as an array of the given type, or of its own.

    Raises:
        InputError: there is none, or a value in it is missing or no number of the given type; the message says which.
        ValueError: it is not an array of one or two dimensions, or holds numbers that are not finite.
    """
    if y is None:
        raise InputError(f"{type(estimator).__name__} requires y to be passed, but the target y is None.")
    _refuse_missing(y)
    of_numpy = getattr(getattr(y, "dtype", None), "numpy_dtype", None)  # of Int64, boolean and others of pandas
    if isinstance(of_numpy, np.dtype):
        y = y.to_numpy(of_numpy)  # scikit-learn would convert them to floats
    elif isinstance(getattr(y, "dtype", None), np.dtypes.StringDType):
        y = np.array(y.tolist())  # scikit-learn does not know the type
    if dtype is None:
        _refuse_lists_of_labels(y)
    else:
        _refuse_other_than_numbers(y)
    array: NDArray[Any] = check_array(y, ensure_2d=False, dtype=dtype, input_name="y")
    return array


def names_of(classes: NDArray[Any]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Name K classes as a run does that reads them from a file, and put them in its order.

    Returns:
        The names, and for each class which of them it has, (K,).

    Example:
        >>> names, places = names_of(np.array(["10", "9", "none"]))
        >>> names, places.tolist()
        (('9', '10', 'none'), [1, 0, 2])
    """
    labels = [label_of(value) for value in classes.tolist()]
    names = [label for label in labels if isinstance(label, str)]
    if len(set(names)) < len(classes):  # a file cannot tell them apart, or one is blank
        return tuple(map(str, classes.tolist())), np.arange(len(classes))
    ordered = in_order(set(names))
    return ordered, np.array([ordered.index(name) for name in names])


def encoded_classes(y: NDArray[Any]) -> tuple[Task, NDArray[Any], NDArray[Any], NDArray[np.int64]]:
    """Encode the classes of N sequences.

    Returns:
        The task, (N,) targets or (N, K) of 0 and 1, the K classes, and the position of each in the task.

    Raises:
        InputError: there is only one class, or y is (N, K) of other numbers than 0 and 1.
        ValueError: scikit-learn's own, where y holds no classes.
    """
    if type_of_target(y, input_name="y") == "multilabel-indicator":  # any two whole numbers, for scikit-learn
        other = np.argwhere((y != 0) & (y != 1))
        if len(other):
            row, label = other[0]
            raise InputError(
                f"y[{row}, {label}] is {y[row, label]}, and 0 or 1 was expected (1 if sequence {row} has label "
                f"{label})."
            )
        numbers = np.arange(y.shape[1])
        return Multilabel(tuple(map(str, numbers.tolist())), SEPARATORS[0]), y.astype(np.float32), numbers, numbers
    labels = column_or_1d(y, warn=True)
    check_classification_targets(labels)
    classes, positions = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise InputError(f"Nothing can be learned from one class: all of y is {classes[0]}. Give two classes or more.")
    names, places = names_of(classes)
    task = Binary(names) if len(classes) == 2 else Multiclass(names)
    return task, places[positions], classes, places


def decided(probabilities: NDArray[np.float64], classes: NDArray[Any], task: Task) -> NDArray[Any]:
    """Turn (N, K) probabilities into (N,) classes, or into (N, K) of 0 and 1 where an example may have several."""
    if not task.chooses_among_labels:
        return (probabilities >= 0.5).astype(np.int64)
    chosen: NDArray[Any] = classes[probabilities.argmax(axis=1)]
    return chosen


def mean_and_scale(columns: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation (1 where it is 0) of each column of (N, K) numbers, as `Regression` learns them.

    Raises:
        InputError: they overflow.
    """
    with as_input_error():
        found = [regression.mean_and_scale(row) for row in np.ascontiguousarray(columns.T)]
    means, scales = zip(*found, strict=True)
    return np.array(means), np.array(scales)


def _refuse_missing(y: Any) -> None:
    """Refuse None, NaN and infinity, by their positions."""
    values = np.asarray(y) if not isinstance(y, list | tuple) else np.array(y, dtype=object)
    if values.ndim not in (1, 2):
        return
    for position, row in enumerate(values.tolist()):
        for value in row if isinstance(row, list) else [row]:
            missing = value is None or type(value).__name__ in MISSING_IN_PANDAS
            if missing or (isinstance(value, float) and not math.isfinite(value)):
                shown = value if missing else "NaN" if math.isnan(value) else "infinity"
                raise InputError(
                    f"Input y contains {shown}: y[{position}] is {value}. Leave that sequence out, or give its label."
                )


def _refuse_lists_of_labels(y: Any) -> None:
    """Refuse lists of labels, naming the first. Lists of one label, or rows of numbers of equal length, are allowed."""
    entries = list(y) if isinstance(y, list | tuple) or np.dtype(object) == getattr(y, "dtype", None) else []
    lists = [entry for entry in entries if isinstance(entry, list | tuple | set | frozenset)]
    lengths = {len(entry) for entry in lists}
    named = any(isinstance(label, str) for entry in lists for label in entry)
    if len(lengths) > 1 or (lengths != {1} and named):
        position = next(number for number, entry in enumerate(entries) if entry is lists[0])
        raise InputError(
            f"y[{position}] is a {type(lists[0]).__name__} of labels. If an example may have several, give an array "
            "(N, K) of 0 and 1, such as sklearn.preprocessing.MultiLabelBinarizer().fit_transform(y)."
        )


def _refuse_other_than_numbers(y: Any) -> None:
    """Refuse texts that are not numbers, and dates and durations, which NumPy counts from 1970; name the position."""
    values = np.array(y, dtype=object) if isinstance(y, list | tuple) else np.asarray(y)
    if values.ndim not in (1, 2) or values.dtype.kind not in "OUSmM":
        return
    if values.dtype.kind in "mM":
        values = values.astype(f"{values.dtype.kind}8[us]")  # so that `tolist` gives dates and durations
    for position, row in enumerate(values.tolist()):
        for value in row if isinstance(row, list) else [row]:
            if isinstance(value, date | timedelta | np.datetime64 | np.timedelta64):
                raise InputError(
                    f"y[{position}] is {value}, and a number was expected. Give dates and times as numbers, such as "
                    "the days since a fixed date."
                )
            if isinstance(value, str | bytes) and not is_number(value):
                raise InputError(
                    f"y[{position}] is {value!r}, and a number was expected. For labels use a classifier: "
                    "AutoClassifier or SequenceClassifier."
                )


def checked_weights(sample_weight: Any, count: int) -> NDArray[np.float64] | None:
    """Read weights, and bring their mean to 1: the loss keeps its size, and what counts as better its meaning.

    Args:
        sample_weight: (N,) numbers, one for all, or None.
        count: N.

    Raises:
        InputError: one is negative, or all are 0.
        ValueError: they are not N finite numbers.

    Example:
        >>> checked_weights([1, 3], 2).tolist()
        [0.5, 1.5]
    """
    if sample_weight is None or isinstance(sample_weight, Number):
        return None
    weights = check_array(sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight")
    if weights.ndim != 1:
        raise InputError(f"sample_weight has the shape {weights.shape}: give one number for each sequence.")
    check_consistent_length(weights, np.empty(count))
    if weights.min() < 0 or weights.max() <= 0:
        raise InputError("sample_weight has a negative number, or only zeros: give weights above 0.")
    weights = np.ldexp(weights, -np.frexp(weights.max())[1])  # exact, and their sum cannot overflow
    normal: NDArray[np.float64] = weights / weights.mean()
    return normal
