"""Pairs of texts whose source and target seem to be swapped, as by a test file in the other direction."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain

import numpy as np

from unspool.data.parts import Parts
from unspool.data.tables.split_names import PARTS
from unspool.data.tokenizers.words import words

MOST_PAIRS = 20_000
"""Of a part that are looked at."""
_FEWEST, _SHARE = 3, 0.01  # a few texts in another language are no sign of a wrong file
_TYPICAL = 3.0  # a word is one of a side if it is so many times as frequent there as on the other
_WORDS = 3  # of a pair, fewer say nothing


def swapped_in_words(sources: Sequence[str], targets: Sequence[str], parts: Parts) -> list[str]:
    """Say of which parts some pairs seem to be swapped.

    Each word that is typical of one side of the training pairs votes; a pair seems to be swapped if nearly all of
    its votes are for the wrong sides. Words on both sides of a pair have no vote.

    Args:
        sources: N texts.
        targets: N texts.
        parts: (N,) the part of each.

    Example:
        >>> sources, targets = ["the dog is here"] * 9 + ["der Hund ist da"] * 3, ["der Hund ist da"] * 9
        >>> parts = np.array([0] * 9 + [2] * 3, dtype=np.int8)
        >>> swapped_in_words(sources, [*targets, *["the dog is here"] * 3], parts)[0].partition(":")[0]
        '3 pairs of test (100.0% of test) seem to have source and target swapped'
    """
    rows = {part: np.flatnonzero(parts == number)[:MOST_PAIRS] for number, part in enumerate(PARTS)}
    split = {int(row): (words(sources[row]), words(targets[row])) for row in chain.from_iterable(rows.values())}
    sides = tuple(Counter(chain.from_iterable(split[int(row)][side] for row in rows["training"])) for side in (0, 1))
    found = []
    for part, chosen in rows.items():
        count = sum(_is_swapped(split[int(row)], sides, part == "training") for row in chosen)
        if count >= max(_FEWEST, _SHARE * len(chosen)):
            which = f"{count:,} pairs of {part} ({count / len(chosen):.1%} of {part})"
            found.append(f"{which} seem to have source and target swapped: kept; if so, swap them")
    return found


def _is_swapped(pair: tuple[list[str], list[str]], sides: tuple[Counter[str], ...], own: bool) -> bool:
    """Whether nearly all words of a pair are typical of the other side; `own` if it is among the counted ones."""
    totals = [max(side.total(), 1) for side in sides]
    right = wrong = 0
    for here, text in enumerate(pair):
        there = 1 - here
        shared = set(pair[there])
        for word, times in Counter(text).items():
            if word in shared:
                continue
            of_here = (sides[here][word] - own * times) / totals[here]
            of_there = sides[there][word] / totals[there]
            right += of_here > _TYPICAL * of_there
            wrong += of_there > _TYPICAL * of_here
    return wrong >= _WORDS and wrong > 4 * right
