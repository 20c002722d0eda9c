"""Texts to the n-grams of words or characters that a model knows."""

import ctypes
import weakref

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.characters import Characters
from unspool_runtime.native import checked, pointer
from unspool_runtime.node import Node
from unspool_runtime.ragged import Ragged, bounds
from unspool_runtime.texts.lexicon import TokenNumbers

NOWHERE = -1
MOST_SIZE = 64


class Counts:
    """Which n-grams occur in N texts: text i has `columns[rows[i]:rows[i + 1]]`, each `counts` times."""

    def __init__(self, columns: NDArray[np.int32], counts: NDArray[np.int32], rows: NDArray[np.int64]):
        self.columns, self.counts, self.rows = columns, counts, rows


class NGrams:
    """Reads n-grams of one kind.

    Args:
        node: "of" is "words" or "characters"; an n-gram of `longest` tokens is found by way of its shorter beginnings.
        characters: how texts beyond ASCII are split.

    Attributes:
        width: how many n-grams are counted: those of `shortest` tokens first.
    """

    def __init__(self, node: Node, characters: Characters):
        self._tokens = TokenNumbers(node, characters)
        longest = node.whole("longest", 1, MOST_SIZE)
        self._shortest = node.whole("shortest", 1, longest)
        sizes = [self._tokens.size]
        self._levels: list[_NativeLevel | _PlainLevel] = []
        code = native.library()
        levels = node.nodes("levels")
        if len(levels) != longest - 1:
            raise node.wrong("there is not one level for each length of n-grams")
        for level in levels:
            first = level.indices("first", sizes[-1], None)
            last = level.indices("last", sizes[0], len(first))
            sizes.append(len(first))
            self._levels.append(_PlainLevel(first, last) if code is None else _NativeLevel(code, first, last))
        self.widths = sizes[self._shortest - 1 :]
        self._apart = self._tokens.space() if node.flag("within_words") else NOWHERE

    @property
    def width(self) -> int:
        """Of all lengths together."""
        return sum(self.widths)

    def places(self, texts: list[str]) -> tuple[list[NDArray[np.int32]], NDArray[np.int64]]:
        """Which n-gram of each length begins at each token of N texts, or -1; and (N + 1,) where each text begins."""
        read = self._tokens.read(texts)
        grams, found = read.flat, [read.flat]
        for size, level in enumerate(self._levels, 2):
            grams = level.find(read, grams, size, self._apart)
            found.append(grams)
        return found[self._shortest - 1 :], read.offsets

    def count(self, texts: list[str]) -> list[Counts]:
        """How often each n-gram occurs in each text, for each length of n-grams."""
        found, offsets = self.places(texts)
        before, counted = 0, []
        for grams, width in zip(found, self.widths, strict=True):
            one = distinct(grams, offsets, width)
            counted.append(Counts(one.columns + np.int32(before), one.counts, one.rows))
            before += width
        return counted

    def occurrences(self, texts: list[str]) -> Ragged:
        """All occurrences in their order: by the token that each begins at, the shortest first."""
        found, offsets = self.places(texts)
        before = np.cumsum([0, *self.widths[:-1]])
        every = np.stack([np.where(grams < 0, -1, grams + at) for grams, at in zip(found, before, strict=True)], axis=1)
        flat = every.reshape(-1)
        kept = flat >= 0
        ends = bounds(kept.view(np.uint8))[offsets * len(found)]
        return Ragged(flat[kept].astype(np.int32), ends)


class _NativeLevel:
    """The n-grams of one length in native memory, which goes when this object does."""

    def __init__(self, code: ctypes.CDLL, first: NDArray[np.int32], last: NDArray[np.int32]):
        table = code.unspool_ngrams_load(
            ctypes.c_int64(len(first)), pointer(first, np.int32), pointer(last, np.int32), ctypes.c_void_p(None)
        )
        if not table:
            raise MemoryError("not enough memory for the n-grams of this model")
        self._code, self._table = code, ctypes.c_void_p(table)
        weakref.finalize(self, code.unspool_ngrams_free, self._table)

    def find(self, read: Ragged, grams: NDArray[np.int32], size: int, apart: int) -> NDArray[np.int32]:
        found = np.empty(len(read.flat), np.int32)
        self._code.unspool_ngrams_find(
            self._table,
            pointer(np.ascontiguousarray(read.flat), np.int32),
            pointer(read.offsets, np.int64),
            ctypes.c_int64(len(read)),
            pointer(np.ascontiguousarray(grams), np.int32),
            ctypes.c_int32(size),
            ctypes.c_int32(apart),
            pointer(found, np.int32),
        )
        return found


class _PlainLevel:
    """The same in NumPy: pairs of an n-gram of the level before and one token more, sorted."""

    def __init__(self, first: NDArray[np.int32], last: NDArray[np.int32]):
        keys = _pair(first, last)
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]

    def find(self, read: Ragged, grams: NDArray[np.int32], size: int, apart: int) -> NDArray[np.int32]:
        found = np.full(len(read.flat), -1, np.int32)
        ends = np.repeat(read.offsets[1:], read.lengths)
        places = np.flatnonzero(np.arange(len(read.flat)) + size <= ends)
        last = read.flat[places + size - 1]
        good = (last >= 0) & (grams[places] >= 0) & (grams[places + 1] >= 0)
        if size > 2 and apart >= 0:
            good &= read.flat[places + size - 2] != apart
        places = places[good]
        if len(self._keys) and len(places):
            keys = _pair(grams[places], last[good])
            at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
            found[places] = np.where(self._keys[at] == keys, self._order[at], -1)
        return found


def _pair(first: NDArray[np.int32], last: NDArray[np.int32]) -> NDArray[np.int64]:
    return first.astype(np.int64) << 32 | last


def distinct(grams: NDArray[np.int32], offsets: NDArray[np.int64], width: int) -> Counts:
    """The n-grams of each of N texts, each once, in the order of first appearance, and how often each occurs.

    Example:
        >>> found = distinct(np.array([2, 0, -1, 2, 1], np.int32), np.array([0, 4, 5]), 3)
        >>> found.columns.tolist(), found.counts.tolist(), found.rows.tolist()
        ([2, 0, 1], [2, 1, 1], [0, 2, 3])
    """
    code = native.library()
    if code is None:
        return _plain_distinct(grams, offsets, width)
    columns, counts = np.empty(len(grams), np.int32), np.empty(len(grams), np.int32)
    rows = np.empty(len(offsets), np.int64)
    written = checked(
        code.unspool_ngrams_distinct(
            pointer(np.ascontiguousarray(grams), np.int32),
            pointer(offsets, np.int64),
            ctypes.c_int64(len(offsets) - 1),
            ctypes.c_int64(width),
            pointer(columns, np.int32),
            pointer(counts, np.int32),
            pointer(rows, np.int64),
        )
    )
    return Counts(columns[:written], counts[:written], rows)


def _plain_distinct(grams: NDArray[np.int32], offsets: NDArray[np.int64], width: int) -> Counts:
    text = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    known = grams >= 0
    keys = text[known] * max(width, 1) + grams[known]
    unique, first, counts = np.unique(keys, return_index=True, return_counts=True)
    order = np.argsort(first, kind="stable")
    rows = bounds(np.bincount(unique // max(width, 1), minlength=len(offsets) - 1))
    return Counts((unique[order] % max(width, 1)).astype(np.int32), counts[order].astype(np.int32), rows)
