"""How good a trained model is: its scores on the test beside those of simple models, and all that the report shows."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from unspool import files
from unspool.candidates import Choice, RawModel, baselines
from unspool.candidates.choice import TITLES, fit_baseline
from unspool.candidates.forecasts import fit_baseline as fit_simple_forecaster
from unspool.data.padding import pad_series
from unspool.data.stored_ragged import Sequences
from unspool.descriptions.networks import Seq2Seq
from unspool.evaluation import baseline_cache
from unspool.evaluation.baseline_cache import digest_of_arrays
from unspool.evaluation.baselines import RawPart, SimpleModel, linear_baseline
from unspool.evaluation.forecast_examples import forecasted
from unspool.evaluation.forecasted import Forecasted
from unspool.evaluation.latent import latent_errors
from unspool.evaluation.measures import Measure
from unspool.evaluation.result import Baseline, Candidate, LayerSummary, ParameterCounts, Predictions, Result, Scores
from unspool.evaluation.scoring import HALF
from unspool.evaluation.translated import Translated
from unspool.evaluation.verdict import verdict
from unspool.models.encoding_decoding import SequenceToSequence
from unspool.models.series import present_steps
from unspool.progress import spinner
from unspool.readers import RawExamples
from unspool.runs import environment
from unspool.runs.defaults import BUDGET
from unspool.runs.fitting import Job, Trained, joined
from unspool.runs.latent_space import LatentSpace, fit_latent_space
from unspool.runs.model import TrainedModel
from unspool.runs.pictures import pictures_of
from unspool.runs.preparation import ForecastData, Prepared, PreparedPart
from unspool.runs.recipe import Recipe
from unspool.tasks import Reconstruction, Translation
from unspool.tasks.reconstruction import latent_details


def trained_model(recipe: Recipe, prepared: Prepared, trained: Trained) -> TrainedModel:
    """Put a trained network together with its reader and its task, and pick its threshold on validation.

    A model without a threshold says yes from one half on.
    """
    bare = TrainedModel(recipe, prepared.reader, prepared.task, None, trained.model)
    if isinstance(prepared.task, Reconstruction | Translation) or recipe.evaluation.threshold == "half":
        return bare
    validation = _held_out(bare, prepared, trained)
    threshold = prepared.task.pick_threshold(validation.targets, validation.outputs, recipe.evaluation.measure)
    return TrainedModel(recipe, prepared.reader, prepared.task, threshold, trained.model)


def judge(model: TrainedModel, prepared: Prepared, job: Job, trained: Trained) -> Result:
    """Score a trained model and its baselines on the test examples.

    Args:
        model: with its threshold.
        prepared: the data.
        job: for whom.
        trained: how training went.
    """
    if isinstance(model.task, Reconstruction):
        return _judge_autoencoder(model, model.task, prepared, job, trained)
    recipe, task = model.recipe, model.task
    test = _predictions(model, prepared.test)
    same = prepared.test is prepared.validation
    validation = test if same else _held_out(model, prepared, trained)
    with spinner("fitting the baselines, unless they are in the cache"):
        simple = _simple_models(recipe, prepared, trained.choice)
    strongest = _strongest(task.measures[recipe.evaluation.measure or task.headline], simple)
    resamples = recipe.evaluation.resamples
    with spinner("scoring the test set"):
        baselines = tuple(
            Baseline(
                one.name,
                one.title,
                task.scores(Predictions(test.targets, one.outputs, test.groups), one.threshold, resamples=resamples),
                one.outputs,
                one.seconds,
            )
            for one in simple
        )
        return _result(
            model,
            prepared,
            job,
            trained,
            validation=task.scores(validation, model.threshold, resamples=resamples),
            test=task.scores(test, model.threshold, resamples=resamples),
            test_predictions=test,
            baselines=baselines,
            tagged=task.tagged(prepared.test.raw(), test),
            translated=_translated(model, prepared.test, test),
            forecasted=_forecasted(prepared, test, next(one for one in baselines if one.name == strongest)),
            strongest=strongest,
        )


def _translated(model: TrainedModel, part: PreparedPart, predictions: Predictions) -> Translated | None:
    if not isinstance(model.task, Translation):
        return None
    assert isinstance(model.network, SequenceToSequence)
    assert isinstance(part.inputs, Sequences)
    return model.task.translated(model.network, list(part.raw()), part.inputs, predictions)


def _forecasted(prepared: Prepared, predictions: Predictions, baseline: Baseline) -> Forecasted | None:
    return None if prepared.forecasts is None else forecasted(prepared.forecasts.places, predictions, baseline)


def _held_out(model: TrainedModel, prepared: Prepared, trained: Trained) -> Predictions:
    """What the threshold is picked on: the validation examples, or what a choice held out of all that it had."""
    if trained.choice is None:
        return _predictions(model, prepared.validation)
    parts = (prepared.training, prepared.validation)
    truth = np.concatenate([model.task.truth(part.targets) for part in parts])
    return Predictions(truth[trained.choice.rows], trained.choice.held_out)


def _strongest(measure: Measure, simple: Sequence[SimpleModel]) -> str:
    """The simple model that did best on held-out training data: the one that a person would use."""
    better = 1 if measure.higher_is_better else -1
    known = [one for one in simple if one.held_out is not None]
    return max(known, key=lambda one: better * (one.held_out or 0.0)).name if known else simple[0].name


def _result(
    model: TrainedModel,
    prepared: Prepared,
    job: Job,
    trained: Trained,
    *,
    validation: Scores,
    test: Scores,
    test_predictions: Predictions,
    baselines: tuple[Baseline, ...],
    strongest: str | None = None,
    **more: Any,
) -> Result:
    recipe, network, choice = model.recipe, trained.model, trained.choice
    return Result(
        task=model.task.name,
        recipe=recipe.name,
        title=recipe.title,
        description=recipe.description,
        protocol=recipe.evaluation.protocol,
        seed=recipe.training.seed,
        command=job.command,
        layers=() if isinstance(network, RawModel) else tuple(_layers(network)),
        parameters=_counts(network),
        history=trained.history,
        epochs=trained.epochs,
        best_epoch=trained.best_epoch,
        training_seconds=trained.seconds,
        environment=environment.describe(),
        data=prepared.summary if choice is None else replace(prepared.summary, unlabelled=choice.unlabelled),
        validation=validation,
        test=test,
        test_predictions=test_predictions,
        baselines=baselines,
        verdict=verdict(
            model.task.measures,
            test_predictions,
            model.threshold,
            baselines,
            measure=recipe.evaluation.measure,
            strongest=strongest,
            same=network.name if isinstance(network, RawModel) else None,
            resamples=recipe.evaluation.resamples,
        ),
        candidates=() if choice is None else _candidates(choice),
        by_time=choice is not None and choice.by_time,
        published=recipe.published,
        seconds=job.log.seconds,
        **more,
    )


def _counts(network: keras.Model | RawModel) -> ParameterCounts:
    if isinstance(network, RawModel):
        total = sum(array.size for array in network.arrays().values())
        return ParameterCounts(total, total, 0)
    total = network.count_params()
    trainable = sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)
    return ParameterCounts(total, trainable, total - trainable)


def _candidates(choice: Choice) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(one.name, one.title, one.score, one.seconds, one.name == choice.model.name, one.note)
        for one in choice.tried
    )


def _predictions(model: TrainedModel, part: PreparedPart) -> Predictions:
    return Predictions(model.task.truth(part.targets), model.outputs(part.inputs), part.groups)


def _simple_models(recipe: Recipe, prepared: Prepared, choice: Choice | None) -> tuple[SimpleModel, ...]:
    """What a person would use instead, each with what it reaches on held-out training data."""
    if prepared.forecasts is not None:
        return _simple_forecasters(recipe, prepared, prepared.forecasts, choice)
    task, measure = prepared.task, recipe.evaluation.measure or prepared.task.headline
    parts = (prepared.training, prepared.validation, prepared.test)
    raw_training, raw_validation, raw_test = (RawPart(part.raw, task.truth(part.targets)) for part in parts)
    own = task.simple_models(raw_training, raw_validation, raw_test, measure)
    if own:
        return tuple(own)
    training, validation, test = (part.targets for part in (raw_training, raw_validation, raw_test))
    frequent = task.most_frequent(training, validation, test)
    others = [] if prepared.kind == "series" and baselines(prepared.kind, task.name) else [_linear(recipe, prepared)]
    others += [
        found
        for name in baselines(prepared.kind, task.name)
        if (found := _candidate_baseline(name, recipe, prepared, measure)) is not None
    ]
    return frequent, *others


def _simple_forecasters(
    recipe: Recipe, prepared: Prepared, data: ForecastData, choice: Choice | None
) -> tuple[SimpleModel, ...]:
    """The same of series to forecast: naive forecasts, smoothing, a linear model; with intervals like any other."""
    known = {} if choice is None else choice.points
    given_up = set() if choice is None else {one.name for one in choice.tried if one.score is None}
    found = []
    for name in baselines("forecast", prepared.task.name):
        if name in given_up:  # the choice says why
            continue
        began = time.perf_counter()
        fitted = fit_simple_forecaster(name, data.training, known.get(name), recipe.training.seed, BUDGET)
        if fitted is None:
            continue
        assert isinstance(prepared.test.inputs, RawExamples)
        outputs = fitted[0].outputs(prepared.test.inputs.items)
        seconds = time.perf_counter() - began
        found.append(SimpleModel(name, TITLES[name], outputs, None, seconds, fitted[1]))
    return tuple(found)


def _linear(recipe: Recipe, prepared: Prepared) -> SimpleModel:
    task = prepared.task
    assert prepared.kind != "forecast"
    training, validation, test = (
        RawPart(partial(_raw_of, part, prepared.kind), task.truth(part.targets))
        for part in (prepared.training, prepared.validation, prepared.test)
    )
    return linear_baseline(
        task,
        prepared.kind,
        training,
        validation,
        test,
        measure=recipe.evaluation.measure,
        cache_folder=files.cache_folder() / "baselines",
        key=_key(recipe, prepared),
    )


def _raw_of(part: PreparedPart, kind: str) -> Any:
    return part.split() if kind == "text" else pad_series(list(part.raw()))


def _key(recipe: Recipe, prepared: Prepared) -> str:
    """Names the data and how it was split."""
    split = "all"
    if recipe.evaluation.protocol == "honest":
        split = f"validation {recipe.evaluation.validation_fraction}, seed {recipe.seed_of_parts}"
    return f"{prepared.digest}, {split}"


def _candidate_baseline(name: str, recipe: Recipe, prepared: Prepared, measure: str) -> SimpleModel | None:
    """A candidate that is simple enough to be what a person would use, fitted to training and validation examples."""
    task, chapter = prepared.task, prepared.validation is prepared.test
    parts = (prepared.training,) if chapter else (prepared.training, prepared.validation)
    targets = np.concatenate([task.truth(part.targets) for part in parts])
    facts = {"task": task.name, "data": _key(recipe, prepared), "measure": measure, "labels": digest_of_arrays(targets)}
    facts |= {"unspool": version("unspool"), "protocol": recipe.evaluation.protocol}
    groups, times = joined(part.groups for part in parts), joined(part.times for part in parts)
    for what, known in (("groups", groups), ("times", times)):
        facts |= {} if known is None else {what: digest_of_arrays(known)}
    path = baseline_cache.cache_path(files.cache_folder() / "baselines", name.replace(" ", "-").replace(",", ""), facts)
    stored = baseline_cache.load(path, {"outputs": None, "threshold": (), "seconds": (), "held_out": ()})
    if stored is not None and stored["outputs"].shape[:1] == (len(prepared.test),):
        return _as_simple(name, stored)
    began = time.perf_counter()
    choice = fit_baseline(
        name, prepared.kind, prepared.learned, targets, task.name, classes=len(task.names), groups=groups, times=times
    )
    if choice is None:
        return None
    truth = targets[choice.rows]
    threshold = task.pick_threshold(truth, choice.held_out, recipe.evaluation.measure)
    cut = HALF if threshold is None else threshold
    found: dict[str, Any] = {
        "outputs": choice.model.outputs(list(prepared.test.raw())),
        "threshold": -1.0 if threshold is None else threshold,
        "seconds": time.perf_counter() - began,
        "held_out": task.measures[measure].value(truth, choice.held_out, cut),
    }
    baseline_cache.save(path, found)
    return _as_simple(name, found)


def _as_simple(name: str, found: Mapping[str, Any]) -> SimpleModel:
    threshold = float(found["threshold"])
    known = None if threshold < 0 else threshold
    return SimpleModel(
        name, TITLES.get(name, name), found["outputs"], known, float(found["seconds"]), float(found["held_out"])
    )


def _judge_autoencoder(
    model: TrainedModel, task: Reconstruction, prepared: Prepared, job: Job, trained: Trained
) -> Result:
    recipe, autoencoder, resamples = model.recipe, model.autoencoder, model.recipe.evaluation.resamples
    description = recipe.model
    assert isinstance(description, Seq2Seq)
    train, test = (np.asarray(part.inputs) for part in (prepared.training, prepared.test))
    labels = (prepared.training.targets, prepared.test.targets) if task.names else (None, None)
    with spinner("scoring the test set, drawing the pictures, fitting the baselines"):
        train_vectors, vectors = autoencoder.encode(train), autoencoder.encode(test)
        space = fit_latent_space(train_vectors, description.latent_range, recipe.training.seed)
        space.save(job.out)
        targets = np.zeros(len(test), dtype=np.int64) if labels[1] is None else np.asarray(labels[1])
        predictions = Predictions(targets, model.outputs(test), prepared.test.groups)
        validation = predictions
        if prepared.validation is not prepared.test:
            inputs = prepared.validation.inputs
            validation = Predictions(np.zeros(len(prepared.validation), np.int64), model.outputs(inputs))
        latent = latent_errors(train_vectors, labels[0], vectors, labels[1], np.nan_to_num(test))
        simple = task.simple_reconstructions(
            (train, labels[0]), (test, labels[1]), description.latent, files.cache_folder() / "baselines"
        )
        baselines = tuple(
            Baseline(
                one.name,
                one.title,
                _scores(task, Predictions(targets, one.errors.columns, prepared.test.groups), one.latent, resamples),
                one.errors.columns,
                one.seconds,
            )
            for one in simple
        )
        return _result(
            model,
            prepared,
            job,
            trained,
            validation=task.scores(validation, None, resamples=resamples),
            test=_scores(task, predictions, latent, resamples),
            test_predictions=predictions,
            baselines=baselines,
            pictures=_pictures(model, space, test, labels[1], vectors),
        )


def _scores(task: Reconstruction, predictions: Predictions, latent: Any, resamples: int) -> Scores:
    scores = task.scores(predictions, None, resamples=resamples)
    details = latent_details(latent, resamples) if latent is not None else {"latent": None}
    return Scores(scores.examples, scores.figures, scores.threshold, details)


def _pictures(
    model: TrainedModel, space: LatentSpace, test: NDArray[Any], labels: NDArray[Any] | None, vectors: NDArray[Any]
) -> Any:
    if labels is None or "reconstructions" not in model.task.figures:
        return None
    return pictures_of(
        model.autoencoder,
        space,
        test,
        labels,
        vectors,
        model.autoencoder.decode(vectors, present_steps(test) if model.autoencoder.reads_padding else None),
        model.recipe.training.seed,
    )


def _layers(model: keras.Model, prefix: str = "") -> list[LayerSummary]:
    """A row a layer; those of a model within the model under its name."""
    rows: list[LayerSummary] = []
    if isinstance(model, SequenceToSequence):  # no graph of layers, so that none has one output
        return [
            LayerSummary(one.name, type(one).__name__, (), one.count_params()) for one in model.layers if one.weights
        ]
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            rows += _layers(layer, f"{layer.name} ")
        elif not isinstance(layer, keras.layers.InputLayer):
            name, kind = f"{prefix}{layer.name}", type(layer).__name__
            rows.append(LayerSummary(name, kind, tuple(layer.output.shape), layer.count_params()))
    return rows
