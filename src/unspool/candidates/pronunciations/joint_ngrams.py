"""Pronunciations by n-grams of letters with the phonemes that they stand for, in NumPy.

A word and its phonemes are one sequence of units, each a letter with none, one or two phonemes. A model of n-grams
says how probable a sequence is (interpolated Kneser-Ney); a word's pronunciation is as probable as all sequences
together that spell both.

unspool and unspool-runtime share this file, as tests/export/test_pronunciations.py makes sure.

Source: M. Bisani and H. Ney, "Joint-sequence models for grapheme-to-phoneme conversion", Speech Communication 50
(2008), 434-451; S. Chen and J. Goodman, "An empirical study of smoothing techniques for language modeling" (1999).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Wholes = NDArray[np.int64]

DISCOUNT = 0.75
"""Taken from each count, for n-grams that training never shows."""
BEAM, CHOICES = 8, 12
"""Beginnings that a search keeps, and units that a letter can become in it, the most frequent ones."""
PATHS = 32
"""Hypotheses that a sum over spellings keeps after each letter, the most probable ones."""
IMPOSSIBLE = -1000.0
"""Stands for the log-probability of what no sequence of units spells."""
MOST = 2
"""Phonemes that a letter can stand for."""
END = 0
"""The unit behind a word, and before the next."""
MOST_NAMES, MOST_ORDERS = 1 << 20, 16
"""Bounds of what a file may hold: letters or phonemes, and units of an n-gram."""
_UNSEEN = -1
_WORDS_AT_ONCE, _PAIRS_AT_ONCE = 512, 4096


@dataclass(frozen=True, eq=False)
class Counts:
    """The n-grams of one length.

    Attributes:
        sizes: (C,) the number of n-grams that extend each context, an n-gram one shorter or the empty one.
        units: (K,) the last unit of each n-gram, those of one context after those of the other, rising within it.
        counts: (K,) how often each occurs, of the longest ones; of others, how many units stand before it.
    """

    sizes: NDArray[np.int32] = field(repr=False)
    units: NDArray[np.int32] = field(repr=False)
    counts: NDArray[np.int32] = field(repr=False)


class _Order(NamedTuple):
    """The same as it is looked up.

    Attributes:
        keys: (K,) rising: a context times the number of units, plus the unit.
        chances: (K,) how probable the unit is after its context, less the discount.
        rest: (C,) the share of shorter n-grams after each context.
    """

    keys: Wholes
    chances: Floats
    rest: Floats


@dataclass(frozen=True, eq=False)
class JointNgrams:
    """A fitted model.

    Attributes:
        letters: that training shows.
        phonemes: likewise.
        units: (U, 3) of each unit its letter and its phonemes: places in `letters`, and in `phonemes` from 1 on, or 0
            for none. The first is the end, which has neither; the others stand in the order of their frequency.
        orders: the n-grams of one unit, of two, and so on.
    """

    letters: tuple[str, ...] = field(repr=False)
    phonemes: tuple[str, ...] = field(repr=False)
    units: NDArray[np.int32] = field(repr=False)
    orders: tuple[Counts, ...] = field(repr=False)

    def check(self) -> None:
        """Make sure that the parts, which may come from a stranger's file, fit each other.

        Raises:
            ValueError: they do not; says which.
        """
        for names, what in ((self.letters, "letters"), (self.phonemes, "phonemes")):
            if len({*names}) != len(names) or len(names) > MOST_NAMES:
                raise ValueError(f"there are too many {what}, or one occurs twice")
        units = self.units
        if units.ndim != 2 or units.shape[1] != 1 + MOST or not len(units) or units[0].any():
            raise ValueError("unit 0 is not the end of a word")
        known = (units >= 0).all() and (units[:, 1:] <= len(self.phonemes)).all()
        if not known or (units[1:, 0] >= len(self.letters)).any() or not np.diff(self._by_spelling[0]).all():
            raise ValueError("a unit has an unknown letter or phoneme, or occurs twice")
        if not 0 < len(self.orders) <= MOST_ORDERS:
            raise ValueError("there are no n-grams, or they are too long")
        contexts = 1
        for one in self.orders:
            count = len(one.units)
            fits = len(one.sizes) == contexts and (one.sizes >= 0).all() and one.sizes.sum() == count > 0
            if not fits or len(one.counts) != count or (one.counts < 0).any() or (one.units < 0).any():
                raise ValueError("the n-grams do not fit each other")
            if (one.units >= len(units)).any() or (np.diff(_contexts(one) * len(units) + one.units) <= 0).any():
                raise ValueError("the n-grams have unknown units, or are not in order")
            contexts = count

    def say(self, words: Iterable[str]) -> list[str]:
        """The most probable pronunciation of each word; a letter that training never shows is left out."""
        known = [self._known(word) for word in words]
        found = [""] * len(known)
        by_length = np.argsort([len(word) for word in known], kind="stable").tolist()
        while by_length:
            length = len(known[by_length[0]])
            rows = [row for row in by_length[:_WORDS_AT_ONCE] if len(known[row]) == length]
            by_length = by_length[len(rows) :]
            for row, said in zip(rows, self._search(np.array([known[row] for row in rows], np.int64)), strict=True):
                found[row] = said
        return found

    def log_probabilities(self, words: Sequence[str], said: Sequence[Sequence[str]]) -> Floats:
        """How probable words are together with pronunciations: summed over all ways to spell both.

        Args:
            words: N of them; letters that training never shows are left out.
            said: the phonemes of each.

        Returns:
            (N,) natural logarithms; `IMPOSSIBLE` where there is no way. Of more than `PATHS` ways, the probable ones
            are summed.
        """
        found = np.full(len(words), IMPOSSIBLE)
        for first in range(0, len(words), _PAIRS_AT_ONCE):
            pairs = slice(first, first + _PAIRS_AT_ONCE)
            found[pairs] = self._summed([self._known(word) for word in words[pairs]], said[pairs])
        return found

    # What is looked up

    @cached_property
    def _numbers(self) -> tuple[dict[str, int], dict[str, int]]:
        """Of letters, and of phonemes from 1 on."""
        letters = {letter: number for number, letter in enumerate(self.letters)}
        return letters, {phoneme: number for number, phoneme in enumerate(self.phonemes, start=1)}

    @cached_property
    def _choices(self) -> Wholes:
        """(letters, C) the units that each can become in a search."""
        rows: list[list[int]] = [[] for _ in self.letters]
        for unit, letter in enumerate(self.units[1:, 0].tolist(), start=1):
            if len(rows[letter]) < CHOICES:
                rows[letter].append(unit)
        found = np.full((len(rows), max(map(len, rows), default=0)), _UNSEEN)
        for letter, some in enumerate(rows):
            found[letter, : len(some)] = some
        return found

    @cached_property
    def _by_spelling(self) -> tuple[Wholes, Wholes]:
        """What units spell as one number, rising, and the unit of each."""
        spelled = self._spelled(*self.units[1:].T.astype(np.int64))
        order = np.argsort(spelled, kind="stable")
        return spelled[order], order + 1

    @cached_property
    def _orders(self) -> list[_Order]:
        found = []
        for counts in self.orders:
            contexts = _contexts(counts)
            total = np.bincount(contexts, counts.counts, minlength=len(counts.sizes))
            kinds = np.bincount(contexts, counts.counts > 0, minlength=len(counts.sizes))
            rest = np.where(total > 0, DISCOUNT * kinds / np.maximum(total, 1), 1.0)
            chances = np.maximum(counts.counts - DISCOUNT, 0) / np.maximum(total[contexts], 1)
            found.append(_Order(contexts * len(self.units) + counts.units, chances, rest))
        return found

    def _known(self, word: str) -> list[int]:
        """The numbers of a word's letters."""
        numbers = self._numbers[0]
        return [numbers[letter] for letter in word if letter in numbers]

    def _spelled(self, letters: Wholes, first: Wholes, second: Wholes) -> Wholes:
        base = len(self.phonemes) + 1
        return (letters * base + first) * base + second

    def _units_of(self, letters: Wholes, first: Wholes, second: Wholes) -> Wholes:
        """The unit of each letter with its phonemes, or -1."""
        spelled, units = self._by_spelling
        wanted = self._spelled(letters, first, second)
        places = np.minimum(np.searchsorted(spelled, wanted), len(spelled) - 1)
        return np.where((spelled[places] == wanted) & (first >= 0) & (second >= 0), units[places], _UNSEEN)

    def _start(self) -> Wholes:
        """(orders) the context before a word: an end, before which nothing is known."""
        before = np.full(len(self.orders), _UNSEEN)
        before[0] = 0
        _, context = self._step(before, np.array(END))
        context[2:] = _UNSEEN
        return context

    def _step(self, contexts: Wholes, units: Wholes) -> tuple[Floats, Wholes]:
        """How probable units (...) are after contexts (..., orders), and the contexts after them."""
        shape = np.broadcast_shapes(contexts.shape[:-1], units.shape)
        chances, after = np.full(shape, 1 / len(self.units)), np.full((*shape, len(self.orders)), _UNSEEN)
        after[..., 0] = 0
        for number, order in enumerate(self._orders):
            before = np.broadcast_to(contexts[..., number], shape)
            keys = before * len(self.units) + units
            places = np.minimum(np.searchsorted(order.keys, keys), len(order.keys) - 1)
            found = (before != _UNSEEN) & (order.keys[places] == keys)
            backed_off = np.where(before == _UNSEEN, 1, order.rest[before]) * chances
            chances = np.where(found, order.chances[places], 0) + backed_off
            if number + 1 < len(self.orders):
                after[..., number + 1] = np.where(found, places, _UNSEEN)
        return chances, after

    # Search and sum

    def _search(self, words: Wholes) -> list[str]:
        """Beam search for W words of L letters (W, L), all at once."""
        many, length = words.shape
        contexts = np.broadcast_to(self._start(), (many, 1, len(self.orders)))
        scores, paths = np.zeros((many, 1)), np.zeros((many, 1, 0), dtype=np.int64)
        for place in range(length):
            options = self._choices[words[:, place]]
            chances, after = self._step(contexts[:, :, None], options[:, None])
            with np.errstate(divide="ignore"):
                total = scores[:, :, None] + np.log(np.where(options[:, None] == _UNSEEN, 0, chances))
            kept = np.argsort(-total.reshape(many, -1), axis=1, kind="stable")[:, :BEAM]
            beams, units = kept // options.shape[1], np.take_along_axis(options, kept % options.shape[1], axis=1)
            scores = np.take_along_axis(total.reshape(many, -1), kept, axis=1)
            contexts = np.take_along_axis(after.reshape(many, -1, len(self.orders)), kept[:, :, None], axis=1)
            paths = np.concatenate([np.take_along_axis(paths, beams[:, :, None], axis=1), units[:, :, None]], axis=2)
        ends, _ = self._step(contexts, np.full(scores.shape, END))
        best = (scores + np.log(ends)).argmax(axis=1)
        return [" ".join(self._said(path)) for path in paths[range(many), best]]

    def _said(self, path: Wholes) -> list[str]:
        """The phonemes of a sequence of units."""
        return [self.phonemes[number - 1] for number in self.units[path, 1:].ravel().tolist() if number]

    def _summed(self, words: list[list[int]], said: Sequence[Sequence[str]]) -> Floats:
        """(N,) as `log_probabilities`: forward through the letters of all N words at once, every way on its own."""
        numbers = self._numbers[1]
        letters, lengths = _padded(words)
        phonemes, counts = _padded([[numbers.get(one, _UNSEEN) for one in row] for row in said], MOST)
        ways = _Ways.first(len(words), self._start())
        found = np.full(len(words), IMPOSSIBLE)
        for place in range(letters.shape[1] + 1):
            self._end(ways.take(lengths[ways.pairs] == place), counts, found)
            ways = ways.take(lengths[ways.pairs] > place)
            if not len(ways.pairs):
                break
            ways = self._gone_on(ways, letters[:, place], phonemes, counts, lengths - place - 1).kept()
        return found

    def _gone_on(self, ways: "_Ways", letters: Wholes, phonemes: Wholes, counts: Wholes, left: Wholes) -> "_Ways":
        """Ways after one more letter of each word (N,), with none, one or two more phonemes; `left` come after it."""
        pairs, at = ways.pairs, ways.at
        first, second = phonemes[pairs, at], phonemes[pairs, at + 1]
        none = np.zeros_like(first)
        options = [self._units_of(letters[pairs], *chunk) for chunk in ((none, none), (first, none), (first, second))]
        units, rows = np.stack(options, axis=1).ravel(), np.repeat(np.arange(len(pairs)), MOST + 1)
        end = at[rows] + np.tile(np.arange(MOST + 1), len(pairs))
        missing = counts[pairs[rows]] - end
        there = (units != _UNSEEN) & (missing >= 0) & (missing <= MOST * left[pairs[rows]])
        rows, units, end = rows[there], units[there], end[there]
        chances, after = self._step(ways.contexts[rows], units)
        return _Ways(pairs[rows], end, ways.totals[rows] + np.log(chances), after)

    def _end(self, ways: "_Ways", counts: Wholes, found: Floats) -> None:
        """Sum the ways of words that end here, into `found` (N,)."""
        ways = ways.take(counts[ways.pairs] == ways.at)
        if not len(ways.pairs):
            return
        chances, _ = self._step(ways.contexts, np.full(len(ways.pairs), END))
        totals = ways.totals + np.log(chances)
        starts = np.flatnonzero(np.diff(ways.pairs, prepend=-1))
        most = np.maximum.reduceat(totals, starts)
        sizes = np.diff(starts, append=len(totals))
        found[ways.pairs[starts]] = most + np.log(np.add.reduceat(np.exp(totals - np.repeat(most, sizes)), starts))


