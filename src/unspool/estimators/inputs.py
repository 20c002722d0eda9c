"""What a person gives an estimator as X, brought into one form: a list of texts, of tokens or of series."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils.validation import check_array, validate_data

from unspool.data.frames import MISSING_IN_PANDAS
from unspool.data.series.long_columns import SERIES_NAMES
from unspool.data.series.missing import refuse_empty_channels
from unspool.data.series.rounded import FIX, LARGE, rounded_channel
from unspool.data.series.step_names import are_numbered
from unspool.data.usual_names import usual
from unspool.estimators.errors import InputError
from unspool.estimators.settings import Kind, Reads
from unspool.models.series import present_steps

_OF_IDS = [np.float64, np.int64, np.uint64]
"""Types of arrays of token ids: whole numbers of 64 bits stay as they are, other types become the first of these."""
_IDS_END = 2**63
_IN_SINGLE_PRECISION = (np.dtype(np.float16), np.dtype(np.float32))


@dataclass(frozen=True, eq=False)
class Sequences:
    """N sequences of one kind.

    Attributes:
        kind: what they are.
        items: texts; or of tokens (T_i,) whole numbers; or of series (T_i, C) numbers, in single precision.
    """

    kind: Kind
    items: Sequence[Any] = field(repr=False)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(N,) how long each is."""
        return np.array([len(item) for item in self.items], dtype=np.int64)

    def take(self, rows: NDArray[np.integer]) -> "Sequences":
        """Those at `rows`, (K,), in that order."""
        return Sequences(self.kind, [self.items[row] for row in rows])


def read_sequences(estimator: Any, X: Any, reads: Reads, *, fitting: bool) -> Sequences:
    """Bring X into one form.

    Args:
        estimator: whose `n_features_in_` and `feature_names_in_` are set, or compared, where X has two dimensions.
        X: a list, an array or a column of texts; a list of series (T_i,) or (T_i, C), or an array (N, T) or (N, T, C);
            a list of token ids (T_i,), or an array (N, T) of them.
        reads: which of these it is; "auto" takes strings for texts and other things for series.
        fitting: whether it is read for `fit`.

    Raises:
        InputError: it is none of these; names the first entry that is not.
        ValueError, TypeError: scikit-learn's own, where X is an array but not of finite numbers.
    """
    _refuse_what_is_no_list(estimator, X)
    if fitting:
        for name in ("n_features_in_", "feature_names_in_"):
            vars(estimator).pop(name, None)
    entries = _entries(_column(X))
    kind = _kind(entries, reads)
    if entries is None:
        series = _series_in_array(estimator, X, fitting, _OF_IDS if kind == "tokens" else np.float32)
        if kind == "tokens":
            return Sequences(kind, [_ids(row[:, 0], number) for number, row in enumerate(series)])
        found = Sequences(kind, series)
        check_series(found, series[0].shape[1])
        _refuse_rounded(X, found)
        return found
    if not len(entries):
        raise InputError("X is empty: there is no sequence. Give at least one.")
    if fitting and kind == "series" and _is_table(entries):
        estimator.n_features_in_ = len(entries[0])
    read_one = {"text": _text, "tokens": _ids, "series": _series}[kind]
    found = Sequences(kind, [read_one(entry, number) for number, entry in enumerate(entries)])
    if kind == "series":
        check_series(found, found.items[0].shape[1])
        _refuse_rounded(entries, found)
    return found


def _refuse_rounded(X: Any, sequences: Sequences) -> None:
    """Refuse series whose numbers are so large and so close together that single precision hides how they change.

    Raises:
        InputError: names the first of them.
    """
    exact = getattr(X, "dtype", None) in _IN_SINGLE_PRECISION
    if exact or max((float(np.nanmax(np.abs(one))) for one in sequences.items), default=0.0) < LARGE:
        return
    given = X.to_numpy(np.float64, na_value=np.nan) if hasattr(X, "iloc") else X
    for number, series in enumerate(sequences.items):
        values = np.asarray(given[number], np.float64).reshape(len(given[number]), -1)[: len(series)]
        channel = rounded_channel(values)
        if channel is not None:
            where = f" in channel {channel} (counted from 0)" if series.shape[1] > 1 else ""
            of_channel = values[~np.isnan(values[:, channel]), channel]
            raise InputError(
                f"X[{number}] has numbers{where} that are too large and too close together for 32-bit precision, "
                f"such as {of_channel[0]:.15g}. {FIX}."
            )


