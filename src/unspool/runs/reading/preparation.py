"""From a recipe's data to what a model is trained and judged on, whatever the data is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.choice import gathered
from unspool.candidates.forecasts import Training
from unspool.data.datasets import ImageDataset, ImageSplit, TaggedDataset, TaggedSplit, TextDataset, TextSplit
from unspool.data.labels import Targets, shown
from unspool.data.named import registry
from unspool.data.parts import split_by_chance
from unspool.data.splits import stratified_split
from unspool.data.tables.split_names import PARTS, Part
from unspool.data.texts.unlabelled import UnlabelledTexts
from unspool.data.tokenizers.tokens import tokenize
from unspool.descriptions.networks import Autoencoder, Tagger, Upscaler
from unspool.errors import UserError
from unspool.evaluation.forecast_examples import ForecastPlaces
from unspool.evaluation.measures.super_resolution import shrunk
from unspool.evaluation.result import DataSummary, ExampleText
from unspool.readers import ImageReader, Inputs, RawTextReader, Reader, VocabularyReader, WordReader
from unspool.runs.recipes.recipe import FileSettings, ImageSettings, Recipe, TaggedSettings, TextSettings
from unspool.runs.records.seen import fingerprints
from unspool.tasks import Binary, Reconstruction, SuperResolution, Tagging, Task

Show = Callable[[str], None]
"""Takes a text for the person to read."""
Say = Callable[[str], None]
"""Takes a line that tells how far a run has come."""
_SHOWN_WORDS = 60
"""How many words of a training text are shown at most."""


@dataclass(frozen=True, eq=False)
class PreparedPart:
    """One part of the examples.

    Attributes:
        inputs: N of them, as the model takes them.
        targets: (N, ...), as the task encodes labels.
        groups: (N,) or None: examples of one group are not independent.
        raw: gives the N examples as they were before the reader, for models that have a reader of their own.
        fingerprints: (N,) of the examples, or None where they are not known.
        times: (N,) when each example was recorded, or None.
        split: gives N texts as their words with a space between them.
    """

    inputs: Inputs = field(repr=False)
    targets: Targets = field(repr=False)
    groups: NDArray[np.int64] | None = field(default=None, repr=False)
    raw: Callable[[], Iterable[Any]] = field(default=lambda: (), repr=False)
    fingerprints: NDArray[np.int64] | None = field(default=None, repr=False)
    times: NDArray[np.float64] | None = field(default=None, repr=False)
    split: Callable[[], Iterable[str]] = field(default=lambda: (), repr=False)

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, eq=False)
class ForecastData:
    """What a forecast needs beside its parts.

    Attributes:
        training: what models are fitted to and compared on.
        places: where the forecasts of the test are made.
    """

    training: Training = field(repr=False)
    places: ForecastPlaces = field(repr=False)


@dataclass(frozen=True, eq=False)
class Prepared:
    """All that is needed to train and to judge.

    Attributes:
        reader: how the model reads.
        task: what is predicted, fitted to the training labels.
        training: what weights are fitted to.
        validation: what stops training and picks the threshold; under the protocol "chapter", the test set.
        test: what is scored.
        summary: what the report says of the data.
        kind: what the raw examples are.
        seen: what was seen in a person's file, in words; empty for a named dataset.
        unlabelled: texts without a label that may be learned from.
        forecasts: what series to forecast need besides.
    """

    reader: Reader
    task: Task
    training: PreparedPart
    validation: PreparedPart
    test: PreparedPart
    summary: DataSummary
    kind: Literal["text", "series", "forecast"]
    seen: str = field(default="", repr=False)
    unlabelled: UnlabelledTexts = field(default=UnlabelledTexts(), repr=False)
    forecasts: ForecastData | None = field(default=None, repr=False)

    @property
    def digest(self) -> str:
        """A name for the data, its labels and, of a person's file, its parts."""
        return self.summary.digest

    @cached_property
    def learned(self) -> Sequence[Any]:
        """The raw examples that candidates and baselines learn from, those for validation too where it is no test."""
        parts = (self.training,) if self.validation is self.test else (self.training, self.validation)
        return gathered(self.kind, chain.from_iterable(part.raw() for part in parts))

    @property
    def side(self) -> bool:
        """Whether columns are read beside the texts."""
        return isinstance(self.reader, RawTextReader) and bool(self.reader.side)

    @property
    def parts(self) -> dict[Part, PreparedPart]:
        """By name."""
        return dict(zip(PARTS, (self.training, self.validation, self.test), strict=True))


