"""The runtime reads raw examples as the trainer does."""

import numpy as np
import pytest

from unspool.data.tokenizers.vocabulary import Vocabulary
from unspool.data.tokenizers.word_tokenizer import WordTokenizer
from unspool.export.characters import characters_node
from unspool.export.golden import PROBES
from unspool.export.packing import pack
from unspool.export.readers import reader_node
from unspool.readers import SeriesReader, TextReader, TokenReader, VocabularyReader

readers = pytest.importorskip("unspool_runtime.readers")
from unspool_runtime.characters import Characters  # noqa: E402
from unspool_runtime.node import Node  # noqa: E402

WORDS = ("a", "film", "très", "don't", "我", "10", "made", "👍🏽")
TEXTS = [*PROBES, "a film " * 30, "a b film c", "A don't, 10 made film"]


@pytest.fixture(params=["native", "reference"])
def node_of(request, monkeypatch):
    monkeypatch.setenv("UNSPOOL_KERNELS", request.param)

    def made(tree):
        plain, arrays = pack(tree, "reader")
        return Node(plain, arrays)

    return made


def tokens(batches, count):
    found = [None] * count
    for places, steps in batches:
        for place, row in zip(places.tolist(), steps.tokens, strict=True):
            found[place] = row.tolist()
    return found


def test_words_become_the_same_ids(node_of):
    reader = TextReader(WordTokenizer(WORDS), 20)
    ours = readers.WordsReader(node_of(reader_node(reader)), Characters.read(node_of(characters_node())))
    wanted = reader.read(TEXTS).tolist()
    found = tokens(ours.batches(TEXTS), len(TEXTS))
    for row, ids in zip(found, wanted, strict=True):
        assert row == [0] * (len(row) - len(ids)) + ids
    assert max(map(len, wanted)) == 20


@pytest.mark.parametrize(("num_words", "skip_top", "length"), [(12, 0, 20), (9, 6, 5), (7, 1, 3), (30, 2, 50)])
def test_ranked_words_become_the_same_ids(node_of, num_words, skip_top, length):
    reader = VocabularyReader(Vocabulary(WORDS), num_words, skip_top, length)
    ours = readers.RankedWordsReader(node_of(reader_node(reader)))
    assert tokens(ours.batches(TEXTS), len(TEXTS)) == reader.read(TEXTS).tolist()


def test_token_ids_become_the_same_ids(node_of):
    reader = TokenReader(np.array([-3, 7, 900]), 4)
    given = [np.array([7, 8, 900, -3, 7, 10**12]), np.array([], np.int64), np.array([900])]
    ours = readers.IdsReader(node_of(reader_node(reader)))
    for row, ids in zip(tokens(ours.batches(given), 3), reader.read(given).tolist(), strict=True):
        assert row == [0] * (len(row) - len(ids)) + ids


def test_series_become_the_same_numbers(node_of):
    reader = SeriesReader(("x", "y"), 4, (1.0, -2.0), (3.0, 0.5))
    nan = np.nan
    given = [
        np.arange(14.0).reshape(7, 2),
        np.array([[nan, 1.0], [2.0, nan], [nan, nan], [5.0, nan]]),
        np.array([[nan, 3.0]]),
    ]
    wanted = reader.read_series(given)
    ((places, steps),) = readers.SeriesReader(node_of(reader_node(reader))).batches(given)
    present = ~np.isnan(wanted[places]).all(axis=2)
    assert steps.mask.astype(bool).tolist() == present.tolist()
    np.testing.assert_array_equal(steps.values, np.nan_to_num(wanted[places]))
