"""What readers of texts with a tokenizer have in common."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from unspool.data.tokenizers.tokenizer import Tokenizer, save_tokenizer
from unspool.descriptions.inputs import Tokens
from unspool.readers.definition import TOKENIZER, SavedReader


@dataclass(frozen=True)
class TokenizedReader(SavedReader):
    """A reader that is saved with its tokenizer.

    Attributes:
        tokenizer: fitted on the training texts.
    """

    has_file: ClassVar = ("tokenizer",)

    tokenizer: Tokenizer = field(repr=False)

    @property
    def inputs(self) -> Tokens:
        """What the model is built for."""
        return Tokens(size=self.tokenizer.size)

    def save(self, folder: Path) -> None:
        """Write tokenizer.json and reader.json."""
        save_tokenizer(self.tokenizer, folder / TOKENIZER)
        super().save(folder)

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """Name each id."""
        return self.tokenizer.tokens(ids)
