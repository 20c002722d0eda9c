"""`fit`: what `keras.Model.fit` does, with many steps in one compiled program."""

from collections.abc import Callable, Mapping, Sequence

import keras

from unspool.keras_internals import build_from, compiled_loss, compiled_metrics, is_keras_hook
from unspool.training import processes
from unspool.training.arguments import (
    Callbacks,
    check_model,
    check_optimizer,
    checked_batch_size,
    checked_epoch,
    checked_shuffle,
    checked_validation_freq,
    checked_validation_split,
    listed,
    refuse,
    unpacked,
    within_limits,
)
from unspool.training.arrays import batch_order, split_tail, to_examples
from unspool.training.autologging import through_autologging
from unspool.training.buckets import pass_over, sample_batch
from unspool.training.callback_state import settings
from unspool.training.checkpoint import Checkpoint, saving
from unspool.training.examples import Examples, Nested
from unspool.training.fingerprint import fingerprint
from unspool.training.ids import check_ids
from unspool.training.loop import Loop
from unspool.training.padding import check_padding
from unspool.training.programs import programs_of
from unspool.training.progress import progress_for
from unspool.training.shared_saves import SharedSaves
from unspool.training.step_weights import weighing_steps
from unspool.training.structure import matched
from unspool.training.targets import check_target_shapes, check_targets
from unspool.training.weights import check_weight_shapes


@through_autologging
def fit(
    model: keras.Model,
    x: Nested,
    y: Nested = None,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: int | str = "auto",
    callbacks: Callbacks = None,
    validation_split: float = 0.0,
    validation_data: tuple[Nested, ...] | None = None,
    shuffle: bool | str = True,
    class_weight: Mapping[int, float] | None = None,
    sample_weight: Nested = None,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    validation_batch_size: int | None = None,
    validation_freq: int | Sequence[int] = 1,
    checkpoint: Checkpoint | None = None,
    batch_tokens: int | None = None,
) -> keras.callbacks.History:
    """Train a compiled Keras model, as `keras.Model.fit` does.

    The arguments, the callbacks, the history and, after `keras.utils.set_random_seed`, the order of the batches are
    Keras's. A callback that acts after each batch gets its calls, at the price of one program a step. Where
    `mlflow.keras.autolog()` is on, MLflow logs this training as it logs Keras's.

    Args:
        model: compiled, on Keras's JAX backend.
        x: one array (N, ...), or a dict, list or tuple of them, as the model takes its inputs. A pandas Series is an
            array (N, 1), as in Keras, also as `y` and `sample_weight`. Each array may be a Ragged or
            StoredRagged of N sequences instead: they are batched with others of near lengths and padded in front, ids
            with 0 and other numbers with NaN, which the model must mask, for example by `keras.layers.Masking(-1e9)`
            of `keras.ops.where(keras.ops.isnan(x), -1e9, x)`.
        y: targets, (N, ...), nested likewise, with None for an output that has no loss; ragged where there is one for
            each step. Each step then has the same weight in the loss and in all metrics, and padding has none; counts
            of steps, such as `keras.metrics.TruePositives`, are divided by the mean length of the targets.
        batch_size: examples in a step; 32 if not given. The last batch of an epoch may be smaller.
        epochs: the number of the last epoch, as in Keras; `keras.config.set_max_epochs` limits it.
        verbose: 0 silent, 1 a live bar, 2 a line an epoch; "auto" is 1 in a terminal or a notebook and 2 elsewhere.
        callbacks: Keras callbacks.
        validation_split: this fraction of the examples, the last ones, is set aside for validation.
        validation_data: (x, y) or (x, y, sample_weight); takes precedence over `validation_split`.
        shuffle: True, False, or "batch".
        class_weight: a weight for each label; labels not named weigh 1.
        sample_weight: (N,) or as `y`; of ragged targets (N,), or a Ragged with a weight for each step.
        initial_epoch: the epoch to begin with, counted from 0.
        steps_per_epoch: refused: an epoch is a pass over all rows. For shorter epochs give fewer rows.
        validation_steps: refused likewise.
        validation_batch_size: examples in a validation step; `batch_size` if not given.
        validation_freq: validate every so many epochs, or after the epochs listed (counted from 1).
        checkpoint: saves the whole state of the training meanwhile; called again, a training that was stopped goes on
            as if it had not been. See `Checkpoint`.
        batch_tokens: of ragged examples, steps in a batch at most, padding counted: long sequences come in batches of
            fewer than `batch_size` examples, so that memory does not grow with them.

    Returns:
        The `History` that Keras returns; `history.history` has a list for each logged quantity.

    Raises:
        TypeError: the data is not arrays. Generators and datasets are for the model's own `fit`.
        ValueError: the model or an argument is not supported, the arrays do not fit together, an integer does not fit
            in 32 bits, the loss cannot use a label, see `check_targets`, an embedding has no vector for an id, see
            `check_ids`, or the loss is NaN because the model reads padding.
        UserError: the checkpoint's folder is in use, cannot be written, or holds checkpoints of another training.

    Example:
        >>> import keras, numpy as np, unspool
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> x = np.linspace(-1, 1, 64)[:, None]
        >>> history = unspool.fit(model, x, 2 * x, batch_size=16, epochs=3, verbose=0)
        >>> len(history.history["loss"])
        3
    """
    refuse(steps_per_epoch=steps_per_epoch, validation_steps=validation_steps)
    epochs = within_limits(checked_epoch(epochs, "epochs"))
    initial_epoch = checked_epoch(initial_epoch, "initial_epoch")
    validation_freq = checked_validation_freq(validation_freq)
    validation_split = checked_validation_split(validation_split)
    shuffle = checked_shuffle(shuffle)
    check_model(model)
    check_optimizer(model)
    examples, validation = _training_and_validation(
        x, y, sample_weight, class_weight, validation_split, validation_data
    )
    examples = matched(model, examples)
    validation = matched(model, validation, " of validation_data") if validation else None
    batch_size = checked_batch_size(batch_size)
    validation_batch = checked_batch_size(validation_batch_size, "validation_batch_size", default=batch_size)
    _build_for(model, examples, validation, batch_size, shuffle)
    programs = programs_of(model, examples.by_step)
    if batch_tokens is not None:
        batch_tokens = checked_batch_size(batch_tokens, "batch_tokens")
    hooked = listed(callbacks)
    most_steps = _steps_a_program(model, hooked)
    training_pass = pass_over(programs.train, examples, batch_size, most_steps, batch_tokens)
    validation_pass = (
        pass_over(programs.test, validation, validation_batch, batch_tokens=batch_tokens) if validation else None
    )
    batches = training_pass.buckets_in_words  # another version may pad to other lengths, and so have other batches
    arguments: dict[str, object] = {
        "batch_size": batch_size,
        "shuffle": shuffle,
        "initial_epoch": initial_epoch,
        "validation_batch_size": validation_batch_size,
        "validation_freq": validation_freq,
        "callbacks": settings(hooked),
        **({} if batch_tokens is None else {"batch_tokens": batch_tokens}),
        **({"batches": batches} if batches else {}),
    }
    with (
        saving(checkpoint, model, hooked, lambda: fingerprint(model, examples, validation, arguments), epochs) as saves,
        progress_for(verbose, epochs, training_pass.count, training_pass.examples_a_step) as progress,
    ):
        # A list even for one: Keras looks for batch hooks, which must not run on another thread, in lists alone.
        hooks = keras.callbacks.CallbackList(
            hooked, add_history=True, model=model, verbose=0, epochs=epochs, steps=training_pass.steps
        )
        group = processes.sharing()
        saves = SharedSaves(saves, model, group) if group else saves
        loop = Loop(model, training_pass, validation_pass, shuffle, validation_freq, hooks, progress, saves)
        loop.run(initial_epoch, epochs)
    return model.history


