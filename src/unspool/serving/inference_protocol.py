"""The Open Inference Protocol (V2), as KServe, Triton and others speak it: tensors by name, in JSON.

Texts are BYTES (N); series FP64 (N, T, C), token ids INT64 (N, T) and words BYTES (N, T), with `lengths` (N) where some
are shorter than T. Rows are a tensor (N) for each column: BYTES of the text and of categories, FP64 of numbers.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from unspool.serving.answer_format import Output
from unspool.serving.bodies import encoded
from unspool.serving.loaded import Loaded
from unspool.serving.refusals import Refusal
from unspool.serving.settings import Settings
from unspool_runtime import Model

_Scalar = str | int | float | bool | None
_Row = list[str | int | float | None]
_Rows = list[str | int | float | _Row | None]
LENGTHS, COUNT = "lengths", "count"


class Input(Struct, forbid_unknown_fields=True):
    """A tensor, its numbers in rows or in one list (row-major)."""

    name: str
    shape: list[int]
    datatype: str
    data: list[str | int | float | _Rows | None]
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
    "words": ("words", ("BYTES",), [-1, -1]),
}
"""Of what a model reads: the input's name, its types and its shape."""


def metadata(loaded: Loaded) -> dict[str, Any]:
    """What the protocol tells of a model; the labels as JSON in a text, as its parameters hold no lists."""
    model = loaded.model
    if model.reads == "histories":
        inputs = []
    elif model.reads == "rows":
        inputs = [{"name": name, "datatype": kind, "shape": [-1]} for name, kind in _columns(model).items()]
    else:
        name, types, shape = _READS[model.reads]
        inputs = [{"name": name, "datatype": types[0], "shape": shape}]
    if model.reads not in ("texts", "rows", "histories"):
        inputs.append({"name": LENGTHS, "datatype": "INT64", "shape": [-1]})
    outputs = [{"name": name, "datatype": kind, "shape": shape} for name, kind, shape in loaded.format.described()]
    return {
        "name": loaded.name,
        "versions": [loaded.version],
        "platform": "unspool",
        "inputs": inputs,
        "outputs": outputs,
        "parameters": {"task": model.task} | ({"labels": encoded(model.labels).decode()} if model.labels else {}),
    }


def examples_of(request: Infer, loaded: Loaded, allowed: Settings) -> list[Any]:
    """The raw examples in a request.

    Args:
        request: decoded.
        loaded: the model that is to read them.
        allowed: limits of the server.

    Raises:
        Refusal: the tensors are not what the model reads; says which.
    """
    model = loaded.model
    if model.reads == "histories":
        raise _wrong("a model that forecasts is asked at /predict")
    if model.reads == "rows":
        return _rows(request, model, allowed)
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
    if loaded.format.by_step and found.shape[0] * found.shape[1] > allowed.steps:
        raise _wrong(f"{found.shape} is more than {allowed.steps} words or steps, padding included; send fewer")
    values = (
        _words(found, allowed.text)
        if model.reads == "words"
        else _array(found, np.int64 if model.reads == "ids" else np.float64)
    )
    return _cut(values, given.get(LENGTHS))


def _columns(model: Model) -> dict[str, str]:
    """The columns of a model that reads rows, and their types: its text, numbers, then categories."""
    reader = model.description["reader"]
    numeric, categorical = (dict.fromkeys(reader[kind]) for kind in ("numeric", "categorical"))
    return {reader["text"]: "BYTES"} | dict.fromkeys(numeric, "FP64") | dict.fromkeys(categorical, "BYTES")


def _rows(request: Infer, model: Model, allowed: Settings) -> list[dict[str, Any]]:
    """The rows whose columns are the inputs of a request."""
    wanted = _columns(model)
    given = {one.name: one for one in request.inputs}
    if len(given) != len(request.inputs) or {*given} != {*wanted}:
        raise _wrong(f"this model takes the inputs {', '.join(map(repr, wanted))}")
    columns: dict[str, list[Any]] = {}
    for name, kind in wanted.items():
        one = given[name]
        if one.datatype not in (kind, kind.replace("64", "32")) or len(one.shape) != 1:
            raise _wrong(f"{name!r} is {kind}, and its shape must have 1 number")
        if one.shape != given[next(iter(wanted))].shape or not 0 < one.shape[0] <= allowed.examples:
            raise _wrong(f"all inputs must have the same number of examples, from 1 to {allowed.examples}")
        columns[name] = _texts(one, allowed.text) if kind == "BYTES" else _array(one, np.float64).tolist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _texts(found: Input, most: int) -> list[str]:
    texts = [one for one in found.data if isinstance(one, str)]
    if len(texts) != len(found.data) or len(texts) != found.shape[0]:
        raise _wrong(f"the data of {found.name!r} is not a list of {found.shape[0]} texts")
    for place, text in enumerate(texts):
        if len(text) > most:
            raise _wrong(f"text {place} (counted from 0) has {len(text):,} characters, and {most:,} are allowed")
    return texts


