import numpy as np
import pytest

from unspool.candidates.examples import Examples

GOOD, BAD = ("fine", "superb", "moving"), ("dull", "poor", "boring")
PLAIN = ("the", "a", "film", "plot", "it", "was", "with", "of")


@pytest.fixture(scope="session")
def reviews():
    """120 short texts and how good each is: -2 to 2 words of praise or blame among plain ones."""
    random = np.random.default_rng(0)
    texts, scores = [], []
    for i in range(120):
        score = (-2, -1, 1, 2)[i % 4]
        telling = random.choice(GOOD if score > 0 else BAD, abs(score)).tolist()
        words = [*telling, *random.choice(PLAIN, 8).tolist()]
        random.shuffle(words)
        texts.append(" ".join(words).capitalize() + "!")
        scores.append(score)
    return texts, np.array(scores)


@pytest.fixture(scope="session")
def targets_of(reviews):
    scores = reviews[1]
    return {
        "binary": (scores > 0).astype(int),
        "multiclass": np.searchsorted([-2, -1, 1, 2], scores),
        "multilabel": np.stack([scores > 0, abs(scores) == 2], axis=1).astype(int),
        "regression": scores.astype(float),
    }


@pytest.fixture
def binary(reviews, targets_of):
    return Examples(reviews[0], targets_of["binary"], "binary")
