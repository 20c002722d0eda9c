"""What a model's folder records of the run whose model was fitted to all examples, the test included."""

import os
from dataclasses import dataclass
from pathlib import Path

from unspool.data.definitions import altered, read_definition, write_definition
from unspool.files import DAMAGE

REFITTED = "refitted.json"
_WHAT = "record of a refit"


@dataclass(frozen=True)
class Refitted:
    """Which run's model was fitted to all examples.

    Attributes:
        run: the run's folder.
        score: of the run's own model on the test, as in "an accuracy of 91.3%".
    """

    run: Path
    score: str

    @property
    def in_words(self) -> str:
        """What a person must know who asks how good the model is."""
        return (
            f"fitted to all examples of {self.run}, including the test, so no test examples remain. The run's own "
            f"model, fitted without them, had {self.score} on the test"
        )

    def save(self, content: Path, folder: Path) -> None:
        """Write refitted.json to `content`, which will be `folder`; it names the run's folder relative to that one."""
        run = os.path.relpath(self.run.absolute(), folder.absolute())
        write_definition(content / REFITTED, _WHAT, {"run": run, "score": self.score})


def read_refitted(folder: Path) -> Refitted | None:
    """Read what `save` wrote; None if the folder's model was not made by a refit.

    Raises:
        UserError: it is damaged.
    """
    path = folder / REFITTED
    if not path.is_file():
        return None
    content = read_definition(path, _WHAT)
    try:
        return Refitted(Path(os.path.normpath(folder / str(content["run"]))), str(content["score"]))
    except DAMAGE as error:
        raise altered(path, _WHAT, error) from error
