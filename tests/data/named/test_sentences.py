import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.datasets import TextDataset
from unspool.data.named import prose, sentences
from unspool.data.named.registry import DATASETS
from unspool.errors import UserError

INFO = DATASETS["sentences"]
FOUND = [tuple(f"the number of it is {word} and not that".split()) for word in "abcdefghij"]


@given(st.lists(st.sampled_from(["to", "be", "or"]), min_size=2, max_size=6), st.integers(0, 2**32 - 1))
def test_shuffled_words_are_the_same_in_another_order(words: list[str], seed: int) -> None:
    if len(set(words)) == 1:
        with pytest.raises(ValueError, match="only one order"):
            sentences.shuffle_words(tuple(words), np.random.RandomState(seed))
        return
    shuffled = sentences.shuffle_words(tuple(words), np.random.RandomState(seed))
    assert sorted(shuffled) == sorted(words)
    assert shuffled != tuple(words)


def test_every_order_can_come_up() -> None:
    random = np.random.RandomState(0)
    drawn = {sentences.shuffle_words(("a", "b", "c"), random) for _ in range(200)}
    assert len(drawn) == 5


def check(dataset: TextDataset, expected: set[str]) -> None:
    originals = {}
    for split in (dataset.train, dataset.test):
        assert split.labels.tolist() == [1, 0] * (len(split) // 2)
        assert split.groups is not None
        for index in range(0, len(split), 2):
            original, shuffled = split.texts[index], split.texts[index + 1]
            assert split.groups[index] == split.groups[index + 1]
            assert sorted(original.split()) == sorted(shuffled.split())
            assert original != shuffled
            assert original not in originals
            originals[original] = split.groups[index]
    assert set(originals) == expected
    assert sorted(originals.values()) == list(range(len(expected)))


def test_each_sentence_gives_both_forms_on_one_side() -> None:
    dataset = sentences.assemble(INFO, FOUND)
    check(dataset, {" ".join(words) for words in FOUND})
    assert (len(dataset.train), len(dataset.test)) == (16, 4)
    assert dataset.label_names == ("shuffled", "original")
    assert dataset.train.ranks[0].tolist() == dataset.vocabulary.ranks([dataset.train.texts[0]])[0].tolist()


def test_it_is_always_the_same_and_the_digest_tells_others_apart() -> None:
    one, two = sentences.assemble(INFO, FOUND), sentences.assemble(INFO, FOUND)
    assert list(one.train.texts) == list(two.train.texts)
    assert one.digest == two.digest != sentences.assemble(INFO, FOUND[:-1]).digest


def test_a_python_without_sources_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prose, "collect", lambda: FOUND)
    with pytest.raises(UserError, match="gives only 10 sentences: its sources or documentation are not installed"):
        sentences.load(INFO)


@pytest.mark.whole
def test_the_real_sentences_are_prepared_once(
    collected: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prose, "collect", lambda: collected)
    dataset = sentences.load(INFO)
    check(dataset, {" ".join(words) for words in collected})
    monkeypatch.setattr(prose, "collect", lambda: [])
    again = sentences.load(INFO)
    assert again.digest == dataset.digest
    assert list(again.test.texts) == list(dataset.test.texts)
    np.testing.assert_array_equal(again.train.ranks.flat, dataset.train.ranks.flat)


@pytest.mark.whole
def test_another_python_has_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    here = sentences.library_key()
    assert here == sentences.library_key()
    monkeypatch.setattr(sentences.platform, "python_version", lambda: "3.99.0")
    assert sentences.library_key() != here
    monkeypatch.undo()
    monkeypatch.setattr(prose, "library_files", lambda: [])
    assert sentences.library_key() != here
