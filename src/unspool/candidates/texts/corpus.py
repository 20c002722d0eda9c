"""Texts with what several models read from them, cached."""

import threading
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.data.ragged import Ragged
from unspool.data.texts.side_columns import cells_of
from unspool.data.texts.side_encoder import SideEncoder
from unspool.data.tokenizers.lexicon import Lexicon
from unspool.data.tokenizers.text_tokens import text_pieces

T = TypeVar("T")


class Corpus(Sequence[str]):
    """N texts, and a cache of what is read from them, such as their tokens.

    Models take any list of texts. If it is a corpus, several models and the folds of a cross-validation share the
    cache.

    Example:
        >>> corpus = Corpus(["a film", "one film more"])
        >>> corpus.words()[1].tolist(), corpus.take([1]).words()[1].tolist()
        ([[0, 1], [2, 1, 3]], [[2, 1, 3]])
    """

    def __init__(self, texts: Iterable[str]):
        self._texts = list(texts)
        self._whole: Corpus | None = None
        self._rows: NDArray[np.int64] | None = None
        self._limit: Corpus | None = None
        self._kept: dict[Any, Any] = {}
        self._own: dict[Any, Any] = {}
        self._making: dict[Any, threading.RLock] = {}

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Corpus":
        """The texts themselves if they are a corpus, else a new corpus of them."""
        return texts if isinstance(texts, Corpus) else cls(texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, index: Any) -> Any:
        return self._texts[index]

    def take(self, rows: ArrayLike) -> "Corpus":
        """The corpus of the texts at `rows`, (K,), which shares the cache of this one."""
        chosen = np.asarray(rows, np.int64)
        part = Corpus([self._texts[row] for row in chosen.tolist()])
        part._whole = self if self._whole is None else self._whole
        part._rows = chosen if self._rows is None else self._rows[chosen]
        part._limit = self._limit
        return part

    def limited(self, rows: ArrayLike) -> "Corpus":
        """The same texts, of which only those at `rows`, (K,) ascending, will be used.

        What `kept` computes with `limited` is then computed for these rows alone, and is freed with the returned
        corpus.
        """
        same = self.take(np.arange(len(self)))
        same._limit = self.take(rows)
        return same

    def forget(self) -> None:
        """Clear the cache of the texts that this corpus is limited to."""
        if self._limit is not None:
            self._limit._kept.clear()

    def release(self) -> None:
        """Clear the cache of all texts, except the words and the columns beside them."""
        still = {"side", "words"}  # words take little memory, and others read them too
        self.drop(key for key in list(self._kept) if key not in still)
        self._own.clear()

    def drop(self, keys: Iterable[Any]) -> None:
        """Remove what was kept for some keys."""
        for key in keys:
            self._kept.pop(key, None)

    def kept(
        self,
        key: Any,
        make: Callable[["Corpus"], T],
        take: Callable[[T, NDArray[np.int64]], T],
        *,
        limited: bool = False,
    ) -> T:
        """What `make` computes from the whole corpus, cached, reduced by `take` to the rows of this one.

        Args:
            key: of the cache.
            make: computes it from a corpus.
            take: takes the part of some rows.
            limited: whether to compute it only for the texts that this corpus was `limited` to, if it was.

        Raises:
            ValueError: this corpus has texts beyond those that it was limited to.
        """
        if limited and self._limit is not None:
            assert self._rows is not None
            assert self._limit._rows is not None
            places = np.searchsorted(self._limit._rows, self._rows)
            if not np.array_equal(self._limit._rows.take(places, mode="clip"), self._rows):
                raise ValueError("a corpus has texts beyond those that it was limited to")
            return take(self._limit._made(key, make), places)
        if self._whole is None or self._rows is None:
            return self._made(key, make)
        return take(self._whole.kept(key, make, take), self._rows)

    def own(self, key: Any, make: Callable[[], T]) -> T:
        """What `make` returns, cached for exactly these texts until the whole corpus is told to `forget_own`."""
        whole = self if self._whole is None else self._whole
        exact = key, None if self._rows is None else self._rows.tobytes()
        return whole._in(whole._own, exact, make)

    def forget_own(self) -> None:
        """Clear what parts of this corpus keep for themselves."""
        self._own.clear()

    def _made(self, key: Any, make: Callable[["Corpus"], T]) -> T:
        """What `make` computes, cached."""
        return self._in(self._kept, key, lambda: make(self))

    def _in(self, cache: dict[Any, Any], key: Any, make: Callable[[], T]) -> T:
        """What `make` returns, cached; if several threads want it, one makes it, and the others wait."""
        with self._making.setdefault(key, threading.RLock()):
            if key in cache:
                found: T = cache[key]
            else:
                found = cache[key] = make()
            return found

    def words(self) -> tuple[Lexicon, Ragged]:
        """The tokens of the texts (`data.tokenizers.text_tokens`): the lexicon, and N sequences of its numbers."""

        def make(corpus: Corpus) -> tuple[Lexicon, Ragged]:
            lexicon = Lexicon()
            return lexicon, lexicon.read(corpus, grow=True)

        return self.kept("words", make, lambda found, rows: (found[0], found[1].take(rows)))

    def side(self) -> tuple[SideEncoder, NDArray[np.float32]] | None:
        """The encoder of the cells beside the texts, and these as (N, D) numbers; None if there are no cells.

        Raises:
            ValueError: some texts have other cells than the first.
        """

        def make(corpus: Corpus) -> tuple[SideEncoder, NDArray[np.float32]] | None:
            rows = cells_of(corpus)
            if not rows or not rows[0]:
                return None
            encoder = SideEncoder.fit(rows)
            return encoder, encoder.encode(rows)

        return self.kept("side", make, lambda found, rows: None if found is None else (found[0], found[1][rows]))


def characters(texts: Iterable[str]) -> Ragged:
    """The characters of texts as Unicode code points, with a space before, after and between words.

    Texts are lower-cased and, if not ASCII, normalised to NFKC; white space and HTML line breaks become one space.

    Example:
        >>> "".join(map(chr, characters(["A<br />Film"])[0]))
        ' a film '
    """
    plain = [plain_characters(text_pieces(text)) for text in texts]
    codes = np.frombuffer("".join(plain).encode("utf-32-le", "surrogatepass"), np.int32)
    return Ragged.from_lengths(codes, [len(text) for text in plain])


def plain_characters(pieces: Iterable[str]) -> str:
    """The characters that `characters` reads from the pieces of a text.

    Example:
        >>> plain_characters(["A", "film…"])
        ' a film... '
    """
    text = " ".join(pieces)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return f" {' '.join(text.lower().split())} "
