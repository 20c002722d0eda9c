"""English sentences out of Python's own documentation: the topics of `help()` and docstrings.

The docstrings are those of the standard library and, where they are asked for, of packages that unspool needs anyway.
All files are parsed, never imported.
"""

import ast
import re
import sysconfig
import warnings
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from unspool.data.tokenizers.tokens import tokenize
from unspool.progress import bar

PACKAGES = ("matplotlib", "numpy", "scipy", "sklearn")
"""Dependencies with much prose in their docstrings."""

MIN_WORDS, MAX_WORDS = 6, 30
SHARED_WORDS = 6  # so long a run of words in common makes two sentences near-duplicates

# Not the library proper, made by whoever installed it, or left out or packaged apart by some systems.
_SKIPPED_FOLDERS = {
    *("site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3", "distutils", "ensurepip", "venv"),
    *("tkinter", "turtledemo", "pydoc_data", "__pycache__"),
}
_SKIPPED_FILES = {"turtle.py", "sitecustomize.py", "usercustomize.py"}

_TYPOGRAPHY = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "`": '"'})
_BULLET = re.compile(r"(?:[*+|o-]|\(?[0-9a-z]{1,2}[.)])\s+")
_CODE_LINE = (">>>", "...", "@", "#", "$")
_ABBREVIATION = re.compile(r"\b(?:e\.?g|i\.?e|etc|cf|vs|viz|approx|resp|fig|no|dr|mr|st)\.$", re.IGNORECASE)
_END_OF_SENTENCE = re.compile(r"""[.!?][")']*(?:\s+(?=["'(]?[A-Z])|$)""")
# A digit, an operator, a call, a dotted name, a name with an underscore: code, or too near to it.
_CODE = re.compile(r"[^A-Za-z ,.;:!?'\"()/-]|::|\w\(|\w\.\w|\(\)|--")
_FUNCTION_WORDS = frozenset(
    tokenize(
        "a all an and any are as at be been but by can for from has have if in is it its may must no not of on or "
        "should that the there these this to was when which will with you"
    )
)
_LEAST_FUNCTION_WORDS = 0.25  # of the words of a sentence: lists of names have fewer


def collect() -> list[tuple[str, ...]]:
    """Return the sentences of the running Python, each as its words in lower case.

    Near-duplicates, of which documentation is full, are left out, so that no sentence of a test set is all but known
    from the training set: of sentences that have six words in a row in common, whatever their capitals and
    punctuation, and of sentences made of the same words, only the first is kept.

    Returns:
        Some thousand sentences of 6 to 30 words, in an order that depends on the Python installation alone.
    """
    return without_near_duplicates(words for text in documentation() for words in sentences(text))


def documentation(packages: Sequence[str] = ()) -> list[str]:
    """Return the topics of `help()` and all docstrings of the library and of packages, always in the same order."""
    texts = list(_topics())
    files = [*library_files(), *package_files(packages)]
    with bar("Reading documentation", len(files)) as advance:
        for file in files:
            texts += docstrings(file.read_bytes())
            advance(1)
    return texts


def library_files() -> list[Path]:
    """Return the library's Python files, sorted, without tests and what only some systems install."""
    root = Path(sysconfig.get_path("stdlib"))
    return [
        path
        for path in sorted(root.rglob("*.py"))
        if _SKIPPED_FOLDERS.isdisjoint(path.relative_to(root).parts[:-1])
        and path.name not in _SKIPPED_FILES
        and not path.name.startswith("_sysconfigdata")
    ]


def package_files(packages: Sequence[str]) -> list[Path]:
    """Return the Python files of installed packages, sorted, without their tests."""
    found = []
    for name in packages:
        root = Path(find_spec(name).origin).parent  # type: ignore[union-attr, arg-type]
        found += [
            path for path in sorted(root.rglob("*.py")) if {"test", "tests"}.isdisjoint(path.relative_to(root).parts)
        ]
    return found


