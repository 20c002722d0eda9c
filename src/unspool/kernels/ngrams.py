"""N-grams of tokens, level by level, in native code and by a reference beside it: see `native/ngrams.h`."""

import ctypes
import itertools
import weakref
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from unspool.kernels import plain
from unspool.kernels.plain import checked, pointer

Ints = NDArray[np.int32]
Offsets = NDArray[np.int64]

NOWHERE = -1
"""The token that may stand anywhere: no token parts n-grams."""


class Level(Protocol):
    """The n-grams of one length, numbered from 0."""

    def find(self, tokens: Ints, offsets: Offsets, grams: Ints | None, size: int, apart: int) -> Ints:
        """Give at each position the number of the n-gram that begins there, or -1; arguments as of `count`."""

    def table(self) -> tuple[Ints, Ints, Ints]:
        """(F,) the first n-1 tokens as a number of the level before, the last token, and the number of documents."""


def count(
    tokens: Ints,
    offsets: Offsets,
    grams: Ints | None,
    size: int,
    apart: int = NOWHERE,
    least: int = 1,
    *,
    out: Ints | None = None,
) -> tuple[Level, Ints]:
    """Find the n-grams of the next length that occur in enough documents.

    Args:
        tokens: (M,) the documents end to end; a negative token is in no n-gram.
        offsets: (N + 1,) where each begins.
        grams: (M,) what this function gave for n-grams one token shorter; None for single tokens.
        size: n.
        apart: a token that only begins or ends an n-gram, as the space between words; -1 for none.
        least: documents that an n-gram must occur in.
        out: (M,) what the numbers are written to, perhaps `grams` itself; None makes an array.

    Returns:
        The n-grams, in the order of first appearance, and (M,) the number of the one at each position, or -1.

    Example:
        >>> tokens, offsets = np.array([4, 5, 4, 5], np.int32), np.array([0, 2, 4])
        >>> _, words = count(tokens, offsets, None, 1, least=2)
        >>> pairs, found = count(tokens, offsets, words, 2, least=2)
        >>> words.tolist(), found.tolist(), [column.tolist() for column in pairs.table()]
        ([0, 1, 0, 1], [0, -1, 0, -1], [[0], [5], [2]])
    """
    code = plain.code()
    if code is None:
        level, numbers = _Reference.count(tokens, offsets, grams, size, apart, least)
        if out is None:
            return level, numbers
        out[:] = numbers
        return level, out
    found = np.empty(len(tokens), np.int32) if out is None else out
    table = ctypes.c_void_p()
    kept = checked(
        _prepared(code).unspool_ngrams_count(
            *_documents(tokens, offsets, grams, size, apart), least, pointer(found, np.int32), ctypes.byref(table)
        )
    )
    return _Native(code, table, kept), found


def load(first: Ints, last: Ints, documents: Ints | None = None) -> Level:
    """Make a level of what `Level.table` gave."""
    documents = np.zeros(len(first), np.int32) if documents is None else documents
    code = plain.code()
    if code is None:
        return _Reference(first, last, documents)
    first, last = np.ascontiguousarray(first), np.ascontiguousarray(last)
    table = _prepared(code).unspool_ngrams_load(
        ctypes.c_int64(len(first)), pointer(first, np.int32), pointer(last, np.int32), pointer(documents, np.int32)
    )
    if not table:
        raise MemoryError("there is no memory for the n-grams")
    return _Native(code, ctypes.c_void_p(table), len(first))


def distinct(grams: Ints, offsets: Offsets, features: int) -> tuple[Ints, Ints, Offsets]:
    """List the distinct n-grams of each document, in the order of first appearance.

    Args:
        grams: (M,) numbers below `features`, or -1.
        offsets: (N + 1,).
        features: how many numbers there are.

    Returns:
        (K,) the numbers; (K,) how often each occurs in its document; (N + 1,) where each document's begin.

    Example:
        >>> [part.tolist() for part in distinct(np.array([2, -1, 2, 0], np.int32), np.array([0, 3, 4]), 3)]
        [[2, 0], [2, 1], [0, 1, 2]]
    """
    code = plain.code()
    if code is None:
        return _distinct_reference(grams, offsets)
    columns, counts = np.empty(len(grams), np.int32), np.empty(len(grams), np.int32)
    rows = np.empty(len(offsets), np.int64)
    written = checked(
        _prepared(code).unspool_ngrams_distinct(
            pointer(grams, np.int32),
            pointer(offsets, np.int64),
            ctypes.c_int64(len(offsets) - 1),
            ctypes.c_int64(features),
            pointer(columns, np.int32),
            pointer(counts, np.int32),
            pointer(rows, np.int64),
        )
    )
    return columns[:written].copy(), counts[:written].copy(), rows


