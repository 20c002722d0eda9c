"""A person's file, opened once however many look at it."""

from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from numpy.typing import NDArray

from unspool.data.npz_arrays import load_arrays
from unspool.data.tables.notation import Decimal
from unspool.data.tables.numbered_dates import Dates
from unspool.data.tables.problems import OnError
from unspool.data.tables.table import Table, read_table
from unspool.files import expanded


@dataclass(frozen=True)
class Source:
    """A file or folder with examples.

    Attributes:
        path: of it.
        on_error: what is done about an example that cannot be used: "stop" at it, or "skip" it and count it.
        dates: see `read_table`.
        times: see `read_table`.
        label: see `read_table`.
        series: see `read_table`.
        decimal: see `read_table`.
    """

    path: Path
    on_error: OnError = "stop"
    dates: Dates | None = None
    times: tuple[str | None, ...] = ()
    label: str | None = None
    series: str | None = None
    decimal: Decimal | None = None

    @classmethod
    def of(cls, given: "Given", on_error: OnError = "stop") -> "Source":
        """A source as it is, or that at a path."""
        return given if isinstance(given, Source) else cls(expanded(given), on_error)

    @cached_property
    def table(self) -> Table:
        """Its table.

        Raises:
            UserError: see `read_table`.
        """
        known: dict[str, Any] = {"dates": self.dates, "decimal": self.decimal}
        joined: dict[str, Any] = {"times": self.times, "label": self.label, "series": self.series}
        return read_table(self.path, self.on_error, **known, **joined)

    @cached_property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """Its arrays, where it is a .npz file.

        Raises:
            UserError: see `load_arrays`.
        """
        return load_arrays(self.path)


Given: TypeAlias = str | PathLike[str] | Source
"""What functions that read a file take."""
