import pytest

from unspool.data.tokenizers.text_tokens import text_tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \t\n", []),
        ("Don't, DON'T 'quoted'", ["don't", ",", "don't", "'", "quoted", "'"]),
        ("rock'n'roll it's5", ["rock'n", "'", "roll", "it's", "5"]),
        ("wow!!! ...?! :-)", ["wow", "!!!", "...?!", ":-)"]),
        ("a<br />b<BR>c<br\n/>d<br", ["a", "b", "c", "d", "<", "br"]),
        ("snake_case a-b", ["snake", "_", "case", "a", "-", "b"]),
        ("\x00bell\x07\x7f", ["bell"]),
        ("l’été ﬁn ΟΔΟΣ", ["l'été", "fin", "οδος"]),
        ("我喜欢。", ["我", "喜", "欢", "。"]),
        ("👍🏽👨‍👩‍👧 ok🇩🇪", ["👍🏽", "👨‍👩‍👧", "ok", "🇩🇪"]),
        ("\u00a0a\u2003b\u200bc", ["a", "b", "c"]),
        ("यह फ़िल्म", ["यह", "फ़िल्म"]),
    ],
)
def test_tokens(text, expected):
    assert text_tokens(text) == expected
