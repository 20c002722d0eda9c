"""What each word of a text adds to a linear model's scores."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.texts.arithmetic import Floats
from unspool.candidates.texts.corpus import plain_characters
from unspool.candidates.texts.linear import FittedLinearTexts
from unspool.data.tokenizers.text_tokens import piece_tokens, text_pieces


class Attribution(NamedTuple):
    """The parts of a text and what they add.

    Attributes:
        pieces: what stands between white space, as it stands in the text.
        shares: (P, K), what each adds to each score.
        base: (K,), the scores of a text without any known n-gram.
    """

    pieces: list[str]
    shares: Floats
    base: Floats


def attribute(model: FittedLinearTexts, text: str) -> Attribution:
    """Share the scores of a text out among its words.

    What an n-gram adds is shared equally among its occurrences, and what an occurrence adds among its words or
    characters. Shares and base sum to the scores, up to rounding.

    Args:
        model: a linear model.
        text: one text.

    Example:
        >>> from unspool.candidates.texts.linear import NB_WORDS
        >>> model = NB_WORDS.fit(["a fine film", "a dull film"] * 4, [1, 0] * 4, "binary")
        >>> found = attribute(model, "A fine film!")
        >>> found.pieces, bool(found.shares[1, 0] > abs(found.shares[0, 0]))
        (['A', 'fine', 'film!'], True)
    """
    pieces = text_pieces(text)
    if not pieces:  # of a blank text characters know the space, which is nobody's
        return Attribution([], np.zeros((0, len(model.solution.constant))), model.scores([text])[0])
    total = np.zeros((len(pieces), len(model.solution.constant)))
    counts = [reader.read([text]) for reader in model.readers]
    for reader, count, shares in zip(model.readers, counts, model.shares(counts), strict=True):
        place = {column: at for at, column in enumerate(count.indices.tolist())}
        owner = (_owners_of_words if reader.ngrams.of == "words" else _owners_of_characters)(pieces)
        found, _ = reader.places([text])
        start = 0
        for size, (grams, width) in enumerate(zip(found, reader.widths, strict=True), reader.ngrams.shortest):
            for at in np.flatnonzero(grams >= 0).tolist():
                share = np.array([score[place[start + int(grams[at])]] for score in shares]) / size
                np.add.at(total, owner[at : at + size], share)
            start += width
    return Attribution(pieces, total, model.solution.base())


def _owners_of_words(pieces: list[str]) -> NDArray[np.int64]:
    """The piece of each token."""
    return np.repeat(np.arange(len(pieces)), [len(piece_tokens(piece)) for piece in pieces])


def _owners_of_characters(pieces: list[str]) -> NDArray[np.int64]:
    """The piece of each character of `corpus.characters`; a space is of the piece before, the first of the first."""
    lengths = [len(plain_characters([piece])) - 1 for piece in pieces]  # with one space
    owners = [at for at, length in enumerate(lengths) for _ in range(length if length > 1 else 0)]
    return np.array([owners[0] if owners else 0, *owners], np.int64)
