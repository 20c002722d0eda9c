import pickle
import random
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.tokenizers.byte_pairs import BytePairTokenizer
from unspool.errors import UserError

TEXTS = [" ".join(["the film and the plot of the film"] * 3), "the pad and the start, unknown <pad>"] * 4


@pytest.fixture(scope="module")
def tokenizer() -> BytePairTokenizer:
    return BytePairTokenizer.fit(TEXTS, size=300)


def test_frequent_words_become_one_token(tokenizer: BytePairTokenizer) -> None:
    [ids] = tokenizer.encode(["the film of the plot"])
    assert tokenizer.tokens(ids) == ["<start>", "the", " film", " of", " the", " plot"]
    assert tokenizer.size <= 300


@given(st.lists(st.text(), max_size=5))
def test_any_text_comes_back_to_the_letter(tokenizer: BytePairTokenizer, texts: list[str]) -> None:
    encoded = tokenizer.encode(texts)
    assert len(encoded) == len(texts)
    for text, ids in zip(texts, encoded, strict=True):
        assert tokenizer.decode([0, 0, *ids]) == text
        assert ids[0] == 1
        assert all(3 <= number < tokenizer.size for number in ids[1:])


@pytest.mark.parametrize("text", [" pad", " start and unknown", "<pad> <start> <unknown>", " unknown"])
def test_no_text_gives_an_id_that_is_special(tokenizer: BytePairTokenizer, text: str) -> None:
    [ids] = tokenizer.encode([text])
    assert min(ids[1:]) > 2
    assert tokenizer.decode(ids) == text


def test_part_of_a_character_is_shown_as_such(tokenizer: BytePairTokenizer) -> None:
    [ids] = tokenizer.encode(["é"])
    assert tokenizer.tokens([0, 2, *ids]) == ["<pad>", "<unknown>", "<start>", "�", "�"]


def test_an_id_without_a_token_is_refused(tokenizer: BytePairTokenizer) -> None:
    with pytest.raises(IndexError, match="the id 5000 has no token"):
        tokenizer.tokens([5000])


def test_the_same_texts_give_the_same_tokenizer() -> None:
    letters = random.Random(0)
    texts = [" ".join("".join(letters.choices("abcdé", k=4)) for _ in range(20)) for _ in range(300)]
    assert BytePairTokenizer.fit(iter(texts), size=1000) == BytePairTokenizer.fit(texts, size=1000)


def test_it_can_be_pickled_after_use(tokenizer: BytePairTokenizer) -> None:
    tokenizer.encode(["the film"])
    assert pickle.loads(pickle.dumps(tokenizer)) == tokenizer


def test_a_size_without_room_for_the_bytes_is_refused() -> None:
    with pytest.raises(UserError, match="is 100: for BPE it must be at least 259"):
        BytePairTokenizer.fit(TEXTS, size=100)


def test_without_its_library_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(UserError, match=r"pip install 'unspool\[bpe\]'"):
        BytePairTokenizer.fit(TEXTS)


@pytest.mark.parametrize(
    ("part", "value", "reason"),
    [
        ("padding", {"strategy": {"Fixed": 10**9}}, "it has a padding"),
        ("truncation", {"max_length": 1}, "it has a truncation"),
        ("normalizer", {"type": "Prepend", "prepend": "x" * 1000}, "it has a normalizer"),
        ("post_processor", {"type": "ByteLevel"}, "it has a post_processor"),
        ("added_tokens", [{"id": 300, "content": "film"}], "it has added tokens"),
        ("pre_tokenizer", {"type": "Whitespace"}, "its pre_tokenizer is not byte-level"),
        ("decoder", None, "its decoder is not byte-level"),
        ("model/dropout", 0.5, "it has a dropout"),
        ("model/unk_token", "the", "it has a unk_token"),
        ("model", {"type": "WordPiece"}, "it does not describe a BPE"),
    ],
)
def test_what_fit_never_makes_is_refused(part, value, reason):
    definition = BytePairTokenizer.fit(["the film and the plot"] * 5, size=270).definition()
    place, *rest = part.split("/")
    if rest:
        definition["bpe"][place][rest[0]] = value
    else:
        definition["bpe"][place] = value
    with pytest.raises(ValueError, match=reason):
        BytePairTokenizer.from_definition(definition)
