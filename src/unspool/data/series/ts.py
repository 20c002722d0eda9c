"""Series from a .ts file, the format of sktime and aeon: one series a line, its channels parted by colons."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from unspool import files
from unspool.data.labels import Label, label_of
from unspool.data.ragged import offsets_of
from unspool.data.series.labelled import LabelledSeries
from unspool.data.series.wide import steps_of
from unspool.data.tables.cells import byte_flaw
from unspool.data.tables.lines import Lines, LongLine, open_lines
from unspool.data.tables.problems import MAX_LINE, Flaw, OnError, Place, Problem, Reason, settle
from unspool.errors import UserError

LabelKind = Literal["classes", "numbers"]

ENDING = ".ts"
_DATA = "@data"
_COMMENT = ("#", "%")
_LABELS: dict[str, LabelKind] = {"@classlabel": "classes", "@targetlabel": "numbers"}


def read_ts(path: Path, on_error: OnError = "stop", labelled: bool = True) -> LabelledSeries:
    """Read series of one or several channels, of equal or different lengths, with class labels or target values.

    Values of NaN or "?" at the end of a series are no steps; before that they are missing numbers. Channels are named
    "0", "1", ..., as those of a .npz file.

    Args:
        path: of the file.
        on_error: what is done about a series that cannot be used: "stop" at it, or "skip" it and count it.
        labelled: whether labels are needed; else they are not looked at, and all labels are "0".

    Raises:
        UserError: the file cannot be read, is no .ts file, has time stamps or no labels, no series is usable, or one
            is not and `on_error` is "stop".

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "walks.ts"
        >>> _ = path.write_text("@univariate false\\n@classLabel true a b\\n@data\\n1,2:3,4:a\\n5:6:b\\n")
        >>> series = read_ts(path)
        >>> series.labels, series.lengths.tolist(), series.channels
        (['a', 'b'], [2, 1], ('0', '1'))
    """
    files.refuse_special(path)
    with open_lines(path) as lines:
        labels = _header(path, lines)
        if labelled and labels is None:
            raise UserError(f"{path} says that it has no labels. Give one with @classLabel or @targetLabel.")
        reading = _Reading(labels is not None, labelled)
        while (problem := reading.add_line(lines)) is not _END:
            if isinstance(problem, Problem):
                settle([problem], path, on_error)
                reading.left_out[problem.flaw.reason] += 1
    if not reading.series:
        raise UserError(f"{path}: no series can be used.")
    return LabelledSeries(
        path,
        np.concatenate(reading.series),
        offsets_of([len(one) for one in reading.series]),
        reading.labels,
        reading.names,
        tuple(map(str, range(reading.series[0].shape[1]))),
        left_out=reading.left_out,
    )


def label_kind(path: Path) -> LabelKind | None:
    """Tell from the head of a .ts file whether its labels are classes or numbers; None if it has none.

    Raises:
        UserError: the file cannot be read, or is no .ts file.
    """
    with open_lines(path) as lines:
        return _header(path, lines)


def _header(path: Path, lines: Lines) -> LabelKind | None:
    """Read up to the line "@data", and tell what the label is that ends each line behind it."""
    found: LabelKind | None = None
    try:
        for line in lines:
            words = line.strip().lower().split()
            if not words or words[0].startswith(_COMMENT):
                continue
            if words[0] == _DATA:
                return found
            if not words[0].startswith("@"):
                break
            if words[0] == "@timestamps" and words[1:] == ["true"]:
                raise UserError(
                    f"{path} has time stamps, which are not read. Write it without them: values at equal distances."
                )
            if words[0] in _LABELS and words[1:2] == ["true"]:
                found = _LABELS[words[0]]
    except LongLine:
        pass
    raise UserError(
        f"{path} is no .ts file: its head of lines that begin with @, the last of them @data, ends at line "
        f"{lines.number}."
    )


_END = object()


class _Reading:
    """What is gathered while the lines go by."""

    def __init__(self, has_labels: bool, labelled: bool) -> None:
        self.has_labels, self.labelled = has_labels, labelled
        self.series: list[NDArray[np.float32]] = []  # each (T_i, C)
        self.labels: list[Label] = []
        self.names: list[str] = []
        self.left_out: Counter[Reason] = Counter()
        self._count = 0

    def add_line(self, lines: Lines) -> Problem | object | None:
        """Add a line, and tell what is wrong with it, or that there is none left."""
        lines.begin_record()
        try:
            line = next(lines).strip()
        except StopIteration:
            return _END
        except LongLine:
            self._count += 1
            flaw = Flaw(Reason.TOO_LONG, f"the line has over {MAX_LINE:,} bytes")
            return Problem(flaw, Place(self._count, lines.number, "series"))
        if not line or line.startswith(_COMMENT):
            return None
        self._count += 1
        found = self._parsed(line)
        if isinstance(found, Flaw):
            return Problem(found, Place(self._count, lines.number, "series"))
        series, label = found
        self.series.append(series)
        self.labels.append(label)
        self.names.append(str(self._count))
        return None

    def _parsed(self, line: str) -> tuple[NDArray[np.float32], Label] | Flaw:
        flaw = byte_flaw(line)
        if flaw is not None:
            return flaw
        fields = line.split(":")
        label: Label | Flaw = label_of(fields.pop()) if self.has_labels else "0"
        if not self.labelled:
            label = "0"
        if isinstance(label, Flaw):
            return label
        channels: list[NDArray[np.float32]] = []
        cells = [field.split(",") for field in fields]
        for number, its_cells in enumerate(cells):
            steps = _channel(its_cells, number)
            if isinstance(steps, Flaw):
                return steps
            channels.append(steps)
        length = max(map(len, channels), default=0)
        if not channels or min(map(len, cells)) < length:
            lengths = " and ".join(str(len(one)) for one in channels) or "no"
            return Flaw(Reason.RAGGED, f"its channels have {lengths} steps")
        if not length:
            return Flaw(Reason.NO_VALUE, "the series has no steps")
        channels = [np.pad(one, (0, length - len(one)), constant_values=np.nan) for one in channels]
        if self.series and len(channels) != self.series[0].shape[1]:
            return Flaw(Reason.RAGGED, f"it has {len(channels)} channels and the first one {self.series[0].shape[1]}")
        return np.stack(channels, axis=1), label


def _channel(cells: list[str], number: int) -> NDArray[np.float32] | Flaw:
    """The (T,) numbers of a channel, up to the last one that is there."""
    known: list[Any] = [None if cell.strip() == "?" else cell for cell in cells]
    steps = steps_of(known, [f"channel {number}"] * len(cells))
    if isinstance(steps, Flaw) and steps.reason is Reason.NO_VALUE:
        return np.zeros(0, dtype=np.float32)
    if isinstance(steps, Flaw) and steps.reason is Reason.ROUNDED:
        return replace(steps, column=f"channel {number}")
    return steps
