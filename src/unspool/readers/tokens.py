"""A person's own token ids to those that a model takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import Ragged
from unspool.data.texts.length import choose_length
from unspool.data.tokenizers.vocabulary import INDEX_FROM, UNKNOWN
from unspool.descriptions.inputs import Tokens
from unspool.readers.definition import SavedReader, positive

_FIRST = INDEX_FROM + 1


@dataclass(frozen=True, eq=False)
class TokenReader(SavedReader):
    """Turns a person's own token ids, any whole numbers, into those that a model takes.

    Attributes:
        known: (K,) the ids of the training sequences, rising; the model's own are 4, 5, 6, ...; all others are the
            unknown token.
        length: ids of a sequence that are read at most: the last ones.
    """

    kind: ClassVar = "tokens"

    known: NDArray[np.int64] = field(repr=False)
    length: int

    @classmethod
    def fit(cls, sequences: Sequence[NDArray[np.int64]], size: int | None, length: int | None) -> "TokenReader":
        """Take the most frequent ids of the training sequences: all, or as many as make a vocabulary of `size`."""
        ids, counts = np.unique(_end_to_end(sequences), return_counts=True)
        most = len(ids) if size is None else max(size - _FIRST, 0)
        return cls(
            np.sort(ids[np.argsort(-counts, kind="stable")[:most]]), length or choose_length(_lengths(sequences))
        )

    @property
    def inputs(self) -> Tokens:
        """What the model is built for."""
        return Tokens(size=len(self.known) + _FIRST)

    def read(self, sequences: Sequence[NDArray[np.int64]]) -> Ragged:
        """Turn N sequences of ids into N sequences of at most `length` ids.

        Example:
            >>> reader = TokenReader(np.array([10, 70]), length=2)
            >>> reader.read([np.array([10, 70, 80])]).tolist()
            [[5, 2]]
        """
        ids = _end_to_end(sequences)
        places = np.searchsorted(self.known, ids)
        is_known = np.isin(ids, self.known)
        found = np.where(is_known, places + _FIRST, UNKNOWN).astype(np.int32)
        return Ragged.from_lengths(found, _lengths(sequences)).last(self.length)

    def content(self) -> dict[str, Any]:
        """What reader.json says beside the kind."""
        return {"known": self.known.tolist(), "length": self.length}

    @classmethod
    def load(cls, folder: Path, content: dict[str, Any]) -> Self:
        """Read what `save` wrote; `content` is that of reader.json."""
        known = np.array(content["known"], dtype=np.int64)
        if known.ndim != 1 or (np.diff(known) <= 0).any():
            raise ValueError("the known ids do not rise")
        return cls(known, positive(content["length"]))

    @property
    def described(self) -> str:
        """What is read of a sequence, in words."""
        return f"{len(self.known):,} different ids, the last {self.length:,} of a sequence"


def _lengths(sequences: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.array([len(sequence) for sequence in sequences], dtype=np.int64)


def _end_to_end(sequences: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate(sequences) if len(sequences) else np.zeros(0, dtype=np.int64)