def _refuse_what_is_no_list(estimator: Any, X: Any) -> None:
    """Refuse one text, which could be taken for a list of characters, a sparse matrix of features, and what is no list.

    What converts itself to an array, such as a column of a data frame, is one.
    """
    if isinstance(X, str | bytes):
        raise InputError("X is one text. Give a list, as in [X].")
    if issparse(X):
        raise InputError(
            f"X is a sparse matrix. {type(estimator).__name__} reads texts or series, not features of them, such as "
            "those of a vectorizer: give it the texts or the series themselves."
        )
    if not isinstance(X, list | tuple) and not any(hasattr(X, name) for name in ("__array__", "__array_interface__")):
        raise InputError(f"X is {_named(X)}, and a list or an array was expected.")


def check_series(sequences: Sequences, channels: int) -> None:
    """Make sure that all series have so many channels, a number, and none that is infinite (NaN is a missing one).

    Raises:
        InputError: names the first series that has not, by its position in X.
    """
    for number, series in enumerate(sequences.items):
        if series.shape[1] != channels:
            has = series.shape[1]
            advice = ""
            if has == 1:
                advice = " If X is one series, give [X]."
            elif len({len(one) for one in sequences.items}) == 1:
                advice = " If the arrays are (channels, steps), as in aeon, swap their axes: [one.T for one in X]."
            raise InputError(f"X[{number}] has {has} channel{'s' * (has != 1)}, and {channels} were expected.{advice}")
        if np.isnan(series).all():  # or it has no steps
            raise InputError(f"X[{number}] has no numbers. Leave it out.")
        if np.isinf(series).any():
            step = int(np.flatnonzero(np.isinf(series).any(axis=1))[0])
            raise InputError(
                f"X[{number}] has a number that is infinite, in step {step} (counted from 0). Leave that series out, "
                "or mark the number as missing (NaN)."
            )


def end_to_end(sequences: Sequences) -> NDArray[Any]:
    """All steps of training series, (M, C), row by row in memory: the rounding of sums depends on that order.

    Raises:
        UserError: a channel is missing (NaN) in all of them; names it.
    """
    values = np.ascontiguousarray(np.concatenate(sequences.items))
    refuse_empty_channels(values, [f"{number} (counted from 0)" for number in range(values.shape[1])], "X")
    return values


def holds_texts(X: Any) -> bool:
    """Whether the first entry of X that is not missing is a text."""
    entries = _entries(_column(X)) or ()
    return isinstance(next((entry for entry in entries if hasattr(entry, "__len__")), None), str | bytes)


def _column(X: Any) -> Any:
    """The one column of a data frame or an array of texts; a table with a row for each time step is refused.

    Raises:
        InputError: X is such a table, or has several columns and texts, dates or sequences in one of them.
    """
    names = [str(name) for name in getattr(X, "columns", ())]
    if len(getattr(X, "shape", ())) != 2 or not (names or isinstance(X, np.ndarray)):
        return X  # scikit-learn says what is wrong with it
    series = usual(names, SERIES_NAMES)
    if series is not None and len(names) > 1:
        values = np.asarray(X[series]).tolist()
        if len(set(values)) < len(values):
            raise InputError(
                f"X is a table in which values of column {series} recur: a row for each time step. Give a list of "
                f"series, as in [part.drop(columns={series!r}).to_numpy() for _, part in X.groupby({series!r}, "
                "sort=False)]."
            )
    array = np.asarray(X)
    if array.dtype.kind not in "OSUTM":
        _refuse_steps_of_sktime(X, names)
        return X
    if not array.size:
        return X
    if array.shape[1] == 1 and array.dtype.kind != "M":
        return array[:, 0]
    row = array[0].astype("datetime64[us]") if array.dtype.kind == "M" else array[0]  # whose list holds dates
    _refuse_other_columns(row.tolist(), names)
    return X


