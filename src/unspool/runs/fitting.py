"""Training, the same for every run: until the validation loss stops falling."""

import math
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unspool.candidates import Choice, RawModel, choose, choose_forecaster, reads_unlabelled
from unspool.candidates.examples import Examples
from unspool.candidates.outcome import Tried, about
from unspool.candidates.registry import NETWORK, PCA, WORD_BLEND
from unspool.descriptions.choice import ModelChoice
from unspool.descriptions.networks import Autoencoder, Tagger
from unspool.errors import UserError
from unspool.progress import spinner
from unspool.readers import ForecastReader, RawSeriesReader, RawTextReader, RawWordReader, SeriesReader
from unspool.runs.candidate_lines import CandidateLines
from unspool.runs.choosing_autoencoders import choose_autoencoder, fit_linear, narrowed
from unspool.runs.choosing_taggers import NETWORK_OF_TAGS, choose_tagger
from unspool.runs.comparing_on_validation import TrainedNetwork
from unspool.runs.held_together import classes_of, held_out_together, of_all_parts
from unspool.runs.reading.preparation import ForecastData, Prepared, Say
from unspool.runs.recipes.recipe import Recipe, TrainingSettings
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.transformed_targets import transformed_targets
from unspool.tasks import Reconstruction, Task
from unspool.tasks.both_directions import in_both_directions
from unspool.tasks.translation import Translation

if TYPE_CHECKING:
    import keras

BOTH_DIRECTIONS = "checkpoint-of-both-directions"
"""The folder, among the checkpoints, of those of training in both directions."""


@dataclass(frozen=True)
class Job:
    """How and where a recipe is executed.

    Attributes:
        out: the folder that gets what is made.
        command: what a person types to run it again, for the report.
        say: gets a line as each part of the work begins.
        log: notes how training went.
        checkpoints: where training is saved meanwhile, and goes on from; None to save nothing.
        verbose: how much of each epoch is shown, as `fit` takes it.
    """

    out: Path
    command: str
    say: Say
    log: TrainingLog
    checkpoints: Path | None = None
    verbose: int | str = "auto"


@dataclass(frozen=True)
class Trained:
    """A model at its best epoch, and how it got there; one that was chosen and fitted in one go has no epochs.

    `both_directions` is the training in both directions that came first, if there was one; `transformed` says what the
    model learned instead of numbers, see `transformed_targets`; `described` describes a network that was chosen;
    `stopped` says whether the training ended because the budget was spent.
    """

    model: "keras.Model | RawModel"
    history: dict[str, list[float]]
    epochs: int
    best_epoch: int
    seconds: float
    choice: Choice | None = None
    both_directions: "Trained | None" = None
    transformed: str = ""
    described: Tagger | Autoencoder | None = None
    stopped: bool = False

    @property
    def stopped_after(self) -> int | None:
        """The epochs of a network whose training the budget ended, compared with other models or not; else None."""
        if self.choice is not None:
            return self.choice.stopped_after
        return self.epochs if self.stopped else None


def epochs_of(trained: Trained, how: str = "") -> str:
    """The epochs of a training, in one line.

    Example:
        >>> epochs_of(Trained(None, {}, 12, 9, 60.0), " in both directions")
        'trained for 12 epochs in both directions, kept the weights of epoch 9'
        >>> epochs_of(Trained(None, {}, 12, 9, 60.0, stopped=True))
        'trained for 12 epochs until the budget was spent, kept the weights of epoch 9'
        >>> epochs_of(Trained(None, {}, 0, 0, 1.0))
        'fitted in one go'
    """
    if not trained.epochs:
        return "fitted in one go"
    epochs = f"{trained.epochs} epoch{'s' * (trained.epochs > 1)}"
    until = " until the budget was spent" if trained.stopped else ""
    return f"trained for {epochs}{how}{until}, kept the weights of epoch {trained.best_epoch}"


