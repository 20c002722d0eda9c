"""One training example, as a page shows it: a text with its tokens, or a series with its channels."""

from dataclasses import dataclass
from itertools import groupby

from unspool.evaluation.result import DataSummary, ExampleSeries, ExampleText

MOST_TOKENS = 300
MOST_CHARACTERS = 3000
MOST_CHANNELS = 10
_A_RUN = 4  # so many equal tokens in a row are shown as one


@dataclass(frozen=True, slots=True)
class Token:
    """A word, its id, and how often it stands there in a row."""

    word: str
    id: int
    times: int


def example_tokens(example: ExampleText) -> list[Token]:
    """Return a text as the model reads it, with runs of equal tokens (padding) as one."""
    tokens: list[Token] = []
    for (word, number), same in groupby(zip(example.words, example.ids, strict=True)):
        times = len(list(same))
        tokens += [Token(word, number, times)] if times >= _A_RUN else [Token(word, number, 1)] * times
    return tokens


def is_series(data: DataSummary) -> bool:
    """Return whether the examples are series."""
    return isinstance(data.example, ExampleSeries)
