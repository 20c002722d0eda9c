"""The runtime splits texts as training does, by the table that goes with a model: every script, and how they mix."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.candidates.texts.corpus import characters as characters_of
from unspool.data.tokenizers.text_tokens import text_tokens
from unspool.data.tokenizers.words import words
from unspool.export.characters import CHARACTERS, characters_node, properties_of_characters

runtime = pytest.importorskip("unspool_runtime.characters")

NODE = characters_node()
READ = runtime.Characters(NODE["starts"], NODE["classes"], tuple(NODE["properties"]))
OF_EACH_CLASS = [
    [chr(character) for character in np.flatnonzero(properties_of_characters() == bits)[:200] if character > 127]
    for bits in NODE["properties"]
]
ANY = st.one_of(
    st.sampled_from(sorted({one for some in OF_EACH_CLASS for one in some})),
    st.characters(codec="utf-8"),
    st.sampled_from(["'", "’", " ", "\n", "\x0b", "\u2028", "<br />", "<BR\u00a0>", "a", "B", "7", "-", "\u200d"]),
)
TEXTS = st.lists(ANY, max_size=12).map("".join)


def same(text):
    assert READ.words(text) == words(text)
    assert READ.tokens(text) == text_tokens(text)
    plain = runtime.plain_characters(text)
    assert runtime.codes_of([plain]).tolist() == characters_of([text]).flat.tolist()


@given(TEXTS)
def test_texts_of_all_scripts_are_split_alike(text):
    same(text)


@pytest.mark.parametrize("members", [some for some in OF_EACH_CLASS if some], ids=lambda some: hex(ord(some[0])))
def test_a_class_behind_and_before_every_other_is_split_alike(members):
    for other in OF_EACH_CLASS:
        for middle in other[:1]:
            same(f"a{members[0]}{middle}{members[-1]}{middle}1 {middle}{members[0]}")


@pytest.mark.parametrize(
    "text",
    [
        "👨‍👩‍👧‍👦👍🏽🇩🇪🇫🇷🇩☕️5️⃣©",
        "က္က ក្ម ကျွန်တော် ភាសាខ្មែរ",  # Burmese and Khmer stack consonants
        "ผู้ใหญ่ ພາສາລາວ",
        "हिन्दी क्षत्रिय ക്ഷ",
        "ﬁne Ｆｕｌｌ ①② İSTANBUL ǅ ß",
        "don't 'don't' o''clock l’été",
        "\ud800 lone \udfff surrogates",
    ],
)
def test_what_is_hard_to_split(text):
    same(text)


@pytest.mark.slow
def test_every_character_is_split_alike():
    for number in range(CHARACTERS):
        character = chr(number)
        for text in (character, f"a{character}b", character * 2, f"我{character}1"):
            same(text)