def refuse_wrong_range(recipe: Recipe, prepared: Prepared) -> None:
    """Refuse an autoencoder that gives numbers between 0 and 1 where it reads others, before anything is trained.

    Raises:
        UserError: it would; says what to do.
    """
    if not isinstance(recipe.model, Autoencoder) or recipe.model.decoder.output != "bernoulli":
        return
    for name, part in prepared.parts.items():
        numbers = np.asarray(part.inputs)
        low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
        if low < 0 or high > 1:
            of_file = isinstance(recipe.data, FileSettings)
            how = ", as each channel of a file is standardised" if of_file else ""
            raise UserError(
                f"model.decoder.output is 'bernoulli', which is for numbers between 0 and 1, but those for {name} lie "
                f"between {low:.3g} and {high:.3g}{how}. Set model.decoder.output=gaussian, which is for any numbers."
            )


def prepare_dataset(recipe: Recipe, data_folder: Path | None = None) -> Prepared:
    """Load, encode and split a named dataset.

    Raises:
        UserError: the dataset cannot be had, or is not one that the recipe's model reads.
    """
    settings = recipe.data
    assert isinstance(settings, TextSettings | TaggedSettings | ImageSettings)
    dataset = registry.load(settings.dataset, folder=data_folder)
    if (
        isinstance(settings, TextSettings)
        and isinstance(dataset, TextDataset)
        and not isinstance(recipe.model, Autoencoder)
    ):
        return _texts(recipe, settings, dataset)
    if isinstance(settings, TaggedSettings) and isinstance(dataset, TaggedDataset):
        return _tagged(recipe, settings, dataset)
    if isinstance(dataset, ImageDataset) and isinstance(recipe.model, Autoencoder):
        return _images(recipe, recipe.model, dataset)
    if isinstance(dataset, ImageDataset) and isinstance(recipe.model, Upscaler):
        return _shrunk_images(recipe, recipe.model, dataset)
    what = "seq2vec recipes read text"
    if isinstance(recipe.model, Autoencoder | Upscaler):
        what = f"{recipe.model.shape} recipes read images"
    elif isinstance(recipe.model, Tagger):
        what = "tagger recipes read tagged texts"
    raise UserError(f"recipe {recipe.name}: data.dataset is {settings.dataset!r}, but {what}.")


def _texts(recipe: Recipe, settings: TextSettings, dataset: TextDataset) -> Prepared:
    reader = VocabularyReader(dataset.vocabulary, settings.num_words, settings.skip_top, settings.maxlen)

    def part(split: TextSplit) -> PreparedPart:
        inputs, targets = reader.read_ranks(split.ranks), split.labels.astype(np.int64)
        words = partial(_split, split.texts)
        return PreparedPart(inputs, targets, split.groups, lambda: split.texts, fingerprints(split.texts), split=words)

    training, validation = _held_out(recipe, dataset.train, dataset.train.groups)
    parts = part(training), part(validation) if validation is not None else None, part(dataset.test)
    return Prepared(
        reader,
        Binary(dataset.label_names),
        parts[0],
        parts[1] or parts[2],
        parts[2],
        _summary_of_texts(dataset, training, reader, parts),
        "text",
    )


def _split(texts: Iterable[str]) -> Iterator[str]:
    return (" ".join(tokenize(text)) for text in texts)


def _tagged(recipe: Recipe, settings: TaggedSettings, dataset: TaggedDataset) -> Prepared:
    task = Tagging(dataset.label_names)
    split, kept, held_out = dataset.train, np.arange(len(dataset.train)), None
    if recipe.evaluation.protocol != "chapter":
        fraction, seed = recipe.evaluation.validation_fraction, recipe.training.seed
        kept, held_out = split_by_chance(len(split), None, split.groups, fraction, seed)
    training = split.take(kept)
    reader = WordReader.fit(training.texts, settings.size)

    def part(split: TaggedSplit) -> PreparedPart:
        return PreparedPart(reader.read(split.texts), task.encode(split.tags), split.groups, lambda: split.texts)

    parts = part(training), part(split.take(held_out)) if held_out is not None else None, part(dataset.test)
    known = (parts[0], parts[1] or parts[2], parts[2])
    summary = _summary(
        dataset,
        dataset.label_names,
        parts,
        counts=dict(zip(PARTS, (tag_counts(task, one.targets) for one in known), strict=True)),
        example=tagged_example(training.texts, training.tags, reader),
    )
    return Prepared(reader, task, *known, summary, "text")


