"""All of IMDb within a budget, with the 50,000 reviews that have no label or without, on the official test."""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.texts.few import add_archive, read_reviews, show


def main(arguments: Sequence[str]) -> int:
    """`python -m benchmarks run imdb [--budget 2h] [--models A,B] [--alone] [--seed N] [--held-out]`."""
    from unspool.candidates.examples import Examples
    from unspool.candidates.texts import CANDIDATES, BlendTexts, choose
    from unspool.cli.options import duration

    parser = argparse.ArgumentParser(prog="python -m benchmarks run imdb")
    parser.add_argument("--budget", type=duration, default=7200.0, help="of the comparison (default: 2h)")
    parser.add_argument(
        "--models",
        default="nb-words,vectors,nb-words+vectors,cnn,blend,language-model,blend-language-model",
        help="names, comma-separated; one alone takes the whole budget",
    )
    parser.add_argument("--alone", action="store_true", help="without the reviews that have no label")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--saves", type=Path, help="a folder in which pretraining is saved, and from which it goes on")
    parser.add_argument("--held-out", action="store_true", help="compare only, and do not look at the test")
    add_archive(parser)
    options = parser.parse_args(arguments)
    reviews = read_reviews(options.archive)
    begin, cpu = time.perf_counter(), time.process_time()
    shown = [begin]

    def tell(line: str) -> None:
        if time.perf_counter() - shown[0] > 60:
            shown[0] = time.perf_counter()
            print(f"  {shown[0] - begin:6.0f} s {line}", flush=True)

    choice = choose(
        Examples(reviews.training, reviews.target, "binary"),
        [CANDIDATES[name] for name in options.models.split(",")],
        budget=options.budget,
        seed=options.seed,
        unlabelled=() if options.alone else reviews.unlabelled,
        saves=options.saves,
        tell=tell,
    )
    for one in choice.tried:
        said = one.note or f"{100 * one.score:6.2f}  loss {one.loss:.4f}  {one.seconds:7.1f} s"
        print(f"  held out   {one.name:28} {said}", flush=True)
    print(f"{choice.name}, {time.perf_counter() - begin:.0f} s, work of the language model: {choice.work}", flush=True)
    if options.held_out:
        return 0
    parts = [choice.model]
    if isinstance(CANDIDATES[choice.name], BlendTexts):
        parts += choice.model.parts
        print(f"factors of the parts: {np.round(choice.model.factors, 3).tolist()}")
    for part in parts:
        show(part.name, part.outputs(reviews.test) > 0.5, reviews.truth, time.process_time() - cpu)
    return 0
