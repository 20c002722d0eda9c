"""Few labelled reviews of IMDb, alone and with the 50,000 that have no label, on the official test."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.texts.peers import tfidf

EACH = 12_500  # reviews of a class, in training and in the test
LABELS = (100, 500, 2000)
COMPARED = (
    *("nb-words", "nb-characters", "words+characters", "vectors", "nb-words+vectors", "cnn", "blend-characters"),
    "blend",
)


@dataclass(frozen=True)
class Reviews:
    """IMDb as it is published.

    Attributes:
        training: 25,000 reviews.
        target: (25,000,) 1 for a positive one.
        test: 25,000 reviews.
        truth: (25,000,) of the test.
        unlabelled: the reviews without a label that are no copies of others.
    """

    training: list[str]
    target: np.ndarray
    test: list[str]
    truth: np.ndarray
    unlabelled: list[str]

    def draw(self, counts: Sequence[int], seed: int) -> list[np.ndarray]:
        """Training reviews for each count, as many of each class, the smaller draws within the larger."""
        random = np.random.default_rng(seed)
        of_class = [random.permutation(np.flatnonzero(self.target == label)) for label in (0, 1)]
        return [np.sort(np.concatenate([rows[: count // 2] for rows in of_class])) for count in counts]


def add_archive(parser: argparse.ArgumentParser) -> None:
    """Add --archive."""
    parser.add_argument("--archive", type=Path, help="aclImdb_v1.tar.gz; default: imdb/ in the folder of UNSPOOL_DATA")


def read_reviews(archive: Path | None) -> Reviews:
    """Read all 100,000; `archive` as --archive gives it. Exits where there is no such file."""
    import tarfile

    archive = archive or Path(os.environ.get("UNSPOOL_DATA", ".")) / "imdb" / "aclImdb_v1.tar.gz"
    if not archive.is_file():
        sys.exit(f"there is no file {archive}: set UNSPOOL_DATA, or give --archive")
    parts: dict[tuple[str, str], list[tuple[str, str]]] = {}
    with tarfile.open(archive) as files:
        for member in files:
            place = member.name.removeprefix("./").split("/")
            if len(place) == 4 and place[2] in ("pos", "neg", "unsup") and place[3].endswith(".txt"):
                content = files.extractfile(member).read().decode("utf-8")
                parts.setdefault((place[1], place[2]), []).append((place[3], content))
    texts = {part: [text for _, text in sorted(found)] for part, found in parts.items()}
    sides = {side: (texts[side, "neg"] + texts[side, "pos"], np.repeat([0, 1], EACH)) for side in ("train", "test")}
    known = {text.strip() for side in sides.values() for text in side[0]}
    unlabelled = [text for text in dict.fromkeys(map(str.strip, texts["train", "unsup"])) if text not in known]
    return Reviews(*sides["train"], *sides["test"], unlabelled)


def main(arguments: Sequence[str]) -> int:
    """`python -m benchmarks run few-labels [--labels 100,500] [--seeds 0,1] [--only vectors|chosen|alone]`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks run few-labels")
    parser.add_argument(
        "--labels", default=",".join(map(str, LABELS)), help="numbers of labelled reviews, comma-separated"
    )
    parser.add_argument("--seeds", default="0", help="of the draws and of the models, comma-separated")
    parser.add_argument(
        "--only",
        choices=("vectors", "chosen", "alone"),
        help="vectors, or what is chosen, with unlabelled reviews; or what is chosen without (default: all)",
    )
    add_archive(parser)
    options = parser.parse_args(arguments)
    reviews = read_reviews(options.archive)
    counts = sorted(map(int, options.labels.split(",")))
    for seed in map(int, options.seeds.split(",")):
        drawn = reviews.draw(counts, seed)
        if options.only in (None, "vectors"):
            _with_unlabelled(reviews, drawn, seed)
        for rows in drawn if options.only in (None, "chosen") else ():
            print(f"{len(rows)} labelled and {len(reviews.unlabelled)} other reviews, seed {seed}", flush=True)
            _choose(reviews, rows, seed, reviews.unlabelled)
        for rows in drawn if options.only in (None, "alone") else ():
            _alone(reviews, rows, seed)
    return 0


