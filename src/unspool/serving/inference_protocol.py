"""The Open Inference Protocol (V2), as KServe, Triton and others speak it: tensors by name, in JSON.

Texts are BYTES (N); series FP64 (N, T, C) and token ids INT64 (N, T), with `lengths` (N) where some are shorter than T.
"""

from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from unspool.serving.loaded import Loaded
from unspool.serving.refusals import Refusal
from unspool.serving.settings import Settings
from unspool_runtime import Model

_Scalar = str | int | float | bool | None
_Row = list[str | float | None]
_Rows = list[str | float | _Row | None]
LENGTHS = "lengths"


class Input(Struct, forbid_unknown_fields=True):
    """A tensor, its numbers in rows or in one list (row-major)."""

    name: str
    shape: list[int]
    datatype: str
    data: list[str | float | _Rows | None]
    parameters: dict[str, _Scalar] = msgspec.field(default_factory=dict)


class Wanted(Struct, forbid_unknown_fields=True):
    """An output that is asked for."""

    name: str
    parameters: dict[str, _Scalar] = msgspec.field(default_factory=dict)


class Infer(Struct, forbid_unknown_fields=True):
    """A request to /v2/models/NAME/infer."""

    inputs: list[Input]
    id: str | None = None
    parameters: dict[str, _Scalar] = msgspec.field(default_factory=dict)
    outputs: list[Wanted] | None = None


class Output(Struct):
    """A tensor of an answer."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any]


class Inferred(Struct, omit_defaults=True):
    """The answer."""

    model_name: str
    model_version: str
    outputs: list[Output]
    id: str | None = None


_READS = {
    "texts": ("text", ("BYTES",), [-1]),
    "series": ("series", ("FP64", "FP32"), [-1, -1, -1]),
    "ids": ("ids", ("INT64", "INT32"), [-1, -1]),
}
"""Of what a model reads: the input's name, its types and its shape."""


def metadata(loaded: Loaded) -> dict[str, Any]:
    """What the protocol tells of a model."""
    model = loaded.model
    name, types, shape = _READS[model.reads]
    inputs = [{"name": name, "datatype": types[0], "shape": shape}]
    if model.reads != "texts":
        inputs.append({"name": LENGTHS, "datatype": "INT64", "shape": [-1]})
    predicted = {"multilabel": ("BOOL", [-1, len(model.labels)])}.get(
        model.task, ("BYTES" if model.labels else "FP64", [-1])
    )
    outputs = [{"name": "prediction", "datatype": predicted[0], "shape": predicted[1]}]
    if model.labels:
        outputs.append({"name": "probabilities", "datatype": "FP64", "shape": [-1, len(model.labels)]})
    return {
        "name": loaded.name,
        "versions": [loaded.version],
        "platform": "unspool",
        "inputs": inputs,
        "outputs": outputs,
        "parameters": {"task": model.task} | ({"labels": ",".join(model.labels)} if model.labels else {}),
    }


def examples_of(request: Infer, model: Model, allowed: Settings) -> list[Any]:
    """The raw examples in a request.

    Args:
        request: decoded.
        model: that is to read them.
        allowed: limits of the server.

    Raises:
        Refusal: the tensors are not what the model reads; says which.
    """
    name, types, shape = _READS[model.reads]
    given = {one.name: one for one in request.inputs}
    optional = {LENGTHS} if model.reads != "texts" else set()
    if len(given) != len(request.inputs) or not {name} <= {*given} <= {name, *optional}:
        also = f", and if need be {LENGTHS!r}" if optional else ""
        raise _wrong(f"this model takes the input {name!r}{also}")
    found = given[name]
    if found.datatype not in types:
        raise _wrong(f"{name!r} is {' or '.join(types)}, not {found.datatype[:20]!r}")
    if model.reads == "texts" and found.shape[1:] == [1]:
        found.shape.pop()  # a column of texts, as some clients send them
    if len(found.shape) != len(shape) or any(size < 0 for size in found.shape):
        raise _wrong(f"the shape of {name!r} has {len(shape)} number{'s' * (len(shape) > 1)}, none of them negative")
    if not 0 < found.shape[0] <= allowed.examples:
        raise _wrong(f"{found.shape[0]} examples; the limit is {allowed.examples}, and there must be one")
    if model.reads == "texts":
        return _texts(found, allowed.text)
    if found.shape[1] > allowed.steps:
        raise _wrong(f"{found.shape[1]} steps; the limit is {allowed.steps}")
    values = _array(found, np.int64 if model.reads == "ids" else np.float64)
    return _cut(values, given.get(LENGTHS))


