import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.tokenizers.tokens import tokenize


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("...!?", []),
        ("It's GOOD; don't miss-it.", ["it's", "good", "don't", "miss", "it"]),
        ("bad<br /><br />worse<BR/>worst<br>", ["bad", "worse", "worst"]),
        ("br and hebrew", ["br", "and", "hebrew"]),
        ("a\tb\nc\r\nd\x85e\u00a0f", ["a", "b", "c", "d", "e", "f"]),
        ("10/10 caf\u00e9", ["10", "10", "caf\u00e9"]),
        ("a < b /> c", ["a", "b", "c"]),
    ],
)
def test_known_texts(text: str, words: list[str]) -> None:
    assert tokenize(text) == words


@given(st.text())
def test_words_hold_no_space_and_no_punctuation_and_are_stable(text: str) -> None:
    words = tokenize(text)
    for word in words:
        assert word
        assert word.split() == [word]
        assert not set(word) & set('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~')
    assert tokenize(" ".join(words)) == tokenize(" ".join(words).lower())


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_equals_keras_tokenizer_on_plain_text(text: str) -> None:
    """The convention spelt out: lower, each filtered character to a space, split on the space."""
    filters = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
    by_hand = "".join(" " if letter in filters else letter for letter in text.lower())
    if "<br" not in text.lower():
        assert tokenize(text) == [word for word in by_hand.split(" ") if word]
