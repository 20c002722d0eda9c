"""Executes what a recipe says of its model: trains a network, or chooses between models."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from unspool.candidates import Choice, RawModel, choose, choose_forecaster, reads_unlabelled
from unspool.candidates.examples import Examples
from unspool.candidates.outcome import Tried, about
from unspool.candidates.registry import NETWORK, PCA, WORD_BLEND
from unspool.descriptions.choice import ModelChoice
from unspool.descriptions.networks import Autoencoder, Tagger
from unspool.progress import spinner
from unspool.readers import SeriesReader
from unspool.runs.candidate_lines import CandidateLines
from unspool.runs.choosing_autoencoders import choose_autoencoder, fit_linear, narrowed
from unspool.runs.choosing_taggers import NETWORK_OF_TAGS, choose_tagger
from unspool.runs.comparing_on_validation import TrainedNetwork
from unspool.runs.held_together import classes_of, held_out_together, of_all_parts
from unspool.runs.network_fitting import Diverged, fit_network
from unspool.runs.reading.preparation import ForecastData, Prepared, Say
from unspool.runs.recipes.recipe import Recipe
from unspool.runs.trained import Job, Trained
from unspool.runs.transformed_targets import transformed_targets
from unspool.tasks import Reconstruction, Task

if TYPE_CHECKING:
    import keras


def fit_recipe(recipe: Recipe, prepared: Prepared, job: Job) -> Trained:
    """Train a recipe's model on prepared data."""
    if isinstance(recipe.model, ModelChoice):
        choose_one = _choose_on_validation if prepared.task.compared_on_validation else _choose
        return choose_one(recipe, recipe.model, prepared, job)
    if isinstance(recipe.model, Autoencoder) and recipe.model.linear:
        job.say(f"fitting principal components to {len(prepared.training):,} training examples")
        began = time.perf_counter()
        return _fitted(fit_linear(recipe.model, prepared), job, began)
    return fit_network(recipe, prepared, job)


def _choose_on_validation(recipe: Recipe, description: ModelChoice, prepared: Prepared, job: Job) -> Trained:
    """Compare a network with simple models on the validation examples; all tag words or steps, or reconstruct."""
    began, task, names = time.perf_counter(), prepared.task, description.candidates
    network: Tagger | Autoencoder = NETWORK_OF_TAGS
    if isinstance(task, Reconstruction):
        network = Autoencoder(**task.suited_network(len(prepared.training), None))
        assert isinstance(prepared.reader, SeriesReader)
        network = narrowed(network, prepared.reader.inputs)
    # Like other models that are compared, the network gets one line, when it is done: when it ends, no epoch tells.
    part = replace(job, say=lambda line: None, log=job.log.of_part("of the network"), verbose=0)
    networks: list[Trained] = []

    def train_network(left: float) -> TrainedNetwork | None:
        began = time.perf_counter()
        settings = replace(recipe.training, budget=None if math.isinf(left) else max(left, 0.0))
        alone = replace(recipe, model=network, training=settings)
        part.log.watch(lambda epoch, logs: tell(f"{NETWORK}, {epoch:,} epoch{'s' * (epoch > 1)} so far"))
        try:
            trained = fit_network(alone, prepared, part)
        except Diverged:
            if not {*names} - {NETWORK, WORD_BLEND}:
                raise
            return None
        networks.append(trained)
        assert not isinstance(trained.model, RawModel)
        outputs = task.predict(trained.model, prepared.validation.inputs)
        seconds = time.perf_counter() - began
        return TrainedNetwork(trained.model, outputs, seconds, trained.epochs if trained.stopped else None)

    what = "series" if prepared.kind == "series" else "texts"
    on = f", on {len(prepared.training):,} training {what}, scored on {len(prepared.validation):,} others"
    measure = recipe.evaluation.measure
    with telling(f"comparing {len(names)} models", on, names, task, job.say, measure) as (tell, heard):
        choice: Any
        if isinstance(network, Autoencoder):
            choice = choose_autoencoder(description, prepared, network.latent, train_network, tell=tell, heard=heard)
        else:
            choice = choose_tagger(description, prepared, measure, train_network, tell=tell, heard=heard)
    if choice.name == NETWORK:
        job.log.adopt(part.log)
        return replace(networks[0], choice=choice, described=network)
    if choice.name == PCA:
        assert isinstance(task, Reconstruction)
        assert isinstance(network, Autoencoder)
        described = task.principal_components(network.latent)
        return replace(_fitted(choice.model, job, began), choice=choice, described=described)
    return _chosen(choice, job, began)


