"""The certificate of a model: whether its predictions on saved examples are consistent."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.padding import pad
from unspool.data.ragged import Ragged
from unspool.errors import UserError
from unspool.evaluation.certificate import SAME_BITS, Certificate, Check, compared, not_applicable
from unspool.files import DAMAGE, read_bounded, reason_of
from unspool.progress import spinner
from unspool.readers import RawExamples
from unspool.runs.checking.certificate_file import digest_of_file
from unspool.runs.checking.checkable import Inputs, TranslationCheckable
from unspool.runs.checking.golden import Golden, load_golden, refuse_foreign
from unspool.runs.checking.golden_labels import label_checks
from unspool.runs.records import environment
from unspool.runs.records.folder import ENVIRONMENT, GOLDEN

MORE_STEPS = 16
SIZES = (16, 5)
COMPANY = 8
Answers = NDArray[np.float32]
_NO_KERNELS = "it is not a Keras model with a recurrent layer or a native search; only these have a choice of kernels"


def certificate_of(folder: Path, certified: Sequence[str], load: Callable[[], Any]) -> Certificate:
    """Check a model.

    Args:
        folder: of the model; nothing in it is changed.
        certified: the names of its files in it, and of those that it reads and answers with.
        load: reads the `TrainedModel` from there.

    Raises:
        UserError: the golden inputs are not there, or a file is damaged.
    """
    golden = load_golden(folder)
    with spinner(f"checking that the predictions of {folder} are consistent"):
        then = {name: one for name, one in _environment(folder).items() if name != "processes"}  # of training alone
        changes = environment.changes(then)[0]
        checkable = load().checkable
        if isinstance(checkable, TranslationCheckable):
            changes += environment.searched_otherwise(then, checkable.search)
        checks = checks_of(lambda: load().checkable, golden, changes)
        checks += label_checks(load(), golden, folder, certified, elsewhere=bool(changes))
    digests = {name: digest_of_file(folder / name) for name in certified}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    here = environment.describe(network=environment.DEVICE in then)
    return Certificate(digests, len(golden), now, here, checks)


def refuse_broken(folder: Path, certificate: Certificate) -> None:
    """Reject a model whose predictions are not consistent.

    Raises:
        UserError: a check is not passed; names the first, its bound, and what was measured.
    """
    if certificate.broken:
        raise UserError(f"The model in {folder} is refused by {certificate.broken}.")


def checks_of(load: Callable[[], Any], golden: Golden, changes: Sequence[str] = ()) -> tuple[Check, ...]:
    """Ask a model in every other way.

    Args:
        load: gives a `Checkable`, again at each call: what is compiled keeps the kernels that it was compiled with.
        golden: what it is asked.
        changes: of versions or machine since it answered first, on which its last bits may depend.

    Raises:
        UserError: the golden inputs are of another kind than the model's.
    """
    model = load()
    refuse_foreign(golden, model)
    try:
        inputs = model.rectangle(golden.inputs)
        answers = model(inputs, len(golden))
    except DAMAGE as error:
        raise UserError(
            f"{GOLDEN} holds examples that the model cannot read ({reason_of(error)}): it is another model's, or its "
            "files do not belong together."
        ) from error
    return (
        _reload(golden.answers, model, answers, changes),
        _padding(model, golden.inputs, answers),
        _batch_mates(model, inputs, answers),
        _batch_size(model, inputs, answers),
        _bucket(model, golden.inputs, answers),
        _kernel_path(model, load, inputs, answers),
        _instruction_sets(model, inputs, answers),
        *_cached_decoding(model, golden.inputs),
    )


def _compared(
    model: Any, name: str, changed: str, answers: Answers, others: Sequence[Answers], reason: str = ""
) -> Check:
    """`compared`, up to the rounding of a model's answers."""
    return compared(name, changed, answers, others, model.rounding, reason, model.unit)


def _reload(first: Answers, model: Any, answers: Answers, changes: Sequence[str]) -> Check:
    changed = "the model read from its file, in place of the one that was trained"
    if changes:
        return _compared(model, "reload", changed, first, [answers], f"changed since: {'; '.join(changes)}")
    return compared("reload", changed, first, [answers], SAME_BITS)


def _padding(model: Any, inputs: Inputs, answers: Answers) -> Check:
    name, changed = "padding", f"{MORE_STEPS} more steps of padding, in front or behind"
    if model.padding == "none":
        more = "padded" if isinstance(inputs, RawExamples) else "with more padding"
        return not_applicable(name, changed, f"{_as_it_reads(inputs)}, never {more}")
    free = model.of_any_length()
    others = [free(longer, len(answers)) for longer in _longer(model, inputs)]
    if model.padding == "read":
        measured = compared(name, changed, answers, others[:1]).measured
        reason = (
            "it reads padding as if it were data (model.mask_padding is false), so that more of it in front changes "
            "its answers by design"
        )
        return not_applicable(name, changed, reason, measured)
    return _compared(model, name, changed, answers, others)


