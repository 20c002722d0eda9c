"""How good a model of one's own is: its scores on the test, beside those of simple models."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool import files
from unspool.data.examples import TextExamples
from unspool.data.labels import LabelCodec, Targets
from unspool.data.tables.split_names import Part as PartName
from unspool.data.words import words
from unspool.evaluation.baselines import scored
from unspool.evaluation.linear import Part, SimpleModel, linear_model, most_frequent, pick_threshold
from unspool.evaluation.result import Predictions, Result
from unspool.evaluation.scores import binary_scores
from unspool.evaluation.task_result import TaskBaseline, TaskPredictions, TaskResult
from unspool.evaluation.task_scores import task_scores
from unspool.evaluation.verdict import task_verdict, verdict
from unspool.experiment.fitting import Job, Trained, record
from unspool.experiment.own.examples import Examples, Inspection
from unspool.experiment.own.model import OwnModel
from unspool.experiment.own.preparation import Prepared, PreparedPart
from unspool.experiment.own.summary import digest, summarized
from unspool.progress import spinner


def threshold_of(model: OwnModel, validation: PreparedPart) -> float:
    """Pick on the validation examples what a probability must reach to be a yes; one half where there is no choice."""
    if model.codec.task not in ("binary", "multilabel"):
        return pick_threshold(model.codec.task, np.zeros(0), np.zeros(0))
    return pick_threshold(model.codec.task, truth_of(model.codec, validation.targets), model.answers(validation.inputs))


def judge(
    model: OwnModel, examples: Examples, inspection: Inspection, prepared: Prepared, job: Job, trained: Trained
) -> Result | TaskResult:
    """Score a trained model and its baselines on the test examples.

    Args:
        model: with its threshold.
        examples: what the file holds.
        inspection: of the same.
        prepared: of the same.
        job: for whom.
        trained: how training went.
    """
    common = {"data": summarized(examples, inspection, model.reader, prepared)}
    judged = _judged_binary if model.codec.task == "binary" else _judged
    return judged(model, examples, prepared, common, lambda: record(model.recipe, job, trained))


def truth_of(codec: LabelCodec, targets: Targets) -> NDArray[Any]:
    """Targets as they are scored: numbers in their own unit, without what single precision added; else whole numbers.

    Example:
        >>> codec = LabelCodec.fit([1.1, 2.2, 7.7])
        >>> truth_of(codec, codec.encode([2.2, 7.7])).tolist()
        [2.2, 7.7]
    """
    if codec.task == "regression":
        return np.round(np.array(codec.decode(targets)), 5 - int(np.floor(np.log10(codec.scale))))
    return np.asarray(targets, dtype=np.int64)


_Record = Callable[[], dict[str, Any]]


def _judged_binary(
    model: OwnModel, examples: Examples, prepared: Prepared, common: dict[str, Any], about: _Record
) -> Result:
    resamples = model.recipe.evaluation.resamples

    def predictions(part: PreparedPart) -> Predictions:
        return Predictions(truth_of(model.codec, part.targets), model.answers(part.inputs), part.groups)

    validation, test = predictions(prepared.validation), predictions(prepared.test)
    with spinner("fitting the baselines, unless they are in the cache"):
        baselines = tuple(
            scored(one, test.labels, test.groups, resamples) for one in _simple_models(examples, prepared)
        )
    return Result(
        **common,
        validation=binary_scores(validation, model.threshold, resamples=resamples),
        test=binary_scores(test, model.threshold, resamples=resamples),
        validation_predictions=validation,
        test_predictions=test,
        baselines=baselines,
        verdict=verdict(test, model.threshold, baselines, resamples=resamples),
        published=None,
        **about(),
    )


def _judged(
    model: OwnModel, examples: Examples, prepared: Prepared, common: dict[str, Any], about: _Record
) -> TaskResult:
    codec, resamples = model.codec, model.recipe.evaluation.resamples
    threshold = model.threshold if codec.task == "multilabel" else None

    def predictions(part: PreparedPart) -> TaskPredictions:
        return TaskPredictions(truth_of(codec, part.targets), model.answers(part.inputs), part.groups)

    test = predictions(prepared.test)
    with spinner("scoring, and fitting the baselines, unless they are in the cache"):
        validation_scores = task_scores(codec.task, predictions(prepared.validation), threshold, resamples=resamples)
        test_scores = task_scores(codec.task, test, threshold, resamples=resamples)
        baselines = tuple(
            TaskBaseline(
                one.name,
                one.title,
                task_scores(
                    codec.task,
                    TaskPredictions(test.targets, one.outputs, test.groups),
                    one.threshold,
                    resamples=resamples,
                ),
                one.outputs,
                one.seconds,
            )
            for one in _simple_models(examples, prepared)
        )
    return TaskResult(
        task=codec.task,
        **common,
        validation=validation_scores,
        test=test_scores,
        test_predictions=test,
        baselines=baselines,
        verdict=task_verdict(codec.task, test, threshold, baselines, resamples=resamples),
        **about(),
    )


def _simple_models(examples: Examples, prepared: Prepared) -> tuple[SimpleModel, SimpleModel]:
    codec, classes = examples.codec, len(examples.codec.names)

    def part(name: PartName) -> Part:
        known: PreparedPart = getattr(prepared, name)
        truth = truth_of(codec, known.targets)
        if isinstance(examples, TextExamples):
            return Part(lambda: examples.texts(name), truth)
        return Part(lambda: known.inputs, truth)

    training, validation, test = part("training"), part("validation"), part("test")
    linear = linear_model(
        codec.task,
        "text" if isinstance(examples, TextExamples) else "series",
        training,
        validation,
        test,
        classes,
        tokenize=words,
        cache_folder=files.cache_folder() / "baselines",
        key=digest(examples, prepared),
    )
    frequent = most_frequent(codec.task, training.targets, validation.targets, len(test.targets), classes)
    return frequent, linear
