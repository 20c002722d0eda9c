"""The page splits texts as training does: in JavaScript, by the same table, whatever Unicode the engine has."""

import json
import random
from unicodedata import category

import numpy as np
import pytest

from unspool.candidates.texts.corpus import characters as characters_of
from unspool.data.tokenizers.text_tokens import text_tokens
from unspool.data.tokenizers.word_forms import forms_of
from unspool.data.tokenizers.words import words
from unspool.export.characters import CHARACTERS, characters_node, properties_of_characters
from unspool.export.page.script import CORE, joined
from unspool.export.page.unicode import tables

_HEAD = """
const array = (data) => ({ data });
const { starts, classes, properties } = given.node;
const characters = new Characters({ starts: array(starts), classes: array(classes), properties }, given.unicode);
"""
_SPLIT = f"""{_HEAD}
print(given.texts.map((text) => [characters.words(text), characters.tokens(text), characters.plain(text)]));
"""
SHORT = [
    "'",
    "’",
    " ",
    "\n",
    "\x0b",
    "\x1c",
    "\x85",
    "\ufeff",
    "\u2028",
    "<br />",
    "<BR\u00a0>",
    "a",
    "B",
    "7",
    "-",
    "\u200d",
    "Σ",
    "İ",
]
HARD = [
    "👨‍👩‍👧‍👦👍🏽🇩🇪🇫🇷🇩☕️5️⃣©",
    "က္က ក្ម ကျွန်တော် ភាសាខ្មែរ",
    "ผู้ใหญ่ ພາສາລາວ",
    "हिन्दी क्षत्रिय ക്ഷ",
    "ﬁne Ｆｕｌｌ ①② İSTANBUL ǅ ß ΟΔΟΣ ΣΑΣ.Σ ʕΣ",  # whether ʕ has a case depends on the version of Unicode
    "don't 'don't' o''clock l’été",
    "a<br\n/>b <br\u00a0/>c",
    "\ud800 lone \udfff surrogates",
    "",
]


def same(compute, texts):
    table = {name: np.asarray(value).tolist() for name, value in characters_node().items()}
    found = compute(_SPLIT, {"node": table, "unicode": tables(), "texts": texts})
    for text, (some_words, tokens, plain) in zip(texts, found, strict=True):
        assert some_words == words(text), ascii(text)
        assert tokens == text_tokens(text), ascii(text)
        assert [ord(one) for one in plain] == characters_of([text]).flat.tolist(), ascii(text)


@pytest.fixture
def in_chromium(chromium):
    """Runs the same in a browser, whose Unicode is another than Node's and Python's."""

    def computed(program, given):
        start = f"'use strict'; let found; const print = (one) => (found = one); const given = {json.dumps(given)};"
        return chromium.value(f"(() => {{ {start}\n{joined(CORE)}\n{program}\nreturn found; }})()")

    return computed


def mixed(count):
    """Texts of a few characters each, of every class there is, equal ones in each run."""
    draw = random.Random(0)
    bits = properties_of_characters()
    classes = [np.flatnonzero(bits == one).tolist() for one in np.unique(bits)]
    letters = [
        chr(code) for code in range(0x370, 0x600)
    ]  # Greek, Cyrillic, Armenian, Hebrew: much of them has two cases

    def one():
        kind = draw.randrange(4)
        if kind == 0:
            return draw.choice(SHORT)
        if kind == 1:
            return draw.choice(letters)
        return chr(draw.choice(draw.choice(classes)) if kind == 2 else draw.randrange(CHARACTERS))

    texts = ["".join(one() for _ in range(draw.randint(1, 12))) for _ in range(count)]
    # Halves of a pair side by side are one character in JavaScript; no text that is read from a file has them.
    return [text for text in texts if text == text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")]


def test_texts_of_all_scripts_are_split_alike(node):
    same(node, HARD + mixed(3000))


def test_texts_of_all_scripts_are_split_alike_in_a_browser(in_chromium):
    same(in_chromium, HARD + mixed(1000))


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["node", "in_chromium"])
def test_every_character_is_split_alike(request, engine):
    compute = request.getfixturevalue(engine)
    alike = ("Cn", "Co")  # all of these are alike to Python: some stand for all
    some = [one for one in map(chr, range(CHARACTERS)) if category(one) not in alike or ord(one) % 50 == 0]
    for start in range(0, len(some), 1 << 14):
        same(compute, [f"a{one}b {one}Σ我{one}1{one}" for one in some[start : start + (1 << 14)]])


def test_words_have_the_same_forms(node):
    program = _HEAD + "const reader = new WordFormsReader({ vocabulary: [] }, characters);\n"
    listed = ["Talking", "McCoy", "NATO", "X", "4th", "B2B", "--", "北京", "é", "été", "👍🏽ing", *SHORT, *HARD]
    rng = random.Random(0)
    listed += ["".join(rng.choices("aZé9-ßİΣ😀", k=rng.randrange(6))) for _ in range(300)]
    table = {name: np.asarray(value).tolist() for name, value in characters_node().items()}
    given = {"node": table, "unicode": tables(), "words": listed}
    found = node(program + "print(given.words.map((word) => reader.forms(word)));", given)
    assert found == [forms_of(word) for word in listed]
