"""Text to words, by the convention of Keras's Tokenizer, from which its IMDb was made."""

import re

LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_PUNCTUATION = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))


def tokenize(text: str) -> list[str]:
    """Split a text into words: lower case, punctuation (but not the apostrophe) as white space, split on white space.

    HTML line breaks, which stand in the raw reviews of IMDb, become white space and never the word "br". That is the
    one difference from Keras's Tokenizer, apart from any white space (not only the plain space) parting words.

    Returns:
        The words in their order, none of them empty.

    Example:
        >>> tokenize("Don't miss it!<br /><br />A well-made film.")
        ["don't", 'miss', 'it', 'a', 'well', 'made', 'film']
    """
    return LINE_BREAK.sub(" ", text).lower().translate(_PUNCTUATION).split()
