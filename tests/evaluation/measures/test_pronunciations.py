"""Word and phoneme error rates, with several right answers."""

import sys

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.measures.pronunciations import MEASURES, phoneme_edits
from unspool.evaluation.text_arrays import as_array

WANTED = as_array(["R IY D | R EH D", "K AE T", "AY", "DH AH | DH IY"])
SAID = as_array(["R EH D", "K AE T S", "", "DH AH | DH IY"])


def test_the_nearest_pronunciation_counts():
    assert phoneme_edits(WANTED, SAID).tolist() == [[0, 3], [1, 3], [1, 1], [3, 2]]


def test_the_rates():
    assert MEASURES["word_errors"].value(WANTED, SAID, 0.5) == 0.75
    assert MEASURES["phoneme_errors"].value(WANTED, SAID, 0.5) == pytest.approx(5 / 9)


@pytest.mark.parametrize("name", MEASURES)
def test_resamples_give_what_copies_would(name):
    measure, times = MEASURES[name], np.array([2, 0, 1, 3])
    copies = np.repeat(np.arange(4), times)
    found = measure.prepare(WANTED, SAID, 0.5)(times[None].astype(float))
    assert found[0] == pytest.approx(measure.value(WANTED[copies], SAID[copies], 0.5))


def test_without_rapidfuzz_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidfuzz.distance", None)
    with pytest.raises(UserError, match=r"pip install 'unspool\[pronunciation\]'"):
        phoneme_edits(WANTED, SAID)
