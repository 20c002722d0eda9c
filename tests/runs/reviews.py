"""Small files with reviews, for the tests of models of files."""

import csv
import random

GOOD, BAD = ("fine", "great", "lovely", "moving"), ("dull", "awful", "boring", "flat")
NEUTRAL = ("the", "film", "was", "and", "plot", "actors", "story", "scene", "camera", "a", "it", "music", "long", "day")


def text(label, rng):
    """Neutral words in any order, with two that tell the label."""
    words = rng.choices(NEUTRAL, k=rng.randint(3, 20)) + rng.choices(GOOD if label == "pos" else BAD, k=2)
    rng.shuffle(words)
    return " ".join(words)


def write_reviews(path, rows=200, seed=0):
    """A CSV file with the columns number, review and sentiment."""
    rng = random.Random(seed)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["number", "review", "sentiment"])
        for number in range(rows):
            label = "pos" if number % 2 else "neg"
            writer.writerow([number, text(label, rng), label])
    return path


def rows_of(path):
    """The rows of a CSV file, each by the names of its columns."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