class _Ways(NamedTuple):
    """Ways to spell beginnings of words and of their pronunciations, those of one pair after those of the other.

    Attributes:
        pairs: (M,) which.
        at: (M,) phonemes so far.
        totals: (M,) log-probabilities.
        contexts: (M, orders).
    """

    pairs: Wholes
    at: Wholes
    totals: Floats
    contexts: Wholes

    @classmethod
    def first(cls, count: int, context: Wholes) -> "_Ways":
        """One for each of N pairs, before their first letters."""
        contexts = np.broadcast_to(context, (count, len(context)))
        return cls(np.arange(count), np.zeros(count, np.int64), np.zeros(count), contexts)

    def take(self, which: NDArray[Any]) -> "_Ways":
        """Some of them."""
        return _Ways(*(array[which] for array in self))

    def kept(self) -> "_Ways":
        """Of each pair the `PATHS` most probable."""
        starts = np.flatnonzero(np.diff(self.pairs, prepend=-1))
        sizes = np.diff(starts, append=len(self.pairs))
        if not len(sizes) or sizes.max() <= PATHS:
            return self
        order = np.lexsort((-self.totals, self.pairs))
        return self.take(np.sort(order[np.arange(len(order)) - np.repeat(starts, sizes) < PATHS]))


def _contexts(counts: Counts) -> Wholes:
    """(K,) the context of each n-gram."""
    return np.repeat(np.arange(len(counts.sizes)), counts.sizes)


def _padded(rows: Sequence[Sequence[int]], more: int = 0) -> tuple[Wholes, Wholes]:
    """N rows of numbers as (N, longest + more), -1 behind each, and their lengths (N,)."""
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    found = np.full((len(rows), int(lengths.max(initial=0)) + more), _UNSEEN)
    found[np.arange(found.shape[1]) < lengths[:, None]] = [number for row in rows for number in row]
    return found, lengths
