"""Short films of handwritten digits that move, each with a caption: made from real images, so half synthetic."""

import hashlib
import json
from dataclasses import dataclass, replace
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from unspool.data.datasets import CaptionedDataset, CaptionedSplit, ImageDataset, ImageSplit
from unspool.data.named.images import load_mnist
from unspool.data.named.info import DatasetInfo

CANVAS = 20
"""Rows and columns of a frame."""

_TRAINING, _TEST = 8_000, 1_000
_SEED = 0
_FEWEST, _MOST = 8, 12  # frames of a film
_DIGITS = ("a zero", "a one", "a two", "a three", "a four", "a five", "a six", "a seven", "an eight", "a nine")
_WAYS = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}


@dataclass(frozen=True, slots=True)
class _Motion:
    """Where a digit goes: nowhere, one way, or first one and then another."""

    ways: tuple[str, ...]

    @property
    def words(self) -> str:
        return f"moves {', then '.join(self.ways)}" if self.ways else "stays where it is"

    def places(self, frames: int, room: int, random: np.random.RandomState) -> NDArray[np.int64]:
        """(frames, 2) row and column of the digit's corner, each from 0 to `room`."""
        steps = np.zeros((frames, 2))
        turn = frames // 2 if len(self.ways) > 1 else frames - 1
        for way, (first, last) in zip(self.ways, ((0, turn), (turn, frames - 1)), strict=False):
            # At least two pixels, so that it can be seen; at most across the canvas.
            length = random.randint(2, room + 1)
            moved = np.clip(np.arange(frames) - first, 0, last - first) / (last - first) * length
            steps += np.outer(moved, _WAYS[way])
        lowest, highest = steps.min(axis=0), steps.max(axis=0)
        start = [random.randint(int(-low), int(room - high) + 1) for low, high in zip(lowest, highest, strict=True)]
        return (steps + start).round().astype(np.int64)


def load(info: DatasetInfo, folder: str | PathLike[str] | None = None, download: bool = True) -> CaptionedDataset:
    """Make the films from MNIST: those for training of its training images, those of the test of its test images.

    Raises:
        UserError: MNIST cannot be had.
    """
    return films_of(info, load_mnist(replace(info, name=info.made_from), folder, download), _TRAINING, _TEST)


def films_of(info: DatasetInfo, images: ImageDataset, training: int, test: int) -> CaptionedDataset:
    """Make so many films for training and for the test, each of another image.

    Args:
        info: of the dataset.
        images: of digits; those of more than 14 rows are made half as large.
        training: films.
        test: films.
    """
    train, held_out = (
        _films(split, count, number)
        for number, (split, count) in enumerate(((images.train, training), (images.test, test)))
    )
    content = json.dumps([images.digest, CANVAS, _FEWEST, _MOST, train.captions, held_out.captions])
    digest = hashlib.sha256(content.encode()).hexdigest()
    return CaptionedDataset(**info.facts(digest), rows=CANVAS, train=train, test=held_out)


def _films(images: ImageSplit, count: int, number: int) -> CaptionedSplit:
    random = np.random.RandomState([_SEED, number])
    films, captions = [], []
    for row in random.permutation(len(images))[:count].tolist():
        image = images.images[row]
        if len(image) > CANVAS - 6:
            image = image.reshape(len(image) // 2, 2, -1, 2).mean(axis=(1, 3))
        motion = _Motion(tuple(random.permutation(list(_WAYS))[: random.choice(3, p=(0.1, 0.4, 0.5))].tolist()))
        frames = np.zeros((random.randint(_FEWEST, _MOST + 1), CANVAS, CANVAS), dtype=np.float32)
        for frame, (top, left) in zip(frames, motion.places(len(frames), CANVAS - len(image), random), strict=True):
            frame[top : top + len(image), left : left + image.shape[1]] = image
        films.append(frames.reshape(len(frames), -1))
        captions.append(f"{_DIGITS[int(images.labels[row])]} {motion.words}")
    return CaptionedSplit(films, captions)
