"""Simple models of translation: word by word, the translation of the nearest training text, and the source itself."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
import regex
from numpy.typing import NDArray

from unspool.data.tokenizers.words import UNSPACED
from unspool.evaluation.baselines.simple_models import RawParts, SimpleModel
from unspool.evaluation.baselines.tfidf import drawn, drawn_words, picked, tfidf_features
from unspool.evaluation.baselines.word_alignment import word_table
from unspool.evaluation.text_arrays import as_array, texts_of

_WORDS = regex.compile(rf"(?V1)(?=[{UNSPACED}])\X|[\w--[{UNSPACED}]]+|[^\w\s]")
_AT_ONCE = 200


def split_words(text: str) -> list[str]:
    """Return the words and the punctuation marks of a text; in scripts without spaces, a character is a word.

    Example:
        >>> split_words("A man, here."), split_words("我喜欢。"), split_words("हिन्दी")
        (['A', 'man', ',', 'here', '.'], ['我', '喜', '欢', '。'], ['हिन्दी'])
    """
    found: list[str] = _WORDS.findall(text)
    return found


def learn_joining(texts: Iterable[str]) -> Callable[[list[str]], str]:
    """Learn where texts have spaces between words and punctuation marks; return a function that joins tokens likewise.

    Example:
        >>> learn_joining(["A man, here.", "A man (well-known)."])(["Here", ",", "a", "man", "(", "here", ")", "."])
        'Here, a man (here).'
    """
    joined: Counter[tuple[str, str, bool]] = Counter()
    for text in texts:
        for left, right in pairwise(_WORDS.finditer(text)):
            vote = 1 if left.end() == right.start() else -1
            for key in _around(left[0], right[0]):
                joined[key] += vote

    def join(words: list[str]) -> str:
        blanks = ["" if sum(joined[key] for key in _around(*pair)) > 0 else " " for pair in pairwise(words)]
        return "".join(map("".join, zip(words, [*blanks, ""], strict=True)))

    return join


def _around(left: str, right: str) -> list[tuple[str, str, bool]]:
    """What decides on a space: each punctuation mark, with the kind of token beside it; without marks, both words."""
    first, second = ("after", left, right[0].isalnum()), ("before", right, left[0].isalnum())
    return [key for key in (first, second) if not key[1][0].isalnum()] or [first, second]


def word_by_word(parts: RawParts, cased: Callable[[str], str] = str) -> SimpleModel:
    """Translate word by word, each to the most probable one (IBM model 1); unknown words stay as they are.

    Args:
        parts: source texts, and their translations as `text_arrays.as_array` gives them.
        cased: puts source text into the case of the translations, such as `str.lower`.
    """

    def fitted(sources: list[str], targets: list[str]) -> Callable[[list[str]], list[str]]:
        table = word_table([split_words(text) for text in sources], [split_words(text) for text in targets])
        join = learn_joining(targets)
        return lambda texts: [join([table.get(word, cased(word)) for word in split_words(text)]) for text in texts]

    return _simple("word-by-word", "word for word (IBM Model 1)", fitted, parts)


def nearest_text(
    parts: RawParts,
    *,
    split: Callable[[str], list[str]] = split_words,
    title: str = "the translation of the nearest training text (TF-IDF)",
    answer: Callable[[str], str] = str,
) -> SimpleModel:
    """Return the translation of the training text with the most similar words and pairs of words (TF-IDF).

    Args:
        parts: see `word_by_word`.
        split: gives the words of a text, or what takes their place.
        title: in words.
        answer: gives what is written from a training target.
    """

    def fitted(sources: list[str], targets: list[str]) -> Callable[[list[str]], list[str]]:
        vectorizer, features = tfidf_features(sources, split)
        others = features.T.tocsr()

        def say(texts: list[str]) -> list[str]:
            nearest: list[NDArray[np.int64]] = []
            for start in range(0, len(texts), _AT_ONCE):
                likeness = vectorizer.transform(texts[start : start + _AT_ONCE]) @ others
                nearest.append(np.asarray(likeness.toarray().argmax(axis=1)))
            return [answer(targets[row]) for row in np.concatenate(nearest)]

        return say

    return _simple("nearest-text", title, fitted, parts)


def copied_source(parts: RawParts, cased: Callable[[str], str] = str) -> SimpleModel:
    """Return the source as it is: hard to beat where little is to be changed, as when spelling is corrected.

    The arguments are those of `word_by_word`.
    """
    began = time.perf_counter()
    return parts.answered(
        "copied-source", "copying the source", lambda part: as_array(map(cased, part.inputs())), began
    )


def _simple(
    name: str,
    title: str,
    fit: Callable[[list[str], list[str]], Callable[[list[str]], list[str]]],
    parts: RawParts,
) -> SimpleModel:
    began, training = time.perf_counter(), parts.training
    rows = drawn(len(training.targets))
    say = fit(picked(training.inputs(), rows), texts_of(training.targets[rows]))
    title += drawn_words(len(training.targets))
    return parts.answered(name, title, lambda part: as_array(say(list(part.inputs()))), began)
