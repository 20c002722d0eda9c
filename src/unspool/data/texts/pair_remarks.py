"""What is out of the ordinary in pairs of texts, and what is done about it."""

import operator
from collections import Counter
from collections.abc import Sequence

import numpy as np

from unspool.data.cell_values import fingerprint
from unspool.data.duplicates import repeated_in_words
from unspool.data.parts import TEST, Parts
from unspool.data.tables.problems import Reason
from unspool.data.texts.swapped_pairs import swapped_in_words

FEW = 10
"""With fewer test pairs, hardly any difference between two models is more than chance."""


def remarks_on_pairs(
    sources: Sequence[str], targets: Sequence[str], parts: Parts, left_out: Counter[Reason]
) -> list[str]:
    """Say what a person should know of N pairs before a model learns from them.

    Args:
        sources: N texts.
        targets: N texts.
        parts: (N,) the part of each.
        left_out: how many pairs could not be used, by reason.

    Example:
        >>> parts = np.zeros(3, dtype=np.int8)
        >>> print(*remarks_on_pairs(["ox", "ox", "fish"], ["oxen", "oxes", "fish"], parts, Counter()), sep="\\n")
        1 pair with the same source and target: kept; a model learns to copy from them
        1 source with several targets, in 2 pairs: kept
    """
    remarks = [f"{_counted(count, 'pair')} with {reason.value}: left out" for reason, count in left_out.most_common()]
    tested = int((parts == TEST).sum())
    if 0 < tested < FEW:
        remarks.append(f"{_counted(tested, 'test pair')}: kept; too few to score reliably")
    alike = sum(map(operator.eq, sources, targets))
    if alike:
        remarks.append(
            f"{_counted(alike, 'pair')} with the same source and target: kept; a model learns to copy from them"
        )
    if len({target for target, part in zip(targets, parts.tolist(), strict=True) if part == 0}) == 1:
        remarks.append("all training pairs have the same target: kept; a model learns to write it whatever it reads")
    different = Counter(source for source, _ in set(zip(sources, targets, strict=True)))
    several = {source for source, count in different.items() if count > 1}
    if several:
        pairs = sum(source in several for source in sources)
        remarks.append(f"{_counted(len(several), 'source')} with several targets, in {pairs:,} pairs: kept")
    prints = np.array([fingerprint(text) for text in sources], dtype=np.int64)
    remarks += repeated_in_words(prints, parts, ("pair", "pairs"), "the same source")
    return remarks + swapped_in_words(sources, targets, parts)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"
