"""From a dataset to what a model trains on: encoded, padded, split as the protocol says."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspool.data import registry
from unspool.data.datasets import TextDataset, TextSplit
from unspool.data.padding import pad
from unspool.data.splits import stratified_split
from unspool.errors import UserError
from unspool.evaluation.result import DataSummary
from unspool.experiment.recipe import DataSettings, Recipe
from unspool.models.inputs import Tokens


@dataclass(frozen=True)
class Part:
    """Labelled texts, and the same as a model reads them.

    Attributes:
        split: the texts and labels.
        ids: (N, maxlen), whole numbers.
    """

    split: TextSplit
    ids: NDArray[np.int32]

    @property
    def labels(self) -> NDArray[np.int8]:
        """(N,) 0 or 1."""
        return self.split.labels


@dataclass(frozen=True)
class Prepared:
    """The data of a run.

    Attributes:
        dataset: where it comes from.
        training: what weights are fitted to.
        validation: what stops training and picks the threshold; under the protocol "chapter", the test set.
        test: what is scored.
        inputs: what the model reads.
    """

    dataset: TextDataset
    training: Part
    validation: Part
    test: Part
    inputs: Tokens


def prepare(recipe: Recipe, data_folder: Path | None = None) -> Prepared:
    """Load, encode and split the data of a recipe.

    Raises:
        UserError: the dataset cannot be had, or is not one that the recipe's model reads.
    """
    settings = recipe.data
    dataset = registry.load(settings.dataset, folder=data_folder)
    if not isinstance(dataset, TextDataset):
        raise UserError(f"recipe {recipe.name}: data.dataset is {settings.dataset!r}, but seq2vec recipes read text.")
    test = _encoded(dataset, dataset.test, settings)
    if recipe.evaluation.protocol == "chapter":
        training, validation = _encoded(dataset, dataset.train, settings), test
    else:
        kept, held_out = stratified_split(
            dataset.train.labels,
            recipe.evaluation.validation_fraction,
            recipe.training.seed,
            dataset.train.groups,
        )
        training = _encoded(dataset, dataset.train.take(kept), settings)
        validation = _encoded(dataset, dataset.train.take(held_out), settings)
    return Prepared(dataset, training, validation, test, _inputs(dataset, settings))


def summarize(prepared: Prepared) -> DataSummary:
    """What the report says of the data, with a training example shorter than most: one that a reader will read."""
    dataset, training = prepared.dataset, prepared.training
    lengths = np.array([len(text) for text in training.split.texts])
    example = int(np.argsort(lengths, kind="stable")[len(lengths) // 4])
    ids = training.ids[example]
    return DataSummary(
        name=dataset.name,
        title=dataset.title,
        source=dataset.source,
        licence=dataset.licence,
        digest=dataset.digest,
        label_names=dataset.label_names,
        counts={
            name: (int(np.sum(part.labels == 0)), int(np.sum(part.labels == 1)))
            for name, part in (
                ("training", training),
                ("validation", prepared.validation),
                ("test", prepared.test),
            )
        },
        example_text=training.split.texts[example],
        example_ids=tuple(int(i) for i in ids),
        example_words=tuple(dataset.vocabulary.decode(ids)),
        example_label=dataset.label_names[int(training.labels[example])],
    )


def _encoded(dataset: TextDataset, split: TextSplit, settings: DataSettings) -> Part:
    ids = dataset.vocabulary.encode(split.ranks, num_words=settings.num_words, skip_top=settings.skip_top)
    return Part(split, pad(ids, settings.maxlen))


def _inputs(dataset: TextDataset, settings: DataSettings) -> Tokens:
    """As many ids as were asked for, though a small vocabulary may not use them all."""
    return Tokens(size=settings.num_words, length=settings.maxlen)
