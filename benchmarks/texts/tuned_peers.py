"""What a careful person would use instead of unspool: settings by cross-validation on training rows alone."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.texts.package_sets import PackageSet, Row

Rows = list[Row]
Parts = list[tuple[np.ndarray, np.ndarray]]

MANY = 100
"""Classes, beyond which logistic regression and NB-SVM take too long."""
SEVERAL = 50
FASTTEXT = {"epoch": 25, "dim": 50, "wordNgrams": 2, "minn": 2, "maxn": 5, "bucket": 200_000}
RATES = (0.1, 0.5, 1.0)


@dataclass(frozen=True)
class Answers:
    """What one kind of peer says.

    Attributes:
        name: of the peer and what it reads.
        held_out: what its best setting reaches on training rows that were held out (see `score`).
        test: (N,) its answers for the test rows: classes, labels with `;` between them, or numbers.
    """

    name: str
    held_out: float
    test: np.ndarray


def score(truth: np.ndarray, said: np.ndarray, task: str) -> float:
    """Accuracy, micro F1 of (N, L) labels, or the negative root mean squared error: more is better."""
    if task == "regression":
        return -float(np.sqrt(np.mean((truth - said) ** 2)))
    if task == "multilabel":
        return float(2 * (truth * said).sum() / (truth.sum() + said.sum()))
    return float(np.mean(truth == said))


def targets_of(rows: Rows, task: str, labels: list[str]) -> np.ndarray:
    """(N,) classes or numbers, or (N, L) 0 and 1."""
    if task == "regression":
        return np.array([float(row["label"]) for row in rows])
    if task == "multilabel":
        return np.array([[int(label in row["label"].split(";")) for label in labels] for row in rows])
    return np.array([row["label"] for row in rows])


def labels_of(rows: Rows) -> list[str]:
    """All labels, where each row has several."""
    return sorted({label for row in rows for label in str(row["label"]).split(";")})


def parts_of(target: np.ndarray, task: str) -> Parts:
    """Training rows to fit to and to hold out: a fifth of more than 2,500 once, else three or five folds."""
    from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

    count = len(target)
    if count > 2500:
        return [tuple(train_test_split(np.arange(count), test_size=0.2, random_state=0))]
    kind = StratifiedKFold if task == "classes" else KFold
    folds = kind(5 if count < 1000 else 3, shuffle=True, random_state=0)
    return list(folds.split(np.zeros(count), target if task == "classes" else None))


def every_peer(of: PackageSet, training: Rows, test: Rows) -> Iterator[Answers]:
    """Each peer that serves the task, tuned on training rows and fitted to all of them."""
    labels = labels_of(training)
    target = targets_of(training, of.task, labels)
    parts = parts_of(target, of.task)
    classes = len(np.unique(target)) if of.task == "classes" else 0
    for features in of.features:
        yield from _linear(of, features, training, test, target, parts, labels, classes)
    if of.task == "classes" and classes <= MANY:
        yield _tuned("nb-svm", _nb_svm, (0.01, 0.1, 1.0), training, test, target, parts, of.task)
    if of.task != "regression":
        yield _fasttext(of.task, training, test, target, parts, labels)


def _take(rows: Rows, chosen: np.ndarray) -> Rows:
    return [rows[row] for row in chosen]


Fit = Callable[[Rows, np.ndarray, Rows, float], np.ndarray]
"""Training rows, their targets, other rows and a setting, to what is said of the others."""


def _tuned(
    name: str,
    fit: Fit,
    grid: tuple[float, ...],
    training: Rows,
    test: Rows,
    target: np.ndarray,
    parts: Parts,
    task: str,
) -> Answers:
    def reached(setting: float) -> float:
        said = (fit(_take(training, some), target[some], _take(training, held), setting) for some, held in parts)
        return float(np.mean([score(target[held], one, task) for one, (_, held) in zip(said, parts, strict=True)]))

    found = {setting: reached(setting) for setting in grid}
    best = max(found, key=found.get)
    return Answers(name, found[best], fit(training, target, test, best))


def _readers(kind: str) -> list[Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = {"ngram_range": (1, 2), "sublinear_tf": True, "token_pattern": r"(?u)\b\w+\b"}
    characters = {"ngram_range": (1, 5), "sublinear_tf": True, "min_df": 2}
    return {
        "words": [TfidfVectorizer(**words)],
        "characters": [TfidfVectorizer(analyzer="char_wb", **characters)],
        "across": [TfidfVectorizer(analyzer="char", **characters)],
        "both": [TfidfVectorizer(**words), TfidfVectorizer(analyzer="char_wb", **characters)],
    }[kind]


FEATURES = ("words", "characters", "across", "both")
"""Of TF-IDF: words 1-2, characters 1-5 within words or across them, words and characters within them."""


def _read(of: PackageSet, kind: str, training: Rows, others: Rows) -> tuple[Any, Any]:
    """Features of training rows and of others, with the columns beside the texts."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    texts = [[row["text"] for row in rows] for rows in (training, others)]
    blocks = [[reader.fit_transform(texts[0]), reader.transform(texts[1])] for reader in _readers(kind)]
    if of.numeric:
        numbers = [_numbers(rows, of.numeric) for rows in (training, others)]
        medians = np.nanmedian(numbers[0], axis=0)
        filled = [np.hstack([np.where(np.isnan(one), medians, one), np.isnan(one)]) for one in numbers]
        scaler = StandardScaler().fit(filled[0])
        blocks.append([csr_matrix(scaler.transform(one)) for one in filled])
    if of.categorical:
        cells = [[[str(row[name]) for name in of.categorical] for row in rows] for rows in (training, others)]
        encoder = OneHotEncoder(handle_unknown="ignore").fit(cells[0])
        blocks.append([encoder.transform(one) for one in cells])
    first, second = (hstack([block[side] for block in blocks]).tocsr() for side in (0, 1))
    return first, second


