"""Series from a NumPy .npz file."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import TimesOfColumn, fingerprint, part_of
from unspool.data.labels import Label, label_of
from unspool.data.npz_arrays import FORM, require_array
from unspool.data.ragged import offsets_of
from unspool.data.series.labelled import LabelledSeries
from unspool.data.series.rounded import rounded, rounded_channel
from unspool.data.source import Given, Source
from unspool.data.tables.problems import Flaw, OnError, Place, Problem, Reason, settle
from unspool.errors import UserError


def read_npz(
    given: Given, on_error: OnError = "stop", labelled: bool = True, tags: bool = False, parted: bool = True
) -> LabelledSeries:
    """Read series from the arrays `x`, `y` and, where they are there, the others that are named in `ARRAYS`.

    Without lengths, steps at the end of a series that are NaN in all channels are padding, and no part of it.

    Args:
        given: the file.
        on_error: what is done about a series that cannot be used: "stop" at it, or "skip" it and count it.
        labelled: whether `y` is needed; else it is not looked at, and all labels are "0".
        tags: whether `y` has a tag for each step, see `holds_tags`: the label of a series is then the list of them.
        parted: whether `times` and `split` are looked at.

    Raises:
        UserError: the file cannot be read or lacks an array, the arrays do not fit each other, no series is usable, or
            one is not and `on_error` is "stop".
    """
    source = Source.of(given, on_error)
    path, arrays = source.path, dict(source.arrays)
    if labelled:
        require_array(path, arrays, "y")
    flat, offsets = _sequences(path, arrays)
    count = len(offsets) - 1
    if not parted:
        arrays = {name: array for name, array in arrays.items() if name not in ("times", "split")}
    if not labelled:
        arrays["y"] = np.zeros(count, dtype=np.int64)
    y = arrays.pop("y")
    if labelled and tags and not _has_a_tag_a_step(arrays | {"y": y}):
        raise UserError(f"{path} has no tag for each step: y has the shape {y.shape}, x {arrays['x'].shape}.")
    if not (labelled and tags):
        arrays["y"] = y
    for name in ("y", "groups", "times", "split"):
        if name in arrays and arrays[name].shape[:1] != (count,):
            raise UserError(f"{path}: {name} has the shape {arrays[name].shape}, but there are {count:,} series.")
    channels = tuple(map(str, arrays["channels"])) if "channels" in arrays else tuple(map(str, range(flat.shape[1])))
    if len(channels) != flat.shape[1]:
        raise UserError(f"{path}: channels has {len(channels)} names, but x has {flat.shape[1]} channels.")
    labels = [label_of(value) for value in y.tolist()] if "y" in arrays else _tags(y, offsets)
    parts = [part_of(value, "split") for value in arrays["split"].tolist()] if "split" in arrays else [0] * count
    clock = TimesOfColumn()
    times = [clock.read(value, "times") for value in arrays["times"].tolist()] if "times" in arrays else [0.0] * count
    with np.errstate(over="ignore"):
        values = flat.astype(np.float32)
    flaws: dict[int, Flaw] = {}
    for position in range(count):
        steps = slice(offsets[position], offsets[position + 1])
        flaw = _flaw(flat[steps], values[steps], channels, labels[position], parts[position], times[position])
        if flaw is not None:
            flaws[position] = flaw
    settle((Problem(flaw, Place(position + 1, what="series")) for position, flaw in flaws.items()), path, on_error)
    kept = np.setdiff1d(np.arange(count), list(flaws))
    if not len(kept):
        raise UserError(f"{path}: no series can be used.")
    usable: list[Label] = ["" if isinstance(label, Flaw) else label for label in labels]
    found = LabelledSeries(
        path,
        values,
        offsets,
        usable,
        [str(position + 1) for position in range(count)],
        channels,
        np.array([fingerprint(str(group)) for group in arrays["groups"].tolist()]) if "groups" in arrays else None,
        np.array([0 if isinstance(part, Flaw) else part for part in parts], np.int8) if "split" in arrays else None,
        np.array([0.0 if isinstance(time, Flaw) else time for time in times]) if "times" in arrays else None,
        Counter(flaw.reason for flaw in flaws.values()),
    )
    return found.take(kept) if flaws else found


def holds_tags(given: Given) -> bool:
    """Tell whether a .npz file has a tag for each step: `y` is (series, steps), or as long as all steps end to end.

    Raises:
        UserError: the file cannot be read.
    """
    source = Source.of(given)
    return source.path.suffix.lower() == ".npz" and _has_a_tag_a_step(source.arrays)


def _has_a_tag_a_step(arrays: dict[str, NDArray[Any]]) -> bool:
    x, y, lengths = arrays["x"], arrays.get("y"), arrays.get("lengths")
    if y is None:
        return False
    if y.ndim == 2:
        return y.shape == x.shape[:2] and (x.ndim == 3 or lengths is None or len(lengths) == len(x))
    end_to_end = x.ndim == 2 and lengths is not None and lengths.ndim == 1 and lengths.sum() == len(x)
    return bool(end_to_end and y.shape == x.shape[:1] and lengths is not None and len(lengths) < len(x))


def _tags(y: NDArray[Any], offsets: NDArray[np.int64]) -> list[Label | Flaw]:
    """The tags of each series as its label."""
    lengths = np.diff(offsets)
    found: list[Label | Flaw] = []
    for number, length in enumerate(lengths.tolist()):
        steps = y[number, :length] if y.ndim == 2 else y[offsets[number] : offsets[number + 1]]
        tags = [label_of(tag) for tag in steps.tolist()]
        flaw = next((tag for tag in tags if isinstance(tag, Flaw)), None)
        found.append(flaw if flaw is not None else tuple(tag for tag in tags if isinstance(tag, str)))
    return found


def _sequences(path: Path, arrays: dict[str, NDArray[Any]]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the steps of all series end to end, (M, C), and where each series begins, (N + 1,)."""
    x, lengths = arrays["x"], arrays.get("lengths")
    if x.dtype.kind not in "fiub":
        raise UserError(f"{path}: x holds {x.dtype}, not numbers. It needs {FORM}.")
    if lengths is not None and (lengths.dtype.kind not in "iu" or lengths.ndim != 1 or (lengths < 0).any()):
        raise UserError(f"{path}: lengths must be whole numbers, one for each series.")
    if x.ndim == 2 and lengths is not None and lengths.sum() == len(x):
        return x, offsets_of(lengths)
    if x.ndim == 2:
        x = x[:, :, np.newaxis]
    end_to_end = lengths is not None and len(lengths) != len(x) == lengths.sum()
    if x.ndim > 3 or (x.ndim == 3 and end_to_end):
        flat = f"x.reshape({len(x)}, -1)" if end_to_end else f"x.reshape({len(x)}, {x.shape[1]}, -1)"
        raise UserError(
            f"{path}: x has the shape {x.shape}. If each step is an image or another array, flatten it: {flat}."
        )
    if x.ndim != 3:
        raise UserError(f"{path}: x has the shape {x.shape}. It needs {FORM}.")
    if lengths is None:
        there = ~np.isnan(x).all(axis=2) if x.dtype.kind == "f" else np.ones(x.shape[:2], dtype=bool)
        lengths = (there * np.arange(1, x.shape[1] + 1)).max(axis=1, initial=0)
    if len(lengths) != len(x) or (len(lengths) and lengths.max() > x.shape[1]):
        raise UserError(f"{path}: lengths do not fit x, which has the shape {arrays['x'].shape}. It needs {FORM}.")
    kept = np.arange(x.shape[1]) < lengths[:, np.newaxis]
    return x[kept], offsets_of(lengths)


def _flaw(
    series: NDArray[Any], values: NDArray[np.float32], channels: tuple[str, ...], *facts: Label | float | Flaw
) -> Flaw | None:
    """What is wrong with a series, given as it is and in 32 bits, or with its label, part or time."""
    for fact in facts:
        if isinstance(fact, Flaw):
            return fact
    if not len(series):
        return Flaw(Reason.RAGGED, "the series has no steps")
    if np.isnan(values).all():
        return Flaw(Reason.NO_VALUE, "the series has no number")
    if np.isinf(values).any():
        step, channel = np.argwhere(np.isinf(values))[0]
        number = series[step, channel]
        beyond = ", which is too large for 32 bits" if np.isfinite(number) else ""
        return Flaw(Reason.NOT_FINITE, f"step {step + 1} is {number}{beyond}", f"channel {channels[channel]}")
    hidden = rounded_channel(series)
    return None if hidden is None else rounded("the series", f"channel {channels[hidden]}")
