"""A model's golden inputs: a few examples that it was not trained on, and what it answered where it was trained."""

import json
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.numpy_files import read_npz, write_npz
from unspool.data.ragged import Ragged, offsets_of
from unspool.data.stored_ragged import Sequences
from unspool.data.texts.side_columns import TextRow
from unspool.errors import UserError
from unspool.files import DAMAGE, reason_of
from unspool.readers import RawExamples
from unspool.runs.checking.checkable import Inputs
from unspool.runs.records.folder import GOLDEN

COUNT, SEED = 32, 0
MOST_NUMBERS = 1 << 26
"""In the rectangle of all inputs: what a file from a stranger may ask for."""
_ARRAYS = ("flat", "offsets", "series", "answers", "texts", "cells", "words", "steps", "labelled")


@dataclass(frozen=True, eq=False)
class Golden:
    """N examples and their answers.

    Attributes:
        inputs: texts without padding, or series.
        answers: (N, ...), all in one batch.
        labelled: whether a file of their labels belongs to them, see `golden_labels`; no earlier version wrote one.
    """

    inputs: Inputs
    answers: NDArray[np.float32]
    labelled: bool = False

    def __len__(self) -> int:
        return len(self.answers)

    def save(self, folder: Path) -> None:
        """Write golden.npz."""
        answers = {"answers": self.answers, "labelled": np.array(self.labelled)}
        write_npz(folder / GOLDEN, answers | _arrays_of(self.inputs), packed=True)


def golden_of(model: Any, inputs: Sequences | NDArray[Any] | RawExamples) -> Golden:
    """Choose golden inputs, of lengths from the shortest to the longest, and have them answered.

    Args:
        model: a `Checkable` or a `RawCheckable`.
        inputs: all that there are to choose from: ids, perhaps (N, T) with 0 for padding in front, or series.
    """
    kept = few_of(inputs)
    return Golden(kept, model(model.rectangle(kept), len(kept)), labelled=True)


def few_of(inputs: Sequences | NDArray[Any] | RawExamples) -> Inputs:
    """Choose at most `COUNT` of them, in memory, see `golden_of`."""
    chosen = positions_of(inputs)
    if isinstance(inputs, RawExamples):
        return inputs.take(chosen)
    if isinstance(inputs, np.ndarray) and inputs.ndim == 2:
        rows = inputs[chosen]
        present = rows != 0
        return Ragged.from_lengths(rows[present], present.sum(axis=1))
    return inputs.take(chosen).load() if isinstance(inputs, Sequences) else np.asarray(inputs[chosen], np.float32)


def positions_of(inputs: Sequences | NDArray[Any] | RawExamples) -> NDArray[np.int64]:
    """Where those lie that `golden_of` chooses, (K,)."""
    if isinstance(inputs, np.ndarray):
        from unspool.models.series import present_steps

        present = inputs != 0 if inputs.ndim == 2 else present_steps(inputs)
        return varied(present.sum(axis=1))
    return varied(inputs.lengths)


def _arrays_of(inputs: Inputs) -> dict[str, NDArray[Any]]:
    if isinstance(inputs, Ragged):
        return {"flat": inputs.flat, "offsets": inputs.offsets}
    if not isinstance(inputs, RawExamples):
        return {"series": inputs}
    items, more = inputs.items, {}
    if isinstance(items[0], tuple):
        more = {"words": np.array([len(words) for words in items], np.int64)}
        items = list(chain.from_iterable(items))
    if isinstance(items[0], str):
        if isinstance(items[0], TextRow):
            more = {"cells": np.frombuffer(json.dumps([item.cells for item in items]).encode(), np.uint8)}
        items = [np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8) for text in items]
    offsets = offsets_of([len(item) for item in items])
    return {"texts" if items[0].ndim == 1 else "steps": np.concatenate(items), "offsets": offsets} | more


