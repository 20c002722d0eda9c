import numpy as np
import pytest

from unspool.errors import UserError
from unspool.experiment.classification import prepare, summarize
from unspool.experiment.recipe_file import load_recipe


def test_the_honest_protocol_never_shows_the_test_set_to_training():
    prepared = prepare(load_recipe("sentences-lstm"))
    assert prepared.validation is not prepared.test
    sentences = [
        {frozenset(text.split()) for text in part.split.texts}
        for part in (prepared.training, prepared.validation, prepared.test)
    ]
    assert not sentences[0] & sentences[1]
    assert not sentences[0] & sentences[2]
    share = len(prepared.validation.labels) / (len(prepared.training.labels) + len(prepared.validation.labels))
    assert share == pytest.approx(0.1, abs=0.005)


def test_the_chapters_protocol_validates_on_the_test_set():
    prepared = prepare(load_recipe("sentences-lstm", ["evaluation.protocol=chapter"]))
    assert prepared.validation is prepared.test


def test_the_split_follows_the_seed():
    one, same, other = (
        prepare(load_recipe("sentences-lstm", [f"training.seed={seed}"])).validation.ids for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_ids_stay_in_the_models_vocabulary_and_end_with_the_text():
    prepared = prepare(load_recipe("sentences-lstm", ["data.num_words=50", "data.maxlen=9"]))
    ids = prepared.training.ids
    assert ids.shape[1] == 9
    assert ids.max() == 49
    summary = summarize(prepared)
    example = summary.example
    assert len(example.ids) == len(example.words) == 9
    assert example.words[-1] in (example.text.split()[-1], "<unknown>")
    assert sum(summary.counts["training"]) == summary.examples["training"] == len(ids)


def test_images_are_refused_by_a_text_recipe():
    with pytest.raises(UserError, match="seq2vec recipes read text"):
        prepare(load_recipe("sentences-lstm", ["data.dataset=digits"]))
