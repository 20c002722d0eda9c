"""Readers as parts of a portable model, and golden inputs of networks as the raw examples that they are read from."""

from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.tokenizers.byte_pairs import BytePairTokenizer
from unspool.data.tokenizers.vocabulary import INDEX_FROM
from unspool.data.tokenizers.word_tokenizer import WordTokenizer
from unspool.errors import UserError
from unspool.export.byte_pairs import byte_pairs_node
from unspool.export.golden import PROBES, WORD_PROBES, RawInputs
from unspool.export.packing import Node, Strings
from unspool.files import DAMAGE, reason_of
from unspool.models.series import present_steps
from unspool.readers import (
    ImageReader,
    PairReader,
    SeriesReader,
    StepReader,
    TextReader,
    TokenReader,
    VocabularyReader,
    WordReader,
)
from unspool.runs.checking.golden import Golden
from unspool.runs.records.folder import GOLDEN
from unspool.tasks.translation import MOST_TOKENS

MOST_STEPS = 4096
"""The most steps of a golden series: each has a tag in the description, of which the runtime reads 16 MiB."""
_UNSEEN = -(2**40)
"""A token id that no training sequence has."""


@singledispatch
def reader_node(reader: Any) -> Node:
    """Describe the reader of a network.

    Raises:
        UserError: it cannot be exported; names it.
    """
    raise UserError(f"A model that reads {reader.described} cannot be exported yet.")


@reader_node.register
def _(reader: TextReader) -> Node:
    if isinstance(reader.tokenizer, WordTokenizer):
        return {"kind": "words", "length": reader.length, "vocabulary": Strings(reader.tokenizer.vocabulary)}
    assert isinstance(reader.tokenizer, BytePairTokenizer)
    node = {"kind": "byte pair texts", "length": reader.length, "lowercase": False}
    return node | byte_pairs_node(reader.tokenizer)


@reader_node.register
def _(reader: VocabularyReader) -> Node:
    return {
        "kind": "ranked words",
        "length": reader.length,
        "num_words": reader.num_words,
        "skip_top": reader.skip_top,
        "vocabulary": Strings(reader.vocabulary.words),
    }


@reader_node.register
def _(reader: PairReader) -> Node:
    if reader.length > MOST_TOKENS:
        raise UserError(
            f"This model cannot be exported: it reads {reader.length:,} tokens of a text, and a portable model reads "
            f"{MOST_TOKENS:,} at most. Train it with a smaller data.length."
        )
    node = {"kind": "byte pairs", "length": reader.length, "lowercase": reader.lowercase}
    return node | byte_pairs_node(reader.tokenizer)


@reader_node.register
def _(reader: TokenReader) -> Node:
    return {"kind": "ids", "length": reader.length, "known": reader.known}


@reader_node.register
def _(reader: WordReader) -> Node:
    return {"kind": "forms of words", "vocabulary": Strings(reader.words)}


@reader_node.register
def _(reader: StepReader) -> Node:
    mean, scale = list(reader.mean), list(reader.scale)
    return {"kind": "standardized series", "channels": list(reader.channels), "mean": mean, "scale": scale}


@reader_node.register
def _(reader: SeriesReader) -> Node:
    return {
        "kind": "standardized series",
        "channels": list(reader.channels),
        "length": reader.length,
        "mean": list(reader.mean),
        "scale": list(reader.scale),
    }


@reader_node.register
def _(reader: ImageReader) -> Node:
    return {"kind": "images", "length": reader.length, "features": reader.features}


def raw_examples(reader: Any, golden: Golden, texts: list[str]) -> RawInputs:
    """Raw examples that a network's reader turns into its golden inputs.

    Args:
        reader: the model's.
        golden: of its run: token ids, or standardised series.
        texts: the texts that these were, where they are known; else the words that are known stand for them.

    Raises:
        UserError: the golden inputs are another model's.
    """
    try:
        return _raw_examples(reader, golden.inputs, texts)
    except DAMAGE as error:
        raise UserError(
            f"{GOLDEN} holds examples that the model cannot read ({reason_of(error)}): it is another model's."
        ) from error


def _raw_examples(reader: Any, inputs: Any, texts: list[str]) -> RawInputs:
    if isinstance(reader, TextReader | PairReader) and isinstance(reader.tokenizer, BytePairTokenizer):
        return RawInputs("texts", [*(texts or [reader.tokenizer.decode(ids) for ids in inputs]), *PROBES])
    if isinstance(reader, TextReader | VocabularyReader):
        known = [" ".join(reader.tokens(one for one in ids.tolist() if one > INDEX_FROM)) for ids in inputs]
        return RawInputs("texts", [*(texts or known), *PROBES])
    if isinstance(reader, WordReader):
        return RawInputs("words", [*(reader.spelled(ids.tolist()) for ids in inputs), *map(list, WORD_PROBES)])
    if isinstance(reader, StepReader):
        return RawInputs("series", [reader.original(one[-MOST_STEPS:]).astype(np.float32) for one in inputs])
    if isinstance(reader, TokenReader):
        return RawInputs("ids", [_original_ids(reader, ids) for ids in inputs])
    if isinstance(reader, SeriesReader):
        present = zip(inputs, present_steps(inputs), strict=True)
        return RawInputs("series", [reader.original(one[there]).astype(np.float32) for one, there in present])
    return RawInputs("series", list(np.asarray(inputs, np.float32)))


def _original_ids(reader: TokenReader, ids: NDArray[np.int32]) -> NDArray[np.int64]:
    places = np.clip(ids.astype(np.int64) - INDEX_FROM - 1, 0, max(len(reader.known) - 1, 0))
    known = reader.known[places] if len(reader.known) else np.full(len(ids), _UNSEEN)
    return np.where(ids > INDEX_FROM, known, _UNSEEN).astype(np.int64)
