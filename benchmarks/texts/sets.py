"""Labelled texts that come with packages, the standard library or the folder of IMDb: no other download.

`pip install german-nouns gender-guesser babel` brings three of them; the four of VADER (Hutto and Gilbert, 2014) lie in
the source archive of `vaderSentiment`, which UNSPOOL_TEXT_SETS names the folder of
(`pip download --no-deps --no-binary :all: vaderSentiment==3.3.2`).
"""

import ast
import csv
import io
import os
import re
import sysconfig
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

DEVELOPMENT = (
    "amazon-valence",
    "german-nouns",
    "imdb-2000",
    "imdb-500",
    "movie-sentiment",
    "python-docstrings",
    "tweets-valence",
)
HELD_OUT = ("first-names", "languages", "nyt-valence", "scipy-docstrings")
"""Parted by turns of the alphabet (IMDb's training reviews are for development) before any result was seen."""

TEST_SHARE = 0.2
MOST = 20_000  # rows of a set


@dataclass(frozen=True)
class TextSet:
    """Texts with their targets, parted into training and test rows.

    Attributes:
        name: of the set.
        task: "binary", "multiclass" or "regression".
        texts: all N.
        target: (N,) whole numbers from 0, or numbers.
        test: (N,) which rows are the test.
    """

    name: str
    task: str
    texts: list[str]
    target: np.ndarray
    test: np.ndarray


class MissingError(Exception):
    """The package that a set comes with is not there."""


def load(name: str) -> TextSet:
    """A set by its name.

    Raises:
        MissingError: what it comes with is not installed.
    """
    task, read = _SETS[name]
    texts, labels, groups = read()
    names = sorted(set(labels)) if task != "regression" else []
    target = np.array([names.index(label) for label in labels] if names else labels, float if not names else int)
    random = np.random.default_rng(0)
    if name.startswith("imdb"):
        test, kept = _films(name, groups, target, random)
    else:
        kept = np.sort(random.permutation(len(texts))[:MOST])
        blocks = np.unique(np.array(groups)[kept], return_inverse=True)[1]
        test = random.random(blocks.max() + 1)[blocks] < TEST_SHARE
    return TextSet(name, task, [texts[row] for row in kept], target[kept], test)


Rows = tuple[list[str], list, list]


def _package(name: str) -> Path:
    found = find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise MissingError(f"the package {name} is not installed")
    return Path(found.submodule_search_locations[0])


def _unique(rows: Iterator[tuple[str, object, object]]) -> Rows:
    """The first of each text."""
    first = {}
    for text, label, group in rows:
        first.setdefault(text, (label, group))
    return list(first), [label for label, _ in first.values()], [group for _, group in first.values()]


def _vader(name: str) -> Callable[[], Rows]:
    def read() -> Rows:
        folder = Path(os.environ.get("UNSPOOL_TEXT_SETS", "."))
        archive = folder / "vaderSentiment-3.3.2.tar.gz"
        if not archive.is_file():
            raise MissingError(f"{archive} is not there; UNSPOOL_TEXT_SETS names its folder")
        with tarfile.open(archive) as outer:
            inner = outer.extractfile("vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz")
            with tarfile.open(fileobj=io.BytesIO(inner.read())) as files:
                raw = files.extractfile(f"hutto_ICWSM_2014/{name}_GroundTruth.txt").read()
        lines = [line.split("\t", 2) for line in raw.decode("utf-8", "replace").splitlines() if line.count("\t") >= 2]
        return _unique((text, float(valence), number.split("_")[0]) for number, valence, text in lines)

    return read


def _movie_sentiment() -> Rows:
    texts, valences, groups = _vader("movieReviewSnippets")()
    return texts, [int(valence > 0) for valence in valences], groups


def _german_nouns() -> Rows:
    with (_package("german_nouns") / "nouns.csv").open(encoding="utf-8") as file:
        rows = [(row["lemma"], row["genus"], row["lemma"]) for row in csv.DictReader(file)]
    return _unique(row for row in rows if row[1] in ("m", "f", "n") and len(row[0]) > 2 and "-" not in row[0])


