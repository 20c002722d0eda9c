"""Alignment of letters and phonemes, learned from words that are not aligned.

Each letter stands for none, one or two of the phonemes, in their order; how probable each is is fitted by expectation
and maximisation, over all ways to cut the phonemes. Words of one shape (letters, phonemes) are computed together.

Source: S. Jiampojamarn, G. Kondrak and T. Sherif, "Applying many-to-many alignments and hidden Markov models to
letter-to-phoneme conversion", NAACL 2007.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.pronunciations.joint_ngrams import MOST

ROUNDS = 6
"""Of expectation and maximisation."""

Chunk = tuple[str, ...]
Unit = tuple[str, Chunk]
"""A letter, and the phonemes that it stands for in some word."""

_LEAST = 1e-12


@dataclass(frozen=True, eq=False)
class _Shape:
    """Words of one shape.

    Attributes:
        rows: (N,) which words.
        units: (L, P + 1, MOST + 1, N) the unit of letter l if it stands for the n phonemes that end before p; -1 where
            there are not so many.
    """

    rows: NDArray[np.int64]
    units: NDArray[np.int64]


def aligned(words: Sequence[str], phonemes: Sequence[Sequence[str]]) -> list[list[Unit]]:
    """Align the letters of each word with the phonemes that they most probably stand for, by EM.

    Args:
        words: N of them.
        phonemes: of each word. Words with more than two phonemes per letter are left out.

    Example:
        >>> words, phonemes = ["ox", "so", "six", "is"], ["O K S", "S O", "S I K S", "I S"]
        >>> aligned(words, [one.split() for one in phonemes])[2]
        [('s', ('S',)), ('i', ('I',)), ('x', ('K', 'S'))]
    """
    numbers: dict[Unit, int] = {}
    shapes = _by_shape(words, phonemes, numbers)
    names = [*numbers]
    letters = {letter: number for number, letter in enumerate(dict.fromkeys(letter for letter, _ in names))}
    of_letter = np.array([letters[letter] for letter, _ in names], dtype=np.int64)
    probabilities = _of_each_letter(np.ones(len(names)), of_letter)
    for _ in range(ROUNDS):
        expected = np.full(len(names), _LEAST)
        for shape in shapes:
            expected += _expected(shape.units, probabilities)
        probabilities = _of_each_letter(expected, of_letter)
    found: dict[int, list[Unit]] = {}
    for shape in shapes:
        for row, path in zip(shape.rows.tolist(), _best(shape.units, probabilities).tolist(), strict=True):
            found[row] = [names[unit] for unit in path]
    return [found[row] for row in sorted(found)]


def _by_shape(words: Sequence[str], phonemes: Sequence[Sequence[str]], numbers: dict[Unit, int]) -> list[_Shape]:
    """Group words by shape, and number the units that occur."""
    rows = defaultdict(list)
    for row, (word, said) in enumerate(zip(words, phonemes, strict=True)):
        if word and len(said) <= MOST * len(word):
            rows[len(word), len(said)].append(row)
    found = []
    for (length, many), some in rows.items():
        units = np.full((length, many + 1, MOST + 1, len(some)), -1, dtype=np.int64)
        for column, row in enumerate(some):
            word, said = words[row], tuple(phonemes[row])
            for place, letter in enumerate(word):
                # No more than MOST phonemes for each letter before, and for each one after.
                first, last = max(0, many - MOST * (length - place - 1)), min(many, MOST * (place + 1))
                for end in range(first, last + 1):
                    for count in range(min(MOST, end) + 1):
                        unit = (letter, said[end - count : end])
                        units[place, end, count, column] = numbers.setdefault(unit, len(numbers))
        found.append(_Shape(np.array(some, dtype=np.int64), units))
    return found


def _of_each_letter(weights: NDArray[np.float64], of_letter: NDArray[np.int64]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = weights / np.bincount(of_letter, weights)[of_letter]
    return shares


def _chances(units: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(units >= 0, probabilities[units], 0.0)


def _expected(units: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """How often each unit is expected, by the forward-backward algorithm."""
    chances = _chances(units, probabilities)
    length, ends, counts, many = chances.shape
    forward, backward = np.zeros((length + 1, ends, many)), np.zeros((length + 1, ends, many))
    forward[0, 0], backward[length, ends - 1] = 1, 1
    for place in range(length):
        for count in range(min(counts, ends)):
            forward[place + 1, count:] += forward[place, : ends - count] * chances[place, count:, count]
    for place in reversed(range(length)):
        for count in range(min(counts, ends)):
            backward[place, : ends - count] += backward[place + 1, count:] * chances[place, count:, count]
    total = np.maximum(forward[length, ends - 1], np.finfo(np.float64).tiny)
    expected = np.zeros(len(probabilities))
    for count in range(min(counts, ends)):
        shares = forward[:-1, : ends - count] * chances[:, count:, count] * backward[1:, count:] / total
        there = units[:, count:, count] >= 0
        expected += np.bincount(units[:, count:, count][there], shares[there], minlength=len(probabilities))
    return expected


def _best(units: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """(N, L) the units of each word that are the most probable together, by the Viterbi algorithm."""
    chances = _chances(units, probabilities)
    length, ends, counts, many = chances.shape
    best = np.zeros((ends, many))
    best[0] = 1
    taken = np.zeros((length, ends, many), dtype=np.int64)
    for place in range(length):
        options = np.zeros((counts, ends, many))
        for count in range(min(counts, ends)):
            options[count, count:] = best[: ends - count] * chances[place, count:, count]
        taken[place], best = options.argmax(axis=0), options.max(axis=0)
    at, columns = np.full(many, ends - 1), np.arange(many)
    path = np.zeros((many, length), dtype=np.int64)
    for place in reversed(range(length)):
        count = taken[place, at, columns]
        path[:, place] = units[place, at, count, columns]
        at = at - count
    return path
