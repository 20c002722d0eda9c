from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool.data.ragged import Ragged
from unspool.data.tokenizers.vocabulary import Vocabulary
from unspool.errors import UserError

WORDS = Vocabulary(tuple(f"w{rank}" for rank in range(1, 41)))


def keras_ids(
    train: list[list[int]], test: list[list[int]], num_words: int, skip_top: int, folder: Path
) -> tuple[list[list[int]], list[list[int]]]:
    """What Keras's own function makes of the same ranks; the labels tell where its shuffle put each example."""
    from keras.src.datasets import imdb

    def column(sequences: list[list[int]]) -> np.ndarray:
        cells = np.empty(len(sequences), dtype=object)
        cells[:] = [list(sequence) for sequence in sequences]
        return cells

    path = folder / "imdb.npz"
    np.savez(
        path,
        x_train=column(train),
        y_train=np.arange(len(train)),
        x_test=column(test),
        y_test=np.arange(len(test)),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imdb, "get_file", lambda **_: str(path))
        splits = imdb.load_data(num_words=num_words, skip_top=skip_top)
    restored = []
    for sequences, positions in splits:
        in_order = {int(position): list(ids) for position, ids in zip(positions, sequences, strict=True)}
        restored.append([in_order[index] for index in range(len(in_order))])
    return restored[0], restored[1]


RANKS = st.lists(st.lists(st.integers(1, 40), max_size=12), min_size=1, max_size=6)


@settings(deadline=None, max_examples=60)
@given(RANKS, RANKS, st.integers(1, 50), st.integers(0, 50))
def test_encode_means_what_keras_means(
    tmp_path_factory: pytest.TempPathFactory,
    train: list[list[int]],
    test: list[list[int]],
    num_words: int,
    skip_top: int,
) -> None:
    expected = keras_ids(train, test, num_words, skip_top, tmp_path_factory.mktemp("npz"))
    ours = [
        WORDS.encode(Ragged.from_sequences(ranks), num_words=num_words, skip_top=skip_top).tolist()
        for ranks in (train, test)
    ]
    assert ours == list(expected)


def test_skip_top_acts_on_ids_and_takes_the_start_too() -> None:
    ids = WORDS.encode(Ragged.from_sequences([[1, 16, 17, 36, 37], []]), num_words=40, skip_top=20)
    assert ids.tolist() == [[2, 2, 2, 20, 39, 2], [2]]


def test_without_a_limit_every_word_is_kept() -> None:
    assert WORDS.encode(Ragged.from_sequences([[1, 40]])).tolist() == [[1, 4, 43]]


def test_no_texts_give_no_ids() -> None:
    assert WORDS.encode(WORDS.ranks([]), num_words=10).tolist() == []


def test_words_are_ranked_by_frequency_then_by_the_alphabet() -> None:
    vocabulary = Vocabulary.from_texts(["b a c", "c, B! d", "<br />"])
    assert vocabulary.words == ("b", "c", "a", "d")


def test_a_word_that_training_never_showed_is_skipped() -> None:
    vocabulary = Vocabulary.from_texts(["good film"])
    assert vocabulary.ranks(["a good, good plot", "nothing", ""]).tolist() == [[2, 2], [], []]


@given(st.lists(st.lists(st.integers(1, 40), max_size=8), max_size=5))
def test_decode_gives_the_words_back(ranks: list[list[int]]) -> None:
    ids = WORDS.encode(Ragged.from_sequences(ranks))
    for sequence, row in zip(ranks, ids, strict=True):
        assert WORDS.decode(row) == ["<start>", *(f"w{rank}" for rank in sequence)]


def test_decode_names_what_is_no_word() -> None:
    assert WORDS.decode([0, 1, 2, 3, 4, 43]) == ["<pad>", "<start>", "<unknown>", "<unused>", "w1", "w40"]


@pytest.mark.parametrize("number", [-1, 44])
def test_decode_refuses_an_id_without_a_word(number: int) -> None:
    with pytest.raises(UserError, match=f"id {number} has no word: ids go from 0 to 43"):
        WORDS.decode([number])


@pytest.mark.parametrize(("num_words", "skip_top", "message"), [(0, 0, "num_words is 0"), (9, -1, "skip_top is -1")])
def test_limits_out_of_range_are_refused(num_words: int, skip_top: int, message: str) -> None:
    with pytest.raises(UserError, match=message):
        WORDS.encode(Ragged.from_sequences([[1]]), num_words=num_words, skip_top=skip_top)


@pytest.mark.parametrize("rank", [0, 41])
def test_ranks_of_another_vocabulary_are_refused(rank: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 40"):
        WORDS.encode(Ragged.from_sequences([[1], [rank]]))


@given(st.lists(st.text(min_size=1), max_size=5))
def test_a_saved_vocabulary_comes_back(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("words") / "vocabulary.txt"
    vocabulary = Vocabulary.from_texts(texts)
    try:
        vocabulary.save(path)
    except UnicodeEncodeError:
        return  # a lone surrogate, which no text read from a file holds
    assert Vocabulary.load(path) == vocabulary


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"good\nbad\ngood\n", r"words\.txt is not a vocabulary.*'good' occurs 2 times"),
        (b"good\n\nbad\n", r"words\.txt is not a vocabulary.*Word 2"),
        (b"good film\n", r"words\.txt is not a vocabulary.*Word 1"),
        (b"good\n\xff\n", r"words\.txt is not UTF-8 text \(byte 5\)"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        Vocabulary.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"words\.txt cannot be read: No such file"):
        Vocabulary.load(tmp_path / "words.txt")
