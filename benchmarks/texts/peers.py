"""What a person would use instead: functions from training texts, targets, a task and test texts to answers."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Answer = Callable[[list[str], np.ndarray, str, list[str], int], np.ndarray]
"""(texts, target, task, test texts, seed) to (N,) classes or numbers."""


@dataclass(frozen=True)
class Peer:
    """One way to do it.

    Attributes:
        name: in the table.
        answer: does it.
        seeds: whether the seed matters.
    """

    name: str
    answer: Answer
    seeds: bool = False


def tfidf(texts: list[str], target: np.ndarray, task: str, test: list[str], seed: int) -> np.ndarray:
    """scikit-learn's TF-IDF of words (1-2) and characters in words (2-5), and LogisticRegression(C=30) or Ridge."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_union

    read = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
    )
    rows = read.fit_transform(texts)
    if task == "regression":
        return Ridge(solver="lsqr").fit(rows, target).predict(read.transform(test))
    model = LogisticRegression(C=30.0, solver="liblinear")
    if task == "multiclass":
        model = OneVsRestClassifier(model)
    return model.fit(rows, target).predict(read.transform(test))


def nb_svm(
    texts: list[str], target: np.ndarray, task: str, test: list[str], seed: int, *, c: float = 0.1
) -> np.ndarray:
    """NB-SVM of Wang and Manning (2012) with scikit-learn: 1-2-grams, presence, log-count ratios, a linear SVM."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.svm import LinearSVC

    if task == "regression":
        raise NotImplementedError
    read = CountVectorizer(ngram_range=(1, 2), binary=True, token_pattern=r"\w+|[^\w\s]+")
    rows, new = read.fit_transform(texts), read.transform(test)
    classes = np.unique(target)
    scores = []
    for label in classes if len(classes) > 2 else classes[1:]:
        inside, outside = 1 + rows[target == label].sum(axis=0), 1 + rows[target != label].sum(axis=0)
        ratio = np.log((inside / inside.sum()) / (outside / outside.sum()))
        model = LinearSVC(C=c, random_state=seed).fit(rows.multiply(ratio).tocsr(), target == label)
        # Interpolated with beta = 0.25, as in the paper.
        mean = np.abs(model.coef_).mean()
        weights = (0.75 * mean + 0.25 * model.coef_).T
        scores.append(new.multiply(ratio).tocsr() @ weights + model.intercept_)
    scores = np.asarray(np.hstack(scores))
    return classes[scores.argmax(axis=1)] if len(classes) > 2 else classes[(scores[:, 0] > 0).astype(int)]


def fasttext(texts: list[str], target: np.ndarray, task: str, test: list[str], seed: int) -> np.ndarray:
    """fastText's supervised mode with pairs of words and characters of 2 to 5, 25 epochs, rate 0.5."""
    import tempfile
    from pathlib import Path

    import fasttext as library

    if task == "regression":
        raise NotImplementedError
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts"
        plain = [" ".join(text.lower().split()) for text in texts]
        path.write_text("".join(f"__label__{y} {text}\n" for y, text in zip(target, plain, strict=True)), "utf-8")
        model = library.train_supervised(
            str(path), lr=0.5, epoch=25, wordNgrams=2, minn=2, maxn=5, thread=2, verbose=0, seed=seed
        )
    lines = [" ".join(text.lower().split()) for text in test]
    found = model.f.multilinePredict([line + "\n" for line in lines], 1, 0.0, "strict")[0]
    return np.array([int(labels[0].removeprefix("__label__")) if labels else 0 for labels in found])


def ours(name: str) -> Answer:
    """One candidate of unspool, or "choose"."""

    def answer(texts: list[str], target: np.ndarray, task: str, test: list[str], seed: int) -> np.ndarray:
        from unspool.candidates import texts as models
        from unspool.candidates.examples import Examples

        if name == "choose":
            candidates = [models.CANDIDATES[one] for one in CHOSEN_FROM]
            choice = models.choose(Examples(texts, target, task), candidates, budget=300.0, seed=seed)
            print(
                f"    took {choice.name}: " + ", ".join(f"{one.name} {one.score:.4f}" for one in choice.tried),
                flush=True,
            )
            outputs = choice.model.outputs(test)
        else:
            outputs = models.CANDIDATES[name].fit(texts, target, task, seed).outputs(test)
        if task == "binary":
            return (outputs > 0.5).astype(int)
        return outputs.argmax(axis=1) if task == "multiclass" else outputs

    return answer


CHOSEN_FROM = ("nb-words", "nb-characters", "words+characters")

PEERS = {
    peer.name: peer
    for peer in (
        Peer("sklearn-tfidf", tfidf),
        Peer("nb-svm", nb_svm),
        Peer("fasttext", fasttext, seeds=True),
        *(
            Peer(name, ours(name), seeds=True)
            for name in (
                "nb-words",
                "nb-characters",
                "words+characters",
                "tfidf",
                "blend-linear",
                "cnn",
                "cnn-characters",
                "vectors",
                "blend-characters",
                "blend-cnn-characters",
                "blend",
                "choose",
            )
        ),
    )
}


def timed(
    peer: Peer, texts: list[str], target: np.ndarray, task: str, test: list[str], seed: int
) -> tuple[np.ndarray, float]:
    """The answers, and the processor seconds that they took."""
    begin = time.process_time()
    answers = peer.answer(texts, target, task, test, seed)
    return answers, time.process_time() - begin
