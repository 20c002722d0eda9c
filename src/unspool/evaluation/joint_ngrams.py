"""The usual simple model of pronunciations: n-grams of letters with the phonemes that they stand for.

A word and its phonemes are one sequence of units, each a letter with none, one or two phonemes (`letter_alignment`). A
model of n-grams says how probable a sequence is (interpolated Kneser-Ney), and a search finds the most probable one
with the letters of a word.

Source: M. Bisani and H. Ney, "Joint-sequence models for grapheme-to-phoneme conversion", Speech Communication 50
(2008), 434-451; S. Chen and J. Goodman, "An empirical study of smoothing techniques for language modeling" (1999).
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unspool.data.pronunciations import pronunciations
from unspool.evaluation.baselines import RawPart, SimpleModel
from unspool.evaluation.letter_alignment import Unit, aligned
from unspool.evaluation.measures import Measure
from unspool.evaluation.scoring import HALF
from unspool.evaluation.text_arrays import as_array, texts_of

ORDER = 6
"""Units of an n-gram at most. On held-out training words of CMUdict, 5 to 9 give word error rates of 26.9, 26.2, 26.4,
26.3 and 26.3%.
"""
BEAM, CHOICES = 8, 12
"""Beginnings that a search keeps, and units that a letter can become, the most frequent ones."""

_END = 0
"""The unit behind a word, and before the next."""
_DISCOUNT = 0.75
_UNSEEN = -1
_AT_ONCE = 512


def joint_ngrams(training: RawPart, validation: RawPart, test: RawPart, measure: Measure) -> SimpleModel:
    """Fits n-grams to the training words, and says the pronunciations of the others.

    Args:
        training: words, and their pronunciations as `text_arrays.as_array` gives them.
        validation: what the measure is computed on.
        test: what the model speaks of.
        measure: of the verdict.
    """
    began = time.perf_counter()
    pairs = [
        (word, said.split())
        for word, cell in zip(training.inputs(), texts_of(training.targets), strict=True)
        for said in pronunciations(cell)
    ]
    model = JointNgrams.fit([word for word, _ in pairs], [said for _, said in pairs])
    held_out = as_array(model.say(validation.inputs()))
    reached = measure.value(validation.targets, np.asarray(held_out, dtype=np.float64), HALF)
    said = as_array(model.say(test.inputs()))
    title = f"a joint {ORDER}-gram model of letters and phonemes"
    return SimpleModel("joint-ngrams", title, said, None, time.perf_counter() - began, reached)


@dataclass(frozen=True, eq=False)
class _Order:
    """The n-grams of one length.

    Attributes:
        keys: (K,) sorted: the number of what stands before, times the number of units, plus the unit. What stands
            before is an n-gram one shorter, by its place in the keys of that length.
        chances: (K,) how probable the unit is after it, less the discount.
        rest: (contexts,) the share of shorter n-grams.
    """

    keys: NDArray[np.int64]
    chances: NDArray[np.float64]
    rest: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class JointNgrams:
    """A fitted model.

    Attributes:
        units: by their numbers; the first is the end.
        orders: the n-grams of one unit, of two, and so on.
        choices: for each letter the units that it can become.

    Example:
        >>> phonemes = [said.split() for said in ("O K S", "S O", "S I K S", "I S")]
        >>> model = JointNgrams.fit(["ox", "so", "six", "is"], phonemes)
        >>> model.say(["ix", "oso"])
        ['I K S', 'O S O']
    """

    units: tuple[Unit, ...] = field(repr=False)
    orders: tuple[_Order, ...] = field(repr=False)
    choices: dict[str, list[int]] = field(repr=False)

    @classmethod
    def fit(cls, words: Sequence[str], phonemes: Sequence[Sequence[str]]) -> "JointNgrams":
        """Align N words with their phonemes, and count."""
        numbers: dict[Unit, int] = {("", ()): _END}
        ids = [
            [numbers.setdefault(unit, len(numbers)) for unit in units] + [_END] for units in aligned(words, phonemes)
        ]
        units, said = tuple(numbers), np.array([unit for one in ids for unit in one], dtype=np.int64)
        choices: dict[str, list[int]] = defaultdict(list)
        for unit in np.argsort(-np.bincount(said, minlength=len(units)), kind="stable").tolist():
            if unit != _END and len(choices[units[unit][0]]) < CHOICES:
                choices[units[unit][0]].append(unit)
        places = np.array([place for one in ids for place in range(len(one))], dtype=np.int64)
        return cls(units, tuple(_counted(said, places, len(units))), dict(choices))

    def say(self, words: Iterable[str]) -> list[str]:
        """The most probable pronunciation of each word; a letter that training never shows is left out."""
        known = ["".join(letter for letter in word if letter in self.choices) for word in words]
        found = [""] * len(known)
        by_length = np.argsort([len(word) for word in known], kind="stable").tolist()
        while by_length:
            length = len(known[by_length[0]])
            rows = [row for row in by_length[:_AT_ONCE] if len(known[row]) == length]
            by_length = by_length[len(rows) :]
            for row, said in zip(rows, self._search([known[row] for row in rows]), strict=True):
                found[row] = said
        return found

    def _search(self, words: Sequence[str]) -> list[str]:
        """Beam search for W words of L letters, all at once."""
        many, length = len(words), len(words[0])
        contexts = np.full((many, 1, len(self.orders)), _UNSEEN)
        contexts[..., 0] = 0
        _, contexts = self._step(contexts, np.full((many, 1), _END))
        contexts[..., 2:] = _UNSEEN  # nothing is known of the word before
        scores, paths = np.zeros((many, 1)), np.zeros((many, 1, 0), dtype=np.int64)
        for place in range(length):
            options = self._options([word[place] for word in words])
            chances, after = self._step(contexts[:, :, None], options[:, None])
            with np.errstate(divide="ignore"):
                total = scores[:, :, None] + np.log(np.where(options[:, None] == _UNSEEN, 0, chances))
            kept = np.argsort(-total.reshape(many, -1), axis=1, kind="stable")[:, :BEAM]
            beams, units = kept // options.shape[1], np.take_along_axis(options, kept % options.shape[1], axis=1)
            scores = np.take_along_axis(total.reshape(many, -1), kept, axis=1)
            contexts = np.take_along_axis(after.reshape(many, -1, len(self.orders)), kept[:, :, None], axis=1)
            paths = np.concatenate([np.take_along_axis(paths, beams[:, :, None], axis=1), units[:, :, None]], axis=2)
        ends, _ = self._step(contexts, np.full(scores.shape, _END))
        best = (scores + np.log(ends)).argmax(axis=1)
        return [
            " ".join(phoneme for unit in path for phoneme in self.units[unit][1]) for path in paths[range(many), best]
        ]

    def _options(self, letters: Sequence[str]) -> NDArray[np.int64]:
        """(W, C) the units that each letter can become."""
        some = [self.choices[letter] for letter in letters]
        options = np.full((len(some), max(map(len, some))), _UNSEEN)
        for row, units in enumerate(some):
            options[row, : len(units)] = units
        return options

    def _step(
        self, contexts: NDArray[np.int64], units: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """How probable units (...) are after contexts (..., orders), and the contexts after them."""
        shape = np.broadcast_shapes(contexts.shape[:-1], units.shape)
        chances, after = np.full(shape, 1 / len(self.units)), np.full((*shape, len(self.orders)), _UNSEEN)
        after[..., 0] = 0
        for number, order in enumerate(self.orders):
            before = np.broadcast_to(contexts[..., number], shape)
            keys = before * len(self.units) + units
            places = np.minimum(np.searchsorted(order.keys, keys), len(order.keys) - 1)
            found = (before != _UNSEEN) & (order.keys[places] == keys)
            backed_off = np.where(before == _UNSEEN, 1, order.rest[before]) * chances
            chances = np.where(found, order.chances[places], 0) + backed_off
            if number + 1 < len(self.orders):
                after[..., number + 1] = np.where(found, places, _UNSEEN)
        return chances, after


def _counted(said: NDArray[np.int64], places: NDArray[np.int64], units: int) -> list[_Order]:
    """Counts the n-grams of M units.

    Args:
        said: (M,) units, each word closed by the end.
        places: (M,) the place of each in its word, from 0.
        units: how many there are.
    """
    contexts, found = np.zeros(len(said), dtype=np.int64), []
    for number in range(ORDER):
        there = contexts != _UNSEEN
        if not there.any():  # no word is so long
            break
        keys, numbers = np.unique(contexts[there] * units + said[there], return_inverse=True)
        grams = np.full(len(said), _UNSEEN)
        grams[there] = numbers
        found.append((keys, grams))
        contexts = np.concatenate([[_UNSEEN], grams[:-1]])
        if number == 0:
            contexts[0] = grams[-1]  # before the first word stands an end, as before the others
        else:
            contexts[places == 0] = _UNSEEN
    followers = [np.bincount(found[-1][1][found[-1][1] != _UNSEEN], minlength=len(found[-1][0]))]
    for (keys, grams), (_, longer) in zip(found[-2::-1], found[:0:-1], strict=True):
        # Kneser and Ney: a shorter n-gram counts once for each unit that stands before it.
        first = np.unique(longer, return_index=True)[1]
        counted = np.where(longer == _UNSEEN, True, np.isin(np.arange(len(said)), first)) & (grams != _UNSEEN)
        followers.append(np.bincount(grams[counted], minlength=len(keys)))
    orders = []
    for (keys, _), counts, before in zip(
        found, reversed(followers), [1, *(len(keys) for keys, _ in found[:-1])], strict=True
    ):
        of = keys // units
        total, kinds = np.bincount(of, counts, minlength=before), np.bincount(of, counts > 0, minlength=before)
        rest = np.where(total > 0, _DISCOUNT * kinds / np.maximum(total, 1), 1.0)
        orders.append(_Order(keys, np.maximum(counts - _DISCOUNT, 0) / np.maximum(total[of], 1), rest))
    return orders
