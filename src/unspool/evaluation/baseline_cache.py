"""Keeps what a baseline predicted, so that the next run on the same data need not fit it again."""

import hashlib
import json
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from unspool.errors import UserError
from unspool.files import write_aside


@dataclass(frozen=True, slots=True)
class FittedBaseline:
    """What a baseline says of the test set.

    Attributes:
        probabilities: (N,) of label 1.
        threshold: a probability at or above it is read as label 1.
        seconds: what fitting and predicting took.
    """

    probabilities: NDArray[np.float64]
    threshold: float
    seconds: float


def cache_path(folder: Path, name: str, key: dict[str, str]) -> Path:
    """Names the file for a baseline: the same only where everything in `key` is the same.

    Example:
        >>> cache_path(Path("cache"), "majority-class", {"data": "a"}).name
        'majority-class-b1d779acf4c7f75d.npz'
    """
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
    return folder / f"{name}-{digest[:16]}.npz"


def load(path: Path, examples: int) -> FittedBaseline | None:
    """Reads what `save` wrote; None where there is nothing, or nothing that can be trusted."""
    try:
        content = path.read_bytes()  # NumPy would leave a damaged file open
        with np.load(BytesIO(content), allow_pickle=False) as stored:
            probabilities = np.array(stored["probabilities"], dtype=np.float64)
            threshold, seconds = float(stored["threshold"]), float(stored["seconds"])
    except (OSError, ValueError, TypeError, KeyError, EOFError, BadZipFile, NotImplementedError, RuntimeError):
        return None  # not there, cut short or altered: all that zipfile and NumPy raise for that
    sound = probabilities.shape == (examples,) and bool(np.all((probabilities >= 0) & (probabilities <= 1)))
    return FittedBaseline(probabilities, threshold, seconds) if sound and np.isfinite(threshold) else None


def save(path: Path, fitted: FittedBaseline) -> None:
    """Writes a baseline's predictions; a folder that cannot be written costs a warning, not the run."""
    content = BytesIO()
    np.savez(content, probabilities=fitted.probabilities, threshold=fitted.threshold, seconds=fitted.seconds)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_aside(path, content.getvalue())
    except (OSError, UserError) as error:
        warnings.warn(f"The baseline's predictions are not kept for the next run: {error}", stacklevel=2)