def _refuse_steps_of_sktime(X: Any, names: Sequence[str]) -> None:
    """Refuse a data frame whose index has several levels, such as series and time, unless its columns are numbered."""
    levels = getattr(getattr(X, "index", None), "nlevels", 1)
    if levels == 1 or (len(names) > 1 and are_numbered(names)):
        return
    outer = "0" if levels == 2 else str([*range(levels - 1)])
    raise InputError(
        f"X has an index of {levels} levels, as sktime's tables with a row for each time step have. Give a list of "
        f"series, as in [part.to_numpy() for _, part in X.groupby(level={outer}, sort=False)]. If each row is a "
        "series, leave the index out: X.to_numpy()."
    )


def _refuse_other_columns(row: Sequence[Any], names: Sequence[str]) -> None:
    """Refuse a table with texts, dates or sequences in its first row, of which `names` may name the columns."""

    def column(place: int) -> str:
        return f"X[{names[place]!r}]" if names else f"X[:, {place}]"

    texts = [place for place, cell in enumerate(row) if isinstance(cell, str)]
    if len(texts) == 1:
        raise InputError(
            f"X has {len(row)} columns, one of which holds texts. To read these, give it alone: {column(texts[0])}. To "
            "read the other columns, leave it out, or turn it into numbers (pandas.to_numeric)."
        )
    if texts:
        raise InputError(
            f"X has {len(row)} columns, {len(texts)} of which hold texts. Give one of these alone, such as "
            f"{column(texts[0])}, or join the texts of each row into one."
        )
    dates = [place for place, cell in enumerate(row) if isinstance(cell, date | timedelta)]
    if dates:
        what = "dates" if isinstance(row[dates[0]], date) else "durations"
        raise InputError(f"{column(dates[0])} holds {what}, and numbers were expected. Leave that column out.")
    nested = [place for place, cell in enumerate(row) if hasattr(cell, "__len__") and not isinstance(cell, dict)]
    if nested:
        raise InputError(
            f"{column(nested[0])} holds a sequence in each cell. Give an array (steps, channels) for each series, as "
            f"in [np.column_stack(row) for row in {'X.to_numpy()' if names else 'X'}]."
        )


def _entries(X: Any) -> Sequence[Any] | None:
    """The entries of a list, or of an array or a column of strings or of things; None for an array of numbers."""
    if isinstance(X, list | tuple):
        return X
    if not hasattr(X, "__array__"):  # check_array says what is wrong with it
        return None
    array = np.asarray(X)
    if array.ndim == 1 and array.dtype.kind in "OSUT":
        entries: list[Any] = array.tolist()
        return entries
    return None


def _kind(entries: Sequence[Any] | None, reads: Reads) -> Kind:
    if reads != "auto":
        if entries is None and reads == "text":
            raise InputError("X holds no texts, and texts were expected. Give a list of strings.")
        return reads
    if not entries:
        return "series"
    if holds_texts(entries):
        return "text"
    first = entries[0]
    array = None if first is None else np.asarray(first)
    if array is not None and array.ndim == 1 and array.dtype.kind in "iu" and len(array):
        raise InputError(
            "X[0] is a list of whole numbers: are these token ids or measurements? For measurements, set "
            "reads='series'; for token ids, reads='tokens' (SequenceClassifier and SequenceRegressor only)."
        )
    return "series"


def _is_table(entries: Sequence[Any]) -> bool:
    """Whether a list holds lists of equally many numbers: to scikit-learn an array (N, T), which has T features."""
    rows = all(isinstance(entry, list | tuple) and entry and np.isscalar(entry[0]) for entry in entries)
    return rows and len({len(entry) for entry in entries}) == 1


