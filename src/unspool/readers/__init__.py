"""Raw examples to arrays: what a model reads, fixed in training and saved with it."""

from pathlib import Path
from typing import TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from unspool.data.definitions import altered, read_definition
from unspool.data.stored_ragged import Sequences
from unspool.errors import UserError
from unspool.files import DAMAGE
from unspool.readers.definition import READER, TOKENIZER, WHAT
from unspool.readers.forecasts import ForecastReader
from unspool.readers.pairs import PairReader
from unspool.readers.raw import RawExamples, RawSeriesReader, RawTextReader, RawWordReader
from unspool.readers.series import ImageReader, SeriesReader, StepReader
from unspool.readers.text import TextReader, VocabularyReader
from unspool.readers.tokens import TokenReader
from unspool.readers.words import WordReader

Reader: TypeAlias = (
    TextReader
    | VocabularyReader
    | TokenReader
    | SeriesReader
    | ImageReader
    | RawTextReader
    | RawSeriesReader
    | WordReader
    | RawWordReader
    | StepReader
    | PairReader
    | ForecastReader
)

Inputs: TypeAlias = Sequences | NDArray[np.float32] | NDArray[np.int32] | RawExamples
"""What a model takes: N token sequences, or N series (N, T, C) with NaN beyond their ends, or N rows of ids (N, T);
or raw examples."""

READERS: dict[str, type[Reader]] = {one.kind: one for one in get_args(Reader)}
"""By the kind that reader.json names."""

_FORMER = "split words"
"""The kind of reader that taggers had before `WordReader` read the forms of words."""


def load_reader(folder: Path) -> Reader:
    """Read what a reader's `save` wrote.

    Raises:
        UserError: a file is missing, cut short or altered; or it is from a tagger of an earlier version of unspool.
    """
    path = folder / READER
    content = read_definition(path, WHAT)
    try:
        if content["kind"] == _FORMER:
            raise UserError(f"{folder}: an earlier version of unspool trained this tagger. Train it again.")
        if content["kind"] not in READERS:
            raise ValueError(f"there is no kind {content['kind']!r}")
        return READERS[content["kind"]].load(folder, content)
    except UserError:
        raise
    except DAMAGE as error:
        raise altered(path, WHAT, error) from error


def reads_texts(reader: Reader) -> bool:
    """Whether what it reads are texts."""
    return isinstance(reader, TextReader | VocabularyReader | RawTextReader | PairReader)


__all__ = [
    "READER",
    "READERS",
    "TOKENIZER",
    "ForecastReader",
    "ImageReader",
    "Inputs",
    "PairReader",
    "RawExamples",
    "RawSeriesReader",
    "RawTextReader",
    "RawWordReader",
    "Reader",
    "SeriesReader",
    "StepReader",
    "TextReader",
    "TokenReader",
    "VocabularyReader",
    "WordReader",
    "load_reader",
    "reads_texts",
]
