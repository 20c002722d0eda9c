"""Named datasets of texts, tagged texts or images: loaded, split, and prepared for a model."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.datasets import ImageDataset, ImageSplit, TaggedDataset, TaggedSplit, TextDataset, TextSplit
from unspool.data.named import registry
from unspool.data.splits import stratified_split
from unspool.data.tables.split_names import PARTS
from unspool.data.tokenizers.tokens import tokenize
from unspool.descriptions.networks import Autoencoder, Tagger, Upscaler
from unspool.errors import UserError
from unspool.evaluation.measures.super_resolution import shrunk
from unspool.evaluation.result import DataSummary, ExampleText
from unspool.readers import ImageReader, VocabularyReader, WordReader
from unspool.runs.reading.preparation import Prepared, PreparedPart, held_out_by_chance, tag_counts, tagged_example
from unspool.runs.recipes.recipe import ImageSettings, Recipe, TaggedSettings, TextSettings
from unspool.runs.records.seen import fingerprints
from unspool.tasks import Binary, Reconstruction, SuperResolution, Tagging

Parts = tuple[PreparedPart, PreparedPart, PreparedPart]
"""For training, validation and the test."""


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
    parts = _parts(part, training, validation, dataset.test)
    summary = _summary_of_texts(dataset, training, reader, parts)
    return Prepared(reader, Binary(dataset.label_names), *parts, summary, "text")


def _split(texts: Iterable[str]) -> Iterator[str]:
    return (" ".join(tokenize(text)) for text in texts)


def _tagged(recipe: Recipe, settings: TaggedSettings, dataset: TaggedDataset) -> Prepared:
    task = Tagging(dataset.label_names)
    training, validation = dataset.train, None
    if recipe.evaluation.protocol != "chapter":
        training, validation = held_out_by_chance(recipe, training, training.groups)
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

    training, validation = _held_out(recipe, dataset.train, None)
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

    training, validation = _held_out(recipe, dataset.train, None)
    parts = _parts(part, training, validation, dataset.test)
    length, features = (size // model.factor for size in dataset.test.images.shape[1:])
    summary = _summary(dataset, (), parts, steps=(length, features))
    task = SuperResolution(rows=length * model.factor, factor=model.factor)
    reader = ImageReader(length, features)
    return Prepared(reader, task, *parts, summary, "series")


def _held_out(recipe: Recipe, split: Any, groups: NDArray[np.int64] | None) -> tuple[Any, Any]:
    """What is trained on, and what stops training: None where, as in the chapter, the test set does."""
    if recipe.evaluation.protocol == "chapter":
        return split, None
    kept, held_out = stratified_split(split.labels, recipe.evaluation.validation_fraction, recipe.training.seed, groups)
    return split.take(kept), split.take(held_out)


def _parts(part: Callable[[Any], PreparedPart], training: Any, validation: Any, test: Any) -> Parts:
    """Prepare the splits of a dataset; where none is held out for validation, the test set stops training, too."""
    tested = part(test)
    return part(training), tested if validation is None else part(validation), tested


def _summary(
    dataset: TextDataset | TaggedDataset | ImageDataset,
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
    """With a training example shorter than most: one that people will read."""
    lengths = np.array([len(text) for text in training.texts])
    example = int(np.argsort(lengths, kind="stable")[len(lengths) // 4])
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
