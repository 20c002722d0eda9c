"""Reading texts natively gives the tokens of the readable reference, whatever the script."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool import kernels
from unspool.data.tokenizers.lexicon import Lexicon
from unspool.data.tokenizers.text_tokens import text_tokens

PARTS = [
    "<br />",
    "<BR>",
    "<br",
    " ",
    "\n",
    "\x1c",
    "'",
    "'s",
    "’",
    "…",
    "Don't",
    "A1",
    "Σ",
    "İ",
    "ﬁ",
    "é",
    "e\u0301",
    "我",
    "👍🏽",
    "\u200d",
]
TEXTS = st.lists(st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=4)), max_size=12).map("".join), max_size=6)
PATHS = pytest.mark.parametrize("path", ["native", "reference"])


@pytest.fixture(autouse=True)
def _paths(request):
    path = request.getfixturevalue("path") if "path" in request.fixturenames else "native"
    if path == "native" and kernels.status().path != "native":
        pytest.skip("no native kernels")
    with kernels.use(path):
        yield


@given(texts=TEXTS)
@settings(deadline=None)
def test_the_tokens_are_the_references(texts):
    with kernels.use("native"):
        lexicon = Lexicon()
        read = lexicon.read(texts, grow=True)
        words = lexicon.tokens()
        assert [[words[number] for number in row] for row in read] == [text_tokens(text) for text in texts]
        assert len(set(words)) == len(words) == len(lexicon)
        assert lexicon.read(texts).tolist() == read.tolist()


@PATHS
def test_a_lexicon_that_does_not_grow(path):
    lexicon = Lexicon(["film", "été", "a"])
    assert lexicon.read(["A new FILM, l'été — été"]).tolist() == [[2, -1, 0, -1, -1, -1, 1]]
    assert lexicon.tokens() == ["film", "été", "a"]


@PATHS
def test_numbers_follow_first_appearance(path):
    assert Lexicon().read(["b a b", "", "c a"], grow=True).tolist() == [[0, 1, 0], [], [2, 1]]


@PATHS
def test_no_texts(path):
    assert Lexicon().read([]).tolist() == []


def test_many_chunks_and_many_tokens():
    texts = [f"w{i} é{i % 7} {'x ' * (i % 5)}" for i in range(20_000)]
    lexicon = Lexicon()
    read = lexicon.read(iter(texts), grow=True)
    words = lexicon.tokens()
    for i in (0, 8191, 8192, 19_999):
        assert [words[number] for number in read[i]] == text_tokens(texts[i])
    assert len(lexicon) == 20_000 + 7 + 1


@pytest.mark.parametrize("letter", ["w", "é"])
def test_several_threads_read_the_same_tokens(letter):
    words = [f"{letter}{i}" for i in range(5000)]
    rows = [[(i * step) % len(words) for i in range(400)] for step in range(1, 201)]
    texts = [" ".join(words[number] for number in row) for row in rows]
    lexicon = Lexicon(words)
    with ThreadPoolExecutor(4) as threads:
        for read in threads.map(lambda _: lexicon.read(texts), range(16)):
            assert read.tolist() == rows


def test_pieces_are_forgotten_with_the_texts_that_they_were_read_from():
    lexicon = Lexicon()
    for first in range(0, 3000, 1000):
        lexicon.read(" ".join(f"é{first + i}" for i in range(1000)) for _ in range(3))
        assert len(lexicon._lexicon.pieces()) == 1000
    lexicon.read(["plain words"])
    assert lexicon._lexicon.pieces() == []


def test_surrogates_and_zero_bytes_do_no_harm():
    lexicon = Lexicon()
    assert lexicon.read(["a\ud800b \x00c"], grow=True).tolist() == [[1, 2, 0]]
    assert lexicon.tokens() == ["c", "a", "b"]
