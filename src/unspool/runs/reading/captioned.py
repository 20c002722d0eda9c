"""Series with captions, of a named dataset or a person's file: prepared for a model that writes texts."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from unspool.data.datasets import CaptionedDataset, CaptionedSplit
from unspool.data.named import registry
from unspool.data.parts import TRAINING
from unspool.data.series.examples import SeriesExamples
from unspool.data.tables.split_names import PARTS
from unspool.errors import UserError
from unspool.evaluation.result import DataSummary
from unspool.readers import StepReader
from unspool.runs.reading.preparation import Prepared, PreparedPart, held_out_by_chance, in_memory
from unspool.runs.recipes.recipe import CaptionSettings, Recipe
from unspool.runs.records.seen import fingerprints
from unspool.tasks import Captions


def with_captions(examples: SeriesExamples, beam: int | None) -> SeriesExamples:
    """The series of a file, with a task that knows the captions of training alone."""
    rows = np.flatnonzero(examples.parts == TRAINING)
    task = Captions.learn([examples.series.labels[row] for row in rows])
    return replace(examples, labels=task if beam is None else task.searching(beam))


def prepare_captioned_dataset(recipe: Recipe, data_folder: Path | None = None) -> Prepared:
    """Load, encode and split a named dataset of series with captions.

    Raises:
        UserError: the dataset cannot be had, or has no captions.
    """
    settings = recipe.data
    assert isinstance(settings, CaptionSettings)
    dataset = registry.load(settings.dataset, folder=data_folder)
    if not isinstance(dataset, CaptionedDataset):
        raise UserError(
            f"recipe {recipe.name}: data.dataset is {settings.dataset!r}, but its model reads series with captions."
        )
    training, validation = dataset.train, dataset.test
    if recipe.evaluation.protocol != "chapter":
        training, validation = held_out_by_chance(recipe, training, None)
    task = replace(Captions.learn(list(training.captions)), rows=dataset.rows, beam=recipe.evaluation.beam or 1)
    channels = [str(number) for number in range(training.series[0].shape[1])]
    reader = StepReader.fit(np.concatenate(training.series), channels)
    parts = [_part(split, reader, task) for split in (training, validation, dataset.test)]
    summary = DataSummary(
        **dataset.facts,
        label_names=(),
        examples={str(part): len(one) for part, one in zip(PARTS, parts, strict=True)},
        test_digest=dataset.digest,
    )
    same = recipe.evaluation.protocol == "chapter"
    return Prepared(reader, task, parts[0], parts[2] if same else parts[1], parts[2], summary, "series")


def _part(split: CaptionedSplit, reader: StepReader, task: Captions) -> PreparedPart:
    series = list(split.series)
    return PreparedPart(
        reader.read_series(series),
        task.encode(split.captions),
        None,
        in_memory(split.series),
        fingerprints(series),
    )
