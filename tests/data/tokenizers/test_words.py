import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.tokenizers.tokens import tokenize
from unspool.data.tokenizers.words import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("¡Qué película!", ["qué", "película"]),
        ("don’t – «stop»…", ["don't", "stop"]),
        ("bad<br /><br/>café", ["bad", "café"]),
        ("x_y naïve 3.5", ["x", "y", "naïve", "3", "5"]),
        ("هذا فيلم رائع، أليس كذلك؟", ["هذا", "فيلم", "رائع", "أليس", "كذلك"]),
        ("यह फ़िल्म अच्छी है।", ["यह", "फ़िल्म", "अच्छी", "है"]),
        ("안녕하세요 영화", ["안녕하세요", "영화"]),
        ("我喜欢这部10分的电影。", ["我", "喜", "欢", "这", "部", "10", "分", "的", "电", "影"]),
        ("この映画ok", ["こ", "の", "映", "画", "ok"]),
        ("ดีมาก", ["ดี", "ม", "า", "ก"]),
        ("ὈΔΥΣΣΕΎΣ", ["ὀδυσσεύς"]),
        ("great👍🏽👨‍👩‍👧 🇩🇪!", ["great", "👍🏽", "👨‍👩‍👧", "🇩🇪"]),
        ("ﬁne ＡＢＣ１２", ["fine", "abc12"]),
        ("cafe\u0301", ["café"]),
        ("a\u00a0b\u200bc\u3000d", ["a", "b", "c", "d"]),
    ],
)
def test_known_texts(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_gives_the_same_words_on_either_path(text: str) -> None:
    assert words(text) == tokenize(text)
    assert words(text + " é") == [*tokenize(text), "é"]


@given(st.text())
def test_words_of_any_text_are_neither_empty_nor_parted_and_stable(text: str) -> None:
    found = words(text)
    assert all(word and word.split() == [word] for word in found)
    assert words(" ".join(found)) == found
