"""How an estimator reads its sequences: fixed on the training part, and kept with what was learned."""

from typing import TypeAlias

from unspool.data.texts.length import choose_length
from unspool.data.tokenizers.tokenizer import fit_tokenizer
from unspool.data.tokenizers.word_tokenizer import WordTokenizer
from unspool.estimators.errors import InputError
from unspool.estimators.inputs import Sequences, check_series, end_to_end
from unspool.estimators.settings import Settings
from unspool.readers import Inputs, SeriesReader, TextReader, TokenReader

Reader: TypeAlias = TextReader | TokenReader | SeriesReader


def fit_reader(sequences: Sequences, settings: Settings) -> Reader:
    """Fix how sequences are read.

    Args:
        sequences: of the training part only: what others hold must stay unknown.
        settings: vocabulary, tokenizer, length.

    Raises:
        UserError: they cannot be read together, or hold nothing.
    """
    if sequences.kind == "text":
        if not any(text.strip() for text in sequences.items):
            raise InputError("X holds nothing: every text is empty.")
        tokenizer = fit_tokenizer(sequences.items, settings.tokenizer or "words", settings.vocabulary)
        if isinstance(tokenizer, WordTokenizer) and not tokenizer.vocabulary:
            raise InputError(
                "Every word of the training texts of X occurs only once, so that none can be learned. Give more texts, "
                "or try tokenizer='bpe', which reads parts of words."
            )
        return TextReader(tokenizer, settings.length or choose_length(tokenizer.encode(sequences.items).lengths))
    if not sequences.lengths.any():
        raise InputError("X holds nothing: every sequence is empty.")
    if sequences.kind == "tokens":
        return TokenReader.fit(sequences.items, settings.vocabulary, settings.length)
    names = [str(number) for number in range(sequences.items[0].shape[1])]
    return SeriesReader.fit(end_to_end(sequences), sequences.lengths, names, settings.length)


def read(reader: Reader, sequences: Sequences) -> Inputs:
    """Turn N sequences into what the model takes.

    Raises:
        UserError: series have other channels than in training, or numbers that are infinite.
    """
    if isinstance(reader, TextReader | TokenReader):
        return reader.read(sequences.items)
    check_series(sequences, len(reader.channels))
    return reader.read_series(sequences.items)