def _prepared(code: ctypes.CDLL) -> ctypes.CDLL:
    code.unspool_ngrams_count.restype = ctypes.c_int64
    code.unspool_ngrams_distinct.restype = ctypes.c_int64
    code.unspool_ngrams_load.restype = ctypes.c_void_p
    return code


def _documents(tokens: Ints, offsets: Offsets, grams: Ints | None, size: int, apart: int) -> tuple[object, ...]:
    return (
        pointer(tokens, np.int32),
        pointer(offsets, np.int64),
        ctypes.c_int64(len(offsets) - 1),
        pointer(grams, np.int32),
        ctypes.c_int32(size),
        ctypes.c_int32(apart),
    )


class _Native:
    def __init__(self, code: ctypes.CDLL, table: ctypes.c_void_p, count: int):
        self._code, self._table, self._count = code, table, count
        weakref.finalize(self, code.unspool_ngrams_free, table)

    def find(self, tokens: Ints, offsets: Offsets, grams: Ints | None, size: int, apart: int) -> Ints:
        found = np.empty(len(tokens), np.int32)
        self._code.unspool_ngrams_find(
            self._table, *_documents(tokens, offsets, grams, size, apart), pointer(found, np.int32)
        )
        return found

    def table(self) -> tuple[Ints, Ints, Ints]:
        columns = tuple(np.empty(self._count, np.int32) for _ in range(3))
        self._code.unspool_ngrams_table(self._table, *(pointer(column, np.int32) for column in columns))
        return columns[0], columns[1], columns[2]


class _Reference:
    def __init__(self, first: Ints, last: Ints, documents: Ints):
        self._table = first, last, documents
        self._numbers = {key: number for number, key in enumerate(zip(first.tolist(), last.tolist(), strict=True))}

    @classmethod
    def count(
        cls, tokens: Ints, offsets: Offsets, grams: Ints | None, size: int, apart: int, least: int
    ) -> tuple["_Reference", Ints]:
        documents: dict[tuple[int, int], set[int]] = {}
        for document, _, key in _keys(tokens, offsets, grams, size, apart):
            documents.setdefault(key, set()).add(document)
        kept = {key: len(where) for key, where in documents.items() if len(where) >= least}
        first, last = (np.array([key[side] for key in kept], np.int32) for side in (0, 1))
        level = cls(first, last, np.array(list(kept.values()), np.int32))
        return level, level.find(tokens, offsets, grams, size, apart)

    def find(self, tokens: Ints, offsets: Offsets, grams: Ints | None, size: int, apart: int) -> Ints:
        found = np.full(len(tokens), -1, np.int32)
        for _, at, key in _keys(tokens, offsets, grams, size, apart):
            found[at] = self._numbers.get(key, -1)
        return found

    def table(self) -> tuple[Ints, Ints, Ints]:
        return self._table


def _keys(tokens: Ints, offsets: Offsets, grams: Ints | None, size: int, apart: int):  # type: ignore[no-untyped-def]
    """Document, position, and the pair of numbers of each n-gram that may be one."""
    for document, (start, end) in enumerate(zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)):
        for at in range(start, end - size + 1):
            last = int(tokens[at + size - 1])
            if last < 0:
                continue
            if grams is None:
                yield document, at, (0, last)
            elif min(grams[at], grams[at + 1]) >= 0 and not (size > 2 and tokens[at + size - 2] == apart >= 0):
                yield document, at, (int(grams[at]), last)


def _distinct_reference(grams: Ints, offsets: Offsets) -> tuple[Ints, Ints, Offsets]:
    columns: list[int] = []
    counts: list[int] = []
    rows = [0]
    for start, end in itertools.pairwise(offsets):
        held: dict[int, int] = {}
        for gram in grams[start:end].tolist():
            if gram >= 0:
                held[gram] = held.get(gram, 0) + 1
        columns += held
        counts += held.values()
        rows.append(len(columns))
    return np.array(columns, np.int32), np.array(counts, np.int32), np.array(rows, np.int64)
