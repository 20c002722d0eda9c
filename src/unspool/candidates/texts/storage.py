"""Strings as arrays, as models of texts keep them."""

import itertools

import numpy as np

from unspool.candidates import model_files

Arrays = model_files.Arrays


def pack_strings(name: str, strings: list[str]) -> Arrays:
    """Pack strings into two arrays: their bytes, and where each begins.

    Example:
        >>> unpack_strings("words", pack_strings("words", ["a", "", "né"]))
        ['a', '', 'né']
    """
    raw = [one.encode("utf-8", "surrogatepass") for one in strings]
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum([len(one) for one in raw], dtype=np.int64)))
    return {f"{name}_bytes": np.frombuffer(b"".join(raw), np.uint8), f"{name}_starts": starts}


def unpack_strings(name: str, arrays: Arrays) -> list[str]:
    """The strings that `pack_strings` packed.

    Raises:
        ValueError: the arrays are damaged.
    """
    raw, starts = arrays[f"{name}_bytes"], arrays[f"{name}_starts"]
    bounds = starts.tolist()
    if raw.dtype != np.uint8 or not bounds or bounds[0] != 0 or bounds[-1] != raw.size or (np.diff(starts) < 0).any():
        raise ValueError(f"the strings of {name} are damaged")
    block = raw.tobytes()
    return [block[start:end].decode("utf-8", "surrogatepass") for start, end in itertools.pairwise(bounds)]
