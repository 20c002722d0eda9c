"""What a run's folder tells of a run of a task: the fields of a `TaskResult` as JSON and arrays, and back."""

from dataclasses import asdict
from typing import Any

from unspool.data.task import Task
from unspool.evaluation.measures import MEASURES
from unspool.evaluation.task_result import TaskBaseline, TaskPredictions, TaskResult, TaskScores
from unspool.experiment.classification_record import read_data
from unspool.experiment.scores import Arrays, flat_score, flat_verdict, plain, read_score, read_verdict


def to_metrics(result: TaskResult) -> dict[str, Any]:
    """What metrics.json holds beside what every run has."""
    return {
        "task": result.task,
        "test": flat_scores(result.task, result.test),
        "validation": flat_scores(result.task, result.validation),
        "baselines": {
            one.name: {"title": one.title, "seconds": one.seconds} | flat_scores(result.task, one.scores)
            for one in result.baselines
        },
        "verdict": flat_verdict(result.verdict),
        "data": asdict(result.data),
    }


def to_arrays(result: TaskResult) -> Arrays:
    """What predictions.npz holds."""
    arrays: Arrays = {f"baseline/{baseline.name}": baseline.outputs for baseline in result.baselines}
    arrays |= {"test/targets": result.test_predictions.targets, "test/outputs": result.test_predictions.outputs}
    if result.test_predictions.groups is not None:
        arrays["test/groups"] = result.test_predictions.groups
    return arrays


def from_metrics(metrics: dict[str, Any], arrays: Arrays) -> dict[str, Any]:
    """The fields of a `TaskResult` that not every run has."""
    task = metrics["task"]
    return {
        "task": task,
        "data": read_data(metrics["data"]),
        "validation": _scores(task, metrics["validation"]),
        "test": _scores(task, metrics["test"]),
        "test_predictions": TaskPredictions(arrays["test/targets"], arrays["test/outputs"], arrays.get("test/groups")),
        "baselines": tuple(
            TaskBaseline(
                name,
                plain(str, flat["title"]),
                _scores(task, flat),
                arrays[f"baseline/{name}"],
                plain(float, flat["seconds"]),
            )
            for name, flat in metrics["baselines"].items()
        ),
        "verdict": read_verdict(metrics["verdict"]),
    }


def flat_scores(task: Task, scores: TaskScores) -> dict[str, Any]:
    """Scores as entries; a measure that is undefined is null."""
    flat: dict[str, Any] = {"examples": scores.examples}
    for name in MEASURES[task]:
        flat |= flat_score(name, scores.figures.get(name))
    return flat | {"threshold": scores.threshold}


def _scores(task: Task, flat: dict[str, Any]) -> TaskScores:
    figures = {name: score for name in MEASURES[task] if (score := read_score(flat, name)) is not None}
    return plain(TaskScores, flat | {"figures": figures})
