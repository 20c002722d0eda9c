"""Models that tag: native code and NumPy give the same probabilities, whatever the other examples are."""

import numpy as np
import pytest

import small
from unspool_runtime import InputError, Model, ModelError, native

WORDS = [["a", "Fine", "x"], ["x"], ["FILM"] * 70, ["dull", "été", "!"]]


def series():
    draw = small.random(1)
    return [draw.normal(size=(steps, 2)) for steps in (3, 20, 1, 80)]


@pytest.mark.parametrize("words", [True, False])
def test_a_tag_for_each_step(tmp_path, kernels, words):
    model = Model.load(small.write(tmp_path, small.tagger(words)))
    given = WORDS if words else series()
    found = model.probabilities(given)
    assert [len(one) for one in model.predict(given)] == [len(one) for one in given]
    assert np.ptp(found[0, 0]) > 1e-3
    for one, row in zip(given, found, strict=True):
        assert not row[len(one) :].any()
        np.testing.assert_allclose(row[: len(one)].sum(axis=1), 1, atol=1e-6)
        np.testing.assert_allclose(model.probabilities([one])[0][: len(one)], row[: len(one)], atol=1e-6)


@pytest.mark.parametrize("words", [True, False])
def test_numpy_says_what_native_code_says(tmp_path, monkeypatch, words):
    if native.library() is None:
        pytest.skip(native.explain())
    given, path = WORDS if words else series(), small.write(tmp_path, small.tagger(words))
    found = Model.load(path).outputs(given)
    monkeypatch.setenv(native.VARIABLE, "reference")
    np.testing.assert_allclose(Model.load(path).outputs(given), found, atol=2e-6)


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ([], r"Example 1 \(counted from 0\) is an empty list of words\. Leave it out\."),
        (["a", " "], r"Example 1 \(counted from 0\): word 1 is empty or blank\. Leave it out\."),
        (["\ud800"], r"Example 1 .*: word 0: it contains half a character, U\+D800\. Remove it\."),
        ("a fine x", "Example 1 .* is not a list of words"),
    ],
)
def test_what_are_no_words_is_refused(tmp_path, example, message):
    with pytest.raises(InputError, match=message):
        Model.load(small.write(tmp_path, small.tagger())).predict([["a"], example])


def test_a_network_that_cannot_tag_is_refused(tmp_path):
    once, plain, filled = small.tagger(), small.tagger(), small.tagger()
    once["model"]["layers"][1]["gives"] = "last"
    plain["model"]["layers"][0] |= {"kind": "embedding", "mask_zero": True}
    filled["model"]["layers"][0]["vectors"][0] = 1
    for tree, message in (
        (once, "does not give an answer at every step that is there"),
        (plain, "does not read what its reader gives"),
        (filled, "its first vector, that of no form, is not 0"),
    ):
        with pytest.raises(ModelError, match=message):
            Model.load(small.write(tmp_path, tree))
    tree = small.series_network()
    tree["model"]["layers"][0]["gives"] = "all"
    with pytest.raises(ModelError, match="the last layer does not fit the task"):
        Model.load(small.write(tmp_path, tree))


def test_a_tagger_of_an_earlier_version_is_to_be_trained_again(tmp_path):
    tree = small.tagger()
    tree["reader"]["kind"] = "split words"
    with pytest.raises(ModelError, match=r"An earlier version of unspool trained this tagger\. Train it again"):
        Model.load(small.write(tmp_path, tree))
