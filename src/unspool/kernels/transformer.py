"""A Transformer's answers in native code: greedy and beam search, see native/transformer.h.

The readable reference is `unspool.models.search` over `unspool.models.transformer`, which finds the same.
"""

import ctypes
import weakref
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspool import cores
from unspool.kernels.plain import Sequences, pointer
from unspool.kernels.structures import (
    Pointer,
    UnspoolDense,
    UnspoolNorm,
    UnspoolSearch,
    UnspoolTransformer,
    UnspoolTransformerBlock,
)


@dataclass(frozen=True)
class Search:
    """How answers are searched for.

    Attributes:
        start: the id that an answer begins with.
        end: the id that ends it.
        maximum: ids of an answer at most, its end among them.
        beam: hypotheses that are kept; 1 is greedy.
        length_penalty: see `unspool.models.search.Beam`.
        returned: answers to each source.
        batch: sources at a time.
    """

    start: int
    end: int
    maximum: int
    beam: int = 1
    length_penalty: float = 0.0
    returned: int = 1
    batch: int = 64


class Found(NamedTuple):
    """Answers to N sources, R to each, the best first.

    Attributes:
        tokens: (N, R, M) ids without the end, zeros behind them.
        lengths: (N, R), -1 where the model has no more answers.
        totals: (N, R) log-probabilities.
        scores: (N, R) by which they are ranked.
        ended: (N, R) which have ended.
    """

    tokens: NDArray[np.int32]
    lengths: NDArray[np.int64]
    totals: NDArray[np.float32]
    scores: NDArray[np.float32]
    ended: NDArray[np.bool_]


class PackedModel:
    """Weights as the kernels read them.

    Args:
        code: the native library.
        model: the structure that describes them, which is not needed afterwards.
        source_size: ids of a source are smaller.
    """

    kind: ClassVar[str]
    """In the names of its functions, as in `unspool_KIND_search`."""

    def __init__(self, code: ctypes.CDLL, model: ctypes.Structure, source_size: int):
        make, free = (getattr(code, f"unspool_{self.kind}_{name}") for name in ("new", "free"))
        make.restype, free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
        packed = make(ctypes.byref(model))
        if not packed:
            raise MemoryError("there is no memory for the weights of a model")
        self.source_size, self._code, self._packed = source_size, code, ctypes.c_void_p(packed)
        weakref.finalize(self, free, self._packed)

    def search(self, sources: Sequences, how: Search) -> Found:
        """Answer N sources of ids from 1 on.

        Raises:
            ValueError: an id is not one that the model reads.
        """
        count, shape = len(sources), (len(sources), how.returned)
        flat, offsets = np.ascontiguousarray(sources.flat, np.int32), np.ascontiguousarray(sources.offsets, np.int64)
        if flat.size and not 0 < flat.min() <= flat.max() < self.source_size:
            raise ValueError(f"ids of sources are from 1 to {self.source_size - 1}")
        found = Found(
            np.empty((*shape, how.maximum), np.int32),
            np.empty(shape, np.int64),
            np.empty(shape, np.float32),
            np.empty(shape, np.float32),
            np.empty(shape, np.bool_),
        )
        edges = (how.start, how.end, how.maximum)
        search = UnspoolSearch(how.beam, how.returned, how.length_penalty, *edges, True, how.batch, cores.usable())
        failed = getattr(self._code, f"unspool_{self.kind}_search")(
            self._packed,
            ctypes.byref(search),
            pointer(flat, np.int32),
            pointer(offsets, np.int64),
            ctypes.c_int64(count),
            *(pointer(array, array.dtype.type) for array in found),
        )
        if failed == 1:
            raise MemoryError("there is no memory for the answers of a model")
        if failed:
            raise ValueError(f"the model cannot be searched with {how}")
        return found


class PackedTransformer(PackedModel):
    """A Transformer's weights as the kernels read them.

    Args:
        code: the native library.
        arrays: see `unspool.models.transformer_arrays.arrays_of`.
        heads: of each attention.
        rotary: whether positions are rotary; else sinusoidal.
        target_size: ids that are written.
    """

    kind = "transformer"

    def __init__(self, code: ctypes.CDLL, arrays: dict[str, Any], heads: int, rotary: bool, target_size: int):
        blocks = {name: _blocks(arrays[name]) for name in ("encoder", "decoder")}
        source, target = arrays["source_embedding"], arrays["target_embedding"]
        model = UnspoolTransformer(
            layers=len(arrays["encoder"]),
            width=source.shape[1],
            heads=heads,
            feed_forward=len(arrays["encoder"][0]["hidden"]["bias"]),
            source_size=len(source),
            target_size=target_size,
            rotary=rotary,
            source_embedding=pointer(source, np.float32),
            target_embedding=pointer(source if target is None else target, np.float32),
            head=filled(UnspoolDense, arrays["head"] or {}),
            **blocks,
            **{name: filled(UnspoolNorm, arrays[name]) for name in ("encoder_norm", "decoder_norm")},
        )
        super().__init__(code, model, len(source))


def _blocks(trees: list[dict[str, Any]]) -> Any:
    return (UnspoolTransformerBlock * len(trees))(*(filled(UnspoolTransformerBlock, tree) for tree in trees))


def filled(structure: Any, tree: dict[str, Any]) -> Any:
    """A structure with the addresses of the arrays of a tree, under the same names."""
    kinds = dict(structure._fields_)
    return structure(
        **{
            name: pointer(part, np.float32) if kinds[name] is Pointer else filled(kinds[name], part)
            for name, part in tree.items()
        }
    )