def _series_in_array(estimator: Any, X: Any, fitting: bool, dtype: Any) -> list[NDArray[np.floating]]:
    """The rows of an array (N, T) or (N, T, C); steps of NaN at the end are not there."""
    dimensions = len(getattr(X, "shape", ()))
    if dimensions > 3:
        raise InputError(
            f"X has {dimensions} dimensions. Give an array (N, T) or (N, T, C) of N series with T steps and C channels."
        )
    try:
        with np.errstate(over="ignore"):  # infinity, which is refused
            if dimensions == 3:
                array = check_array(X, dtype=dtype, allow_nd=True, ensure_all_finite="allow-nan", input_name="X")
            else:
                array = validate_data(estimator, X, reset=fitting, dtype=dtype, ensure_all_finite="allow-nan")[
                    :, :, None
                ]
    except ValueError as error:
        raise _with_row(X, error) from error
    number_of_step = np.arange(1, array.shape[1] + 1)
    ends = (present_steps(array) * number_of_step).max(axis=1)  # the last step that is there
    return [row[:end] for row, end in zip(array, ends, strict=True)]


def _with_row(X: Any, error: ValueError) -> ValueError:
    """Say in which row of X the first number stands that is infinite, where that is what the error is about."""
    if "infinity" not in str(error):
        return error
    try:
        with np.errstate(over="ignore"):
            row, step = np.argwhere(np.isinf(np.asarray(X, dtype=np.float32)))[0, :2]
    except (TypeError, ValueError, IndexError):
        return error
    first = str(error).splitlines()[0].rstrip(".")
    large = np.isfinite(np.asarray(X, dtype=np.float64)[row, step]).all()
    what = "too large" if large else "infinite"
    return InputError(f"{first}: X[{row}] has a number that is {what}, in step {step} (counted from 0).")


def _text(entry: Any, number: int) -> str:
    if isinstance(entry, bytes):
        raise InputError(f"X[{number}] is bytes, and a text was expected. Decode it, as in X[{number}].decode().")
    if not isinstance(entry, str):
        raise InputError(f"X[{number}] is {_named(entry)}, and a text was expected. Leave it out, or give '' for it.")
    return entry


def _ids(entry: Any, number: int) -> NDArray[np.int64]:
    array = _array(entry, number)
    if array.dtype.kind in "uf" and (array >= _IDS_END).any():
        raise InputError(
            f"X[{number}] has the token id {array.max():,}, and the largest that can be read is {_IDS_END - 1:,}. Give "
            "smaller ids."
        )
    if array.ndim == 1 and (len(array) == 0 or array.dtype.kind in "iu" or np.array_equal(array, np.round(array))):
        return array.astype(np.int64)
    if array.ndim == 1:
        wrong = array[array != np.round(array)][0]
        raise InputError(f"X[{number}] contains {wrong:g}; token ids must be whole numbers.")
    raise InputError(f"X[{number}] is {_named(entry)}, and a list of token ids, whole numbers, was expected.")


def _series(entry: Any, number: int) -> NDArray[np.floating]:
    array = _array(entry, number)
    if array.ndim not in (1, 2):
        raise InputError(
            f"X[{number}] is {_named(entry)}, and a series was expected: (steps,) or (steps, channels) numbers."
        )
    with np.errstate(over="ignore"):  # infinity, which `check_series` names
        single = array.astype(np.float32, copy=False)
    return single[:, None] if single.ndim == 1 else single


def _array(entry: Any, number: int) -> NDArray[Any]:
    try:
        array = np.asarray(entry)
        if array.dtype.kind not in "fiub":
            array = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        words = isinstance(entry, list | tuple) and all(isinstance(one, str) for one in entry)
        advice = f" If these are the words of a text, join them: ' '.join(X[{number}])." if words else ""
        raise InputError(f"X[{number}] is {_named(entry)}, and numbers were expected.{advice}") from error
    return array


def _named(entry: Any) -> str:
    if entry is None:
        return "None"
    name = type(entry).__name__
    if name in MISSING_IN_PANDAS or (isinstance(entry, float) and math.isnan(entry)):
        return "missing (NaN)" if isinstance(entry, float) else f"missing ({entry})"
    shape = np.shape(entry) if hasattr(entry, "__array__") else ()
    if shape:
        return f"an array of shape {shape}"
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
