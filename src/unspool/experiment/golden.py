"""A model's golden inputs: a few examples that it was not trained on, and what it answered where it was trained."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from unspool.data.numpy_files import read_npz
from unspool.data.ragged import Ragged
from unspool.data.stored import Sequences
from unspool.errors import UserError
from unspool.experiment.answering import Answering, Inputs
from unspool.experiment.folder import GOLDEN
from unspool.files import write_aside
from unspool.models.series import present_steps

COUNT, SEED = 32, 0
MOST_NUMBERS = 1 << 26
"""In the rectangle of all inputs: what a file from a stranger may ask for."""
_ARRAYS = ("flat", "offsets", "series", "answers")


@dataclass(frozen=True, eq=False)
class Golden:
    """N examples and their answers.

    Attributes:
        inputs: texts without padding, or series.
        answers: (N, ...), all in one batch.
    """

    inputs: Inputs
    answers: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.answers)

    def save(self, folder: Path) -> None:
        """Write golden.npz."""
        inputs = self.inputs
        arrays = {"flat": inputs.flat, "offsets": inputs.offsets} if isinstance(inputs, Ragged) else {"series": inputs}
        content = BytesIO()
        np.savez_compressed(content, allow_pickle=False, answers=self.answers, **arrays)
        write_aside(folder / GOLDEN, content.getvalue())


def golden_of(model: Answering, inputs: Sequences | NDArray[Any]) -> Golden:
    """Choose golden inputs, of lengths from the shortest to the longest, and have them answered.

    Args:
        model: trained.
        inputs: all that there are to choose from: ids, perhaps (N, T) with 0 for padding in front, or series.
    """
    if isinstance(inputs, np.ndarray) and inputs.ndim == 2:
        present = inputs != 0
        inputs = Ragged.from_lengths(inputs[present], present.sum(axis=1))
    chosen = varied(inputs.lengths if isinstance(inputs, Sequences) else present_steps(inputs).sum(axis=1))
    kept = inputs.take(chosen).load() if isinstance(inputs, Sequences) else np.asarray(inputs[chosen], np.float32)
    return Golden(kept, model(model.rectangle(kept), len(chosen)))


def varied(lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """Choose at most `COUNT` of N examples, evenly by the rank of their lengths; among equal ones, by chance.

    Example:
        >>> varied(np.arange(100) // 2)[:4].tolist(), len(varied(np.ones(7)))
        ([1, 3, 6, 9], 7)
    """
    order = np.random.default_rng(SEED).permutation(len(lengths))
    by_length = order[np.argsort(lengths[order], kind="stable")]
    places = np.linspace(0, len(lengths) - 1, min(COUNT, len(lengths))).astype(np.int64)
    chosen: NDArray[np.int64] = by_length[places]
    return chosen


def load_golden(folder: Path) -> Golden:
    """Read golden.npz from a model's folder.

    Raises:
        UserError: it is not there or damaged.
    """
    path = folder / GOLDEN
    try:
        arrays = read_npz(path, _ARRAYS)
        answers = np.asarray(arrays["answers"], np.float32)
        if "series" in arrays:
            inputs: Inputs = np.asarray(arrays["series"], np.float32)
        else:
            inputs = Ragged(np.asarray(arrays["flat"], np.int32), np.asarray(arrays["offsets"], np.int64))
        if len(inputs) > COUNT or _numbers(inputs) > MOST_NUMBERS:
            raise ValueError("there are more of them than are ever kept")
        if not 0 < len(inputs) == len(answers) or (isinstance(inputs, np.ndarray) and inputs.ndim != 3):
            raise ValueError("its arrays do not fit together")
    except FileNotFoundError as error:
        raise UserError(
            f"{folder} holds no {GOLDEN}, so that there is nothing to check its model by: it was made by an earlier "
            "version. Train the model again."
        ) from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise UserError(f"{path} is damaged: {error}. Train the model again, or get it anew.") from error
    return Golden(inputs, answers)


def _numbers(inputs: Inputs) -> int:
    """How many there are in the rectangle that the model reads."""
    return len(inputs) * int(inputs.lengths.max(initial=0)) if isinstance(inputs, Ragged) else inputs.size
