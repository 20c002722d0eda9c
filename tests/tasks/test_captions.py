"""The task captions: what it learns from captions, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest

from unspool.data.definitions import read_definition
from unspool.errors import UserError
from unspool.evaluation.result import Predictions
from unspool.evaluation.text_arrays import as_array
from unspool.tasks import OF_PAIRS, Captions, load_task
from unspool.tasks.base import WHAT

pytest.importorskip("tokenizers")

TEXTS = ["a dog runs", "a dog sleeps", "two dogs run"] * 3


def test_it_writes_no_longer_captions_than_it_has_seen():
    task = Captions.learn(TEXTS)
    longest = max(map(len, task.encode(TEXTS).tolist()))
    assert longest + 1 <= task.maximum
    assert task.decode(task.encode(TEXTS)) == TEXTS


def test_it_comes_back(tmp_path):
    task = replace(Captions.learn(TEXTS), rows=20, beam=3)
    task.save(tmp_path / "labels.json")
    assert load_task(tmp_path / "labels.json") == task
    content = read_definition(tmp_path / "labels.json", WHAT)
    with pytest.raises(ValueError, match="rows is True"):
        Captions.from_content({**content, "rows": True})
    with pytest.raises(ValueError, match="rows is -1"):
        Captions.from_content({**content, "rows": -1})


def test_lists_are_refused():
    with pytest.raises(UserError, match="is a list, and a text was expected"):
        Captions.learn(["a dog", ("a", "dog")])


def test_it_reads_no_pairs_of_texts():
    assert Captions.name not in OF_PAIRS


def test_frames_that_are_images_are_shown(monkeypatch):
    monkeypatch.setattr(Captions, "attention", lambda self, network, inputs: None)
    task = replace(Captions.learn(TEXTS), rows=2)
    films = [np.full((length, 4), 0.5, np.float32) for length in (3, 20, 4)]
    predictions = Predictions(as_array(TEXTS[:3]), as_array(["a dog runs", "a cat", "two dogs run"]))
    found = task.translated(None, lambda: iter(films), None, predictions)
    assert len(found.films) == len(found.examples) == 3
    worst = found.examples[-1]
    assert (worst.place, worst.source, worst.translation) == ("worst", "20 frames", "a cat")
    assert (len(found.films[-1].frames), found.films[-1].frames[0]) == (8, (128, 128, 128, 128))
    assert replace(task, rows=0).translated(None, lambda: iter(films), None, predictions).films == ()