def _first_names() -> Rows:
    raw = (_package("gender_guesser") / "data" / "nam_dict.txt").read_text(encoding="utf-8")
    lines = [line[:30].split() for line in raw.splitlines() if line[:2] in ("M ", "F ")]
    rows = [(line[1].replace("+", "-"), line[0], line[1]) for line in lines if len(line) > 1]
    both = {name for name, labels in _labels(rows).items() if len(labels) > 1}
    return _unique(row for row in rows if row[0] not in both)


def _labels(rows: list[tuple[str, str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for text, label, _ in rows:
        found.setdefault(text, set()).add(label)
    return found


LANGUAGES = [
    "cs",
    "da",
    "de",
    "en",
    "es",
    "et",
    "fi",
    "fr",
    "hr",
    "hu",
    "it",
    "lt",
    "lv",
    "nl",
    "nb",
    "pl",
    "pt",
    "ro",
    "sk",
    "sl",
    "sv",
    "tr",
]


def _languages() -> Rows:
    """The first 12 characters of a language's names of countries, languages and cities' time zones."""
    _package("babel")
    from babel import Locale

    rows = []
    for code in LANGUAGES:
        locale = Locale(code)
        for key, name in [*locale.territories.items(), *locale.languages.items()]:
            rows.append((name[:12], code, key))
    several = {text for text, labels in _labels(rows).items() if len(labels) > 1}
    return _unique(row for row in rows if row[0] not in several)


def _docstrings(root: Path, depth: int, classes: int) -> Rows:
    """The first lines of docstrings, and the module that each is of, of those with most."""
    rows = []
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root).with_suffix("").parts
        if len(place) < depth or "test" in str(path) or "site-packages" in place:
            continue
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError, RecursionError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                text = re.sub(r"\s+", " ", ast.get_docstring(node) or "")[:300]
                if len(text) > 20:
                    rows.append((text, place[0], "/".join(place)))
    most = [name for name, _ in Counter(row[1] for row in rows).most_common(classes)]
    texts, labels, _ = _unique(row for row in rows if row[1] in most)
    return texts, labels, list(range(len(texts)))


def _python_docstrings() -> Rows:
    return _docstrings(Path(sysconfig.get_path("stdlib")), 1, 40)


def _scipy_docstrings() -> Rows:
    return _docstrings(_package("scipy"), 2, 15)


def _imdb() -> Rows:
    """IMDb's training reviews; the group is the number in a file's name."""
    folder = os.environ.get("UNSPOOL_DATA")
    if not folder:
        raise MissingError("UNSPOOL_DATA names no folder with imdb/aclImdb_v1.tar.gz")
    from unspool.data.named.imdb import read_reviews

    reviews = read_reviews(Path(folder) / "imdb" / "aclImdb_v1.tar.gz")
    names = sorted(name for name in reviews if "/train/" in name)
    rows = [(int("/pos/" in name), int(name.rsplit("/", 1)[1].split("_")[0]), name) for name in names]
    return (
        [reviews[name].decode() for *_, name in rows],
        [label for label, *_ in rows],
        [number for _, number, _ in rows],
    )


def _films(name: str, numbers: list, target: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Whole films: negatives 0 to 3,950 are of the films of positives 0 to 12,499 (see LOG.md)."""
    number = np.array(numbers)
    positive = target == 1
    test = (positive & (number >= 10_000)) | (~positive & (number >= 3_160) & (number < 3_950))
    training = random.permutation(np.flatnonzero(~test))[: int(name.split("-")[1])]
    kept = np.sort(np.concatenate([training, np.flatnonzero(test)]))
    return test[kept], kept


_SETS: dict[str, tuple[str, Callable[[], Rows]]] = {
    "amazon-valence": ("regression", _vader("amazonReviewSnippets")),
    "first-names": ("binary", _first_names),
    "german-nouns": ("multiclass", _german_nouns),
    "imdb-2000": ("binary", _imdb),
    "imdb-500": ("binary", _imdb),
    "languages": ("multiclass", _languages),
    "movie-sentiment": ("binary", _movie_sentiment),
    "nyt-valence": ("regression", _vader("nytEditorialSnippets")),
    "python-docstrings": ("multiclass", _python_docstrings),
    "scipy-docstrings": ("multiclass", _scipy_docstrings),
    "tweets-valence": ("regression", _vader("tweets")),
}
