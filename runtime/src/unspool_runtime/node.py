"""A part of a model's description: what it must hold is asked for by name, and checked where it is read."""

import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.errors import ModelError
from unspool_runtime.rounded import Rounded

MOST_PARTS = 4096

Arrays = Mapping[str, NDArray[Any] | Rounded]


class Node:
    """A JSON object of a description, with the arrays that it refers to.

    Args:
        content: the object.
        arrays: of the whole model, by name.
        path: where it stands, for messages.
    """

    def __init__(self, content: Any, arrays: Arrays, path: str = "model"):
        if not isinstance(content, dict):
            raise ModelError(f"The description of this model is damaged: {path} is not an object. Export it again.")
        self._content, self._arrays, self.path = content, arrays, path

    def wrong(self, what: str) -> ModelError:
        """The error that names this part."""
        return ModelError(f"The description of this model is damaged: {self.path}: {what}. Export it again.")

    def has(self, name: str) -> bool:
        """Whether it holds something under a name."""
        return self._content.get(name) is not None

    def value(self, name: str) -> Any:
        """Whatever stands under a name."""
        if name not in self._content:
            raise self.wrong(f"there is no {name!r}")
        return self._content[name]

    def text(self, name: str) -> str:
        """A text."""
        found = self.value(name)
        if not isinstance(found, str):
            raise self.wrong(f"{name!r} is not a text")
        return found

    def choice(self, name: str, *known: str) -> str:
        """One of a few words."""
        found = self.text(name)
        if found not in known:
            raise ModelError(
                f"{self.path}: {name} is {found!r}, which this version of unspool-runtime does not know (it knows "
                f"{', '.join(known)}). Update unspool-runtime."
            )
        return found

    def flag(self, name: str) -> bool:
        """True or false."""
        found = self.value(name)
        if not isinstance(found, bool):
            raise self.wrong(f"{name!r} is neither true nor false")
        return found

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number within bounds."""
        found = self.value(name)
        if type(found) is not int or not least <= found <= most:
            raise self.wrong(f"{name!r} is not a whole number from {least} to {most}")
        return found

    def number(self, name: str) -> float:
        """A finite number."""
        found = self.value(name)
        if not _is_number(found):
            raise self.wrong(f"{name!r} is not a finite number")
        return float(found)

    def numbers(self, name: str) -> list[float]:
        """A list of finite numbers."""
        found = self.value(name)
        if not isinstance(found, list) or not all(map(_is_number, found)):
            raise self.wrong(f"{name!r} is not a list of finite numbers")
        return [float(one) for one in found]

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self.value(name)
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise self.wrong(f"{name!r} is not a list of texts")
        return tuple(found)

    def node(self, name: str) -> "Node":
        """An object."""
        return Node(self.value(name), self._arrays, f"{self.path}.{name}")

    def nodes(self, name: str) -> list["Node"]:
        """A list of objects."""
        found = self.value(name)
        if not isinstance(found, list) or len(found) > MOST_PARTS:
            raise self.wrong(f"{name!r} is not a list of objects")
        return [Node(one, self._arrays, f"{self.path}.{name}[{i}]") for i, one in enumerate(found)]

    def array(self, name: str, kind: type[np.generic], *shape: int | None) -> NDArray[Any]:
        """An array of a type and a shape, in which None stands for any length; numbers must be finite.

        Raises:
            ModelError: it is not there, or of another type or shape, or holds NaN or infinity.
        """
        found = self._checked(name, kind, *shape)
        return found.whole if isinstance(found, Rounded) else found

    def rows(self, name: str, *shape: int | None) -> NDArray[np.float32] | Rounded:
        """The same of float32; one in fewer bits stays as it is, for those who need few of its rows at a time."""
        return self._checked(name, np.float32, *shape)

    def _checked(self, name: str, kind: type[np.generic], *shape: int | None) -> NDArray[Any] | Rounded:
        reference = self.value(name)
        found = self._arrays.get(str(reference.get("array"))) if isinstance(reference, dict) else None
        if found is None:
            raise self.wrong(f"{name!r} names no array of this model")
        fits = found.ndim == len(shape) and all(
            wanted in (None, there) for wanted, there in zip(shape, found.shape, strict=True)
        )
        if found.dtype != kind or not fits:
            raise self.wrong(f"the array {name!r} is {found.dtype} {found.shape}, not {np.dtype(kind)} {shape}")
        if found.dtype.kind == "f" and not _is_finite(found.largest if isinstance(found, Rounded) else found):
            raise self.wrong(f"the array {name!r} holds NaN or infinity")
        return found

    def indices(self, name: str, below: int, *shape: int | None) -> NDArray[np.int32]:
        """An array of int32, each at least 0 and smaller than `below`."""
        found = self.array(name, np.int32, *shape)
        if found.size and not (found.min() >= 0 and found.max() < below):
            raise self.wrong(f"the array {name!r} holds numbers that are not from 0 to {below - 1}")
        return found

    def strings(self, name: str) -> "Strings":
        """Many texts, as bytes and where each begins."""
        reference = self.value(name)
        prefix = reference.get("strings") if isinstance(reference, dict) else None
        raw, starts = self._arrays.get(f"{prefix}.bytes"), self._arrays.get(f"{prefix}.starts")
        if not isinstance(raw, np.ndarray) or not isinstance(starts, np.ndarray):
            raise self.wrong(f"{name!r} names no texts of this model")
        good = (
            (raw.dtype.name, raw.ndim, starts.dtype.name, starts.ndim) == ("uint8", 1, "int64", 1)
            and len(starts) > 0
            and (starts[0], starts[-1]) == (0, len(raw))
            and not (np.diff(starts) < 0).any()
        )
        if not good:
            raise self.wrong(f"{name!r} names no texts of this model")
        return Strings(raw, starts)


class Strings(Sequence[str]):
    """Texts in UTF-8 end to end: text i is raw[starts[i]:starts[i + 1]].

    What is no UTF-8 is a `ModelError` where it is read.

    Example:
        >>> list(Strings(np.frombuffer(b"abc", np.uint8), np.array([0, 1, 3])))
        ['a', 'bc']
        >>> list(Strings(np.frombuffer("né我".encode(), np.uint8), np.array([0, 1, 3, 6])))
        ['n', 'é', '我']
    """

    def __init__(self, raw: NDArray[np.uint8], starts: NDArray[np.int64]):
        self.raw, self.starts = raw, starts

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, index: Any) -> Any:
        return _decoded(self.raw[self.starts[index] : self.starts[index + 1]])

    def __iter__(self) -> Iterator[str]:
        text = _decoded(self.raw)
        # Bytes that begin a character, before each text: where it begins in the decoded one.
        begins = np.concatenate((np.zeros(1, np.int64), np.cumsum((self.raw & 0xC0) != 0x80)))
        bounds = begins[self.starts].tolist()
        return (text[start:end] for start, end in itertools.pairwise(bounds))


def _is_number(value: Any) -> bool:
    """Whether a value of JSON is a number that a float holds; whole numbers there may be of any size."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _decoded(raw: NDArray[np.uint8]) -> str:
    try:
        return raw.tobytes().decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise ModelError(f"The texts of this model are damaged: {error}. Export it again.") from error


def _is_finite(array: NDArray[Any]) -> bool:
    # In pieces, so that no mask as large as the array is made; a sum is finite where all numbers are, or overflows.
    flat = array.reshape(-1)
    return all(np.isfinite(flat[start : start + 65536]).all() for start in range(0, len(flat), 65536))