def _training_and_validation(
    x: Nested,
    y: Nested,
    sample_weight: Nested,
    class_weight: Mapping[int, float] | None,
    validation_split: float,
    validation_data: tuple[Nested, ...] | None,
) -> tuple[Examples, Examples | None]:
    if validation_data is not None:
        validation = to_examples(*unpacked(validation_data), of=" of validation_data")
        return to_examples(x, y, sample_weight, class_weight), validation
    if validation_split:
        # Class weights are for training alone, as in Keras, so they come after the split.
        training, validation = split_tail(to_examples(x, y, sample_weight), validation_split)
        return to_examples(training.x, training.y, training.sample_weight, class_weight), validation
    return to_examples(x, y, sample_weight, class_weight), None


def _build_for(
    model: keras.Model, examples: Examples, validation: Examples | None, batch_size: int, shuffle: bool | str
) -> None:
    """Build a model for data, and refuse data that do not suit it, before anything is trained."""

    def sample() -> Examples:
        return sample_batch(examples, batch_size)

    try:
        _build(model, examples, batch_size, shuffle)
    finally:  # the loss is built before it reads targets and weights, and fails on them
        check_target_shapes(model, examples, sample)
        check_weight_shapes(model, examples, sample)
    check_ids(model, examples)
    check_targets(model, examples, sample)
    check_padding(model, examples, sample)
    if validation:
        check_ids(model, validation, "x of validation_data")
        check_target_shapes(model, validation, sample, "y of validation_data")
        check_targets(model, validation, sample, "y of validation_data")
        check_weight_shapes(model, validation, sample, "sample_weight of validation_data")
        if validation.by_step != examples.by_step:
            raise ValueError("the targets of training and of validation are to be ragged both, or neither")


def _build(model: keras.Model, examples: Examples, batch_size: int, shuffle: bool | str) -> None:
    """Create weights, optimizer and metrics from the first batch's shapes where the model has not done so yet."""
    compiled = (compiled_loss(model), compiled_metrics(model))
    if not (model.built and model.optimizer.built and all(getattr(part, "built", True) for part in compiled)):
        batch = sample_batch(examples, batch_size)
        # Keras draws a batch, and so an order, to see the shapes. To shuffle as it does, the order is drawn here too;
        # with "batch", that of the first batch alone.
        batch_order(min(batch_size, len(examples)) if shuffle == "batch" else len(examples), batch_size, shuffle)
        with weighing_steps(model, examples.by_step):
            build_from(model, batch.x, batch.y, batch.sample_weight)


def _steps_a_program(model: keras.Model, callbacks: list[keras.callbacks.Callback]) -> int | None:
    """Where a callback acts after each batch, a program is what Keras would call one execution."""
    acts = any(map(_acts_on_batches, callbacks))
    return int(model.steps_per_execution) if acts else None


def _acts_on_batches(callback: keras.callbacks.Callback) -> bool:
    by_epoch = getattr(callback, "save_freq", None) == "epoch" or getattr(callback, "log_every_epoch", False)
    hooks = (
        callback.on_batch_begin,
        callback.on_batch_end,
        callback.on_train_batch_begin,
        callback.on_train_batch_end,
    )
    return not all(is_keras_hook(hook) or (by_epoch and _counts_only(hook)) for hook in hooks)


def _counts_only(hook: Callable[..., None]) -> bool:
    """Whether a hook is that of Keras's ModelCheckpoint or MLflow's callback itself, not of a user's subclass."""
    return hook.__module__.startswith(("keras.", "mlflow."))
