"""Text in any language to words."""

import unicodedata

import regex

from unspool.data.tokenizers.tokens import LINE_BREAK, tokenize

# Written without spaces between words: each character, with the marks on it, is a word of its own.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"

_PICTURES = r"\p{Extended_Pictographic}\p{Regional_Indicator}"
_WORD = regex.compile(rf"(?V1)(?=[{UNSPACED}{_PICTURES}])\X|[\p{{L}}\p{{M}}\p{{N}}'--{UNSPACED}]+")


def words(text: str) -> list[str]:
    """Split a text in any language into words, in lower case and without punctuation.

    On plain ASCII this is `tokens.tokenize`, the convention of Keras's Tokenizer. Beyond it, a word is a run of
    letters, marks and digits of any script (Unicode normal form NFKC, a curly apostrophe as a straight one). Scripts
    that put no space between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) give a word for each character, marks
    included: finding their words takes a dictionary of the language. An emoji, a flag or a family is one word.

    Returns:
        The words in their order, none of them empty.

    Example:
        >>> words("Don’t miss it – très bien! 👍🏽")
        ["don't", 'miss', 'it', 'très', 'bien', '👍🏽']
        >>> words("我喜欢。यह फ़िल्म अच्छी है।")
        ['我', '喜', '欢', 'यह', 'फ़िल्म', 'अच्छी', 'है']
    """
    if text.isascii():
        return tokenize(text)
    plain = unicodedata.normalize("NFKC", text).replace("’", "'")
    found: list[str] = _WORD.findall(LINE_BREAK.sub(" ", plain).lower())
    return found
