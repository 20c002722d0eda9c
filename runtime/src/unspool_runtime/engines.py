"""What computes a model's answers, put together from its description."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.answers import Answers, Floats
from unspool_runtime.autoencoder import Autoencoder
from unspool_runtime.characters import Characters
from unspool_runtime.errors import ModelError
from unspool_runtime.forecasts import HISTORIES, Forecaster, HistoryReader
from unspool_runtime.networks import checked_network, computed
from unspool_runtime.node import Node
from unspool_runtime.predicting import PredictsOnly
from unspool_runtime.readers import (
    BytePairTextsReader,
    IdsReader,
    ImageReader,
    RankedWordsReader,
    Reader,
    SeriesReader,
    WordFormsReader,
    WordsReader,
    checked_texts,
    checked_words,
    filled,
    present_series,
)
from unspool_runtime.series import FlatSeries, StepsModel, read_series_model
from unspool_runtime.stream import Stream
from unspool_runtime.texts import RowReader, WordsModel, read_text_model
from unspool_runtime.translation import TranslationEngine

MOST_FACTOR = 64
"""How many times as high and wide images may become."""


class Engine(Protocol):
    """From raw examples to outputs.

    Attributes:
        reads: what an example is, "texts", "rows", "words", "series", "ids" or "histories".
    """

    reads: str

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of an example's outputs, such as (K,); (0, K) where there are as many as the example has steps."""

    def outputs(self, examples: list[Any]) -> Floats:
        """(N, K) as `Answers.decide` takes them."""

    def encode(self, examples: list[Any]) -> NDArray[np.float32]:
        """(N, L) latent vectors, of an autoencoder."""

    def decode(self, vectors: Any) -> NDArray[np.float32]:
        """(N, T, D) sequences, of an autoencoder."""

    def stream(self, sessions: int, digest: str) -> Stream:
        """Series step by step."""


_FORMER = "split words"
"""The kind of reader that taggers had before `WordFormsReader`."""


def read_engine(node: Node, answers: Answers) -> Engine:
    """Put a model together.

    Args:
        node: the whole description.
        answers: its task.

    Raises:
        ModelError: it is damaged, of a kind that this version does not know, or a tagger of an earlier version.
    """
    reader, model = node.node("reader"), node.node("model")
    if reader.text("kind") == _FORMER:
        raise ModelError("An earlier version of unspool trained this tagger. Train it again, and export it.")
    kind = reader.choice("kind", "texts", "rows", "raw words", "series", "byte pairs", *HISTORIES, *_READERS)
    fitting = {
        "translation": ("byte pairs", "standardized series"),
        "forecasting": HISTORIES,
        "super_resolution": ("images",),
        "tagging": ("raw words", "series", "forms of words", "standardized series"),
    }.get(answers.kind, ("texts", "rows", "series", *_READERS))
    if kind not in fitting:
        raise reader.wrong("it does not fit the task")
    if kind in HISTORIES:
        return ForecastEngine(model, HistoryReader(reader, node.node("task")))
    if answers.kind == "translation":
        return TranslationEngine(node)
    if answers.kind == "super_resolution":
        return UpscalingEngine(model, ImageReader(reader), answers)
    if kind == "texts":
        return TextEngine(model, Characters.read(node.node("characters")), answers)
    if kind == "rows":
        return RowEngine(model, RowReader.read(reader), Characters.read(node.node("characters")), answers)
    if kind == "raw words":
        return WordsEngine(model, answers)
    if kind == "series":
        return (StepsEngine if answers.kind == "tagging" else SeriesEngine)(model, reader, answers)
    found = _READERS[kind](reader, lambda: Characters.read(node.node("characters")))
    if answers.kind == "tagging":
        if isinstance(found, SeriesReader):
            found.whole = True
        return TaggingEngine(model, found, answers)
    if model.choice("kind", "network", "autoencoder") == "network":
        return NetworkEngine(model, found, answers)
    if not isinstance(found, SeriesReader | ImageReader):
        raise model.wrong("an autoencoder reads series or images")
    return Autoencoder(model, found, answers)


