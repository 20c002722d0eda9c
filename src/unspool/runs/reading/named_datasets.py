"""Named datasets: loaded, split, and prepared for a model."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from unspool.data.datasets import (
    CaptionedDataset,
    CaptionedSplit,
    Dataset,
    ImageDataset,
    ImageSplit,
    PairedDataset,
    TaggedDataset,
    TaggedSplit,
    TextDataset,
    TextSplit,
)
from unspool.data.named import registry
from unspool.data.tables.split_names import PARTS
from unspool.data.tokenizers.tokens import tokenize
from unspool.data.tokenizers.vocabulary import INDEX_FROM
from unspool.descriptions.networks import Autoencoder, Tagger, Upscaler
from unspool.errors import UserError
from unspool.evaluation.measures.super_resolution import shrunk
from unspool.evaluation.result import DataSummary, ExampleText
from unspool.readers import ImageReader, StepReader, VocabularyReader, WordReader
from unspool.runs.reading.paired import prepare_pairs
from unspool.runs.reading.preparation import Prepared, PreparedPart, held_out, short_one, tag_counts, tagged_example
from unspool.runs.recipes.recipe import (
    CaptionSettings,
    FileSettings,
    ImageSettings,
    PairSettings,
    Recipe,
    TaggedSettings,
    TextSettings,
)
from unspool.runs.records.seen import fingerprints
from unspool.tasks import Binary, Captions, Reconstruction, SuperResolution, Tagging

Parts = tuple[PreparedPart, PreparedPart, PreparedPart]
"""For training, validation and the test."""


def prepare_dataset(recipe: Recipe, data_folder: Path | None = None) -> Prepared:
    """Load, encode and split a named dataset.

    Raises:
        UserError: the dataset cannot be had, or is not one that the recipe's model reads.
    """
    settings = recipe.data
    assert not isinstance(settings, FileSettings)
    dataset = registry.load(settings.dataset, folder=data_folder)
    match settings, dataset, recipe.model:
        case PairSettings(), PairedDataset(), _:
            return prepare_pairs(recipe, settings, dataset)
        case CaptionSettings(), CaptionedDataset(), _:
            return _captioned(recipe, dataset)
        case TaggedSettings(), TaggedDataset(), _:
            return _tagged(recipe, settings, dataset)
        case ImageSettings(), ImageDataset(), Autoencoder():
            return _images(recipe, recipe.model, dataset)
        case ImageSettings(), ImageDataset(), Upscaler():
            return _shrunk_images(recipe, recipe.model, dataset)
        case TextSettings(), TextDataset(), _:
            return _texts(recipe, settings, dataset)
    raise UserError(f"recipe {recipe.name}: data.dataset is {settings.dataset!r}, but {_what_is_read(recipe)}.")


def _what_is_read(recipe: Recipe) -> str:
    if isinstance(recipe.data, PairSettings):
        return "its model reads pairs of texts"
    if isinstance(recipe.data, CaptionSettings):
        return "its model reads series with captions"
    if isinstance(recipe.model, Autoencoder | Upscaler):
        return f"{recipe.model.shape} recipes read images"
    return "tagger recipes read tagged texts" if isinstance(recipe.model, Tagger) else "seq2vec recipes read text"


def _texts(recipe: Recipe, settings: TextSettings, dataset: TextDataset) -> Prepared:
    if settings.num_words <= max(settings.skip_top, INDEX_FROM + 1):
        raise UserError(
            f"recipe {recipe.name}: data.num_words={settings.num_words} and data.skip_top={settings.skip_top} leave no "
            f"words: their ids begin at {INDEX_FROM + 1}, so data.num_words must be greater than {INDEX_FROM + 1} and "
            "than data.skip_top."
        )
    reader = VocabularyReader(dataset.vocabulary, settings.num_words, settings.skip_top, settings.maxlen)

    def part(split: TextSplit) -> PreparedPart:
        inputs, targets = reader.read_ranks(split.ranks), split.labels.astype(np.int64)
        words = partial(_split, split.texts)
        return PreparedPart(inputs, targets, split.groups, lambda: split.texts, fingerprints(split.texts), split=words)

    training, validation = held_out(recipe, dataset.train, dataset.train.groups, dataset.train.labels)
    parts = _parts(part, training, validation, dataset.test)
    summary = _summary_of_texts(dataset, training, reader, parts)
    return Prepared(reader, Binary(dataset.label_names), *parts, summary, "text")


def _split(texts: Iterable[str]) -> Iterator[str]:
    return (" ".join(tokenize(text)) for text in texts)


def _tagged(recipe: Recipe, settings: TaggedSettings, dataset: TaggedDataset) -> Prepared:
    task = Tagging(dataset.label_names)
    training, validation = held_out(recipe, dataset.train, dataset.train.groups)
    reader = WordReader.fit(training.texts, settings.size)

    def part(split: TaggedSplit) -> PreparedPart:
        return PreparedPart(reader.read(split.texts), task.encode(split.tags), split.groups, lambda: split.texts)

    parts = _parts(part, training, validation, dataset.test)
    summary = _summary(
        dataset,
        dataset.label_names,
        parts,
        counts=dict(zip(PARTS, (tag_counts(task, one.targets) for one in parts), strict=True)),
        example=tagged_example(training.texts, training.tags, reader),
    )
    return Prepared(reader, task, *parts, summary, "text")


def _images(recipe: Recipe, model: Autoencoder, dataset: ImageDataset) -> Prepared:
    _, length, features = dataset.test.images.shape
    reader = ImageReader(length, features)

    def part(split: ImageSplit) -> PreparedPart:
        return PreparedPart(split.images, split.labels, None, lambda: split.images, fingerprints(split.images))

    training, validation = held_out(recipe, dataset.train, None, dataset.train.labels)
    parts = _parts(part, training, validation, dataset.test)
    names = tuple(str(label) for label in range(int(dataset.train.labels.max()) + 1))
    summary = _summary(dataset, names, parts, steps=(length, features))
    task = Reconstruction(names, likelihood=model.decoder.output)
    return Prepared(reader, task, *parts, summary, "series")


def _shrunk_images(recipe: Recipe, model: Upscaler, dataset: ImageDataset) -> Prepared:
    """Small images, which are read, and the large ones that they were made of, which are drawn."""

    def part(split: ImageSplit) -> PreparedPart:
        small = shrunk(split.images, model.factor)
        return PreparedPart(small, split.images, None, lambda: small, fingerprints(small))

    training, validation = held_out(recipe, dataset.train, None, dataset.train.labels)
    parts = _parts(part, training, validation, dataset.test)
    length, features = (size // model.factor for size in dataset.test.images.shape[1:])
    summary = _summary(dataset, (), parts, steps=(length, features))
    task = SuperResolution(rows=length * model.factor, factor=model.factor)
    reader = ImageReader(length, features)
    return Prepared(reader, task, *parts, summary, "series")


def _captioned(recipe: Recipe, dataset: CaptionedDataset) -> Prepared:
    training, validation = held_out(recipe, dataset.train, None)
    task = replace(Captions.learn(list(training.captions)), rows=dataset.rows)
    task = task.searching(recipe.evaluation.beam, recipe.evaluation.length_penalty)
    channels = [str(number) for number in range(training.series[0].shape[1])]
    reader = StepReader.fit(np.concatenate(training.series), channels)

    def part(split: CaptionedSplit) -> PreparedPart:
        inputs, prints = reader.read_series(list(split.series)), fingerprints(list(split.series))
        return PreparedPart(inputs, task.encode(split.captions), None, lambda: split.series, prints)

    parts = _parts(part, training, validation, dataset.test)
    return Prepared(reader, task, *parts, _summary(dataset, (), parts, test_digest=dataset.digest), "series")


def _parts(part: Callable[[Any], PreparedPart], training: Any, validation: Any, test: Any) -> Parts:
    """Prepare the splits of a dataset; where none is held out for validation, the test set stops training, too."""
    tested = part(test)
    return part(training), tested if validation is None else part(validation), tested


def _summary(
    dataset: Dataset[Any],
    names: tuple[str, ...],
    parts: Parts,
    **more: Any,
) -> DataSummary:
    sizes = {str(name): len(part) for name, part in zip(PARTS, parts, strict=True)}
    return DataSummary(**dataset.facts, label_names=names, examples=sizes, **more)


def _summary_of_texts(
    dataset: TextDataset,
    training: TextSplit,
    reader: VocabularyReader,
    parts: Parts,
) -> DataSummary:
    example = short_one(training.texts)
    ids = np.asarray(parts[0].inputs)[example]
    return _summary(
        dataset,
        dataset.label_names,
        parts,
        counts={
            name: tuple(np.bincount(part.targets, minlength=2).tolist())
            for name, part in zip(PARTS, parts, strict=True)
        },
        example=ExampleText(
            label=dataset.label_names[int(training.labels[example])],
            text=training.texts[example],
            ids=tuple(int(number) for number in ids),
            words=tuple(reader.tokens(ids)),
        ),
    )
