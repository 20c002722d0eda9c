"""Captions: from a series of frames, each some numbers, to a text that says what is seen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import Label
from unspool.data.ragged import Ragged
from unspool.data.tokenizers.byte_pairs import BytePairTokenizer
from unspool.errors import UserError
from unspool.evaluation.baselines.captions import most_frequent_caption, nearest_frames
from unspool.evaluation.baselines.simple_models import RawParts, SimpleModel
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.measures.translation import MEASURES
from unspool.evaluation.result import Predictions
from unspool.evaluation.translated import Film, Translated
from unspool.evaluation.translation_examples import chosen_examples
from unspool.tasks.translation import END, MOST_TOKENS, Translation

if TYPE_CHECKING:
    import keras

_SHOWN_FRAMES = 8


@dataclass(frozen=True)
class Captions(Translation):
    """A text for each series.

    Attributes:
        rows: of pixels, where the numbers of a frame are the grey values of an image, row after row; else 0.

    Example:
        >>> task = Captions.learn(["a dog runs", "a dog sleeps"])
        >>> task.decode(task.encode(["a dog runs"]))
        ['a dog runs']
    """

    rows: int = field(default=0, kw_only=True)

    name = "captions"
    title = "captions (a text for each series)"
    pipeline_of_texts = ""
    not_for_texts = (
        "captions describe series of frames, as in a .npz file, not texts. To turn one text into another, name their "
        "columns (--source, --target; in Python source=, target=)"
    )
    with_answer = "captioned"
    noun, nouns = "caption", "captions"
    answers_vary_in_length = True
    shapes: ClassVar[tuple[str, ...]] = ("encoder_decoder",)
    measures: ClassVar[dict[str, Measure]] = {"chrf": MEASURES["chrf"], **MEASURES}
    """chrF comes first: BLEU counts runs of four words, and many captions have fewer."""
    compared: ClassVar[tuple[str, ...]] = ("chrf", "bleu", "exact_match")
    network = "a captioning model"
    figures: ClassVar[tuple[str, ...]] = ("headline", "loss", "example", "films", "attention")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.rows, int) or self.rows < 0:
            raise ValueError(f"rows is {self.rows!r}")

    @classmethod
    def learn(cls, labels: Sequence[Label]) -> Self:
        """Learn the pieces of words, and how many a caption has at most, from the training captions.

        Raises:
            UserError: one is no text, or all are the same.
        """
        from unspool.training.buckets import bucket_length

        for label in labels:
            if not isinstance(label, str):
                raise UserError(f"The caption {', '.join(label)!r} is a list, and a text was expected.")
        texts = [str(label) for label in labels]
        if len(set(texts)) < 2:
            raise UserError("Nothing can be learned: all captions are the same. Give series with different captions.")
        tokenizer = BytePairTokenizer.fit(texts)
        task = cls((), tokenizer.with_first(np.unique(tokenizer.encode(texts).flat)).json)
        ids = cast(Ragged, task._encode(texts))
        maximum = min(MOST_TOKENS, bucket_length(2 + int(ids.lengths.max(initial=0))))
        return replace(task, maximum=maximum, written=1 + int(ids.flat.max(initial=END)), why="captions were asked for")

    def suited_network(self, examples: int, shape: str | None) -> dict[str, Any]:
        """A recurrent network."""
        return {"shape": shape or "encoder_decoder", "dropout": 0.3}

    def build(self, model: Any, inputs: Any) -> "keras.Model":
        """A recurrent model that reads numbers and writes tokens."""
        from unspool.descriptions.inputs import Steps, Tokens
        from unspool.descriptions.networks import EncoderDecoder
        from unspool.models.encoder_decoder import encoder_decoder

        assert isinstance(inputs, Steps)
        assert isinstance(model, EncoderDecoder)
        return encoder_decoder(replace(model, shared=False), inputs, Tokens(self.outputs))

    def portable(self, threshold: float | None) -> dict[str, Any]:
        """How a caption is searched for, and the rows of a frame that is an image."""
        return super().portable(threshold) | {"rows": self.rows}

    def answers_in_words(self, threshold: float | None) -> str:
        """How a caption is found."""
        return super().answers_in_words(threshold).replace("a text", "a caption", 1)

    def read_names(self, source: Ragged) -> tuple[str, ...]:
        """The numbers of the frames."""
        return tuple(f"frame {number}" for number in range(1, len(source.flat) + 1))

    def translated(
        self, network: Any, sources: Callable[[], Iterable[Any]], inputs: Any, predictions: Predictions
    ) -> Translated:
        """Some of N test examples, their frames where these are images, and what the network looked at."""
        scores, series = self.example_scores(predictions), list(sources())
        numbered = chosen_examples([str(row) for row in range(len(series))], predictions, scores)
        chosen = [series[int(one.source)] for one in numbered]
        examples = tuple(
            replace(one, source=f"{len(frames):,} frames") for one, frames in zip(numbered, chosen, strict=True)
        )
        films = tuple(self._film(one.translation, frames) for one, frames in zip(examples, chosen, strict=True))
        return Translated(examples, self.attention(network, inputs), self.example_measure, films if self.rows else ())

    def _film(self, caption: str, frames: NDArray[np.floating]) -> Film:
        places = np.linspace(0, len(frames) - 1, min(_SHOWN_FRAMES, len(frames))).round().astype(int)
        grey = (np.clip(frames[places], 0, 1) * 255).round().astype(int)
        return Film(caption, self.rows, tuple(map(tuple, grey.tolist())))

    def simple_models(self, parts: RawParts) -> list[SimpleModel]:
        """The most frequent caption, and that of the training series with the most similar frames."""
        return [most_frequent_caption(parts), nearest_frames(parts)]

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """Make it from what `save` wrote."""
        if not isinstance(content["rows"], int) or isinstance(content["rows"], bool):
            raise ValueError(f"rows is {content['rows']!r}")
        return super().from_content(content)
