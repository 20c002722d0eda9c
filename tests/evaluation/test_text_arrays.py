"""Texts as bytes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from unspool.evaluation.text_arrays import as_array, texts_of

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_texts_come_back(texts):
    assert texts_of(as_array(texts)) == texts
    assert texts_of(as_array(texts).astype(np.float64)) == texts


def test_what_no_text_can_hold_is_left_out_or_replaced():
    assert texts_of(as_array(["a\0b", "\ud800"])) == ["ab", "?"]
