"""Results of candidates, saved while others are tried, so that an interrupted comparison can continue."""

import hashlib
import json
import re
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from unspool.atomic_writes import write_aside
from unspool.candidates.model_files import Arrays
from unspool.data.tensor_files import read_tensors, tensor_bytes
from unspool.files import DAMAGE, make_folder

LEAST_SECONDS = 1.0
"""Results that took less time are not saved."""
_OTHER = re.compile(r"[^a-z0-9]+")
_PLAIN = "plain"


class Saved:
    """Saved results of candidates, by name, one file for each.

    Args:
        folder: where; None saves nothing.
        of: what it depends on, see `digest`; what was found of something else is not taken.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> Saved(folder, "these").keep("nb-words", {"seconds": 2.0}, {"scores": np.ones(3)})
        >>> Saved(folder, "these").found("nb-words")[0], Saved(folder, "others").found("nb-words")
        ({'seconds': 2.0}, None)
    """

    def __init__(self, folder: Path | None, of: str):
        self._folder, self._of = folder, of

    def found(self, name: str) -> tuple[dict[str, Any], Arrays] | None:
        """What `keep` kept of a candidate; None where there is nothing that can be read."""
        if self._folder is None:
            return None
        try:
            arrays = read_tensors(self._path(name))
            content = json.loads(arrays.pop(_PLAIN).tobytes())
            return (content["plain"], arrays) if content["of"] == self._of else None
        except DAMAGE:
            return None

    def keeps(self, seconds: float) -> bool:
        """Whether `keep` saves what took this many seconds."""
        return self._folder is not None and seconds >= LEAST_SECONDS

    def keep(self, name: str, plain: dict[str, Any], arrays: Arrays) -> None:
        """Write what was found of a candidate, whole or not at all.

        Args:
            name: of the candidate.
            plain: as JSON has it; "seconds" that it took.
            arrays: by name.

        Raises:
            UserError: the folder cannot be written.
        """
        if not self.keeps(plain["seconds"]):
            return
        assert self._folder is not None
        make_folder(self._folder)
        content = json.dumps({"of": self._of, "plain": plain}).encode()
        write_aside(self._path(name), tensor_bytes(arrays | {_PLAIN: np.frombuffer(content, np.uint8)}))

    def _path(self, name: str) -> Path:
        assert self._folder is not None
        return self._folder / f"checkpoint-of-{_OTHER.sub('-', name)}.safetensors"


NOTHING_SAVED = Saved(None, "")


def digest(inputs: Iterable[Any], *others: Any) -> str:
    """A digest of the examples and of the version of unspool: results are only used again if it is the same.

    Args:
        inputs: texts or arrays.
        others: whatever else counts; arrays or plain values.
    """
    found = hashlib.sha256(version("unspool").encode())
    for one in (*inputs, *others):
        if isinstance(one, np.ndarray):
            content = repr((one.shape, one.dtype.str)).encode() + np.ascontiguousarray(one).tobytes()
        else:
            content = repr((one, getattr(one, "cells", None))).encode("utf-8", "surrogatepass")
        found.update(len(content).to_bytes(8, "little") + content)
    return found.hexdigest()