class Diverged(UserError):
    """No epoch of a training gave a finite loss."""


def adam(settings: TrainingSettings) -> "keras.optimizers.Optimizer":
    """The optimizer of every recipe."""
    import keras

    from unspool.training.warmup import WarmUp

    rate = settings.learning_rate if settings.warmup is None else WarmUp(settings.learning_rate, settings.warmup)
    average = {} if settings.ema is None else {"use_ema": True, "ema_momentum": settings.ema}
    return keras.optimizers.Adam(rate, global_clipnorm=settings.clip_norm, **average)


def steering(
    settings: TrainingSettings, monitor: str = "val_loss"
) -> "tuple[list[keras.callbacks.Callback], keras.callbacks.EarlyStopping]":
    """The callbacks that steer a training, in the order in which they act, and the last of them.

    They put the average of the weights in their place at the end of each epoch, where it is asked for, lower the
    learning rate where a loss no longer falls, unless a schedule says what it is, and stop there and keep the best
    epoch.
    """
    import keras

    from unspool.training.decay import LinearDecay

    found: list[keras.callbacks.Callback] = []
    if settings.ema is not None:
        found.append(keras.callbacks.SwapEMAWeights(swap_on_epoch=True))
    if settings.decay == "linear":
        found.append(LinearDecay(settings.learning_rate, settings.epochs))
    elif settings.warmup is None:
        lowered = keras.callbacks.ReduceLROnPlateau(
            monitor=monitor,
            factor=settings.plateau_factor,
            patience=settings.plateau_patience,
            min_delta=settings.min_delta,
        )
        found.append(lowered)
    early_stopping = keras.callbacks.EarlyStopping(
        monitor=monitor,
        patience=settings.early_stopping_patience,
        min_delta=settings.min_delta,
        restore_best_weights=True,
    )
    return [*found, early_stopping], early_stopping


def fit_recipe(recipe: Recipe, prepared: Prepared, job: Job) -> Trained:
    """Train a recipe's model on prepared data."""
    if isinstance(recipe.model, ModelChoice):
        choose_one = _choose_on_validation if prepared.task.compared_on_validation else _choose
        return choose_one(recipe, recipe.model, prepared, job)
    if isinstance(recipe.model, Autoencoder) and recipe.model.linear:
        job.say(f"fitting principal components to {len(prepared.training):,} training examples")
        began = time.perf_counter()
        return _fitted(fit_linear(recipe.model, prepared), job, began)
    return _train_network(recipe, prepared, job)


def _train_network(recipe: Recipe, prepared: Prepared, job: Job) -> Trained:
    import keras

    from unspool.training import processes

    task, training, validation = prepared.task, prepared.training, prepared.validation
    job.say(f"training on {len(training):,} examples, validating on {len(validation):,}")
    keras.utils.set_random_seed(recipe.training.seed)
    assert not isinstance(prepared.reader, RawTextReader | RawSeriesReader | RawWordReader | ForecastReader)
    network = _compiled(task, recipe, prepared.reader)
    job.log.begin_training()
    both = None
    with processes.together():
        if recipe.training.bidirectional_epochs:
            assert isinstance(task, Translation)
            both = _learn_both_directions(network, task, recipe, prepared, job)
            keras.utils.set_random_seed(recipe.training.seed)
        trained = train(
            network,
            task.examples(training.inputs, training.targets, recipe.training.class_weight == "balanced"),
            task.examples(validation.inputs, validation.targets, balanced=False),
            recipe.training,
            job,
        )
    processes.leave()
    return replace(trained, seconds=job.log.training_seconds, both_directions=both)


def _compiled(task: Task, recipe: Recipe, reader: Any) -> "keras.Model":
    assert not isinstance(recipe.model, ModelChoice)
    network = task.build(recipe.model, reader.inputs)
    smoothing = recipe.training.label_smoothing
    more = {} if smoothing is None else {"label_smoothing": smoothing}
    task.compile(network, recipe.model, adam(recipe.training), **more)
    return network