def tag_counts(task: Task, targets: Any) -> tuple[int, ...]:
    """How many tokens have each tag."""
    return tuple(np.bincount(targets.flat, minlength=len(task.names)).tolist())


def tagged_example(texts: Sequence[tuple[str, ...]], tags: Sequence[Any], reader: WordReader) -> ExampleText:
    """One training text that is shorter than most, for a report."""
    order = np.argsort([len(text) for text in texts], kind="stable")
    example = int(order[len(order) // 4])
    text = texts[example][:_SHOWN_WORDS]
    ids = reader.read([text])[0]
    words = tuple(reader.tokens(ids.tolist()))
    return ExampleText(shown(tags[example]), " ".join(text), tuple(ids.tolist()), words)


def _images(recipe: Recipe, model: Autoencoder, dataset: ImageDataset) -> Prepared:
    _, length, features = dataset.test.images.shape
    reader = ImageReader(length, features)

    def part(split: ImageSplit) -> PreparedPart:
        return PreparedPart(split.images, split.labels, None, lambda: split.images, fingerprints(split.images))

    training, validation = _held_out(recipe, dataset.train, None)
    parts = part(training), part(validation) if validation is not None else None, part(dataset.test)
    names = tuple(str(label) for label in range(int(dataset.train.labels.max()) + 1))
    summary = _summary(dataset, names, parts, steps=(length, features))
    task = Reconstruction(names, likelihood=model.decoder.output)
    return Prepared(reader, task, parts[0], parts[1] or parts[2], parts[2], summary, "series")


def _shrunk_images(recipe: Recipe, model: Upscaler, dataset: ImageDataset) -> Prepared:
    """Small images, which are read, and the large ones that they were made of, which are drawn."""

    def part(split: ImageSplit) -> PreparedPart:
        small = shrunk(split.images, model.factor)
        return PreparedPart(small, split.images, None, lambda: small, fingerprints(small))

    training, validation = _held_out(recipe, dataset.train, None)
    parts = part(training), part(validation) if validation is not None else None, part(dataset.test)
    length, features = (size // model.factor for size in dataset.test.images.shape[1:])
    summary = _summary(dataset, (), parts, steps=(length, features))
    task = SuperResolution(rows=length * model.factor, factor=model.factor)
    reader = ImageReader(length, features)
    return Prepared(reader, task, parts[0], parts[1] or parts[2], parts[2], summary, "series")


def _held_out(recipe: Recipe, split: Any, groups: NDArray[np.int64] | None) -> tuple[Any, Any]:
    """What is trained on, and what stops training: None where, as in the chapter, the test set does."""
    if recipe.evaluation.protocol == "chapter":
        return split, None
    kept, held_out = stratified_split(split.labels, recipe.evaluation.validation_fraction, recipe.training.seed, groups)
    return split.take(kept), split.take(held_out)


def _summary(
    dataset: TextDataset | TaggedDataset | ImageDataset,
    names: tuple[str, ...],
    parts: tuple[PreparedPart, PreparedPart | None, PreparedPart],
    **more: Any,
) -> DataSummary:
    training, validation, test = parts
    sizes = (len(training), len(validation if validation is not None else test), len(test))
    return DataSummary(
        **dataset.facts,
        label_names=names,
        examples=dict(zip(PARTS, sizes, strict=True)),
        **more,
    )


def _summary_of_texts(
    dataset: TextDataset,
    training: TextSplit,
    reader: VocabularyReader,
    parts: tuple[PreparedPart, PreparedPart | None, PreparedPart],
) -> DataSummary:
    """With a training example shorter than most: one that people will read."""
    lengths = np.array([len(text) for text in training.texts])
    example = int(np.argsort(lengths, kind="stable")[len(lengths) // 4])
    ids = np.asarray(parts[0].inputs)[example]
    known = (parts[0], parts[1] if parts[1] is not None else parts[2], parts[2])
    return _summary(
        dataset,
        dataset.label_names,
        parts,
        counts={
            name: tuple(np.bincount(part.targets, minlength=2).tolist())
            for name, part in zip(PARTS, known, strict=True)
        },
        example=ExampleText(
            label=dataset.label_names[int(training.labels[example])],
            text=training.texts[example],
            ids=tuple(int(number) for number in ids),
            words=tuple(reader.tokens(ids)),
        ),
    )