def _numbers(rows: Rows, names: tuple[str, ...]) -> np.ndarray:
    return np.array([[float(row[name]) if row[name] != "" else np.nan for name in names] for row in rows])


def _linear(
    of: PackageSet,
    features: str,
    training: Rows,
    test: Rows,
    target: np.ndarray,
    parts: Parts,
    labels: list[str],
    classes: int,
) -> Iterator[Answers]:
    """Ridge regression, or logistic regression and a linear SVM, over one kind of features, which are read once."""
    known = [
        (*_read(of, features, _take(training, some), _take(training, held)), target[some], target[held])
        for some, held in parts
    ]
    whole = _read(of, features, training, test)
    for name, grid in _grids(of.task, classes).items():
        model = partial(_model, name, of.task)
        reached = {
            setting: np.mean(
                [score(held, model(setting).fit(a, some).predict(b), of.task) for a, b, some, held in known]
            )
            for setting in grid
        }
        best = max(reached, key=reached.get)
        said = model(best).fit(whole[0], target).predict(whole[1])
        said = _joined(said, labels) if of.task == "multilabel" else said
        yield Answers(f"{name}, {features}", float(reached[best]), said)


def _grids(task: str, classes: int) -> dict[str, tuple[float, ...]]:
    if task == "regression":
        return {"ridge": (0.3, 1, 3, 10, 30)}
    if classes > MANY:
        return {"SVM": (0.3, 1)}
    return {"SVM": (0.1, 0.5)} if classes > SEVERAL else {"regression": (3, 30), "SVM": (0.1, 0.5)}


def _model(name: str, task: str, setting: float) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.svm import LinearSVC

    if name == "ridge":
        return Ridge(alpha=setting, solver="lsqr")
    if name == "regression":
        return OneVsRestClassifier(LogisticRegression(C=setting, solver="liblinear"))
    return OneVsRestClassifier(LinearSVC(C=setting)) if task == "multilabel" else LinearSVC(C=setting)


def _joined(said: np.ndarray, labels: list[str]) -> np.ndarray:
    return np.array([";".join(label for label, yes in zip(labels, row, strict=True) if yes > 0) for row in said])


def _nb_svm(training: Rows, target: np.ndarray, others: Rows, c: float) -> np.ndarray:
    """Wang and Manning (2012), as `peers.nb_svm` does, with another C."""
    from benchmarks.texts.peers import nb_svm

    names, numbers = np.unique(target, return_inverse=True)
    texts, new = ([row["text"] for row in rows] for rows in (training, others))
    return names[nb_svm(texts, numbers, "classes", new, 0, c=c)]


def _fasttext(task: str, training: Rows, test: Rows, target: np.ndarray, parts: Parts, labels: list[str]) -> Answers:
    """fastText with the rate, and of several labels the threshold, that does best on the first part held out."""
    import fasttext

    some, held = parts[0]
    names = labels if task == "multilabel" else sorted({str(row["label"]) for row in training})
    loss = "ova" if task == "multilabel" else "softmax"

    def fit(rows: Rows, rate: float) -> Any:
        """A model, or None where training at that rate diverges."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows"
            path.write_text("".join(map(_line, rows)), "utf-8")
            try:
                return fasttext.train_supervised(str(path), loss=loss, lr=rate, thread=2, verbose=0, seed=0, **FASTTEXT)
            except RuntimeError:
                return None

    def say(model: Any, rows: Rows, threshold: float) -> np.ndarray:
        chances = _chances(model, rows, names)
        return (chances > threshold).astype(int) if task == "multilabel" else np.array(names)[chances.argmax(axis=1)]

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "held"
        path.write_text("".join(map(_line, _take(training, held))), "utf-8")
        models = {rate: model for rate in RATES if (model := fit(_take(training, some), rate)) is not None}
        rate = max(models, key=lambda one: models[one].test(str(path))[1])
    cuts = np.arange(0.05, 0.6, 0.05) if task == "multilabel" else np.zeros(1)
    reached = {cut: score(target[held], say(models[rate], _take(training, held), cut), task) for cut in cuts}
    cut = max(reached, key=reached.get)
    said = say(fit(training, rate), test, cut)
    return Answers("fastText", reached[cut], _joined(said, labels) if task == "multilabel" else said)


def _flat(row: Row) -> str:
    return " ".join(row["text"].lower().split())


def _line(row: Row) -> str:
    marks = (f"__label__{label.replace(' ', '_')}" for label in str(row["label"]).split(";"))
    return f"{' '.join(marks)} {_flat(row)}\n"


def _chances(model: Any, rows: Rows, names: list[str]) -> np.ndarray:
    """(N, L) probabilities of labels; 0 of those that it does not know."""
    place = {f"__label__{name.replace(' ', '_')}": at for at, name in enumerate(names)}
    found = np.zeros((len(rows), len(names)))
    for at, row in enumerate(rows):
        for chance, label in model.f.predict(_flat(row) + "\n", -1, 0.0, "strict"):
            found[at, place[label]] = chance
    return found