def _choose(recipe: Recipe, description: ModelChoice, prepared: Prepared, job: Job) -> Trained:
    """Compare candidates within the training and validation examples, and fit the best to all of them."""
    if prepared.forecasts is not None:
        return _choose_forecaster(recipe, description, prepared.task, prepared.forecasts, job)
    began = time.perf_counter()
    task, parts = prepared.task, (prepared.training, prepared.validation)
    targets = np.concatenate([task.truth(part.targets) for part in parts])
    names = description.candidates
    groups = held_out_together(parts, prepared.kind, classes_of(task, targets))
    times = of_all_parts(part.times for part in parts)
    how = (
        "by cross-validation"
        if times is None
        else "in chronological order (fitted to earlier examples, scored on later ones)"
    )
    unlabelled = list(prepared.unlabelled.texts()) if reads_unlabelled(names) else []
    on = f", on {len(targets):,} training examples{_and_unlabelled(len(unlabelled))}"
    measure = recipe.evaluation.measure
    examples = Examples(
        prepared.learned, targets, task.name, len(task.names), groups, times, absolute_errors=measure == "mae"
    )
    examples, learned = transformed_targets(prepared.kind, examples, getattr(recipe.data, "label", None), job.say)
    with telling(f"comparing {len(names)} models {how}", on, names, task, job.say, measure) as (tell, heard):
        choice = choose(
            prepared.kind,
            examples,
            names,
            budget=description.budget,
            seed=recipe.training.seed,
            unlabelled=unlabelled,
            work=description.language_model,
            saves=job.checkpoints,
            tell=tell,
            heard=heard,
            fitting=lambda name, seconds: job.say(_fitting(name, len(targets), seconds)),
        )
    return replace(_chosen(choice, job, began), transformed=learned)


def _fitting(name: str, count: int, seconds: float | None) -> str:
    duration = "" if seconds is None else f", which will probably take {about(seconds)}"
    return f"fitting {name} to all {count:,} training examples{duration}"


def _choose_forecaster(recipe: Recipe, description: ModelChoice, task: Task, data: ForecastData, job: Job) -> Trained:
    """Compare models on rolling origins within the training part, and fit the best to all of it."""
    from unspool.training.forecaster import NetworkCandidate

    began = time.perf_counter()
    names, training = description.candidates, data.compared_by(recipe.evaluation.measure)
    count = len({(one.series, one.origin) for one in training.windows})
    forecasts = "1 forecast" if count == 1 else f"{count:,} forecasts"
    on = f", on {forecasts} of {len(training.histories):,} series"
    with telling(
        f"comparing {len(names)} models on rolling origins", on, names, task, job.say, recipe.evaluation.measure
    ) as (tell, heard):
        choice = choose_forecaster(
            training,
            names,
            more=(NetworkCandidate(),),
            budget=description.budget,
            seed=recipe.training.seed,
            saves=job.checkpoints,
            tell=tell,
            heard=heard,
        )
    return _chosen(choice, job, began)


@contextmanager
def telling(
    comparing: str, on: str, names: Sequence[str], task: Task, say: Say, measure: str | None = None
) -> Iterator[tuple[Callable[[str], None], Callable[[Tried], None]]]:
    """Print what is compared and how; yield functions that show the candidate being tried and print its outcome.

    `measure` is the name of the verdict's, None for the task's first.
    """
    what = comparing if len(names) > 1 else f"fitting {names[0]}"
    scores, better = task.scores_of_candidates(measure), "higher" if task.higher_is_better(measure) else "lower"
    lines = CandidateLines(names, task, scores)
    say(what + on + (f", by {next(iter(scores))} ({better} is better)" if len(names) > 1 else ""))
    say(lines.heading)
    with spinner(what) as show:
        yield lambda line: show(f"{what}: {line}"), lambda one: say(lines.of(one))


def _chosen(choice: Choice, job: Job, began: float) -> Trained:
    job.log.record_arrays(choice.model.arrays())
    return Trained(choice.model, {}, 0, 0, time.perf_counter() - began, choice)


def _fitted(network: "keras.Model", job: Job, began: float) -> Trained:
    """A network whose weights were found in one go."""
    job.log.record_arrays({weight.path: np.asarray(weight) for weight in network.weights})
    return Trained(network, {}, 0, 0, time.perf_counter() - began)


def _and_unlabelled(count: int) -> str:
    return f" and {count:,} texts without a label" if count else ""
