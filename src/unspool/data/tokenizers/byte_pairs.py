"""The tokenizer whose tokens are pieces of words: byte-level BPE, by the tokenizers library."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from unspool.data.ragged import Ragged
from unspool.data.tokenizers.vocabulary import PAD, START, UNKNOWN
from unspool.errors import UserError

if TYPE_CHECKING:
    import tokenizers

SIZE = 8000
"""The default size of a tokenizer; it may be smaller, as pieces that occur only once are not made."""

_SEEN = 2
_CHUNK = 1000
_NAMES = {PAD: "<pad>", START: "<start>", UNKNOWN: "<unknown>"}
_SPECIAL = [" pad", " start", " unknown"]  # BPE works on an alphabet without the space: no text can give these
_SMALLEST = len(_SPECIAL) + 256


_NONE = ("truncation", "padding", "normalizer", "post_processor")
_NONE_OF_MODEL = ("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")
"""Parts of the library's tokenizers that `fit` never makes: they would draw ids at random, or pad texts without end."""


@dataclass(frozen=True)
class BytePairTokenizer:
    """Byte-level BPE (Sennrich et al., 2016; on bytes, Radford et al., 2019): any text, nothing unknown, nothing lost.

    Ids are 0 padding, 1 start, 2 unused, then the 256 bytes and the pieces that were merged from them.

    Attributes:
        json: the tokenizer as the tokenizers library writes it.

    Example:
        >>> tokenizer = BytePairTokenizer.fit(["the film and the plot", "the plot thins"] * 5, size=270)
        >>> tokenizer.size
        270
        >>> ids = tokenizer.encode(["The plot, 电影!"])
        >>> tokenizer.decode(ids[0])
        'The plot, 电影!'
    """

    json: str = field(repr=False)

    @classmethod
    def fit(cls, texts: Iterable[str], size: int | None = None) -> "BytePairTokenizer":
        """Learn the most frequent pieces of the training texts, which are read once and not kept.

        Args:
            texts: of the training part only.
            size: how many ids at most, at least 259. None takes 8,000.

        Raises:
            UserError: the size is too small, or the tokenizers library is not installed.
        """
        size = SIZE if size is None else size
        if size < _SMALLEST:
            raise UserError(f"The size of the vocabulary is {size}: for BPE it must be at least {_SMALLEST}.")
        library = _library()
        model = library.Tokenizer(library.models.BPE())
        model.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
        model.decoder = library.decoders.ByteLevel()
        trainer = library.trainers.BpeTrainer(
            vocab_size=size,
            min_frequency=_SEEN,
            special_tokens=_SPECIAL,
            initial_alphabet=library.pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        model.train_from_iterator(texts, trainer)
        definition = json.loads(model.to_str())
        definition["added_tokens"] = []  # else " start" in a text would be read as the special id
        return cls(json.dumps(definition, ensure_ascii=False))

    def with_first(self, ids: Iterable[int]) -> "BytePairTokenizer":
        """The same pieces under other ids: behind those of the bytes, the pieces that are named come first.

        Example:
            >>> tokenizer = BytePairTokenizer.fit(["the film", "le film"] * 5, size=270)
            >>> renamed = tokenizer.with_first(tokenizer.encode(["le film"]).flat)
            >>> tokenizer.encode(["le film"]).tolist(), renamed.encode(["le film"]).tolist()
            ([[1, 264, 262]], [[1, 260, 259]])
        """
        definition = json.loads(self.json)
        vocabulary: dict[str, int] = definition["model"]["vocab"]
        named = set(map(int, ids))
        kept = {number for number in vocabulary.values() if number < _SMALLEST or number in named}
        order = sorted(vocabulary.items(), key=lambda item: (item[1] not in kept, item[1]))
        definition["model"]["vocab"] = {piece: number for number, (piece, _) in enumerate(order)}
        return BytePairTokenizer(json.dumps(definition, ensure_ascii=False))

    @property
    def size(self) -> int:
        """How many ids there are: every id is smaller."""
        return self._model.get_vocab_size()

    def encode(self, texts: Iterable[str]) -> Ragged:
        """Turn N texts into ids, each headed by the start."""
        stream, pieces, lengths = iter(texts), [], []
        while chunk := list(islice(stream, _CHUNK)):
            for encoding in self._model.encode_batch_fast(chunk):
                pieces.append(np.array([START, *encoding.ids], dtype=np.int32))
                lengths.append(len(pieces[-1]))
        return Ragged.from_lengths(np.concatenate(pieces or [np.zeros(0, dtype=np.int32)]), lengths)

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """Name each id: its piece of text ("�" for part of a character), or `<pad>`, `<start>`, `<unknown>`.

        Raises:
            IndexError: an id is not smaller than `size`.
        """
        return [_NAMES[number] if number in _NAMES else self._piece(number) for number in map(int, ids)]

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of the ids, without what is special."""
        return self._model.decode([number for number in map(int, ids) if number not in _NAMES])

    def definition(self) -> dict[str, Any]:
        """Return what `from_definition` makes the same tokenizer of, ready for JSON."""
        return {"bpe": json.loads(self.json)}

    @classmethod
    def from_definition(cls, definition: dict[str, Any]) -> "BytePairTokenizer":
        """Make the tokenizer that `definition` describes.

        Raises:
            ValueError: it describes none.
            UserError: the tokenizers library is not installed.
        """
        _refuse_foreign(definition.get("bpe"))
        tokenizer = cls(json.dumps(definition.get("bpe"), ensure_ascii=False))
        library = _library()
        try:
            model = library.Tokenizer.from_str(tokenizer.json)
        except Exception as error:  # the library raises no narrower one
            raise ValueError(f"the tokenizers library cannot read it ({error})") from error
        if [model.id_to_token(number) for number in _NAMES] != _SPECIAL:
            raise ValueError("its first ids are not those of padding, start and unknown")
        return tokenizer

    def _piece(self, number: int) -> str:
        if number >= self.size:
            raise IndexError(f"the id {number} has no token: ids go from 0 to {self.size - 1}.")
        return self._model.decode([number])

    @cached_property
    def _model(self) -> "tokenizers.Tokenizer":
        model: tokenizers.Tokenizer = _library().Tokenizer.from_str(self.json)
        return model


def _refuse_foreign(bpe: Any) -> None:
    """Make sure that a file describes what `fit` makes, and nothing more.

    Raises:
        ValueError: it does not; names the part.
    """
    model = bpe.get("model") if isinstance(bpe, dict) else None
    if not isinstance(model, dict) or model.get("type") != "BPE":
        raise ValueError("it does not describe a BPE")
    for part, names in ((bpe, _NONE), (model, _NONE_OF_MODEL)):
        for name in names:
            if part.get(name) is not None:
                raise ValueError(f"it has a {name}, which unspool's tokenizers never have")
    if bpe.get("added_tokens"):
        raise ValueError("it has added tokens, which unspool's tokenizers never have")
    for name in ("pre_tokenizer", "decoder"):
        found = bpe.get(name)
        if not isinstance(found, dict) or found.get("type") != "ByteLevel":
            raise ValueError(f"its {name} is not byte-level")


def _library() -> Any:
    try:
        import tokenizers
        import tokenizers.decoders
        import tokenizers.models
        import tokenizers.pre_tokenizers
        import tokenizers.trainers
    except ImportError as error:
        raise UserError("BPE needs the tokenizers library. Install it: pip install 'unspool[bpe]'.") from error
    return tokenizers