def _with_unlabelled(reviews: Reviews, drawn: list[np.ndarray], seed: int) -> None:
    """Document vectors are found once, from the reviews of the largest draw and those without a label.

    For a smaller draw the other reviews of the largest are texts without a label.
    """
    from unspool.candidates.examples import Examples
    from unspool.candidates.texts import CANDIDATES, Corpus
    from unspool.candidates.texts.held_out import cross_validate, splits
    from unspool.candidates.texts.unlabelled import with_unlabelled

    print(f"{len(reviews.unlabelled)} reviews without a label, seed {seed}", flush=True)
    candidate = with_unlabelled(CANDIDATES["vectors"], reviews.unlabelled)
    largest = Corpus([reviews.training[row] for row in drawn[-1]])
    vectors = None
    for rows in drawn:
        begin = time.process_time()
        corpus, target = largest.take(np.searchsorted(drawn[-1], rows)), reviews.target[rows]
        parts = splits(target, "binary", seed=seed)
        held = cross_validate(candidate, Examples(corpus, target, "binary"), parts, seed=seed)
        print(f"{len(rows)} labelled: {100 * np.mean((held.scores[:, 0] > 0) == target):.2f} held out", flush=True)
        model = candidate.fit(corpus, target, "binary", seed)
        if vectors is None:
            vectors = model.vectors(reviews.test)
        model.vectors = lambda texts, known=vectors: known  # the same for all draws: no label has a part in them
        show(f"vectors, {len(rows)}", model.outputs(reviews.test) > 0.5, reviews.truth, time.process_time() - begin)


def _choose(reviews: Reviews, rows: np.ndarray, seed: int, unlabelled: Sequence[str]) -> None:
    """What `train` would choose, given all the time that it wants."""
    from unspool.candidates.examples import Examples
    from unspool.candidates.texts import CANDIDATES, choose
    from unspool.candidates.texts.unlabelled import with_unlabelled

    texts, target = [reviews.training[row] for row in rows], reviews.target[rows]
    candidates = [with_unlabelled(CANDIDATES[name], unlabelled) for name in COMPARED]
    begin = time.process_time()
    choice = choose(Examples(texts, target, "binary"), candidates, budget=float("inf"), seed=seed)
    for one in choice.tried:
        print(f"  held out   {one.name:28} {100 * one.score:6.2f}  loss {one.loss:.4f}", flush=True)
    said = choice.model.outputs(reviews.test) > 0.5
    show(f"choose: {choice.name}", said, reviews.truth, time.process_time() - begin)


def _alone(reviews: Reviews, rows: np.ndarray, seed: int) -> None:
    """What `train` would choose of the labelled reviews alone, and what a person would use instead."""
    from unspool.candidates.texts import CANDIDATES

    print(f"{len(rows)} labelled reviews alone, seed {seed}", flush=True)
    _choose(reviews, rows, seed, ())
    texts, target = [reviews.training[row] for row in rows], reviews.target[rows]
    for name in ("nb-words", "words+characters"):
        begin = time.process_time()
        said = CANDIDATES[name].fit(texts, target, "binary", seed).outputs(reviews.test) > 0.5
        show(name, said, reviews.truth, time.process_time() - begin)
    begin = time.process_time()
    said = tfidf(texts, target, "binary", reviews.test, seed)
    show("sklearn-tfidf", said == 1, reviews.truth, time.process_time() - begin)


def show(name: str, said: np.ndarray, truth: np.ndarray, seconds: float) -> None:
    """Print an accuracy on the test with its interval, and the processor time so far."""
    right = float(np.mean(said == truth))
    margin = 1.96 * np.sqrt(right * (1 - right) / len(truth))
    low, high = 100 * (right - margin), 100 * (right + margin)
    print(f"  test       {name:28} {100 * right:6.2f} ({low:.2f} to {high:.2f})  {seconds:7.1f} s", flush=True)
