"""Models of texts with fewer words and n-grams: those that matter least are left out."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.errors import UserError
from unspool.export.packing import Matrix, Node, Strings

Mask = NDArray[np.bool_]

_ENOUGH = 0.93
"""Of the size that is allowed: more rows are not worth another try."""
_TRIES = 12
_ALL_MEMBERS = 0.25
"""Share of a convolution from which on all members are kept; of less, one with more words answers better."""
_SMALL_ROWS = 0.6


def share_within(most: int, size_of: Callable[[float], int], start: float = 1.0) -> float:
    """Find the largest share of rows with which a file is small enough, or nearly.

    Args:
        most: bytes that are allowed.
        size_of: bytes of the file with a share of the rows.
        start: the share to try first.

    Raises:
        UserError: the file is too large with hardly any rows, too.

    Example:
        >>> round(share_within(500, lambda share: 100 + int(1000 * share)), 1)
        0.4
    """
    share, low, high, size = start, 0.0, math.inf, 0
    for _ in range(_TRIES):
        size = size_of(share)
        if size <= most:
            low = share
            if share == 1 or size >= _ENOUGH * most:
                break
        else:
            high = share
        guess = min(share * most / size * 0.98, 1.0)
        share = guess if low < guess < high else min((low + high) / 2, 1.0)
    if not low:
        raise UserError(
            f"The model cannot be made as small as {most / 1e6:.2g} MB: with next to no words and n-grams it has "
            f"{size / 1e6:.2g} MB. Allow more."
        )
    return low


def pruned(model: Node, share: float) -> Node:
    """A model of texts with a share of its rows.

    Of a convolution the most frequent tokens are kept, and of less than a quarter of it a single member with as many
    numbers; of a language model the most frequent words; of a linear model the n-grams with the largest products of
    weight and coefficient; of document vectors those that are frequent and whose vectors are long. With an n-gram its
    parts are kept. Rows of n-grams are shorter than those of convolutions, so that more of them are kept: share ** 0.6.

    Args:
        model: as `text_model_node` describes it.
        share: from 0 to 1.

    Raises:
        UserError: it is another model.
    """
    makers: dict[str, Callable[[Node, float], Node]] = {
        "linear texts": _linear,
        "convolution texts": _convolution,
        "vector texts": _vectors,
        "tree texts": lambda model, share: model,
        "language model texts": _language_model,
        "blend texts": _blend,
    }
    if share >= 1:
        return model
    if model["kind"] not in makers:
        raise UserError(
            f"The model is larger than that, and nothing can be left out of the kind {model['kind']!r}: only words "
            "and n-grams can, of models that `train` chooses for texts. Try --weights int8, or allow a larger file."
        )
    return makers[model["kind"]](model, share)


def numbers_of(tree: Any) -> int:
    """How many weights there are in the matrices of a description."""
    if isinstance(tree, dict | list):
        return sum(map(numbers_of, tree.values() if isinstance(tree, dict) else tree))
    return tree.size if isinstance(tree, Matrix) else 0


def _blend(model: Node, share: float) -> Node:
    return model | {"parts": [pruned(part, share) for part in model["parts"]]}


def _convolution(model: Node, share: float) -> Node:
    members = model["members"]
    if share < _ALL_MEMBERS:
        share, members = share * len(members), members[:1]
    # Tokens stand in the order of how frequent they are.
    count = max(math.ceil(min(share, 1) * len(model["alphabet"].values)), 1)
    members = [one | {"vectors": Matrix.of(one["vectors"][:count])} for one in members]
    return model | {"alphabet": Strings(model["alphabet"].values[:count]), "members": members}


def _language_model(model: Node, share: float) -> Node:
    words = model["alphabet"].values  # in the order of how frequent they are; before them the vectors of what is none
    count = math.ceil(share * len(words))
    vectors = Matrix.of(model["vectors"][: count + len(model["vectors"]) - len(words)])
    return model | {"alphabet": Strings(words[:count]), "vectors": vectors}


def _linear(model: Node, share: float) -> Node:
    blocks = []
    for block in model["blocks"]:
        effects = np.abs(np.asarray(block["weights"]) * np.asarray(block["coefficients"])).max(axis=1)
        ngrams, columns = kept_ngrams(block, _largest(effects, share**_SMALL_ROWS))
        arrays = {name: Matrix.of(block[name][columns]) for name in ("weights", "coefficients")}
        blocks.append(block | ngrams | arrays)
    return model | {"blocks": blocks}


def _vectors(model: Node, share: float) -> Node:
    keep, drawn = np.asarray(model["keep"]), model["drawn"]
    used = np.sqrt(np.bincount(drawn, minlength=len(keep))) * keep * np.linalg.norm(model["vectors"], axis=1)
    ngrams, columns = kept_ngrams(model["ngrams"], _largest(used, share**_SMALL_ROWS))
    numbers = _numbers(columns)[drawn]
    arrays = {name: Matrix.of(model[name][columns]) for name in ("vectors", "keep")}
    return model | {"ngrams": model["ngrams"] | ngrams, **arrays, "drawn": numbers[numbers >= 0]}


def _largest(values: NDArray[Any], share: float) -> Mask:
    """Which are the largest, at least one; of equal ones the first."""
    kept = np.zeros(len(values), bool)
    kept[np.argsort(-values, kind="stable")[: max(math.ceil(share * len(values)), 1)]] = True
    return kept


def kept_ngrams(node: Node, wanted: Mask) -> tuple[Node, Mask]:
    """Leave out n-grams.

    Args:
        node: `alphabet`, `shortest` and `levels`, as a portable model describes n-grams.
        wanted: (F,) which to keep, of all lengths that are counted.

    Returns:
        The alphabet and the levels that are left; and (F,) what was kept, wanted or needed to find what is wanted.
    """
    shortest, levels = node["shortest"], node["levels"]
    tokens = node["alphabet"].values
    sizes = [len(tokens), *(len(level["first"]) for level in levels)]
    masks = [np.zeros(size, bool) for size in sizes[: shortest - 1]]
    masks += np.split(wanted.copy(), np.cumsum(sizes[shortest - 1 :])[:-1])
    rests = _rests(levels)
    for number in range(len(levels), 0, -1):
        for part in (levels[number - 1]["first"], rests[number - 1]):
            masks[number - 1][part[masks[number]]] = True
    numbers = [_numbers(mask) for mask in masks]
    left = [
        {"first": numbers[i][level["first"][masks[i + 1]]], "last": numbers[0][level["last"][masks[i + 1]]]}
        for i, level in enumerate(levels)
    ]
    alphabet = Strings(tuple(tokens[place] for place in np.flatnonzero(masks[0]).tolist()))
    return {"alphabet": alphabet, "levels": left}, np.concatenate(masks[shortest - 1 :])


def _rests(levels: list[Node]) -> list[NDArray[np.int64]]:
    """For each n-gram of each level the number of what is behind its first token, an n-gram of the level before."""
    found: list[NDArray[np.int64]] = []
    for number, level in enumerate(levels):
        if number == 0:
            found.append(level["last"].astype(np.int64))
            continue
        before = levels[number - 1]
        known = _pairs(before["first"], before["last"])
        order = np.argsort(known, kind="stable")
        asked = _pairs(found[-1][level["first"]], level["last"])
        found.append(order[np.searchsorted(known[order], asked)])
    return found


def _pairs(first: NDArray[np.integer], last: NDArray[np.integer]) -> NDArray[np.int64]:
    return first.astype(np.int64) << 32 | last


def _numbers(kept: Mask) -> NDArray[np.int32]:
    """New numbers of what is kept, -1 of the rest."""
    return np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