def docstrings(source: bytes) -> list[str]:
    """Return every docstring of a Python file in the order of its syntax tree; none if it cannot be parsed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old files hold escapes that newer Pythons complain about
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return []
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = (ast.get_docstring(node) for node in ast.walk(tree) if isinstance(node, documented))
    return [text for text in found if text]


def _topics() -> Iterator[str]:
    from pydoc_data.topics import topics

    for _, text in sorted(topics.items()):
        yield text


def sentences(text: str) -> Iterator[tuple[str, ...]]:
    """Find the sentences of a text that are plain prose.

    A sentence begins with a capital letter, ends with a stop, has 6 to 30 words, holds nothing that looks like code,
    and a quarter of its words are such as "the" and "of".

    Args:
        text: documentation: paragraphs, headings, lists and code.

    Yields:
        The words of each, in lower case, without punctuation.

    Example:
        >>> list(sentences("Notes\\n=====\\n\\nThe end of a line is\\nnot the end of it.  X = 1."))
        [('the', 'end', 'of', 'a', 'line', 'is', 'not', 'the', 'end', 'of', 'it')]
    """
    for sentence in written_sentences(text):
        yield _words(sentence)


def written_sentences(text: str) -> Iterator[str]:
    """Find the same sentences, as they are written.

    Example:
        >>> list(written_sentences("The end of a line is\\nnot the end of it.  X = 1."))
        ['The end of a line is not the end of it.']
    """
    for paragraph in _paragraphs(text.translate(_TYPOGRAPHY)):
        for sentence in _split(paragraph):
            if _is_prose(sentence, _words(sentence)):
                yield sentence


def _words(sentence: str) -> tuple[str, ...]:
    return tuple(word for word in (token.strip("'") for token in tokenize(sentence)) if word)


def without_near_duplicates(found: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Keep of sentences with a run of six words in common, or with all words in common, the first.

    Example:
        >>> one, two = tuple("the name of the file is used".split()), tuple("used is the name of the file".split())
        >>> without_near_duplicates([one, two]) == [one]
        True
    """
    kept = []
    seen: set[tuple[str, ...]] = set()
    for words in found:
        marks = {words[start : start + SHARED_WORDS] for start in range(len(words) - SHARED_WORDS + 1)}
        marks.add(tuple(sorted(words)))
        if seen.isdisjoint(marks):
            kept.append(words)
            seen |= marks
    return kept


def _paragraphs(text: str) -> Iterator[str]:
    """Join the lines that belong together: without a blank line, a bullet or another indentation between them."""
    lines: list[str] = []
    indentation = 0
    for line in [*text.expandtabs().splitlines(), ""]:
        stripped = line.strip()
        bullet = _BULLET.match(stripped)
        here = len(line) - len(line.lstrip())
        if lines and (not stripped or bullet or here != indentation):
            if not any(earlier.startswith(_CODE_LINE) for earlier in lines):
                yield re.sub(r"(?<=\w-) (?=\w)", "", " ".join(lines))  # a word that was parted at its hyphen
            lines = []
        if stripped:
            if not lines:
                indentation = here + (bullet.end() if bullet else 0)
            lines.append(stripped[bullet.end() :] if bullet else stripped)


def _split(paragraph: str) -> Iterator[str]:
    start = 0
    for match in _END_OF_SENTENCE.finditer(paragraph):
        sentence = paragraph[start : match.end()].strip()
        if not _ABBREVIATION.search(sentence):
            yield sentence
            start = match.end()


def _is_prose(sentence: str, words: tuple[str, ...]) -> bool:
    if not MIN_WORDS <= len(words) <= MAX_WORDS or not sentence[0].isupper() or _CODE.search(sentence):
        return False
    if sentence.count("(") != sentence.count(")") or sentence.count('"') % 2:
        return False
    if any(len(word) == 1 and word not in ("a", "i") for word in words):
        return False
    return sum(word in _FUNCTION_WORDS for word in words) >= _LEAST_FUNCTION_WORDS * len(words)
