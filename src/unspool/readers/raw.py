"""Raw examples as they are, for models that have a reader of their own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from unspool.data.texts.side_columns import NO_SIDE, SideColumns, TextRow
from unspool.errors import UserError
from unspool.readers.definition import SavedReader, numbers
from unspool.readers.series import ReaderOfChannels


@dataclass(frozen=True, eq=False)
class RawExamples(Sequence[Any]):
    """N texts, N lists of words, or N series (T_i, C).

    Example:
        >>> RawExamples(["a", "b", "c"]).take(np.array([2, 0])).items
        ['c', 'a']
    """

    items: list[Any] = field(repr=False)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return RawExamples(self.items[index])
        return self.items[index] if isinstance(index, int) else self.take(index)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(N,) characters, words, or time steps."""
        return np.array([len(item) for item in self.items], dtype=np.int64)

    def take(self, positions: NDArray[np.integer]) -> "RawExamples":
        """Those at `positions`, (K,), in that order."""
        return RawExamples([self.items[position] for position in positions])

    def with_more(self, other: "RawExamples") -> "RawExamples":
        """The examples of both, those of `other` last."""
        return RawExamples([*self.items, *other.items])


@dataclass(frozen=True)
class RawTextReader(SavedReader):
    """Hands texts on as they are, with the cells beside them.

    Attributes:
        side: the columns beside the text.
    """

    kind: ClassVar = "raw text"

    side: SideColumns = NO_SIDE

    def read(self, texts: Iterable[str]) -> RawExamples:
        """N texts, each a `TextRow` where there are columns beside them.

        Raises:
            UserError: a text comes without its cells.
        """
        found = list(texts)
        if self.side and not all(isinstance(text, TextRow) for text in found):
            raise UserError(
                f"This model reads columns beside the text ({self.side.in_words()}). Give a file, a data frame or "
                "a list of dicts that has them."
            )
        return RawExamples(found)

    def content(self) -> dict[str, Any]:
        """What reader.json says beside the kind."""
        return asdict(self.side) if self.side else {}

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any]) -> Self:
        """Read what `save` wrote."""
        numeric, categorical = (tuple(map(str, content.get(name, ()))) for name in ("numeric", "categorical"))
        return cls(SideColumns(numeric, categorical))

    @property
    def described(self) -> str:
        """What is read of a text, in words."""
        return f"whole texts; beside them {self.side.in_words()}" if self.side else "whole texts"


@dataclass(frozen=True)
class RawWordReader(SavedReader):
    """Passes lists of words on as they are."""

    kind: ClassVar = "raw words"

    def read(self, texts: Iterable[Sequence[str]]) -> RawExamples:
        """N tuples of words."""
        return RawExamples([tuple(words) for words in texts])

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any]) -> Self:
        """Read what `save` wrote."""
        return cls()

    @property
    def described(self) -> str:
        """What is read of a text, in words."""
        return "words by their forms (word, spelling, endings and beginnings) and by their neighbours"


@dataclass(frozen=True)
class RawSeriesReader(ReaderOfChannels):
    """Hands series on as they are, but for missing numbers, which are filled in.

    Attributes:
        channels: their names.
        mean: of each channel, over all steps of the training series; None in models of an earlier version.
    """

    kind: ClassVar = "raw series"

    channels: tuple[str, ...]
    mean: tuple[float, ...] | None = field(default=None, repr=False)

    def read_series(self, series: Sequence[NDArray[np.floating]]) -> RawExamples:
        """N series (T_i, C).

        Example:
            >>> RawSeriesReader(("x",), (5.0,)).read_series([np.array([[1.0], [np.nan], [3.0]])])[0].tolist()
            [[1.0], [2.0], [3.0]]
        """
        return RawExamples([one.astype(np.float32, copy=False) for one in self.filled(series)])

    def content(self) -> dict[str, Any]:
        """What reader.json says beside the kind."""
        return {"channels": self.channels} | ({} if self.mean is None else {"mean": self.mean})

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any]) -> Self:
        """Read what `save` wrote; `content` is that of reader.json."""
        channels = tuple(map(str, content["channels"]))
        mean = numbers(content["mean"]) if "mean" in content else None
        if mean is not None and len(mean) != len(channels):
            raise ValueError("mean does not suit the channels")
        return cls(channels, mean)

    @property
    def described(self) -> str:
        """What is read of a series, in words."""
        channels = len(self.channels)
        return f"whole series of {channels} channel{'s' if channels > 1 else ''}"
