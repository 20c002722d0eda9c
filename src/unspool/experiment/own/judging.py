"""How good a model of one's own is: its scores on the test, beside those of simple models."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspool import files
from unspool.data.examples import TextExamples
from unspool.data.inspection import TextInspection
from unspool.data.tables.split_names import PARTS
from unspool.data.words import words
from unspool.evaluation.baseline_cache import digest_of_arrays
from unspool.evaluation.baselines import fit_baselines
from unspool.evaluation.curves import youden_threshold
from unspool.evaluation.result import Baseline, DataSummary, Predictions, Result
from unspool.evaluation.scores import binary_scores
from unspool.evaluation.verdict import verdict
from unspool.experiment.fitting import Job, Trained, record
from unspool.experiment.own.model import OwnModel
from unspool.experiment.own.preparation import Prepared, PreparedPart
from unspool.experiment.own.reading import TextReader
from unspool.progress import spinner

HALF = 0.5


def threshold_of(model: OwnModel, validation: PreparedPart) -> float:
    """Pick on the validation examples what a probability must reach to be a yes; one half where there is no choice."""
    if model.codec.task != "binary":
        return HALF
    return youden_threshold(validation.targets, model.answers(validation.inputs))


def judge(
    model: OwnModel, examples: TextExamples, inspection: TextInspection, prepared: Prepared, job: Job, trained: Trained
) -> Result:
    """Score a trained model and its baselines on the test examples.

    Args:
        model: with its threshold.
        examples: what the file holds.
        inspection: of the same.
        prepared: of the same.
        job: for whom.
        trained: how training went.
    """
    recipe, reader = model.recipe, model.reader
    resamples = recipe.evaluation.resamples
    assert isinstance(reader, TextReader)
    validation = Predictions(_classes(prepared.validation), model.answers(prepared.validation.inputs))
    test = Predictions(_classes(prepared.test), model.answers(prepared.test.inputs), prepared.groups)
    with spinner("fitting the baselines, unless they are in the cache"):
        baselines = _baselines(examples, prepared, resamples)
    return Result(
        data=summarized(examples, inspection, reader),
        validation=binary_scores(validation, model.threshold, resamples=resamples),
        test=binary_scores(test, model.threshold, resamples=resamples),
        validation_predictions=validation,
        test_predictions=test,
        baselines=baselines,
        verdict=verdict(test, model.threshold, baselines, resamples=resamples),
        published=None,
        **record(recipe, job, trained),
    )


def digest(examples: TextExamples) -> str:
    """A name for texts, their labels and their parts: any change in them gives another.

    The labels enter with their targets, where the digest is used.
    """
    return digest_of_arrays(*(survey.texts for survey in examples.surveys), *examples.parts)


def summarized(examples: TextExamples, inspection: TextInspection, reader: TextReader) -> DataSummary:
    """What the report says of the data, with a training example shorter than most: one that a reader will read."""
    batch = next(batch for batch in examples.stream("training"))
    shortest_first = sorted(range(len(batch.texts)), key=lambda index: len(batch.texts[index]))
    example = shortest_first[len(shortest_first) // 4]
    ids = reader.read([batch.texts[example]])[0]
    zero, one = examples.codec.names
    labels = inspection.balance.labels
    return DataSummary(
        name=Path(inspection.path).name,
        title=f"{Path(inspection.path).name}: {inspection.format} with {inspection.rows:,} texts",
        source=inspection.path,
        licence="your own file",
        digest=digest(examples),
        label_names=(zero, one),
        counts={part: (labels[zero][number], labels[one][number]) for number, part in enumerate(PARTS)},
        example_text=batch.texts[example],
        example_ids=tuple(int(number) for number in ids),
        example_words=tuple(reader.tokenizer.tokens(ids)),
        example_label=str(batch.labels[example]),
    )


def _classes(part: PreparedPart) -> NDArray[np.int64]:
    return np.asarray(part.targets, dtype=np.int64)


def _baselines(examples: TextExamples, prepared: Prepared, resamples: int) -> tuple[Baseline, ...]:
    return fit_baselines(
        lambda: examples.load("training")[0],
        prepared.training.targets,
        lambda: examples.load("validation")[0],
        prepared.validation.targets,
        lambda: examples.load("test")[0],
        prepared.test.targets,
        tokenize=words,
        groups=None if prepared.groups is None else np.unique(prepared.groups, return_inverse=True)[1],
        cache_folder=files.cache_folder() / "baselines",
        key=digest(examples),
        resamples=resamples,
    )