def _words(found: Input, most: int) -> list[list[str]]:
    """Words in rows of equal length, or in one list."""
    count, length = found.shape
    flat = [one for row in found.data for one in (row if isinstance(row, list) else [row])]
    in_rows = any(isinstance(row, list) for row in found.data)
    fits = all(isinstance(row, list) and len(row) == length for row in found.data) and len(found.data) == count
    words = [one for one in flat if isinstance(one, str)]
    if len(words) != len(flat) or len(words) != count * length or (in_rows and not fits):
        raise _wrong(f"the data of {found.name!r} is not an array {found.shape} of texts")
    if long := [one for one in words if len(one) > most]:
        raise _wrong(f"a word has {len(long[0]):,} characters, and {most:,} are allowed")
    return [words[start * length : (start + 1) * length] for start in range(count)]


def count_of(request: Infer, loaded: Loaded) -> int:
    """How many translations of each text a request asks for.

    Raises:
        Refusal: the parameter is no whole number, or the model does not translate.
    """
    count = request.parameters.get(COUNT, 1)
    if type(count) is not int or (COUNT in request.parameters and not loaded.format.translates):
        raise _wrong(f"the parameter {COUNT!r} must be a whole number, and only models that translate have it")
    return count


def _array(found: Input, kind: type[np.generic]) -> np.ndarray[Any, Any]:
    try:
        given = np.asarray(found.data)  # of texts, or of rows of different lengths, it becomes no array of numbers
        if given.dtype.kind not in "iufO" or (
            given.dtype.kind == "O" and any(isinstance(one, str) for one in given.flat)
        ):
            raise ValueError
        values = given if given.dtype.kind == "i" else given.astype(np.float64)
        if values.ndim > 1 and list(values.shape) != found.shape:
            raise ValueError
        values = values.reshape(found.shape)
    except (TypeError, ValueError, OverflowError) as error:
        raise _wrong(f"the data of {found.name!r} is not an array {found.shape} of its type") from error
    if kind is np.int64 and values.dtype.kind == "f":
        if not (values == np.floor(values)).all():
            raise _wrong(f"the data of {found.name!r} holds numbers that are not whole")
        if not (np.abs(values) < 2**53).all():
            raise _wrong(f"the data of {found.name!r} holds numbers that are larger than 2^53")
    return values.astype(kind)


def _cut(values: Sequence[Any] | np.ndarray[Any, Any], lengths: Input | None) -> list[Any]:
    if lengths is None:
        return list(values)
    if lengths.datatype not in ("INT64", "INT32") or lengths.shape != [len(values)]:
        raise _wrong(f"{LENGTHS!r} is INT64 of shape [{len(values)}]")
    sizes = _array(lengths, np.int64)
    if (sizes < 0).any() or (sizes > len(values[0])).any():
        raise _wrong(f"{LENGTHS!r} are from 0 to {len(values[0])}")
    return [one[:size] for one, size in zip(values, sizes.tolist(), strict=True)]


def inferred(request: Infer, loaded: Loaded, outputs: Any) -> Inferred:
    """The answer to a request.

    Args:
        request: decoded.
        loaded: the model that answered.
        outputs: what it gave, see `Loaded.answers`.

    Raises:
        Refusal: an output is asked for that there is not.
    """
    found = {one.name: one for one in loaded.format.tensors(outputs)}
    wanted = [one.name for one in request.outputs] if request.outputs else list(found)
    unknown = [name for name in wanted if name not in found]
    if unknown:
        raise _wrong(f"there is no output {unknown[0][:100]!r}; there are {', '.join(found)}")
    return Inferred(loaded.name, loaded.version, [found[name] for name in wanted], request.id)


def _wrong(what: str) -> Refusal:
    return Refusal(400, f"Invalid request: {what}.")
