"""A fitted estimator as a model's folder, or with test examples as a run's, like those that `unspool train` writes."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from unspool.atomic_writes import write_json_aside
from unspool.data.kept_in_cache import LABEL, SPLIT, TEXT, kept_lists
from unspool.descriptions.networks import Autoencoder
from unspool.estimators.errors import InputError, as_input_error
from unspool.estimators.fitted import Fitted
from unspool.estimators.inputs import Sequences, read_sequences
from unspool.estimators.network import network_with, trained_plan, undisturbed_generators
from unspool.estimators.reading import read
from unspool.files import expanded
from unspool.runs.checking.golden import golden_of
from unspool.runs.checking.golden_labels import golden_labels
from unspool.runs.latent_space import fit_latent_space
from unspool.runs.model import TrainedModel, files_to_digest
from unspool.runs.reading.preparation import Prepared
from unspool.runs.recipes.recipe import EvaluationSettings, FileSettings, Recipe
from unspool.runs.records import environment
from unspool.runs.records.folder import ENVIRONMENT, written_whole
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.run import prepare, write_run
from unspool.runs.trained import Job, Trained
from unspool.tasks import Reconstruction, Task

_WITHOUT = "Leave out test to save the model alone."


def save(estimator: Any, folder: str | PathLike[str], test: tuple[Any, Any] | None = None) -> None:
    """Write a fitted estimator to a folder: whole, or not at all.

    Args:
        estimator: a fitted one.
        folder: to make.
        test: X and y of the test examples, for a run; None for the model alone.

    Raises:
        NotFittedError: it is not fitted.
        InputError: it predicts several numbers at once, or the folder is there already or cannot be written, or a run
            cannot be made of it; the message says why.
    """
    check_is_fitted(estimator, "weights_")
    description, task = estimator.description_, _task_of(estimator)
    if not isinstance(description, Autoencoder) and description.outputs != task.outputs:
        raise InputError(
            f"This model predicts {description.outputs} numbers at once, and a folder holds a model of one. "
            "Keep it with pickle or joblib, or fit one estimator for each number."
        )
    with as_input_error(), undisturbed_generators():
        if test is None:
            save_model(estimator, task, description, _network_of(estimator, task), expanded(folder))
        else:
            _save_run(estimator, task, expanded(folder), test)


def _task_of(estimator: Any) -> Task:
    """What it predicts; an encoder in a pickle of an earlier version does not say."""
    task: Task = estimator.task_ or Reconstruction(likelihood=estimator.description_.decoder.output)
    return task


def save_model(estimator: Any, task: Task, description: Any, model: Any, folder: Path, *, network: bool = True) -> None:
    """Write what an estimator has learned to a folder, without a test.

    Args:
        estimator: a fitted one.
        task: what it predicts.
        description: of the model.
        model: a network with the estimator's weights, or a `RawModel`.
        folder: to create.
        network: whether the model is a network or has one as a part.

    Raises:
        UserError: the folder exists or cannot be written.
    """
    recipe = Recipe(
        name=type(estimator).__name__,
        title=f"A {type(estimator).__name__} that was fitted to data in memory",
        data=FileSettings(path="data in memory", kind="series" if estimator.kind_ == "series" else "text"),
        model=description,
    )
    trained, fitted = TrainedModel(recipe, estimator.reader_, task, None, model), getattr(estimator, "_fitted", None)
    with written_whole(folder) as content:
        trained.save(content)
        golden = golden_of(trained.checkable, estimator._golden_inputs)
        golden.save(content)
        if hasattr(estimator, "_seen"):  # not in a pickle of an earlier version
            estimator._seen.save(content)
        golden_labels(trained, golden, [], content, files_to_digest(content)).save(content)
        write_json_aside(content / ENVIRONMENT, environment.describe(network))
        if isinstance(description, Autoencoder) and fitted is not None:
            trained_on = fitted.sequences.take(np.setdiff1d(np.arange(len(fitted.sequences)), fitted.held_out))
            vectors = trained.autoencoder.encode(np.asarray(read(estimator.reader_, trained_on)))
            fit_latent_space(vectors, description.latent_range, fitted.training.seed).save(content)


def _save_run(estimator: Any, task: Task, folder: Path, test: tuple[Any, Any]) -> None:
    fitted = _fitted_of(estimator)
    sequences, labels = _checked_test(estimator, test)
    recipe = _recipe_of(estimator, task, fitted, sequences, labels)
    network, log = _network_of(estimator, task), TrainingLog()
    log.set_model(network)
    log.set_state(fitted.log)
    trained = Trained(network, estimator.history_, estimator.n_iter_, estimator.best_epoch_, fitted.seconds)
    shown = " ".join(repr(estimator).split())
    command = f"{shown}.fit(X, y).save({str(folder)!r}, test={'X_test' if labels is None else '(X_test, y_test)'})"
    with written_whole(folder) as content:
        prepared = prepare(recipe, None, log)
        _check_is_the_same(estimator, task, prepared)
        write_run(recipe, prepared, trained, Job(content, command, lambda line: None, log))


def _fitted_of(estimator: Any) -> Fitted:
    """What the estimator was fitted to, of which a run can be made.

    Raises:
        InputError: none can.
    """
    fitted: Fitted | None = getattr(estimator, "_fitted", None)
    if fitted is None:
        raise InputError(
            "The data that this estimator was fitted to is no longer available: pickles and copies do not include it. "
            f"Fit it again, and save it before it is pickled. {_WITHOUT}"
        )
    if fitted.sequences.kind == "tokens":
        raise InputError(f"A run reads texts or series, but this model reads token ids. {_WITHOUT}")
    if fitted.weighted:
        raise InputError(
            "This model was fitted with custom weights, which a recipe cannot describe, so it could not be trained "
            f"again. Fit it without sample_weight, and with class_weight=None or 'balanced'. {_WITHOUT}"
        )
    if not len(fitted.held_out):
        raise InputError(
            "This model was fitted without a validation set, which a run needs. Fit it to 50 sequences or more, with "
            f"validation_fraction above 0 and at least ten sequences of two classes. {_WITHOUT}"
        )
    if fitted.has_changed:
        raise InputError(f"X has been changed in place since the model was fitted to it. Fit it again. {_WITHOUT}")
    _refuse_empty(fitted.sequences, "X")
    return fitted


def _checked_test(estimator: Any, test: tuple[Any, Any]) -> tuple[Sequences, Sequence[Any] | None]:
    """The test examples, and their labels as a file has them."""
    if not isinstance(test, tuple) or len(test) != 2:
        raise InputError("test must be a pair (X, y) of sequences and their labels.")
    X, y = test
    sequences = read_sequences(estimator, X, estimator.kind_, fitting=False)
    read(estimator.reader_, sequences)  # which refuses other channels
    _refuse_empty(sequences, "X of test")
    labels: Sequence[Any] | None = estimator._labels_of_test(y)
    if labels is not None:
        check_consistent_length(sequences.items, labels)
    return sequences, labels


def _refuse_empty(sequences: Sequences, what: str) -> None:
    for position, item in enumerate(sequences.items):
        if not len(item.strip() if isinstance(item, str) else item):
            kind = "text" if sequences.kind == "text" else "series"
            raise InputError(
                f"{what}[{position}] is an empty {kind}, which a run cannot read. Leave it out. {_WITHOUT}"
            )


def _recipe_of(
    estimator: Any, task: Task, fitted: Fitted, test: Sequences, labels_of_test: Sequence[Any] | None
) -> Recipe:
    """Write all examples to a file in the cache, and say how a run reads it and trains on it."""
    name, settings, of_text = type(estimator).__name__, fitted.settings, fitted.sequences.kind == "text"
    labels = [*fitted.labels(), *labels_of_test] if fitted.labels and labels_of_test is not None else None
    parts = [*fitted.parts, *["test"] * len(test)]
    path = str(kept_lists([*fitted.sequences.items, *test.items], labels, name, parts))
    reads = {"length": settings.length, "task": task.name}
    data = FileSettings(path=path, kind="series", **reads)  # type: ignore[arg-type]
    if of_text:
        reads |= {"text": TEXT, "label": LABEL, "split": SPLIT, "size": settings.vocabulary}
        data = FileSettings(path=path, kind="text", tokenizer=settings.tokenizer or "words", **reads)  # type: ignore[arg-type]
    balanced = fitted.training.class_weight == "balanced"
    measure = ("balanced_accuracy" if balanced else "accuracy") if task.chooses_among_labels else None
    return Recipe(
        name=name,
        title=f"A {name} that was fitted to data in memory",
        description=f"A {name} that was fitted to data in memory, which was written to {path}.",
        data=data,
        model=estimator.description_,
        training=fitted.training,
        evaluation=EvaluationSettings(measure=measure, threshold="half" if task.picks_threshold else "validation"),
    )


def _check_is_the_same(estimator: Any, task: Task, prepared: Prepared) -> None:
    """Make sure that a run reads the file as the estimator was fitted: else none could train the same model again.

    Raises:
        InputError: the labels or the sequences are others in a file.
    """
    if prepared.task != task:
        raise InputError(
            f"A file would have other labels: {_labels_in_words(prepared.task)}, but the model has "
            f"{_labels_in_words(task)}. A class must occur in training, and its name must not begin or end with a "
            f"space. {_WITHOUT}"
        )
    if prepared.reader != estimator.reader_:
        raise InputError(
            f"Read from a file, the sequences would differ from those that the model was fitted to. {_WITHOUT}"
        )


def _labels_in_words(task: Task) -> str:
    return ", ".join(map(repr, task.names)) if task.names else f"{task}"


def _network_of(estimator: Any, task: Task) -> Any:
    return network_with(trained_plan(estimator.description_, estimator.reader_.inputs, task), estimator.weights_)
