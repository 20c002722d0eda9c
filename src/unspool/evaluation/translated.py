"""Some test examples with their translations, and what a model looked at, for a report to show."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TranslatedExample:
    """One example.

    Attributes:
        place: "best", "median" or "worst" among the test examples.
        source: what was read.
        reference: what was to be written.
        translation: what was.
        score: of this translation alone, by `Translated.measure`.
    """

    place: str
    source: str
    reference: str
    translation: str
    score: float


@dataclass(frozen=True, slots=True)
class AttentionMap:
    """Where a model looked as it wrote one translation.

    Attributes:
        source: S tokens that were read.
        target: T tokens that were written, the end among them.
        weights: T rows of S numbers that sum to 1.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Film:
    """The frames of one example, as images.

    Attributes:
        caption: what was written.
        rows: of pixels in a frame.
        frames: some of them in their order, each its grey values from 0 to 255, row after row.
    """

    caption: str
    rows: int
    frames: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Translated:
    """What a report shows of translations.

    Attributes:
        examples: the best first.
        measure: by which they are the best, in words.
        films: of the examples, where what was read are images.
        attention: of one short example; None for a model that keeps no such weights.
    """

    examples: tuple[TranslatedExample, ...]
    attention: AttentionMap | None = None
    measure: str = "chrF"
    films: tuple[Film, ...] = ()
