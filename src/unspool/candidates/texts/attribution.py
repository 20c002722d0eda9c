"""Attributions: what each word of a text adds to a model's scores."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.texts.arithmetic import Floats
from unspool.candidates.texts.candidate import FittedTexts
from unspool.candidates.texts.convolution import FittedConvolutionTexts
from unspool.candidates.texts.corpus import plain_characters
from unspool.candidates.texts.fitted_blend import FittedBlendTexts
from unspool.candidates.texts.language_models.candidate import FittedLanguageModelTexts
from unspool.candidates.texts.linear import FittedLinearTexts
from unspool.candidates.texts.trees import FittedTreesTexts
from unspool.candidates.texts.vectors import FittedVectorTexts
from unspool.data.texts.side_columns import TextRow
from unspool.data.tokenizers.text_tokens import piece_tokens, text_pieces


class Attribution(NamedTuple):
    """The words of a text and what each adds to the scores.

    Attributes:
        pieces: the P words between white space, unchanged.
        shares: (P, K), what each adds to each score.
        base: (K,), the scores of an empty text with the same cells beside it.
    """

    pieces: list[str]
    shares: Floats
    base: Floats


def attribute(model: FittedTexts, text: str) -> Attribution:
    """Divide the scores of a text among its words; shares and base sum to the scores, up to rounding.

    - Linear: the contribution of an n-gram is divided equally among its occurrences, and that of an occurrence among
      its words or characters.
    - Convolution: the contribution of a filter is divided among the words or characters of its maximal window.
    - Vectors: the contribution of an n-gram is by how much it moves the text's vector in inference; its words share it
      equally.
    - Language model and trees: the contribution of a word is the change of the scores when it is read after the words
      before it.
    - Blend: the contributions in its parts are added, each times its factor.

    Columns beside the text count in the base.

    Example:
        >>> from unspool.candidates.texts.linear import NB_WORDS
        >>> model = NB_WORDS.fit(["a fine film", "a dull film"] * 4, [1, 0] * 4, "binary")
        >>> found = attribute(model, "A fine film!")
        >>> found.pieces, bool(found.shares[1, 0] > abs(found.shares[0, 0]))
        (['A', 'fine', 'film!'], True)
    """
    pieces = text_pieces(text)
    if isinstance(model, FittedBlendTexts):
        parts = [attribute(part, text) for part in model.parts]
        shares = np.einsum("p,pnk->nk", model.factors, [part.shares for part in parts])
        return Attribution(pieces, shares, np.einsum("p,pk->k", model.factors, [part.base for part in parts]))
    scores = model.scores([text])[0]
    total = np.zeros((len(pieces), len(scores)))
    columns_alone = isinstance(model, FittedTreesTexts) and model.reader is None
    if columns_alone or not plain_characters(pieces).strip():
        return Attribution(pieces, total, scores)  # of a blank text characters know the space, which is nobody's
    if isinstance(model, FittedTreesTexts):
        return _of_beginnings(model, text, pieces)
    if isinstance(model, FittedLinearTexts):
        _add_shares_of_ngrams(total, model, text, pieces)
        return Attribution(pieces, total, model.base(text))
    if isinstance(model, FittedConvolutionTexts):
        owner = (_owners_of_words if model.vocabulary.of == "words" else _owners_of_characters)(pieces)
        np.add.at(total, owner, model.shares(text))
        return Attribution(pieces, total, model.base())
    owner = _owners_of_words(pieces)
    if isinstance(model, FittedVectorTexts):
        for start, size, share in zip(*model.shares(text), strict=True):
            np.add.at(total, owner[start : start + size], share / size)
    else:
        assert isinstance(model, FittedLanguageModelTexts)
        np.add.at(total, owner, model.shares(text))
    return Attribution(pieces, total, model.scores([""])[0])


def _of_beginnings(model: FittedTexts, text: str, pieces: list[str]) -> Attribution:
    """How the scores change from each beginning of a text to the next, one word longer."""
    cells = text.cells if isinstance(text, TextRow) else ()
    beginnings = (" ".join(pieces[:count]) for count in range(len(pieces) + 1))
    scores = model.scores(TextRow(one, cells) for one in beginnings)
    scores[-1:] = model.scores([text])
    return Attribution(pieces, np.diff(scores, axis=0), scores[0])


def _add_shares_of_ngrams(total: Floats, model: FittedLinearTexts, text: str, pieces: list[str]) -> None:
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


def _owners_of_words(pieces: list[str]) -> NDArray[np.int64]:
    """The index of the piece that each token belongs to."""
    return np.repeat(np.arange(len(pieces)), [len(piece_tokens(piece)) for piece in pieces])


def _owners_of_characters(pieces: list[str]) -> NDArray[np.int64]:
    """The index of each character's piece; a space belongs to the piece before it, the first one to the first piece."""
    lengths = [len(plain_characters([piece])) - 1 for piece in pieces]  # with one space
    owners = [at for at, length in enumerate(lengths) for _ in range(length if length > 1 else 0)]
    return np.array([owners[0] if owners else 0, *owners], np.int64)