def _raw_examples(arrays: dict[str, NDArray[Any]]) -> RawExamples:
    flat = arrays["texts"] if "texts" in arrays else np.asarray(arrays["steps"], np.float32)
    offsets = _offsets(arrays)
    if (
        offsets.ndim != 1
        or len(offsets) < 2
        or offsets[0] != 0
        or offsets[-1] != len(flat)
        or (np.diff(offsets) < 0).any()
    ):
        raise ValueError("its offsets do not fit its examples")
    items = [flat[start:end] for start, end in pairwise(offsets)]
    if "texts" not in arrays:
        return RawExamples(items)
    texts = [item.astype(np.uint8).tobytes().decode("utf-8", "surrogatepass") for item in items]
    if "words" in arrays:
        return RawExamples(_in_lists(texts, arrays["words"]))
    return RawExamples(_with_cells(texts, arrays["cells"]) if "cells" in arrays else texts)


def _in_lists(words: list[str], lengths: NDArray[Any]) -> list[tuple[str, ...]]:
    if lengths.dtype.kind not in "iu" or lengths.ndim != 1 or (lengths < 1).any() or lengths.sum() != len(words):
        raise ValueError("its words do not fit its texts")
    rest = iter(words)
    return [tuple(islice(rest, int(length))) for length in lengths]


def _offsets(arrays: dict[str, NDArray[Any]]) -> NDArray[np.int64]:
    if arrays["offsets"].dtype.kind not in "iu":
        raise ValueError("its offsets are not whole numbers")
    return np.asarray(arrays["offsets"], np.int64)


def _with_cells(texts: list[str], written: NDArray[Any]) -> list[TextRow]:
    rows = json.loads(written.astype(np.uint8).tobytes())
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows) or len(rows) != len(texts):
        raise ValueError("the cells do not fit the texts")
    if not all(isinstance(cell, str | float) for row in rows for cell in row):
        raise ValueError("a cell is neither a number nor a category")
    return [TextRow(text, tuple(row)) for text, row in zip(texts, rows, strict=True)]


def varied(lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """Choose at most `COUNT` of N examples, evenly by the rank of their lengths; among equal ones, at random.

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
        if any(array.dtype.kind not in "biuf" for array in arrays.values()):
            raise ValueError("one of its arrays does not hold numbers")
        if any(arrays[name].dtype != np.uint8 for name in ("texts", "cells") if name in arrays):
            raise ValueError("its texts are not bytes")
        answers = np.asarray(arrays["answers"], np.float32)
        labelled = bool(arrays.get("labelled", False))
        if "texts" in arrays or "steps" in arrays:
            inputs: Inputs = _raw_examples(arrays)
        elif "series" in arrays:
            inputs = np.asarray(arrays["series"], np.float32)
        else:
            flat = np.asarray(arrays["flat"], np.float32 if arrays["flat"].dtype.kind == "f" else np.int32)
            inputs = Ragged(flat, _offsets(arrays))
        if len(inputs) > COUNT or _numbers(inputs) > MOST_NUMBERS:
            raise ValueError("there are more of them than are ever kept")
        if not 0 < len(inputs) == len(answers) or (isinstance(inputs, np.ndarray) and inputs.ndim != 3):
            raise ValueError("its arrays do not fit together")
    except FileNotFoundError as error:
        raise UserError(
            f"{folder} holds no {GOLDEN}, so that there is nothing to check its model by: it was made by an earlier "
            "version. Train the model again."
        ) from error
    except DAMAGE as error:
        raise UserError(
            f"{path} is damaged: {reason_of(error)}. Train the model again, or get another copy."
        ) from error
    return Golden(inputs, answers, labelled)


def refuse_foreign(golden: Golden, model: Any) -> None:
    """Make sure that golden inputs, which may be another model's, are of the kind that a model reads.

    Raises:
        UserError: they are not.
    """
    if not model.reads(golden.inputs):
        raise UserError(f"{GOLDEN} holds examples of another kind than the model reads: it is another model's.")


def _numbers(inputs: Inputs) -> int:
    """How many there are in the rectangle that the model reads."""
    if isinstance(inputs, np.ndarray):
        return int(inputs.size)
    width = inputs.width if isinstance(inputs, Ragged) else 1
    return len(inputs) * int(inputs.lengths.max(initial=0)) * width
