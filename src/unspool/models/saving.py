"""Models to files, for use rather than for further training."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any

import keras

from unspool import keras_internals
from unspool.files import expanded
from unspool.models.encoding_decoding import SequenceToSequence

_SHARED = "shared_object_id"
"""Under which Keras writes the address in memory of an object that several layers share."""


def save_model(model: keras.Model, path: str | PathLike[str]) -> None:
    """Write a .keras file with the model and its weights, without the optimizer's state and the compilation.

    Adam's state alone is twice as large as the weights. Nothing is copied, and the model itself stays compiled. Equal
    models are saved as equal bytes.

    Args:
        model: built. A model of a class that is not unspool's is saved as Keras does it, with everything.
        path: of the file, ending in .keras.

    Example:
        >>> import tempfile
        >>> from unspool.models import Seq2Vec, Tokens, seq2vec
        >>> from unspool.models.loading import load_model
        >>> model = seq2vec(Seq2Vec(units=4), Tokens(size=10))
        >>> model.compile("adam", "binary_crossentropy")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_model(model, Path(folder) / "model.keras")
        ...     load_model(Path(folder) / "model.keras").compiled
        False
    """
    path = expanded(path)
    if model.compiled and keras_internals.is_functional(model):
        model = keras.Model(model.input, model.output, name=model.name)  # the same layers, not compiled
    elif model.compiled and isinstance(model, SequenceToSequence):
        plain = type(model).from_config(model.get_config())
        plain.build()
        plain.set_weights(model.get_weights())
        model = plain
    model.save(path)
    _make_reproducible(path)


def _make_reproducible(path: Path) -> None:
    """Take the date and addresses in memory, which Keras writes, out of a .keras file."""
    aside = path.with_name(f"{path.name}.rewritten")
    try:
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(aside, "w") as new:
            for member in old.infolist():
                undated = zipfile.ZipInfo(member.filename)
                undated.external_attr, undated.file_size = member.external_attr, member.file_size
                with old.open(member) as source, new.open(undated, "w") as target:
                    if member.filename in ("config.json", "metadata.json"):
                        target.write(json.dumps(_without_traces(json.load(source))).encode())
                    else:
                        shutil.copyfileobj(source, target, 1 << 20)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _without_traces(content: dict[str, Any]) -> dict[str, Any]:
    """A configuration without its date, and with numbers from 1 on for shared objects."""
    content.pop("date_saved", None)
    numbers: dict[int, int] = {}
    for holder in _dicts_within(content):
        if _SHARED in holder:
            holder[_SHARED] = numbers.setdefault(holder[_SHARED], len(numbers) + 1)
    return content


def _dicts_within(content: Any) -> Iterator[dict[str, Any]]:
    if isinstance(content, dict):
        yield content
    for value in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
        yield from _dicts_within(value)
