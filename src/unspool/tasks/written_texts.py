"""What models that write texts can do besides predict: n-best texts, sampled texts, and scores of existing texts."""

from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from unspool.data.ragged import Ragged
from unspool.data.tokenizers.vocabulary import START
from unspool.errors import UserError
from unspool.tasks.finite import finite
from unspool.tasks.translation import END, MOST_BEAM, Translation

if TYPE_CHECKING:
    from unspool.models.encoding_decoding import SequenceToSequence
    from unspool.models.search import Sampling
    from unspool.training.decoding import Decoded

_APART = 1 << 24
"""Between the numbers of two draws for one input."""

END_NAME = "<end>"
"""What the token that ends a text is called."""


class WrittenText(NamedTuple):
    """A text that a model wrote.

    Attributes:
        text: the translation, the pronunciation, the summary or the caption.
        score: by which the texts of one example are ranked: with a beam the log-probability divided by
            ((5 + length) / 6) ** length_penalty; in a greedy search or of a drawn text the log-probability itself. Of a
            pronunciation that is ranked by joint n-grams, too, a mean of both log-probabilities.
        log_probability: natural logarithm, of all its tokens including the end, by the network alone.
        ended: whether the model ended it; otherwise it was cut at the model's maximum length.
    """

    text: str
    score: float
    log_probability: float
    ended: bool


class ScoredText(NamedTuple):
    """The probability of an existing text under a model.

    Attributes:
        log_probability: natural logarithm, of all its tokens including the end; -inf if the model cannot write one.
        tokens: each token, and its log-probability after the ones before it; the last is `<end>`.
    """

    log_probability: float
    tokens: tuple[tuple[str, float], ...]


def refuse_count(count: int, beam: int | None = None) -> None:
    """Refuse a count of texts that is out of bounds or larger than the beam.

    Raises:
        UserError: it is out of bounds, or the beam is narrower.
    """
    if not isinstance(count, int) or not 1 <= count <= MOST_BEAM:
        raise UserError(f"The count is {count!r}: it must be a whole number from 1 to {MOST_BEAM}.")
    if isinstance(beam, int) and 1 <= beam < count:
        raise UserError(f"A beam of {beam} finds at most {beam} texts, but {count} were asked for. Widen the beam.")


def best_texts(task: Translation, network: "SequenceToSequence", inputs: Any, count: int) -> list[list[WrittenText]]:
    """Search for the best texts of each of N inputs.

    Args:
        task: of the model; a beam that is narrower than `count` is widened to it.
        network: built by the task.
        inputs: N of them, as the network takes them.
        count: from 1 to 100.

    Returns:
        For each input its texts, the best first, each once, even if it can be split into tokens in several ways; fewer
        if the beam finds no more.

    Raises:
        UserError: the count is out of bounds, or the model's probabilities are NaN.
    """
    task = task.searching(max(task.beam, count))
    if not len(inputs):
        return []
    found = _told(task, task.translate(network, inputs, returned=task.beam if count > 1 else 1))
    return [_distinct(some)[:count] for some in found]


def _distinct(ranked: list[WrittenText]) -> list[WrittenText]:
    """Each text once, at its best rank: several answers may be one text, split differently."""
    best: dict[str, WrittenText] = {}
    for one in ranked:
        best.setdefault(one.text, one)
    return [*best.values()]


def sampling(temperature: float, top_k: int, top_p: float, seed: int) -> "Sampling":
    """How tokens are drawn, see `Sampling`.

    Raises:
        UserError: a number is out of bounds; says which.
    """
    for name, value, fits, bounds in (
        ("temperature", temperature, 0 <= temperature < inf, "a finite number of at least 0"),
        ("top_k", top_k, isinstance(top_k, int) and 0 <= top_k < 2**31, "a whole number of at least 0"),
        ("top_p", top_p, 0 < top_p <= 1, "a number above 0 and at most 1"),
        ("seed", seed, isinstance(seed, int) and 0 <= seed < 2**32, "a whole number from 0 to 4294967295"),
    ):
        if not fits:
            raise UserError(f"{name} is {value!r}: it must be {bounds}.")
    from unspool.models.search import Sampling

    return Sampling(temperature=float(temperature), top_k=top_k, top_p=float(top_p), seed=seed)


def drawn_texts(
    task: Translation, network: "SequenceToSequence", inputs: Any, how: "Sampling", count: int = 1, first: int = 0
) -> list[list[WrittenText]]:
    """Draw texts for each of N inputs, token by token. The same seed draws the same texts.

    Args:
        task: of the model.
        network: built by the task.
        inputs: N of them, as the network takes them.
        how: the draw.
        count: texts of each; with a larger one the first are the same.
        first: the position of the first input among all that texts are drawn for: a text depends on its position.

    Raises:
        UserError: the model's probabilities are NaN.
    """
    from unspool.training.decoding import decode

    if not len(inputs):
        return []
    edges = {"start": START, "end": END, "maximum": task.maximum}
    rows, times = np.tile(np.arange(len(inputs)), count), np.repeat(np.arange(count), len(inputs))
    numbers = (first + rows) % _APART + times * _APART
    flat = [one for (one,) in _told(task, decode(network, inputs.take(rows), how, **edges, numbers=numbers))]
    return [flat[place :: len(inputs)] for place in range(len(inputs))]


def _told(task: Translation, found: "Decoded") -> list[list[WrittenText]]:
    from unspool.models.search import IMPOSSIBLE

    finite(found.log_probabilities)
    texts, kept = [text.strip() for text in task.decode(found.tokens)], found.scores.shape[1]
    likely, scores, ended = (one.tolist() for one in (found.log_probabilities, found.scores, found.ended))
    return [
        [
            WrittenText(texts[row * kept + rank], scores[row][rank], likely[row][rank], ended[row][rank])
            for rank in range(kept)
            if likely[row][rank] > IMPOSSIBLE / 2
        ]
        for row in range(len(found.scores))
    ]


def scored_texts(task: Translation, network: "SequenceToSequence", inputs: Any, texts: list[str]) -> list[ScoredText]:
    """Say how probable a given text is for each of N inputs (forced decoding).

    Args:
        task: of the model.
        network: built by the task.
        inputs: N of them, as the network takes them.
        texts: N of them; of a pronunciation each one alone.

    Raises:
        UserError: one is no text, or the model's probabilities are NaN.
    """
    from unspool.training.decoding import log_probabilities

    if not texts:
        return []
    targets = cast(Ragged, task.targets_of(texts))
    found = log_probabilities(network, inputs, targets, start=START, end=END)
    finite(np.where(np.isneginf(found.flat), 0, found.flat))
    names = (task.tokenizer.tokens(ids) for ids in targets.tolist())
    return [
        ScoredText(float(np.sum(likely, dtype=np.float64)), tuple(zip([*some, END_NAME], likely.tolist(), strict=True)))
        for some, likely in zip(names, found, strict=True)
    ]