def _learn_both_directions(
    network: "keras.Model", task: Translation, recipe: Recipe, prepared: Prepared, job: Job
) -> Trained:
    """Initialise a network with the weights of one trained in both directions (Ding, Wu and Tao, 2021).

    That one can write all ids; its weights are cut to those that the network can write. Both sides share a vocabulary
    and an embedding, so each direction helps the other.
    """
    budget = recipe.training.budget
    settings = replace(
        recipe.training, epochs=recipe.training.bidirectional_epochs, budget=None if budget is None else budget / 2
    )
    job.say("first in both directions: from source to target, and from target to source")
    both, *training = in_both_directions(task, prepared.training.inputs, prepared.training.targets)
    _, *validation = in_both_directions(task, prepared.validation.inputs, prepared.validation.targets)
    reversible = _compiled(both, recipe, prepared.reader)
    trained = train(
        reversible,
        both.examples(training[0], training[1], balanced=False),
        both.examples(validation[0], validation[1], balanced=False),
        settings,
        replace(
            job,
            log=job.log.of_part("in both directions"),
            checkpoints=job.checkpoints and job.checkpoints / BOTH_DIRECTIONS,
        ),
    )
    for weight, learned in zip(network.weights, reversible.weights, strict=True):
        weight.assign(np.asarray(learned)[tuple(map(slice, weight.shape))])
    job.say(f"{epochs_of(trained, ' in both directions')}; now from source to target only")
    return trained


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
            trained = _train_network(alone, prepared, part)
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


def train(
    model: "keras.Model",
    training: tuple[Any, ...],
    validation: tuple[Any, ...] | None,
    settings: TrainingSettings,
    job: Job,
) -> Trained:
    """Train a compiled model until the validation loss stops falling, or the budget of the settings is spent.

    Args:
        model: compiled.
        training: inputs, targets and perhaps weights.
        validation: the same; or None where there is no validation part: then the training loss decides.
        settings: how.
        job: for whom.

    Raises:
        Diverged: no epoch gave a finite loss.
    """
    from unspool.runs.records.log_callback import LogCallback
    from unspool.training import Checkpoint, fit

    began = time.perf_counter()
    monitor = "loss" if validation is None else "val_loss"
    steered, early_stopping = steering(settings, monitor)
    if settings.budget is not None:
        _end_in_time(job.log, settings.budget)
    x, y, *weights = training
    history = fit(
        model,
        x,
        y,
        sample_weight=weights[0] if weights else None,
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        verbose=job.verbose,
        validation_data=validation,
        callbacks=[*steered, LogCallback(job.log)],
        checkpoint=Checkpoint(job.checkpoints) if job.checkpoints else None,
        batch_tokens=settings.batch_tokens,
    ).history
    if not np.isfinite(history[monitor][early_stopping.best_epoch]):
        if job.checkpoints:
            shutil.rmtree(job.checkpoints, ignore_errors=True)  # going on from them would end here again
        raise Diverged(
            "training has diverged: no epoch gave a finite validation loss. Choose a lower learning rate, as in --set "
            f"training.learning_rate={settings.learning_rate / 10:g}."
        )
    epochs, best = len(history["loss"]), early_stopping.best_epoch + 1
    stopped = settings.budget is not None and epochs < min(settings.epochs, best + settings.early_stopping_patience)
    return Trained(model, history, epochs, best, time.perf_counter() - began, stopped=stopped)


def _end_in_time(log: TrainingLog, budget: float) -> None:
    """Have training end with the epoch in which its seconds are spent, those before an interruption among them."""
    from unspool.training import processes

    group = processes.group()

    def end(epoch: int, logs: Mapping[str, float]) -> None:
        spent = log.training_seconds > budget
        if group.agreed(spent) if group else spent:  # clocks differ
            log.model.stop_training = True

    log.watch(end)
