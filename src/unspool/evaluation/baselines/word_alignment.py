"""Translation of words: IBM model 1, learned from pairs of texts that are not aligned by word.

Source: P. Brown et al., "The mathematics of statistical machine translation", Computational Linguistics 19 (1993),
263-311, section 4.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_ROUNDS = 5
"""Of expectation and maximisation."""
MOST_WORDS_TOGETHER = 8_000_000
"""Pairs of a source word and a target word that are looked at: what fits into some 500 MB."""

_NOTHING = 0
"""The source word that every text begins with: target words that stand for no other come from it."""


def word_table(sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]]) -> dict[str, str]:
    """Map each source word to the most probable target word.

    Each target word comes from one of its text's source words, and P(target word | source word) is fitted by EM, from
    the same probability for all.

    Args:
        sources: N texts, as words; of so many that they do not fit, the first ones are used.
        targets: N texts.

    Example:
        >>> german, english = ["das haus", "das buch", "ein buch"], ["the house", "the book", "a book"]
        >>> word_table([text.split() for text in german], [text.split() for text in english])
        {'das': 'the', 'haus': 'house', 'buch': 'book', 'ein': 'a'}
    """
    source_ids: dict[str, int] = {}
    target_ids: dict[str, int] = {}
    pairs, groups, together, words = [], [], 0, 0
    for source, target in zip(sources, targets, strict=True):
        ids = np.array([_NOTHING, *(source_ids.setdefault(word, len(source_ids) + 1) for word in source)])
        wanted = np.array([target_ids.setdefault(word, len(target_ids)) for word in target], dtype=np.int64)
        together += len(ids) * len(wanted)
        if together > MOST_WORDS_TOGETHER:
            break
        pairs.append(np.stack([np.tile(ids, len(wanted)), np.repeat(wanted, len(ids))]))
        groups.append(np.repeat(np.arange(words, words + len(wanted)), len(ids)))
        words += len(wanted)
    if not words:
        return {}
    (from_word, to_word), probabilities = _fitted(np.concatenate(pairs, axis=1), np.concatenate(groups), _ROUNDS)
    names, target_names = [*source_ids], [*target_ids]
    best = np.lexsort((to_word, -probabilities, from_word))
    first = best[np.unique(from_word[best], return_index=True)[1]]
    found = zip(from_word[first].tolist(), to_word[first].tolist(), strict=True)
    return {names[source - 1]: target_names[target] for source, target in found if source != _NOTHING}


def _fitted(
    pairs: NDArray[np.int64], groups: NDArray[np.int64], rounds: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The different pairs, (2, K), and the probability of each.

    Args:
        pairs: (2, M) a source word and a target word that stand in one pair of texts.
        groups: (M,) the number of the target word's occurrence.
        rounds: of EM.
    """
    width = int(pairs[1].max()) + 1
    keys, place = np.unique(pairs[0] * width + pairs[1], return_inverse=True)
    different = np.stack([keys // width, keys % width])
    probabilities = np.ones(len(keys))
    for _ in range(rounds):
        weights = probabilities[place]
        shares = weights / np.bincount(groups, weights)[groups]
        expected = np.bincount(place, shares)
        probabilities = expected / np.bincount(different[0], expected)[different[0]]
    return different, probabilities
