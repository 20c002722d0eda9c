"""What a file with series holds, whatever its kind."""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import fingerprint
from unspool.data.labels import Label
from unspool.data.parts import Parts
from unspool.data.ragged import offsets_of
from unspool.data.series.clock import Clock
from unspool.data.tables.problems import Flaw, OnError, Place, Problem, Reason, settle
from unspool.errors import UserError


@dataclass(frozen=True, slots=True, eq=False)
class LabelledSeries:
    """N series of different lengths, end to end, with a label each.

    Series i is `values[offsets[i]:offsets[i + 1]]`.

    Attributes:
        path: of the file.
        values: (M, C) float32, finite, or NaN where a number is missing.
        offsets: (N + 1,) where each series begins; the last is M.
        labels: N labels.
        names: what the file calls each of the N series.
        channels: the names of the C channels.
        groups: (N,) a number for the group of each, or None.
        parts: (N,) the part that the file says, or None.
        times: (N,) when each was recorded, as the numbers of `cell_values.time_of`, or None.
        left_out: how many series cannot be used, by reason.
        clock: how far apart steps are, or None where it is not known when they were.
        files: (N,) which file each comes from: 0 for `path`, 1 for a validation file, 2 for a test file; or None where
            there is only `path`.
        notes: what to say about how the file was read, each a sentence without its full stop.
        rows: (M,) the row of each step in the file, from 1, or None where steps have no rows of their own.
        named_by: the columns that together hold the name of each series, if there are several.
        group_beside: a column that may say which series belong together, though it was not named as the group.
    """

    path: Path
    values: NDArray[np.float32] = field(repr=False)
    offsets: NDArray[np.int64] = field(repr=False)
    labels: list[Label] = field(repr=False)
    names: list[str] = field(repr=False)
    channels: tuple[str, ...]
    groups: NDArray[np.int64] | None = field(default=None, repr=False)
    parts: Parts | None = field(default=None, repr=False)
    times: NDArray[np.float64] | None = field(default=None, repr=False)
    left_out: Counter[Reason] = field(default_factory=Counter)
    clock: Clock | None = None
    files: NDArray[np.int8] | None = None
    notes: tuple[str, ...] = ()
    rows: NDArray[np.int64] | None = field(default=None, repr=False)
    named_by: tuple[str, ...] = ()
    group_beside: str | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(N,) how many time steps each series has."""
        return np.diff(self.offsets)

    def take(self, positions: NDArray[np.int64]) -> "LabelledSeries":
        """Return some of the series, (K,), in that order."""
        spans = [np.arange(self.offsets[position], self.offsets[position + 1]) for position in positions]
        steps = np.concatenate(spans) if spans else np.empty(0, np.int64)
        return replace(
            self,
            values=self.values[steps],
            offsets=offsets_of(self.lengths[positions]),
            labels=[self.labels[position] for position in positions],
            names=[self.names[position] for position in positions],
            groups=None if self.groups is None else self.groups[positions],
            parts=None if self.parts is None else self.parts[positions],
            times=None if self.times is None else self.times[positions],
            files=None if self.files is None else self.files[positions],
            rows=None if self.rows is None else self.rows[steps],
        )

    def without(self, flaws: dict[int, Flaw], on_error: OnError) -> "LabelledSeries":
        """Leave out the series at the positions of `flaws`.

        Raises:
            UserError: there is a flaw and `on_error` is "stop"; or no series is left.
        """
        if not flaws:
            return self
        places = {position: Place(position + 1, self.names[position], "series") for position in flaws}
        settle((Problem(flaw, places[position]) for position, flaw in flaws.items()), self.path, on_error)
        if len(flaws) == len(self):
            raise UserError(f"{self.path}: no series can be used.")
        kept = self.take(np.setdiff1d(np.arange(len(self)), list(flaws)))
        return replace(kept, left_out=self.left_out + Counter(flaw.reason for flaw in flaws.values()))

    def arrays(self, positions: NDArray[np.int64]) -> list[NDArray[np.float32]]:
        """Return some of the series, (K,), each (T_i, C)."""
        return [self.values[self.offsets[position] : self.offsets[position + 1]] for position in positions]

    def prints(self) -> NDArray[np.int64]:
        """Return (N,) fingerprints, equal for series with equal values."""
        bounds = zip(self.offsets, self.offsets[1:], strict=False)
        return np.array([fingerprint(self.values[begin:end].tobytes()) for begin, end in bounds], dtype=np.int64)

    def padded(self, positions: NDArray[np.int64], length: int | None = None) -> NDArray[np.float32]:
        """Return some of the series as one array, what is beyond their ends as NaN.

        Args:
            positions: (K,) of the series.
            length: T, in time steps; None takes the longest. Of a longer series the last T steps are kept.

        Returns:
            (K, T, C)
        """
        length = int(self.lengths[positions].max(initial=1)) if length is None else length
        found = np.full((len(positions), length, len(self.channels)), np.nan, dtype=np.float32)
        for row, series in enumerate(one[-length:] for one in self.arrays(positions)):
            found[row, : len(series)] = series
        return found
