"""Text to ids and back: what every tokenizer can do, fitted, saved and loaded by one name."""

from collections.abc import Iterable
from os import PathLike
from typing import Any, Literal, Protocol

from unspool.data.definitions import altered, read_definition, write_definition
from unspool.data.ragged import Ragged
from unspool.data.tokenizers.byte_pairs import BytePairTokenizer
from unspool.data.tokenizers.word_tokenizer import WordTokenizer
from unspool.errors import UserError
from unspool.files import DAMAGE

TokenizerKind = Literal["words", "bpe"]

_KINDS: dict[TokenizerKind, type[WordTokenizer] | type[BytePairTokenizer]] = {
    "words": WordTokenizer,
    "bpe": BytePairTokenizer,
}
_WHAT = "tokenizer"


class Tokenizer(Protocol):
    """Fitted on texts, it turns texts into ids below `size` (0 padding, 1 start, 2 unknown) and back."""

    @property
    def size(self) -> int:
        """How many ids there are."""

    def encode(self, texts: Iterable[str]) -> Ragged:
        """Turn N texts into ids, each headed by the start."""

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """Name each id."""

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of the ids, as far as they tell it."""

    def definition(self) -> dict[str, Any]:
        """Return what describes it, ready for JSON."""


def fit_tokenizer(texts: Iterable[str], kind: TokenizerKind = "words", size: int | None = None) -> Tokenizer:
    """Fit a tokenizer on training texts, which are read once and not kept.

    Args:
        texts: of the training part only: what the test set holds must stay unknown.
        kind: "words" or "bpe" (byte-level BPE, for which unspool[bpe] must be installed).
        size: how many ids at most. None takes, of words, every one that was seen twice, at most 20,000; of BPE, 8,000.

    Raises:
        UserError: there is no such kind, the size is too small for it, or its library is not installed.

    Example:
        >>> fit_tokenizer(["good film", "bad film"], size=6).encode(["a film"]).tolist()
        [[1, 2, 4]]
    """
    if kind not in _KINDS:
        raise UserError(f'There is no tokenizer {kind!r}: it is "words" or "bpe".')
    return _KINDS[kind].fit(texts, size)


def save_tokenizer(tokenizer: Tokenizer, path: str | PathLike[str]) -> None:
    """Write a tokenizer to one JSON file, whole or not at all.

    Raises:
        UserError: the file cannot be written.
    """
    kind = next(kind for kind, known in _KINDS.items() if isinstance(tokenizer, known))
    write_definition(path, _WHAT, {"kind": kind} | tokenizer.definition())


def load_tokenizer(path: str | PathLike[str]) -> Tokenizer:
    """Read what `save_tokenizer` wrote. Nothing in the file is ever executed.

    Raises:
        UserError: there is no such file, it is cut short, or it is something else.
    """
    content = read_definition(path, _WHAT)
    try:
        if content.get("kind") not in _KINDS:
            raise ValueError(f"there is no kind {content.get('kind')!r}")
        return _KINDS[content["kind"]].from_definition(content)
    except DAMAGE as error:
        raise altered(path, _WHAT, error) from error