_READERS: dict[str, Callable[[Node, Callable[[], Characters]], Reader]] = {
    "words": lambda reader, characters: WordsReader(reader, characters()),
    "byte pair texts": lambda reader, _: BytePairTextsReader(reader),
    "ranked words": lambda reader, _: RankedWordsReader(reader),
    "forms of words": lambda reader, _: WordFormsReader(reader),
    "ids": lambda reader, _: IdsReader(reader),
    "standardized series": lambda reader, _: SeriesReader(reader),
    "images": lambda reader, _: ImageReader(reader),
}


def read_reader(kind: str, node: Node, characters: Callable[[], Characters]) -> Reader | None:
    """Read the reader of a network from its description; None where there is none of that kind.

    Args:
        kind: its kind.
        node: its description.
        characters: gives the classes of characters, for readers that split texts by them.

    Raises:
        ModelError: it is damaged.
    """
    return _READERS[kind](node, characters) if kind in _READERS else None


class TextEngine(PredictsOnly):
    """A model that reads whole texts."""

    reads = "texts"

    def __init__(self, node: Node, characters: Characters, answers: Answers):
        self._answers, self._model = answers, read_text_model(node, characters, answers.width)
        self.shape = (answers.width,)

    def outputs(self, examples: list[Any]) -> Floats:
        """(N, K)."""
        return self._answers.of_scores(self._model.scores(checked_texts(examples)))


class RowEngine(PredictsOnly):
    """A model that reads whole texts and columns beside them."""

    reads = "rows"

    def __init__(self, node: Node, reader: RowReader, characters: Characters, answers: Answers):
        self._answers, self._reader = answers, reader
        self._model = read_text_model(node, characters, answers.width, reader.beside)
        self.shape = (answers.width,)

    def outputs(self, examples: list[Any]) -> Floats:
        """(N, K)."""
        return self._answers.of_scores(self._model.scores(self._reader.rows(examples)))


class SeriesEngine(PredictsOnly):
    """A model that reads whole series."""

    reads = "series"

    def __init__(self, node: Node, reader: Node, answers: Answers):
        self._channels, self._mean = _channels_of(reader)
        self._answers, self._binary = answers, answers.kind == "binary"
        self._model = read_series_model(node, self._channels, 2 if self._binary else answers.width)
        self.shape = (answers.width,)

    def outputs(self, examples: list[Any]) -> Floats:
        """(N, K)."""
        given = filled(present_series(examples, self._channels), self._mean)
        found = self._model.outputs(FlatSeries.of([one.astype(np.float32) for one in given], self._channels))
        return found[:, 1:] if self._binary else self._answers.of_numbers(found)


def _channels_of(reader: Node) -> tuple[int, NDArray[np.float64] | None]:
    """How many channels a series has, and the mean of each, if that is known."""
    channels = len(reader.texts("channels"))
    mean = np.array(reader.numbers("mean")) if reader.has("mean") else None
    if not channels or (mean is not None and len(mean) != channels):
        raise reader.wrong("the means do not fit the channels")
    return channels, mean


class StepsEngine(PredictsOnly):
    """A model that tags each step of a series by the steps around it."""

    reads = "series"

    def __init__(self, node: Node, reader: Node, answers: Answers):
        self._channels, self._mean = _channels_of(reader)
        self._width, self.shape = answers.width, (0, answers.width)
        self._model = StepsModel(node, self._channels, answers.width)

    def outputs(self, examples: list[Any]) -> Floats:
        """(N, T, K), zeros behind the end of each example; T is the length of the longest."""
        series = filled(present_series(examples, self._channels, whole=True), self._mean)
        found = np.zeros((len(series), max(map(len, series)), self._width))
        for place, one in enumerate(series):
            found[place, : len(one)] = self._model.outputs(one.astype(np.float32))
        return found


