"""A model that writes a text for each text."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from unspool_runtime.answers import Floats
from unspool_runtime.byte_pairs import BytePairs
from unspool_runtime.errors import InputError
from unspool_runtime.node import Node
from unspool_runtime.predicting import PredictsOnly
from unspool_runtime.ragged import Ragged
from unspool_runtime.readers import START, SeriesReader, checked_texts
from unspool_runtime.translation.encoder_decoder import EncoderDecoder
from unspool_runtime.translation.encoder_decoder_weights import EncoderDecoderWeights
from unspool_runtime.translation.pronouncing import KIND, Ranking
from unspool_runtime.translation.searching import MOST_BEAM, MOST_TOKENS, Answer, Search
from unspool_runtime.translation.transformer import Transformer
from unspool_runtime.translation.transformer_weights import TransformerWeights


class Translation(NamedTuple):
    """One translation of a text.

    Attributes:
        text: the translation.
        score: what translations of one text are ranked by: the log-probability divided by
            ((5 + length) / 6) ** length_penalty; in a greedy search the log-probability itself. Of a pronunciation that
            is ranked by joint n-grams, too, a mean of both log-probabilities.
        log_probability: of its tokens, the end token included.
        ended: whether the model ended it; if not, it was cut at the model's maximum length.
    """

    text: str
    score: float
    log_probability: float
    ended: bool


class TranslationEngine(PredictsOnly):
    """A Transformer or an encoder-decoder, its tokenizer, and how it searches.

    Args:
        description: the whole one. The "reader" of a model that reads series has no tokenizer; that of what is written
            is the "pieces".

    Attributes:
        reads: "texts", or "series" where it writes a text for each series.
    """

    shape = (1,)

    def __init__(self, description: Node):
        model, reader = description.node("model"), description.node("reader")
        self._series: SeriesReader | None = None
        self._ranking: Ranking | None = None
        self._network: Transformer | EncoderDecoder
        if reader.choice("kind", "byte pairs", "standardized series") == "byte pairs":
            self.reads = "texts"
            self._tokens = BytePairs(reader)
            self._length = reader.whole("length", 1, MOST_TOKENS)
            if model.choice("kind", "transformer", "encoder decoder", KIND) == KIND:
                self._ranking, model = Ranking.read(model), model.node("network")
            recurrent = model.choice("kind", "transformer", "encoder decoder") == "encoder decoder"
            self._network = (
                EncoderDecoder(EncoderDecoderWeights.read(model))
                if recurrent
                else Transformer(TransformerWeights.read(model))
            )
            if len(self._network.weights.source_embedding) < self._tokens.size:
                raise model.wrong("its source embedding is shorter than the tokenizer has ids")
        else:
            self.reads = "series"
            self._tokens = BytePairs(description.node("pieces"))
            self._series = SeriesReader(reader)
            model.choice("kind", "encoder decoder")
            self._network = EncoderDecoder(EncoderDecoderWeights.read(model, self._series.width))
        self._noted = self.reads != "texts"
        self._search = Search.read(description.node("task"), len(self._network.weights.target_embedding))

    def translate(
        self,
        examples: list[Any],
        count: int,
        beam: int | None = None,
        maximum: int | None = None,
        scored: bool = True,
    ) -> list[list[Translation]]:
        """The `count` best translations of each of N texts or series, see `Model.translate`."""
        if not isinstance(count, int) or not 1 <= count <= MOST_BEAM:
            raise InputError(f"The count is {count!r}: it must be a whole number from 1 to {MOST_BEAM}.")
        size = max(self._search.beam, count) if beam is None else beam
        if not isinstance(size, int) or not count <= size <= MOST_BEAM:
            raise InputError(f"The beam is {size!r}: it must be a whole number from {count} to {MOST_BEAM}.")
        longest = self._search.maximum if maximum is None else maximum
        if not isinstance(longest, int) or not 1 <= longest <= MOST_TOKENS:
            raise InputError(f"The maximum is {longest!r}: it must be a whole number from 1 to {MOST_TOKENS}.")
        ranking = self._ranking if size > 1 else None  # a greedy search has nothing to rank
        every = ranking or count > 1  # several answers may be one text, split differently
        how = replace(self._search, beam=size, returned=size if every else 1, maximum=longest)
        found = self._ranked(ranking, checked_texts(examples), how) if ranking else self._answers(examples, how, scored)
        bad = [place for place, answers in enumerate(found) if any(np.isnan(one.log_probability) for one in answers)]
        if bad:
            where = f"Example {bad[0]} (counted from 0)"
            raise InputError(f"{where}: the answer is NaN or infinity, because the model's numbers are too large.")
        return [self._told(answers, count) for answers in found]

    def note_on_cut(self, examples: list[Any]) -> str:
        """A sentence for the log, the first time that texts are longer than the model reads; "" otherwise."""
        if self._noted or not any(len(self._encoded(one, self._length)) >= self._length for one in examples):
            return ""
        self._noted = True
        return f"Some texts are longer than the model reads: only their first {self._length - 1:,} tokens count."

    def _answers(self, examples: list[Any], how: Search, scored: bool) -> list[list[Answer]]:
        if self._series is not None and isinstance(self._network, EncoderDecoder):
            return self._network.answer_series(self._series.standardized(examples), how, scored)
        return self._network.answer(Ragged.of(self._ids(checked_texts(examples))), how, scored)

    def _ranked(self, ranking: Ranking, words: list[str], how: Search) -> list[list[Answer]]:
        ids = self._ids(words)
        found = self._network.answer(Ragged.of(ids), how)
        read = [self._tokens.decode(one) for one in ids]
        return ranking.ranked(found, read, [[self._tokens.decode(one.ids) for one in some] for some in found])

    def _ids(self, texts: list[str]) -> list[list[int]]:
        return [[START, *self._encoded(text, self._length - 1)] for text in texts]

    def _encoded(self, text: str, most: int) -> list[int]:
        return self._tokens.encode(text.strip(), most)

    def _told(self, ranked: list[Answer], count: int) -> list[Translation]:
        """The best `count` texts, each once, at its best rank."""
        best: dict[str, Translation] = {}
        for one in ranked if count > 1 else ranked[:1]:
            text = self._tokens.decode(one.ids).strip()
            best.setdefault(text, Translation(text, one.score, one.log_probability, one.ended))
        return [*best.values()][:count]

    def outputs(self, examples: list[Any]) -> Floats:
        """(N, 1): the score of the best translation."""
        return np.array([[best[0].score] for best in self.translate(examples, 1)], np.float64)
