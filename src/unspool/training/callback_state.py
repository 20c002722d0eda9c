"""What Keras's callbacks remember from epoch to epoch, to be kept and given back."""

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keras import callbacks as kc

from unspool.atomic_writes import write_aside
from unspool.keras_internals import MODEL_CHECKPOINT, OF_EVERY_CALLBACK, SWAP_EMA_WEIGHTS

_HELD: dict[type[kc.Callback], tuple[str, ...]] = {
    kc.History: ("epoch", "history"),
    kc.EarlyStopping: ("wait", "stopped_epoch", "best", "best_epoch", "best_weights"),
    kc.ReduceLROnPlateau: ("wait", "best", "cooldown_counter"),
    kc.ModelCheckpoint: ("best", *MODEL_CHECKPOINT),
    kc.SwapEMAWeights: SWAP_EMA_WEIGHTS,
    kc.CSVLogger: ("keys",),
    kc.LearningRateScheduler: (),
    kc.TerminateOnNaN: (),
    kc.LambdaCallback: (),
    kc.ProgbarLogger: (),
    kc.RemoteMonitor: (),
    kc.TensorBoard: (),
}
"""The attributes that hold state; arguments are not among them: the caller gives them again."""

_LOGGERS = {one.__name__ for one in (kc.CSVLogger, kc.History, kc.ProgbarLogger, kc.RemoteMonitor, kc.TensorBoard)}
"""These never change a training, so they may be added and removed when it resumes."""

_OF_KERAS = set(OF_EVERY_CALLBACK)
_WITHOUT_INFLUENCE = {"verbose", "filepath", "filename"}


def states(callbacks: Sequence[kc.Callback]) -> list[Any]:
    """What each callback remembers, as trees (see `serialization`); None where it remembers nothing that is known.

    A callback with the methods `get_state()` and `set_state(state)` says itself what that is. The values are not
    copied: they must not be changed in place later, as Keras's callbacks do not, but for lists and dicts.
    """
    return [_state(callback) for callback in _taking_part(callbacks)]


def restore(callbacks: Sequence[kc.Callback], kept: Sequence[Any]) -> None:
    """Give each callback back what `states` gave."""
    for callback, state in zip(_taking_part(callbacks), kept, strict=True):
        if state is None:
            continue
        if _speaks_for_itself(callback):
            callback.set_state(state)
            continue
        held = _held_by(callback) or ()
        for name, value in state["attributes"].items():
            if name not in held:
                raise ValueError(f"a {type(callback).__name__} keeps no {name!r}")
            setattr(callback, name, value)
        if isinstance(callback, kc.CSVLogger):
            _rewrite(callback, state["lines"])


def matched(callbacks: Sequence[kc.Callback], kept: Sequence[Any], described: Sequence[dict[str, Any]]) -> list[Any]:
    """The states to `restore`, where loggers may have been added and removed; None for a logger that was not there.

    Those of a class are matched in their order, but a CSVLogger first with that of the same file.

    Args:
        callbacks: of the training that resumes.
        kept: what `states` gave then.
        described: what `settings` gave then, for all of them but the History that Keras adds at the end.

    Raises:
        ValueError: a callback that steers the training was not there.
    """
    names = [*(one["class"] for one in described), *["History"] * (len(kept) - len(described))]
    left = [(name, _file_in(name, state), state) for name, state in zip(names, kept, strict=True)]
    taking_part = _taking_part(callbacks)
    found: dict[int, Any] = {}
    for by_file in (True, False):
        for row, callback in enumerate(taking_part):
            name = type(callback).__name__
            file = _file(callback) if isinstance(callback, kc.CSVLogger) else None
            same = [at for at, one in enumerate(left) if one[0] == name and (one[1] == file or not by_file)]
            if row not in found and same:
                found[row] = left.pop(same[0])[2]
            elif row not in found and not by_file and name not in _LOGGERS:
                raise ValueError(f"it has no {name}")
    return [found.get(row) for row in range(len(taking_part))]


def _file_in(name: str, state: Any) -> str | None:
    """The file of a CSVLogger; checkpoints of earlier versions do not have it."""
    return state.get("file") if name == kc.CSVLogger.__name__ and isinstance(state, dict) else None


def _file(callback: kc.CSVLogger) -> str:
    return str(Path(callback.filename).resolve())


def steering(described: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the `settings` that a training depends on."""
    return [one for one in described if one["class"] not in _LOGGERS]


def without_known_state(callbacks: Sequence[kc.Callback]) -> list[str]:
    """The classes of callbacks that have attributes of their own, of which nothing is known."""
    return [
        type(callback).__name__
        for callback in _taking_part(callbacks)
        if type(callback) not in _HELD and not _speaks_for_itself(callback) and vars(callback).keys() - _OF_KERAS
    ]


def settings(callbacks: Sequence[kc.Callback]) -> list[dict[str, Any]]:
    """The class of each callback, and its arguments that are numbers, texts, truth values or None."""
    return [{"class": type(callback).__name__} | _arguments(callback) for callback in _taking_part(callbacks)]


def _taking_part(callbacks: Sequence[kc.Callback]) -> list[kc.Callback]:
    """Those that a training depends on: MLflow's, which its autologging adds, only looks on, and may come and go."""
    return [callback for callback in callbacks if not type(callback).__module__.startswith("mlflow.")]


def _state(callback: kc.Callback) -> Any:
    if _speaks_for_itself(callback):
        return callback.get_state()
    held = _held_by(callback)
    if held is None:
        return None
    state: dict[str, Any] = {"attributes": {name: getattr(callback, name) for name in held if hasattr(callback, name)}}
    if isinstance(callback, kc.CSVLogger):
        file = Path(callback.filename)
        state["file"] = _file(callback)
        state["lines"] = file.read_bytes().decode() if file.exists() else ""
    return state


def _held_by(callback: kc.Callback) -> tuple[str, ...] | None:
    return next((_HELD[kind] for kind in type(callback).__mro__ if kind in _HELD), None)


def _rewrite(callback: kc.CSVLogger, lines: str) -> None:
    """The file as it was: on_train_begin has emptied it, or it has rows of epochs that are trained again."""
    callback.csv_file.close()
    write_aside(Path(callback.filename), lines.encode())
    callback.csv_file = Path(callback.filename).open("a")  # noqa: SIM115 - the callback closes it
    callback.append_header = not lines


def _speaks_for_itself(callback: kc.Callback) -> bool:
    return hasattr(callback, "get_state") and hasattr(callback, "set_state")


def _arguments(callback: kc.Callback) -> dict[str, Any]:
    names = inspect.signature(type(callback).__init__).parameters.keys() - _WITHOUT_INFLUENCE
    values: dict[str, Any] = {name: getattr(callback, name, None) for name in sorted(names)}
    if "min_delta" in values:
        values["min_delta"] = abs(values["min_delta"])  # Keras changes its sign when training begins
    return {name: value for name, value in values.items() if isinstance(value, bool | int | float | str)}