class WordsEngine(PredictsOnly):
    """A model that tags each word of a text by the words around it."""

    reads = "words"

    def __init__(self, node: Node, answers: Answers):
        self._width, self._network, self.shape = answers.width, None, (0, answers.width)
        if node.choice("kind", "window words", "blend words") == "blend words":
            self._network = TaggingEngine(node.node("network"), WordFormsReader(node.node("reader")), answers)
            node = node.node("linear")
        self._model = WordsModel(node, answers.width)

    def outputs(self, examples: list[Any]) -> Floats:
        """(N, T, K), zeros behind the end of each example; T is the length of the longest."""
        texts = checked_words(examples)
        found = np.zeros((len(texts), max(map(len, texts)), self._width))
        for place, words in enumerate(texts):
            found[place, : len(words)] = self._model.outputs(words)
        return found if self._network is None else (found + self._network.outputs(examples)) / 2


class ForecastEngine(PredictsOnly):
    """A model that forecasts what comes after a history."""

    reads = "histories"

    def __init__(self, node: Node, reader: HistoryReader):
        self._reader, self._model = reader, Forecaster(node, reader.setup)
        self.shape = (reader.setup.horizon, 3)

    def outputs(self, examples: list[Any]) -> Floats:
        """(N, H, 3) the quantiles .1, .5 and .9 of each step; no example's depend on the others."""
        return np.stack([self._model.quantiles(item) for item in self._reader.items(examples)])


class NetworkEngine(PredictsOnly):
    """A network and its reader."""

    def __init__(self, node: Node, reader: Reader, answers: Answers):
        self._network = checked_network(node, reader)
        if self._network.width != answers.width or self._network.gives_sequences:
            raise node.wrong("the last layer does not fit the task")
        self._reader, self._answers, self.reads, self.shape = reader, answers, reader.reads, (answers.width,)

    def outputs(self, examples: list[Any]) -> Floats:
        """(N, K)."""
        return self._answers.of_head(computed(self._network, self._reader, examples))

    def stream(self, sessions: int, digest: str) -> Stream:
        """Series step by step."""
        if not isinstance(self._reader, SeriesReader):
            return super().stream(sessions, digest)
        return Stream(self._network, self._reader, self._answers, sessions, digest)


class UpscalingEngine(PredictsOnly):
    """A network that enlarges images: its output for a row is added to the row's repeated pixels."""

    reads = "series"

    def __init__(self, node: Node, reader: ImageReader, answers: Answers):
        node.choice("kind", "upscaler")
        self._factor = node.whole("factor", 1, MOST_FACTOR)
        self._network = checked_network(node.node("network"), reader)
        wanted = self._factor**2 * reader.width
        if not self._network.gives_sequences or (self._network.width, answers.rows) != (
            wanted,
            self._factor * reader.length,
        ):
            raise node.wrong("it does not give all pixels of the larger images")
        self._reader, self.shape = reader, (wanted * reader.length,)

    def outputs(self, examples: list[Any]) -> Floats:
        """(N, T D) grey values of larger images, from 0 to 1 where they are not cut off yet."""
        found = np.zeros((len(examples), *self.shape))
        for places, steps in self._reader.batches(examples):
            repeated = np.tile(np.repeat(steps.values, self._factor, axis=2), (1, 1, self._factor))
            found[places] = (repeated + self._network(steps)).reshape(len(places), -1)
        return found


class TaggingEngine(PredictsOnly):
    """A network that answers at every step, and its reader."""

    def __init__(self, node: Node, reader: Reader, answers: Answers):
        self._network = checked_network(node, reader)
        masked = isinstance(reader, SeriesReader | WordFormsReader)
        if self._network.width != answers.width or not self._network.gives_sequences or not masked:
            raise node.wrong("it does not give an answer at every step that is there")
        self._reader, self._answers, self.reads, self.shape = reader, answers, reader.reads, (0, answers.width)

    def outputs(self, examples: list[Any]) -> Floats:
        """(N, T, K), zeros behind the end of each example; T is the length of the longest."""
        found = list[tuple[NDArray[np.int64], Floats]]()
        for places, steps in self._reader.batches(examples):
            told: Any = steps.mask if steps.tokens is None else steps.tokens[:, :, 0]
            there = np.not_equal(told, 0)
            found.append((places, np.where(there[:, :, None], self._answers.of_head(self._network(steps)), 0)))
        longest = max(some.shape[1] for _, some in found)
        whole = np.zeros((len(examples), longest, self._answers.width))
        for places, some in found:
            whole[places, : some.shape[1]] = some
        return whole
