"""How an estimator reads its sequences: fixed on the training part, and kept with what was learned."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.data.length import choose_length
from unspool.data.ragged import Ragged
from unspool.data.tokenizer import fit_tokenizer
from unspool.data.vocabulary import INDEX_FROM, UNKNOWN
from unspool.data.word_tokenizer import WordTokenizer
from unspool.estimators.errors import InputError
from unspool.estimators.inputs import Sequences
from unspool.estimators.settings import Settings
from unspool.experiment.own.reading import Inputs, SeriesReader, TextReader, last
from unspool.models.inputs import Tokens
from unspool.models.series import pad_series

_FIRST = INDEX_FROM + 1


@dataclass(frozen=True, eq=False)
class TokenReader:
    """Turns a person's own token ids, any whole numbers, into those that a model takes.

    Attributes:
        known: (K,) the ids of the training sequences, rising; the model's own are 4, 5, 6, ...; all others are the
            unknown token.
        length: ids of a sequence that are read at most: the last ones.
    """

    known: NDArray[np.int64] = field(repr=False)
    length: int

    @classmethod
    def fit(cls, sequences: Sequences, size: int | None, length: int | None) -> "TokenReader":
        """Take the most frequent ids of the training sequences: all, or as many as make a vocabulary of `size`."""
        ids, counts = np.unique(_end_to_end(sequences), return_counts=True)
        most = len(ids) if size is None else max(size - _FIRST, 0)
        return cls(np.sort(ids[np.argsort(-counts, kind="stable")[:most]]), length or choose_length(sequences.lengths))

    @property
    def inputs(self) -> Tokens:
        """What the model is built for."""
        return Tokens(size=len(self.known) + _FIRST)

    def read(self, sequences: Sequences) -> Ragged:
        """Turn N sequences of ids into N sequences of at most `length` ids.

        Example:
            >>> reader = TokenReader(np.array([10, 70]), length=2)
            >>> reader.read(Sequences("tokens", [np.array([10, 70, 80])])).tolist()
            [[5, 2]]
        """
        ids = _end_to_end(sequences)
        places = np.searchsorted(self.known, ids)
        is_known = np.isin(ids, self.known)
        return last(
            Ragged.from_lengths(np.where(is_known, places + _FIRST, UNKNOWN).astype(np.int32), sequences.lengths),
            self.length,
        )


Reader: TypeAlias = TextReader | TokenReader | SeriesReader


def fit_reader(sequences: Sequences, settings: Settings) -> Reader:
    """Fix how sequences are read.

    Args:
        sequences: of the training part only: what others hold must stay unknown.
        settings: vocabulary, tokenizer, length.

    Raises:
        UserError: they cannot be read together, or hold nothing.
    """
    if sequences.kind == "text":
        tokenizer = fit_tokenizer(sequences.items, settings.tokenizer or "words", settings.vocabulary)
        if isinstance(tokenizer, WordTokenizer) and not tokenizer.vocabulary:
            raise InputError(
                "No word stands twice in the training texts of X, so that none can be learned. Give more texts, or try "
                "tokenizer='bpe', which reads parts of words."
            )
        return TextReader(tokenizer, settings.length or choose_length(tokenizer.encode(sequences.items).lengths))
    if not sequences.lengths.any():
        raise InputError("X holds nothing: every sequence is empty.")
    if sequences.kind == "tokens":
        return TokenReader.fit(sequences, settings.vocabulary, settings.length)
    channels = sequences.items[0].shape[1]
    _check_series(sequences, channels)
    names = [str(number) for number in range(channels)]
    return SeriesReader.fit(_end_to_end(sequences), sequences.lengths, names, settings.length)


def read(reader: Reader, sequences: Sequences) -> Inputs:
    """Turn N sequences into what the model takes.

    Raises:
        UserError: series have other channels than in training, or numbers that are not finite.
    """
    if isinstance(reader, TextReader):
        return reader.read(sequences.items)
    if isinstance(reader, TokenReader):
        return reader.read(sequences)
    _check_series(sequences, len(reader.channels))
    return reader.read(pad_series([series[-reader.length :] for series in sequences.items], reader.length))


def _check_series(sequences: Sequences, channels: int) -> None:
    for number, series in enumerate(sequences.items):
        if series.shape[1] != channels:
            raise InputError(f"X[{number}] has {series.shape[1]} channels, and {channels} were expected.")
        if not np.isfinite(series).all():
            step = int(np.flatnonzero(~np.isfinite(series).all(axis=1))[0])
            raise InputError(f"X[{number}] has a number that is not finite, in step {step} (counted from 0).")


def _end_to_end(sequences: Sequences) -> NDArray[Any]:
    return np.concatenate(sequences.items) if len(sequences) else np.zeros(0, dtype=np.int64)
