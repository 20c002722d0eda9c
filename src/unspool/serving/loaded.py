"""A model that is served: loaded from a copy of its own, and checked."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from unspool_runtime import Check, Model, ModelError


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model that has answered its golden examples as the trainer did.

    Attributes:
        model: of the runtime.
        name: under which it is served.
        version: the first digits of its file's SHA-256.
        path: of its file.
        check: how the golden examples were answered.
    """

    model: Model
    name: str
    version: str
    path: Path
    check: Check

    @property
    def named(self) -> dict[str, str]:
        """What every answer says of the model that gave it."""
        return {"name": self.name, "version": self.version}


def load_checked(path: Path, name: str) -> Loaded:
    """Load a portable model, and have it answer its golden examples.

    Args:
        path: of a file that nobody else writes to: the model uses it where it lies.
        name: under which it is served.

    Raises:
        ModelError: it is damaged, answers otherwise than the trainer did, or is of a task that is not served.
    """
    model = Model.load(path)
    if model.task == "tagging":
        raise ModelError(
            f"{name} is a model that tags, which cannot be served yet. Use unspool predict or unspool-runtime."
        )
    if model.task == "translation":
        raise ModelError(
            f"{name} is a model that translates, which cannot be served yet. Use unspool predict or unspool-runtime."
        )
    check = model.check()
    if not check.passed:
        raise ModelError(
            f"{name} does not answer as it did when it was exported: {check}, and {check.tolerance:g} is allowed. "
            "Export it again."
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Loaded(model, name, digest[:12], path, check)
