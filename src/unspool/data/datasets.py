"""What a loaded dataset is: plain frozen values, whatever it came from."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Generic, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.data.ragged import Ragged
from unspool.data.tokenizers.vocabulary import Vocabulary


class Split:
    """Some examples: each field holds something of each of them, in one order, or is None."""

    __slots__ = ()

    def take(self, indices: ArrayLike) -> Self:
        """Return the examples at `indices`, (K,), in that order."""
        chosen = np.asarray(indices, dtype=np.int64)
        return type(self)(**{one.name: _taken(getattr(self, one.name), chosen) for one in fields(self)})  # type: ignore[arg-type]


def _taken(values: Any, chosen: NDArray[np.int64]) -> Any:
    if isinstance(values, dict):
        return {name: _taken(some, chosen) for name, some in values.items()}
    if values is None or isinstance(values, np.ndarray):
        return None if values is None else values[chosen]
    return values.take(chosen) if isinstance(values, Ragged) else [values[index] for index in chosen.tolist()]


AnySplit = TypeVar("AnySplit", bound=Split)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Dataset(Generic[AnySplit]):
    """Examples for training and for the test.

    Attributes:
        name: in the registry.
        title: what it is, in words.
        source: where it comes from.
        licence: on what terms.
        digest: of its content (SHA-256, hexadecimal).
        train: the training examples.
        test: the test examples.
    """

    name: str
    title: str
    source: str
    licence: str
    digest: str
    train: AnySplit
    test: AnySplit

    @property
    def facts(self) -> dict[str, Any]:
        """All but the examples, by name."""
        return {name: getattr(self, name) for name in ("name", "title", "source", "licence", "digest")}


@dataclass(frozen=True, slots=True, eq=False)
class TextSplit(Split):
    """N labelled texts.

    Attributes:
        texts: N texts as they were read.
        ranks: N sequences of word ranks in the vocabulary of the dataset (unknown words skipped).
        labels: (N,) 0 or 1.
        groups: (N,) whole numbers, or None. Examples of one group are not independent of each other.

    Raises:
        ValueError: the fields differ in length.
    """

    texts: Sequence[str] = field(repr=False)
    ranks: Ragged = field(repr=False)
    labels: NDArray[np.int8]
    groups: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        lengths = [len(self.texts), len(self.ranks), len(self.labels)]
        if self.groups is not None:
            lengths.append(len(self.groups))
        if len(set(lengths)) > 1:
            raise ValueError(f"texts, ranks, labels and groups must be equally many, not {lengths}.")

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TextDataset(Dataset[TextSplit]):
    """Labelled texts; other attributes as of `Dataset`.

    Attributes:
        label_names: the names of label 0 and label 1.
        vocabulary: of the training texts.
    """

    label_names: tuple[str, str]
    vocabulary: Vocabulary = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class ImageSplit(Split):
    """N labelled images, each read as a sequence of rows.

    Attributes:
        images: (N, T, D) float32 in [0, 1]: T rows of D pixels.
        labels: (N,) the digit that is shown.

    Raises:
        ValueError: there are not as many labels as images.
    """

    images: NDArray[np.float32] = field(repr=False)
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.images.ndim != 3 or self.labels.shape != self.images.shape[:1]:
            raise ValueError(f"images (N, T, D) and labels (N,) do not fit: {self.images.shape}, {self.labels.shape}.")

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ImageDataset(Dataset[ImageSplit]):
    """Labelled images; attributes as of `Dataset`."""


@dataclass(frozen=True, slots=True, eq=False)
class TaggedSplit(Split):
    """N texts with a tag for each token.

    Attributes:
        texts: the tokens of each.
        tags: of each as many.
        groups: (N,) whole numbers, or None. Examples of one group are not independent of each other.

    Raises:
        ValueError: texts and tags differ in their lengths.
    """

    texts: Sequence[tuple[str, ...]] = field(repr=False)
    tags: Sequence[tuple[str, ...]] = field(repr=False)
    groups: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        if list(map(len, self.texts)) != list(map(len, self.tags)):
            raise ValueError("each text needs a tag for each of its tokens.")

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TaggedDataset(Dataset[TaggedSplit]):
    """Tagged texts; other attributes as of `Dataset`.

    Attributes:
        label_names: the names of the tags.
    """

    label_names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PairedSplit(Split):
    """N texts, each in several languages or forms.

    Attributes:
        texts: by language, N texts each.
        groups: (N,) whole numbers, or None. Examples of one group are not independent of each other.

    Raises:
        ValueError: there are not as many texts in each language.
    """

    texts: dict[str, list[str]] = field(repr=False)
    groups: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        if len({len(texts) for texts in self.texts.values()}) != 1:
            raise ValueError("each text must be there in each language.")

    def __len__(self) -> int:
        return len(next(iter(self.texts.values())))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PairedDataset(Dataset[PairedSplit]):
    """Texts in several languages or forms; other attributes as of `Dataset`.

    Attributes:
        validation: as published; None where part of the training examples is to be held out.
    """

    validation: PairedSplit | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """The names of the languages or forms."""
        return tuple(self.train.texts)


@dataclass(frozen=True, slots=True, eq=False)
class CaptionedSplit(Split):
    """N series of frames, each with a caption.

    Attributes:
        series: N arrays (T_i, C) float32: C numbers for each frame.
        captions: N texts.

    Raises:
        ValueError: there are not as many captions as series.
    """

    series: Sequence[NDArray[np.float32]] = field(repr=False)
    captions: Sequence[str] = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.series) != len(self.captions):
            raise ValueError(f"there are {len(self.series)} series, but {len(self.captions)} captions.")

    def __len__(self) -> int:
        return len(self.series)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CaptionedDataset(Dataset[CaptionedSplit]):
    """Series of frames with captions; other attributes as of `Dataset`.

    Attributes:
        rows: of pixels, where a frame is a grey image whose rows stand one after the other; else 0.
    """

    rows: int
