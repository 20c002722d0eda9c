"""Translation: a text in, another text out, token by token."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, cast

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import Label, Targets
from unspool.data.ragged import Ragged
from unspool.data.stored_ragged import Sequences
from unspool.data.tables.problems import Flaw, Reason
from unspool.data.tables.writing import without_apostrophe
from unspool.data.tokenizers.byte_pairs import BytePairTokenizer
from unspool.data.tokenizers.vocabulary import START, UNKNOWN
from unspool.errors import UserError
from unspool.evaluation.baselines.joint_ngrams import are_words, joint_character_ngrams
from unspool.evaluation.baselines.simple_models import RawParts, SimpleModel
from unspool.evaluation.baselines.translation import copied_source, nearest_text, word_by_word
from unspool.evaluation.measures.translation import MEASURES, details_of, long_enough_for_bleu, sentence_scores
from unspool.evaluation.result import Predictions
from unspool.evaluation.text_arrays import as_array, texts_of
from unspool.evaluation.translated import AttentionMap, Translated
from unspool.evaluation.translation_examples import chosen_examples
from unspool.tasks.attention_map import MOST_DRAWN, attention_weights, short_source
from unspool.tasks.base import PREDICTION_BATCH, Outputs, ShownLabels, Task
from unspool.tasks.finite import finite
from unspool.tasks.other_answers import UnusableAnswer

if TYPE_CHECKING:
    import keras

    from unspool.models.encoding_decoding import SequenceToSequence
    from unspool.readers.pairs import PairReader
    from unspool.training.decoding import Decoded

END = UNKNOWN
"""Ends a translation: byte-level BPE knows every text, so that the id is free."""
MOST_TOKENS, MOST_BEAM, MOST_PENALTY = 4096, 100, 100
"""Bounds of what a file may ask for."""

ENOUGH_FOR_A_TRANSFORMER = 10_000
"""Pairs for training from which a Transformer suits them better than a recurrent network."""


@dataclass(frozen=True)
class Translation(Task):
    """A text for each text; targets are N sequences of ids, as they are scored (N, L) bytes (see `text_arrays`).

    Attributes:
        bpe: the tokenizer of both sides, as the tokenizers library writes it.
        lowercase: whether capitals count as small letters.
        maximum: ids of a translation at most, its end among them.
        beam: hypotheses that a search keeps; 1 takes the most probable token each time (greedy).
        written: the first ids of the tokenizer, which a translation is made of; 0: all of them.
        length_penalty: of a beam search, see `unspool.models.search.Beam`.

    Example:
        >>> from unspool.readers.pairs import PairReader
        >>> reader = PairReader.fit(["ein mann"] * 2, ["a man"] * 2, size=262)
        >>> task = Translation.of(reader, ["a man"])
        >>> texts_of(task.truth(task.encode(["A man!"])))
        ['A man!']
    """

    bpe: str = field(default="", repr=False)
    lowercase: bool = False
    maximum: int = 1
    beam: int = 1
    written: int = 0
    length_penalty: float = 1.0

    name = "translation"
    title = "translation (a text for each text)"
    counts_labels = False
    with_answer = "translated as"
    example_measure: ClassVar[str] = "chrF"
    """By which single translations are compared, in words."""
    noun: ClassVar[str] = "translation"
    """What is written, as a report calls it."""
    nouns: ClassVar[str] = "translations"
    words: ClassVar[str] = "words"
    """What spaces part in it."""
    merged: ClassVar[Literal["both", "targets"]] = "both"
    """Whose pieces of words become tokens, see `PairReader.fit`."""
    usual_beam: ClassVar[int] = 1
    """Where a recipe names none."""
    pipeline_of_texts = "translation"
    measures = MEASURES
    compared: ClassVar[tuple[str, ...]] = ("bleu", "chrf", "exact_match")
    shapes: ClassVar[tuple[str, ...]] = ("transformer", "encoder_decoder")
    network = "a translation model"
    activation = "linear"
    loss = "smoothed_crossentropy"
    figures: ClassVar[tuple[str, ...]] = ("headline", "loss", "attention")
    sections = ("translated.html.j2",)
    explainable = False
    has_probabilities = False
    no_probabilities = "This model writes texts, without probabilities. Use predict."

    def __post_init__(self) -> None:
        if self.names:
            raise ValueError(f"{len(self.names)} names do not suit the task translation")
        if not 1 <= self.maximum <= MOST_TOKENS or not 1 <= self.beam <= MOST_BEAM or self.written < 0:
            raise ValueError("maximum, beam or written is out of bounds")
        if not 0 <= self.length_penalty <= MOST_PENALTY:
            raise ValueError(f"length_penalty is {self.length_penalty!r}")

    @classmethod
    def fitted(
        cls,
        sources: Sequence[str],
        targets: Sequence[str],
        size: int | None = None,
        length: int | None = None,
        lowercase: bool = False,
        beam: int | None = None,
    ) -> "tuple[PairReader, Self]":
        """Learn from the training pairs how texts are read and written.

        Args:
            sources: N texts.
            targets: of the same.
            size: see `PairReader.fit`; length and lowercase, too.
            length: see there.
            lowercase: see there.
            beam: see `of`.

        Raises:
            UserError: a library that the scores need is not installed.
        """
        from unspool.readers.pairs import PairReader

        cls.check_libraries()
        texts = cls.learned_from(targets)
        reader = PairReader.fit(sources, texts, size, length, lowercase, merged=cls.merged)
        return reader, cls.of(reader, texts, beam)

    @classmethod
    def check_libraries(cls) -> None:
        """Make sure that what the scores need is installed.

        Raises:
            UserError: it is not.
        """

    @classmethod
    def learned_from(cls, targets: Sequence[str]) -> Sequence[str]:
        """The texts that N targets hold: one each, unless several are right."""
        return targets

    @classmethod
    def measure_for(cls, targets: Sequence[str]) -> str | None:
        """What a verdict should rest on where the training targets are like these; None is the first measure."""
        return "chrf" if next(iter(cls.measures)) == "bleu" and not long_enough_for_bleu(targets) else None

    @classmethod
    def of(cls, reader: "PairReader", targets: Sequence[str], beam: int | None = None) -> Self:
        """What writes with the tokens that a reader reads.

        Args:
            reader: fitted to the training pairs.
            targets: of the training pairs: which tokens are written, and how many at most, is seen in them.
            beam: see `Translation`; None takes `usual_beam`.
        """
        from unspool.training.buckets import bucket_length

        task = cls((), reader.tokenizer.json, reader.lowercase, beam=beam or cls.usual_beam)
        ids = cast(Ragged, task._encode(targets))
        maximum = min(MOST_TOKENS, bucket_length(2 + min(int(ids.lengths.max(initial=0)), reader.length - 1)))
        return replace(task, maximum=maximum, written=1 + int(ids.flat.max(initial=END)))

    def searching(self, beam: int | None = None, length_penalty: float | None = None) -> Self:
        """The same with another beam or another length penalty; None leaves it as it is.

        Raises:
            UserError: one is out of bounds.
        """
        beam = self.beam if beam is None else beam
        penalty = self.length_penalty if length_penalty is None else length_penalty
        if not isinstance(beam, int | np.integer) or not 1 <= beam <= MOST_BEAM:
            raise UserError(f"The beam is {beam!r}: it must be a whole number from 1 (greedy) to {MOST_BEAM}.")
        if not isinstance(penalty, int | float | np.number) or not 0 <= penalty <= MOST_PENALTY:
            raise UserError(f"The length penalty is {penalty!r}: it must be a number from 0 to {MOST_PENALTY}.")
        return replace(self, beam=beam, length_penalty=penalty)

    @cached_property
    def tokenizer(self) -> BytePairTokenizer:
        """Of both sides."""
        return BytePairTokenizer.from_definition({"bpe": json.loads(self.bpe)})

    # Labels

    @classmethod
    def distinct(cls, sources: Sequence[str], targets: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
        """Which of N pairs are examples, and the target of each: all of them."""
        return np.arange(len(sources)), [*targets]

    @classmethod
    def learn(cls, labels: Sequence[Label]) -> Self:
        """Not from the targets alone, see `of`.

        Raises:
            UserError: always; says how pairs are given.
        """
        raise UserError(
            f"The task {cls.name} reads pairs of texts. Name their columns (--source, --target; in Python source=, "
            "target=)."
        )

    @property
    def outputs(self) -> int:
        """A score for each id that can be written, at each step."""
        return self.written or self.tokenizer.size

    def flaw(self, label: Label) -> Flaw | None:
        """Several labels."""
        return Flaw(Reason.TYPE, "there is a list, and a text was expected") if isinstance(label, tuple) else None

    def encode(self, labels: Sequence[object]) -> Targets:
        """Turn N texts into N sequences of ids, a Ragged.

        Raises:
            UserError: one is no text; names its position, from 1.
        """
        for position, label in enumerate(labels, start=1):
            if not isinstance(label, str):
                raise UserError(f"Label {position}: it is {label!r}, and a text was expected.")
        return self._encode(cast(Sequence[str], labels))

    def targets_of(self, texts: Sequence[object]) -> Targets:
        """The ids of N texts, each of which is one answer, without white space around it.

        Raises:
            UserError: one is no text; names its position, from 1.
        """
        return self.encode([text.strip() if isinstance(text, str) else text for text in texts])

    def _encode(self, labels: Sequence[Label]) -> Targets:
        texts = (str(text).lower() if self.lowercase else str(text) for text in labels)
        found = self.tokenizer.encode(texts)
        inner = np.ones(len(found.flat), dtype=bool)
        inner[found.offsets[:-1]] = False  # without the start
        return cast(Targets, Ragged.from_lengths(found.flat[inner], found.lengths - 1))

    def decode(self, targets: Any) -> ShownLabels:
        """N sequences of ids to texts."""
        return [self.tokenizer.decode(ids.tolist()) for ids in targets]

    def truth(self, targets: Any) -> NDArray[Any]:
        """(N, L) bytes, whole however long they are."""
        return as_array(self.decode(targets))

    def true_labels(self, truth: NDArray[Any]) -> ShownLabels:
        """The texts."""
        return texts_of(truth)

    def decided(self, answers: Sequence[Any], truth: NDArray[Any]) -> Outputs:
        """(N, L) bytes of the texts, cased as the truth is; an empty cell is an empty text."""
        for position, answer in enumerate(answers):
            if not isinstance(answer, str | None):
                raise UnusableAnswer(position, f"the prediction is {answer!r}, and a text was expected")
        texts = (str(without_apostrophe(answer or "")).strip() for answer in answers)
        return cast(Outputs, as_array(text.lower() if self.lowercase else text for text in texts))

    # The model

    def suited_network(self, examples: int, shape: str | None) -> dict[str, Any]:
        """A Transformer, or a recurrent network where pairs are few; another shape has its own defaults."""
        shape = shape or ("transformer" if examples >= ENOUGH_FOR_A_TRANSFORMER else "encoder_decoder")
        if shape not in self.shapes:
            return {"shape": shape}
        positions = {"positions": "rotary"} if shape == "transformer" else {}
        return {"shape": shape, "dropout": 0.3} | positions

    def build(self, model: Any, inputs: Any) -> "keras.Model":
        """A model with one vocabulary, and one embedding, for both sides."""
        from unspool.descriptions.inputs import Tokens
        from unspool.descriptions.networks import EncoderDecoder, Transformer
        from unspool.models.encoder_decoder import encoder_decoder
        from unspool.models.transformer import transformer

        assert isinstance(inputs, Tokens)
        targets = Tokens(self.outputs)
        if isinstance(model, EncoderDecoder):
            return encoder_decoder(replace(model, shared=True), inputs, targets)
        assert isinstance(model, Transformer)
        return transformer(replace(model, shared=True), inputs, targets)

    def compile(
        self, network: "keras.Model", model: Any, optimizer: "keras.optimizers.Optimizer", label_smoothing: float = 0.0
    ) -> None:
        """Compile with cross-entropy, of which padding is no part."""
        from unspool.models.label_smoothing import SmoothedCrossentropy

        network.compile(optimizer, loss=SmoothedCrossentropy(label_smoothing))

    def examples(self, inputs: Any, targets: Any, balanced: bool) -> tuple[Any, ...]:
        """Sources with the targets so far, and the next token of these (teacher forcing)."""
        from unspool.readers.pairs import first
        from unspool.training.decoding import teacher_forcing

        read, said = teacher_forcing(first(targets, self.maximum - 1), START, END)
        return (inputs, read), said

    def translate(
        self, network: "SequenceToSequence", inputs: Any, batch_size: int | None = None, returned: int = 1
    ) -> "Decoded":
        """Search for translations.

        Args:
            network: built by `build`.
            inputs: N sequences of ids, or (N, S) of them, padded.
            batch_size: texts at a time; None takes 64, or fewer where there are not so many.
            returned: how many of the best are needed of each, at most as many as the beam is wide.
        """
        return self._searched(network, inputs, batch_size, returned)

    def _searched(
        self, network: "SequenceToSequence", inputs: Any, batch_size: int | None, returned: int = 1
    ) -> "Decoded":
        """The `returned` best translations that a network gives of each text."""
        from unspool.models.search import Beam
        from unspool.training.decoding import decode

        batch_size = batch_size or min(PREDICTION_BATCH, 1 << (len(inputs) - 1).bit_length())
        beam = Beam(size=self.beam, length_penalty=self.length_penalty, returned=returned)
        how = beam if self.beam > 1 else None
        return decode(network, inputs, how, start=START, end=END, maximum=self.maximum, batch_size=batch_size)

    def predict(self, network: "keras.Model", inputs: Any) -> Outputs:
        """The translations, (N, L) bytes.

        Raises:
            UserError: the model's probabilities are NaN.
        """
        if not len(inputs):
            return cast(Outputs, as_array([]))
        found = self.translate(network, inputs)
        finite(found.scores[:, 0])
        return cast(Outputs, as_array(text.strip() for text in self.decode(found.best)))

    def golden(self, model: Any, inputs: Any) -> tuple[ShownLabels, Outputs]:
        """The translations, and the score of each."""
        found = self.translate(model.network, inputs)
        return [text.strip() for text in self.decode(found.best)], found.scores[:, :1].astype(np.float64)

    # Decisions

    def decide(self, outputs: Outputs, threshold: float | None) -> tuple[ShownLabels, list[Any]]:
        """The translations as texts."""
        return texts_of(outputs), []

    def portable(self, threshold: float | None) -> dict[str, Any]:
        """How a translation is searched for."""
        search = {"start": START, "end": END, "maximum": self.maximum, "beam": self.beam}
        return {"kind": Translation.name, **search, "length_penalty": float(self.length_penalty)}

    def answers_in_words(self, threshold: float | None) -> str:
        """How a translation is found."""
        how = "greedy search" if self.beam == 1 else f"beam search of width {self.beam}"
        if self.beam > 1 and self.length_penalty != 1:
            how += f" and a length penalty of {self.length_penalty:g}"
        return f"a text of at most {self.maximum - 1:,} tokens, found by {how}"

    # Evaluation

    examples_in_words = "pairs"

    def details(self, predictions: Predictions, threshold: float | None) -> dict[str, Any]:
        """The signatures of the measures, and the lengths."""
        return details_of(predictions)

    def simple_models(self, parts: RawParts) -> list[SimpleModel]:
        """Word by word, the nearest training text's translation, the source itself; for single words, joint n-grams."""
        cased = str.lower if self.lowercase else str
        found = [word_by_word(parts, cased), nearest_text(parts), copied_source(parts, cased)]
        sides = [*parts.training.inputs()], texts_of(parts.training.targets)
        return [*found, joint_character_ngrams(parts)] if all(map(are_words, sides)) else found

    def translated(
        self, network: Any, sources: Callable[[], Iterable[Any]], inputs: Any, predictions: Predictions
    ) -> Translated:
        """Some of N test examples, and what the network looked at in a short one."""
        scores = self.example_scores(predictions)
        better = next(iter(self.measures.values())).higher_is_better
        examples = chosen_examples(list(sources()), predictions, scores, higher_is_better=better)
        return Translated(examples, self.attention(network, inputs), self.example_measure)

    def example_scores(self, predictions: Predictions) -> NDArray[np.float64]:
        """(N,) how good each translation is, by `example_measure`; the larger the better, as the first measure is."""
        return sentence_scores(predictions.targets, predictions.outputs)

    def attention(self, network: "SequenceToSequence", inputs: Sequences) -> AttentionMap | None:
        """What a network looks at as it translates one of the short sources; None if it has no attention."""
        source = short_source(inputs)
        said = self.translate(network, source).best.flat[: 2 * MOST_DRAWN]
        rows = attention_weights(network, source, [START, *said.tolist()])
        if rows is None:
            return None
        return AttentionMap(self.read_names(source), (*self._token_names(said), "<end>"), rows)

    def read_names(self, source: Ragged) -> tuple[str, ...]:
        """What the steps of one source are called."""
        return self._token_names(source.flat)

    def _token_names(self, ids: NDArray[Any]) -> tuple[str, ...]:
        return tuple(name.strip() or "␣" for name in self.tokenizer.tokens(ids.tolist()))

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """Make it from what `save` wrote."""
        kinds: dict[str, Any] = {"bpe": str, "lowercase": bool, "maximum": int, "beam": int}
        later: dict[str, Any] = {"written": int, "length_penalty": int | float}  # earlier folders take the defaults
        kinds |= {name: kind for name, kind in later.items() if name in content}
        for name, kind in kinds.items():
            if not isinstance(content[name], kind) or (isinstance(content[name], bool) and kind is not bool):
                raise ValueError(f"{name} is {content[name]!r}")
        task = super().from_content(content)
        task.tokenizer  # noqa: B018  reads it, so that what was altered is told here
        return task
