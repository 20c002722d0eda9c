"""Text made safe to look at."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from unspool.report.wording import duration, shortened, visible


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S", "Zs", "Cc", "Cf", "Cs"))))
def test_what_is_visible_can_be_written_and_does_not_act(text):
    seen = visible(text)
    seen.encode("utf-8")
    assert not [mark for mark in seen if unicodedata.category(mark) in ("Cc", "Cs") and mark not in "\n\t"]
    assert not set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") & set(seen)


def test_what_no_figure_can_hold_is_named():
    assert visible("a\ufffeb\uffff") == "a⟨U+FFFE⟩b⟨U+FFFF⟩"


def test_ordinary_text_in_any_script_is_left_alone():
    for text in ("naïve café", "שלום", "नमस्ते", "👩\u200d👧", "<b>&amp;", "two\nlines\tand a tab"):
        assert visible(text) == text


@given(st.text(max_size=30), st.integers(1, 20))
def test_shortened_is_as_short_as_asked(text, length):
    cut = shortened(text, length)
    assert len(cut) <= length
    assert cut == text or cut.endswith("…")


def test_durations():
    assert [duration(s) for s in (0, 9.96, 59.4, 59.6, 3599.7)] == ["0.0 s", "10.0 s", "59 s", "1 min 0 s", "1 h 0 min"]