def _texts(found: Input, most: int) -> list[str]:
    texts = [one for one in found.data if isinstance(one, str)]
    if len(texts) != len(found.data) or len(texts) != found.shape[0]:
        raise _wrong(f"the data of {found.name!r} is not a list of {found.shape[0]} texts")
    for place, text in enumerate(texts):
        if len(text) > most:
            raise _wrong(f"text {place} (counted from 0) has {len(text):,} characters, and {most:,} are allowed")
    return texts


def _array(found: Input, kind: type[np.generic]) -> np.ndarray[Any, Any]:
    try:
        given = np.asarray(found.data)  # of texts, or of rows of different lengths, it becomes no array of numbers
        if given.dtype.kind not in "iufO":
            raise ValueError
        values = given.astype(np.float64)
        if values.ndim > 1 and list(values.shape) != found.shape:
            raise ValueError
        whole = kind is np.float64 or bool(np.all(values == np.floor(values)) and np.all(np.abs(values) < 2**53))
        return values.reshape(found.shape).astype(kind) if whole else _none(found)
    except (TypeError, ValueError) as error:
        raise _wrong(f"the data of {found.name!r} is not an array {found.shape} of its type") from error


def _none(found: Input) -> np.ndarray[Any, Any]:
    raise _wrong(f"the data of {found.name!r} holds numbers that are not whole")


def _cut(values: np.ndarray[Any, Any], lengths: Input | None) -> list[Any]:
    if lengths is None:
        return list(values)
    if lengths.datatype not in ("INT64", "INT32") or lengths.shape != [len(values)]:
        raise _wrong(f"{LENGTHS!r} is INT64 of shape [{len(values)}]")
    sizes = _array(lengths, np.int64)
    if (sizes < 0).any() or (sizes > values.shape[1]).any():
        raise _wrong(f"{LENGTHS!r} are from 0 to {values.shape[1]}")
    return [one[:size] for one, size in zip(values, sizes.tolist(), strict=True)]


def inferred(request: Infer, loaded: Loaded, outputs: Any) -> Inferred:
    """The answer to a request.

    Args:
        request: decoded.
        loaded: the model that answered.
        outputs: (N, K) that it gave.

    Raises:
        Refusal: an output is asked for that there is not.
    """
    found = {one.name: one for one in _tensors(loaded.model, outputs)}
    wanted = [one.name for one in request.outputs] if request.outputs else list(found)
    unknown = [name for name in wanted if name not in found]
    if unknown:
        raise _wrong(f"there is no output {unknown[0][:100]!r}; there are {', '.join(found)}")
    return Inferred(loaded.name, loaded.version, [found[name] for name in wanted], request.id)


def _tensors(model: Model, outputs: Any) -> list[Output]:
    predictions, count = model.decide(outputs), len(outputs)
    if not model.labels:
        return [Output("prediction", [count], "FP64", predictions)]
    shape = [count, len(model.labels)]
    if model.task == "multilabel":
        chosen = [[label in some for label in model.labels] for some in map(set, predictions)]
        first = Output("prediction", shape, "BOOL", [one for row in chosen for one in row])
    else:
        first = Output("prediction", [count], "BYTES", predictions)
    return [first, Output("probabilities", shape, "FP64", model.probabilities_of(outputs).ravel().tolist())]


def _wrong(what: str) -> Refusal:
    return Refusal(400, f"Invalid request: {what}.")