def _as_it_reads(inputs: Inputs) -> str:
    if isinstance(inputs, RawExamples):
        return "it takes each example at its own length"
    return "it reads all sequences at one length"


def _longer(model: Any, inputs: Inputs) -> list[NDArray[Any]]:
    """The inputs with more padding in front, and behind."""
    plain = model.rectangle(inputs)
    if isinstance(inputs, Ragged):
        value = np.nan if inputs.flat.dtype.kind == "f" else 0
        longer = plain.shape[1] + MORE_STEPS
        return [pad(inputs, longer, "pre", value=value), pad(inputs, longer, "post", value=value)]
    missing = np.full((len(plain), MORE_STEPS, plain.shape[2]), np.nan, np.float32)
    return [np.concatenate(parts, axis=1) for parts in ((missing, plain), (plain, missing))]


def _batch_mates(model: Any, inputs: NDArray[Any], answers: Answers) -> Check:
    """Each alone, and in small batches of another order, so that each shares its batch with others."""
    order = np.random.default_rng(0).permutation(len(inputs))
    elsewhere = np.empty_like(answers)
    elsewhere[order] = model(inputs[order], COMPANY)
    return _compared(model, "batch mates", "each alone, or in other batches", answers, [model(inputs, 1), elsewhere])


def _batch_size(model: Any, inputs: NDArray[Any], answers: Answers) -> Check:
    sizes = [size for size in SIZES if size < len(inputs)]
    if not sizes:
        return not_applicable("batch size", "smaller batches", f"there are only {len(inputs)} saved examples")
    changed = f"batches of {' or '.join(map(str, sizes))}, not {len(inputs)}"
    return _compared(model, "batch size", changed, answers, [model(inputs, size) for size in sizes])


def _bucket(model: Any, inputs: Inputs, answers: Answers) -> Check:
    name, changed = "bucket", "batches of similar length, each padded only to its own"
    if not isinstance(inputs, Ragged):
        return not_applicable(name, changed, f"{_as_it_reads(inputs)}, never in buckets")
    if model.padding == "read":
        return not_applicable(
            name, changed, "it reads padding, so that its predictions depend on the length that a text is padded to"
        )
    return _compared(model, name, changed, answers, [model.of_any_length()(inputs, COMPANY)])


def _kernel_path(model: Any, load: Callable[[], Any], inputs: NDArray[Any], answers: Answers) -> Check:
    name, changed = "kernel path", "the readable reference in place of the native kernels"
    if not model.has_kernels:
        return not_applicable(name, changed, _NO_KERNELS)
    from unspool.layers import kernel_status, use_kernels

    status = kernel_status()
    if status.path != "native":
        return not_applicable(name, changed, f"there are no native kernels here: {status.reason}")
    with use_kernels("reference"):
        model = load()
        return _compared(model, name, changed, answers, [model(inputs, len(inputs))])


def _instruction_sets(model: Any, inputs: NDArray[Any], answers: Answers) -> Check:
    name, changed = "instruction set", "another instruction set"
    if not model.has_kernels:
        return not_applicable(name, changed, _NO_KERNELS)
    from unspool.layers import kernel_status, use_instruction_set

    status = kernel_status()
    others = [name for name in status.instruction_sets if name != status.instruction_set]
    if not others:
        return not_applicable(name, changed, "the kernels have no other on this machine")
    changed = f"{' or '.join(others)} in place of {status.instruction_set}"
    found = []
    for other in others:
        with use_instruction_set(other):
            found.append(model(inputs, len(inputs)))
    return _compared(model, name, changed, answers, found)


def _cached_decoding(model: Any, inputs: Inputs) -> tuple[Check, ...]:
    """Whether a text is as probable when read as a whole as when it was written; only for models that write texts."""
    if not isinstance(model, TranslationCheckable):
        return ()
    assert isinstance(inputs, Ragged)
    changed = "each text read as a whole, without a cache, in place of token by token with one"
    cached, uncached = model.decoded(inputs)
    return (_compared(model, "cached decoding", changed, cached, [uncached]),)


def _environment(folder: Path) -> dict[str, str]:
    try:
        return dict(json.loads(read_bounded(folder / ENVIRONMENT)))
    except DAMAGE as error:
        raise UserError(f"{folder / ENVIRONMENT} is damaged: {reason_of(error)}. Train the model again.") from error
