"""How large a language model becomes, and how long it is trained, for so many texts and so much time."""

import math
from dataclasses import dataclass
from typing import Self

from unspool.candidates.texts import held_out
from unspool.candidates.texts.folds import repeats

LANES, WINDOW = 64, 64
"""So many streams of words are read side by side, so many words of each in a step."""
NEGATIVES = 1024
"""Sampled words of the softmax in a step."""
BATCH = 32
"""Texts from which labels are learned in a step."""
CHARACTERS = 4.5
"""In a word, with the space behind it, roughly."""
_SIZES = ((512, 256, 5e6), (256, 128, 5e5), (128, 64, 0.0))  # units, numbers in a vector, words from which it pays
_LEAST_PASSES, _MOST_PASSES, _MOST_STEPS = 1.0, 8.0, 1_000
_EPOCHS, _MOST_EPOCHS, _LEAST_STEPS = 3, 40, 300
_TAUGHT = 0.5  # of all work may be for learning labels
_OF_VECTOR = 1e6
_TERA = 1e12


@dataclass(frozen=True)
class Size:
    """Of a language model, and of its training.

    Attributes:
        units: of the LSTM.
        width: numbers in the vector of a word.
        steps: of pretraining, each of LANES * WINDOW words.
        epochs: times that each text with a label is read afterwards.
    """

    units: int
    width: int
    steps: int
    epochs: int

    @classmethod
    def of(cls, work: float, words: float, labelled_words: float, count: int) -> Self:
        """The largest whose training fits; where none does, the smallest with as many steps as fit.

        Args:
            work: 10^12 operations.
            words: of all texts.
            labelled_words: of those with labels.
            count: of texts with labels.

        Example:
            >>> Size.of(250, 20e6, 6e6, 25_000).units, Size.of(1000, 20e6, 6e6, 25_000).units
            (256, 512)
            >>> Size.of(1000, 1e5, 1e5, 1_000)
            Size(units=128, width=64, steps=1000, epochs=10)
        """
        wanted = min(max(_EPOCHS, math.ceil(_LEAST_STEPS * BATCH / count)), _MOST_EPOCHS)
        for units, width, least in _SIZES:
            epoch = labelled_words * trainings(count) * _taught(units, width) / _TERA
            epochs = max(min(int(_TAUGHT * work / epoch), wanted), 1)
            passes = (work - epochs * epoch) * _TERA / (words * _read(units, width))
            if words >= least and passes >= _LEAST_PASSES and epochs >= min(_EPOCHS, wanted):
                break
        most = max(_MOST_PASSES * words / (LANES * WINDOW), _MOST_STEPS)
        steps = math.ceil(min(max(passes, 0) * words / (LANES * WINDOW), most))
        return cls(units, width, max(steps, 1), epochs)

    def work_of_step(self) -> float:
        """The 10^12 operations of a step of pretraining."""
        return LANES * WINDOW * _read(self.units, self.width) / _TERA


def least_work(words: float, labelled_words: float, count: int) -> float:
    """The 10^12 operations with which the smallest reads all texts once, and learns the labels."""
    units, width, _ = _SIZES[-1]
    return (words * _read(units, width) + labelled_words * _EPOCHS * trainings(count) * _taught(units, width)) / _TERA


def trainings(count: int) -> float:
    """How often so many texts with labels are learned from, in a cross-validation and at the end."""
    if count > held_out.SEVERAL:
        return 1 + held_out.LEARN / count
    return 1 + repeats(count) * (4 if count <= held_out.FEW else 2)


def _lstm(units: int, width: int) -> float:
    """Operations of the LSTM for each word: there, and twice as many back."""
    return 3.0 * 2 * 4 * units * (width + units)


def _taught(units: int, width: int) -> float:
    """Operations for each word from which labels are learned: padding and pooling take as long again."""
    return 2 * _lstm(units, width)


def _read(units: int, width: int) -> float:
    """Operations for each word that is foretold, and what could be done in the time that its vector takes."""
    return _lstm(units, width) + 3.0 * 2 * width * (units + NEGATIVES) + _OF_VECTOR
