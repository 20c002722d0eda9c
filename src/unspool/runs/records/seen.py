"""Fingerprints of a model's training examples, so that it is not scored on them by mistake."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool import files
from unspool.data.cell_values import fingerprint
from unspool.data.numpy_files import read_npz, write_npz
from unspool.errors import UserError

SEEN = "seen.npz"
MOST_BYTES = 1 << 29
"""Of the file that is read: the fingerprints of some 67 million examples."""

_PARTS = ("training", "validation")
_FORM = "form"
_EARLIEST, _WITH_TIMES, _WITH_CELLS = 1, 2, 3
"""Since 2, fingerprints of forecasts include series and times; since 3, those of texts include cells beside them."""

Fingerprints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Seen:
    """The fingerprints of the examples that a model was fitted, stopped and tuned on.

    A fingerprint has 64 bits: the text cannot be restored from it, but who has the text can tell that it was there.

    Attributes:
        training: (N,) rising.
        validation: (M,) rising.
        known: whether they were kept at all; runs of earlier versions did not.
        forecasts: whether those of forecasts can be recognised, too; those of earlier versions cannot.
        cells: whether those of texts include the cells beside them; those of earlier versions do not.
    """

    training: Fingerprints = field(repr=False)
    validation: Fingerprints = field(repr=False)
    known: bool = True
    forecasts: bool = True
    cells: bool = True

    @classmethod
    def of(cls, training: Fingerprints, validation: Fingerprints) -> "Seen":
        """Keep the fingerprints of the examples of two parts, in any order.

        Example:
            >>> seen = Seen.of(fingerprints(["a fine film", "a bore"]), fingerprints(["a joy"]))
            >>> seen.holds(fingerprints([" a joy ", "a pity"])).tolist()
            [True, False]
        """
        return cls(np.unique(training), np.unique(validation))

    def holds(self, prints: Fingerprints) -> NDArray[np.bool_]:
        """Tell of each of K examples whether it is among them, (K,)."""
        found: NDArray[np.bool_] = np.isin(prints, self.training) | np.isin(prints, self.validation)
        return found

    def save(self, folder: Path) -> None:
        """Write seen.npz, whole or not at all; the same examples give the same bytes.

        Raises:
            UserError: the folder cannot be written.
        """
        form = np.array(_WITH_CELLS if self.cells else _WITH_TIMES if self.forecasts else _EARLIEST)
        write_npz(folder / SEEN, {"training": self.training, "validation": self.validation, _FORM: form})


def fingerprints(examples: Iterable[Any]) -> Fingerprints:
    """The fingerprints of N texts, of N lists of tokens, or of N series or images (T, C) of numbers, (N,).

    White space around a text does not count, and numbers are taken in 32 bits, as models read them.
    """
    return np.fromiter((fingerprint(_content(one)) for one in examples), np.int64)


def _content(example: Any) -> str | bytes:
    if isinstance(example, str):
        return example.strip()
    if len(example) and isinstance(example[0], str):
        return "\n".join(example)
    return np.ascontiguousarray(example, np.float32).tobytes()


def load_seen(folder: Path) -> Seen:
    """Read seen.npz from a run's folder, if it is there.

    Raises:
        UserError: it is damaged or too large.
    """
    path = folder / SEEN
    if not path.is_file():
        nothing = np.zeros(0, dtype=np.int64)
        return Seen(nothing, nothing, known=False)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"it has {path.stat().st_size:,} bytes, and {MOST_BYTES:,} are the most")
        arrays = read_npz(path, (*_PARTS, _FORM))
        for name in _PARTS:
            if arrays[name].dtype != np.int64 or arrays[name].ndim != 1:
                raise ValueError(f"array {name!r} holds no fingerprints")
    except files.DAMAGE as error:
        raise UserError(
            f"{path} is damaged: {files.reason_of(error)}. Remove it to go without: examples that the model was "
            "trained on are then not recognised."
        ) from error
    form = arrays.get(_FORM, np.array(_EARLIEST))
    forecasts = any(np.array_equal(form, one) for one in (_WITH_TIMES, _WITH_CELLS))
    return Seen(arrays["training"], arrays["validation"], forecasts=forecasts, cells=np.array_equal(form, _WITH_CELLS))
