"""How good a trained model is: its scores on the test beside those of simple models, and all that the report shows."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unspool import files
from unspool.candidates import Choice, RawModel
from unspool.candidates.registry import PCA, candidate_title
from unspool.descriptions.networks import Autoencoder
from unspool.evaluation.baselines.reconstruction import SimpleReconstruction
from unspool.evaluation.baselines.simple_models import SimpleModel
from unspool.evaluation.forecast_examples import forecasted
from unspool.evaluation.forecasted import Forecasted, counted_in, drawn_in
from unspool.evaluation.latent import latent_errors
from unspool.evaluation.result import (
    Baseline,
    BothDirections,
    Candidate,
    LayerSummary,
    ParameterCounts,
    Predictions,
    Result,
    Scores,
    Verdict,
)
from unspool.evaluation.support import on_few_groups, on_few_tagged
from unspool.evaluation.verdict import verdict
from unspool.progress import spinner
from unspool.runs.baselines import simple_models, strongest_of
from unspool.runs.groups import several
from unspool.runs.held_together import classes_of, held_out_together
from unspool.runs.latent_space import LatentSpace, fit_latent_space
from unspool.runs.model import TrainedModel
from unspool.runs.reading.preparation import Prepared, PreparedPart
from unspool.runs.recipes.recipe import Recipe
from unspool.runs.records import environment
from unspool.runs.seen_in_test import on_seen, seen_in_test
from unspool.runs.trained import Job, Trained
from unspool.tasks import Reconstruction, Translation
from unspool.tasks.reconstruction import latent_details

if TYPE_CHECKING:
    import keras

_TIED = (
    "On held-out training data, all simple models do equally well, so the verdict rests on the one that does best on "
    "the test examples."
)


def trained_model(recipe: Recipe, prepared: Prepared, trained: Trained) -> TrainedModel:
    """Put a trained network together with its reader and its task, and choose on validation what remains to be chosen.

    A model without a threshold says yes from one half on.
    """
    measure = recipe.evaluation.measure
    task = prepared.task.completed(trained.model, prepared.training, prepared.validation, measure)
    bare = TrainedModel(recipe, prepared.reader, task, None, trained.model)
    if not task.picks_threshold or recipe.evaluation.threshold == "half":
        return bare
    validation = held_out_predictions(bare, prepared, trained)
    return replace(bare, threshold=task.pick_threshold(validation.targets, validation.outputs, measure))


def judge(model: TrainedModel, prepared: Prepared, job: Job, trained: Trained) -> Result:
    """Score a trained model and its baselines on the test examples."""
    if isinstance(model.task, Reconstruction):
        return _judge_autoencoder(model, model.task, prepared, job, trained)
    recipe, task = model.recipe, model.task
    test = _predictions(model, prepared.test)
    same = prepared.test is prepared.validation
    validation = test if same else held_out_predictions(model, prepared, trained)
    what = "fitting the baselines, unless they are in the cache"
    with spinner(what) as show:
        simple = simple_models(recipe, prepared, trained.choice, lambda name: show(f"{what}: {name}"))
    measure = task.measures[recipe.evaluation.measure or task.headline]
    if prepared.forecasts is not None:
        measure = task.measures[prepared.forecasts.compared_by(recipe.evaluation.measure).measure]
    strongest = strongest_of(measure, simple, _name_of(model))
    resamples = recipe.evaluation.resamples
    with spinner("scoring the test set"):
        said = [(one, Predictions(test.targets, one.outputs, test.groups)) for one in simple]
        baselines = tuple(
            _baseline(one, task.scores(theirs, one.threshold, resamples=resamples), one.outputs) for one, theirs in said
        )
        result = _result(
            model,
            prepared,
            job,
            trained,
            validation=task.scores(validation, model.threshold, resamples=resamples),
            test=task.scores(test, model.threshold, resamples=resamples),
            test_predictions=test,
            baselines=baselines,
            tagged=task.tagged(prepared.test.raw(), test),
            translated=task.translated(trained.model, prepared.test.raw, prepared.test.inputs, test),
            strongest=strongest,
        )
    if strongest is None:
        result = replace(result, verdict=replace(result.verdict, words=f"{result.verdict.words} {_TIED}"))
    return result


def _baseline(one: SimpleModel | SimpleReconstruction, scores: Scores, outputs: NDArray[Any]) -> Baseline:
    return Baseline(one.name, one.title, scores, outputs, one.seconds)


def _forecasted(
    prepared: Prepared, measure: str | None, predictions: Predictions, baseline: Baseline
) -> Forecasted | None:
    if prepared.forecasts is None:
        return None
    found = forecasted(prepared.forecasts.places, predictions, baseline)
    return replace(found, compared_by=prepared.forecasts.compared_by(measure).measure)


def held_out_predictions(model: TrainedModel, prepared: Prepared, trained: Trained) -> Predictions:
    """What the threshold is picked on: the validation examples, or what a choice held out of all that it had.

    Intervals resample the groups that the choice held out together.
    """
    if trained.choice is None:
        return _predictions(model, prepared.validation)
    if model.task.compared_on_validation:
        part = prepared.validation
        return Predictions(model.task.truth(part.targets), trained.choice.held_out, several(part.groups))
    parts, rows = (prepared.training, prepared.validation), trained.choice.rows
    truth = np.concatenate([model.task.truth(part.targets) for part in parts])
    if prepared.forecasts is not None:
        groups = prepared.validation.groups
    else:
        together = held_out_together(parts, prepared.kind, classes_of(model.task, truth))
        groups = None if together is None else together[rows]
    return Predictions(truth[rows], trained.choice.held_out, several(groups))


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
    recipe, network, choice, both = model.recipe, trained.model, trained.choice, trained.both_directions
    found = _verdict(model, prepared, trained, test_predictions, baselines, strongest)
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
        both_directions=None if both is None else BothDirections(both.epochs, both.best_epoch),
        training_seconds=trained.seconds,
        environment=environment.describe(environment.has_network(recipe.model)),
        data=prepared.summary if choice is None else replace(prepared.summary, unlabelled=choice.unlabelled),
        validation=validation,
        test=test,
        test_predictions=test_predictions,
        baselines=baselines,
        verdict=found,
        forecasted=_forecasted(
            prepared,
            model.recipe.evaluation.measure,
            test_predictions,
            next(one for one in baselines if one.name == found.baseline),
        ),
        candidates=() if choice is None else _candidates(choice, prepared),
        compared_by=None if choice is None else found.measure,
        by_time=choice is not None and choice.by_time,
        network_stopped=trained.stopped_after is not None or (both is not None and both.stopped),
        transformed=trained.transformed,
        published=recipe.published,
        seconds=job.log.seconds,
        **more,
    )


def _verdict(
    model: TrainedModel,
    prepared: Prepared,
    trained: Trained,
    predictions: Predictions,
    baselines: tuple[Baseline, ...],
    strongest: str | None,
) -> Verdict:
    """The comparison with the baselines, with what limits it."""
    task, evaluation, same = model.task, model.recipe.evaluation, _name_of(model)
    found = verdict(
        task.measures,
        predictions,
        model.threshold,
        baselines,
        measure=evaluation.measure,
        strongest=strongest,
        same=same,
        alone=trained.choice is not None and len(trained.choice.tried) == 1,
        counted=_counted(prepared),
        drawn=_drawn(prepared),
        resamples=evaluation.resamples,
    )
    again = on_seen(
        seen_in_test(prepared, trained),
        found,
        task.measures,
        predictions,
        model.threshold,
        baselines,
        same=same,
        shared="source" if isinstance(task, Translation) else None,
        resamples=evaluation.resamples,
    )
    few = on_few_groups(predictions.groups, _drawn(prepared))
    if task.by_step:
        few = on_few_tagged(predictions.targets, predictions.groups)
    times = "" if prepared.forecasts is None else prepared.forecasts.places.on_few_times
    late = "" if trained.choice is None else trained.choice.on_lack_of_time
    caution = task.caution(predictions, model.threshold, found.measure)
    return replace(found, words=" ".join(filter(None, (found.words, late and f"{late}.", few, times, again, caution))))


def _name_of(model: TrainedModel) -> str | None:
    """The name of the baseline that a model is, if it is one."""
    if isinstance(model.recipe.model, Autoencoder) and model.recipe.model.linear:
        return PCA
    return model.network.name if isinstance(model.network, RawModel) else None


def _counted(prepared: Prepared) -> str:
    forecasts = prepared.forecasts
    return "test examples" if forecasts is None else f"test {counted_in(forecasts.places.drawn)}"


def _drawn(prepared: Prepared) -> str:
    return "groups" if prepared.forecasts is None else drawn_in(prepared.forecasts.places.drawn)


def _counts(network: "keras.Model | RawModel") -> ParameterCounts:
    if isinstance(network, RawModel):
        return ParameterCounts(network.size, network.size, 0)
    total = network.count_params()
    trainable = sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)
    return ParameterCounts(total, trainable, total - trainable)


def _candidates(choice: Choice, prepared: Prepared) -> tuple[Candidate, ...]:
    """What the report tells of those that were tried; of the chosen one also why."""
    return tuple(
        Candidate(
            one.name,
            candidate_title(one.name, prepared.task.name, side=prepared.side),
            one.score,
            one.seconds,
            chosen := one.name == choice.name,
            "; ".join(filter(None, (one.note, choice.why if chosen else ""))),
            one.loss,
        )
        for one in choice.tried
    )


def _predictions(model: TrainedModel, part: PreparedPart) -> Predictions:
    return Predictions(model.task.truth(part.targets), model.outputs(part.inputs), several(part.groups))


def _judge_autoencoder(
    model: TrainedModel, task: Reconstruction, prepared: Prepared, job: Job, trained: Trained
) -> Result:
    recipe, autoencoder, resamples = model.recipe, model.autoencoder, model.recipe.evaluation.resamples
    description = recipe.model
    assert isinstance(description, Autoencoder)
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
            targets_held = np.zeros(len(prepared.validation), np.int64)
            validation = Predictions(targets_held, model.outputs(inputs), several(prepared.validation.groups))
        latent = latent_errors(train_vectors, labels[0], vectors, labels[1], np.nan_to_num(test))
        simple = task.simple_reconstructions(
            (train, labels[0]), (test, labels[1]), description.latent, files.cache_folder() / "baselines"
        )
        said = [(one, Predictions(targets, one.errors.columns, prepared.test.groups)) for one in simple]
        baselines = tuple(
            _baseline(one, _scores(task, theirs, one.latent, resamples), one.errors.columns) for one, theirs in said
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
    details = {"latent": None} if latent is None else latent_details(latent, resamples, predictions.groups)
    return Scores(scores.examples, scores.figures, scores.threshold, details)


def _pictures(
    model: TrainedModel, space: LatentSpace, test: NDArray[Any], labels: NDArray[Any] | None, vectors: NDArray[Any]
) -> Any:
    if labels is None or "reconstructions" not in model.task.figures:
        return None
    from unspool.models.series import present_steps
    from unspool.runs.pictures import pictures_of

    return pictures_of(
        model.autoencoder,
        space,
        test,
        labels,
        vectors,
        model.autoencoder.decode(vectors, present_steps(test) if model.autoencoder.reads_padding else None),
        model.recipe.training.seed,
    )


def _layers(model: "keras.Model", prefix: str = "") -> list[LayerSummary]:
    """A row a layer; those of a model within the model under its name."""
    import keras

    from unspool.models.encoding_decoding import SequenceToSequence

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
