"""A text in any language to tokens: words, and the punctuation between them, which tells much about a text."""

import re
import unicodedata

import regex

from unspool.data.tokenizers.words import UNSPACED

_LINE_BREAK = re.compile(r"<br[ \t\n\r\f\v]*/?>", re.IGNORECASE | re.ASCII)
_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_ASCII = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[!-/:-@\[-`{-~]+")
_ALONE = rf"{UNSPACED}\p{{Extended_Pictographic}}\p{{Regional_Indicator}}"
_ANY = regex.compile(
    rf"(?V1)(?=[{_ALONE}])\X"
    rf"|[\p{{L}}\p{{M}}\p{{N}}--{UNSPACED}]+(?:'[\p{{L}}\p{{M}}--{UNSPACED}]+)?"
    rf"|[\p{{P}}\p{{S}}--{_ALONE}]+"
)


def text_tokens(text: str) -> list[str]:
    """Split a text into lower-case words and runs of punctuation.

    A word is a run of letters, marks and digits, with one apostrophe and letters after it (`don't`, `film's`). A run of
    punctuation and symbols is one token, as `...` and `?!`. Text beyond ASCII is brought to Unicode's normal form NFKC,
    with a curly apostrophe as a straight one; scripts without spaces between words (Chinese, Japanese, Thai, Lao,
    Khmer, Burmese) give a token for each character, and an emoji is one. HTML line breaks are white space.

    This is the reference: `unspool.data.tokenizers.lexicon` reads many texts faster, to the same tokens.

    Returns:
        The tokens in their order, none of them empty.

    Example:
        >>> text_tokens("Don't miss it!<br />Très bien… 10/10 :-)")
        ["don't", 'miss', 'it', '!', 'très', 'bien', '...', '10', '/', '10', ':-)']
    """
    return [token for piece in text_pieces(text) for token in piece_tokens(piece)]


def text_pieces(text: str) -> list[str]:
    """Cut a text at HTML line breaks and ASCII's white space, and leave the pieces as they are.

    Example:
        >>> text_pieces("Don't<br />miss  it!")
        ["Don't", 'miss', 'it!']
    """
    return [piece for piece in _SPACE.split(_LINE_BREAK.sub(" ", text)) if piece]


def piece_tokens(piece: str) -> list[str]:
    """Split what stands between white space, where there is no line break, into tokens.

    Example:
        >>> piece_tokens("l’été!!")
        ["l'été", '!!']
    """
    if piece.isascii():
        return _ASCII.findall(piece.lower())
    plain = unicodedata.normalize("NFKC", piece).replace("’", "'").lower()
    found: list[str] = _ANY.findall(plain)
    return found
