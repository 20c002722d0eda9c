"""ROUGE, and the first sentences as a summary."""

import sys

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.baselines.simple_models import RawPart, RawParts
from unspool.evaluation.baselines.summaries import lead_sentences, sentences
from unspool.evaluation.measures.summaries import MEASURES, each
from unspool.evaluation.text_arrays import as_array, texts_of

WANTED = as_array(["the cat sat on the mat", "a dog", "кот спит"])
SAID = as_array(["the cat lay on a mat", "cold", "кот"])


@pytest.mark.parametrize(
    ("wanted", "said", "reached"),
    [
        ("लड़का दौड़ा", "लड़की दौड़ी", 0),  # other words: the boy ran, the girl ran
        ("cafe\u0301s ouverts", "cafe\u0301 s ouverts", 40),
        ("İstanbul", "stanbul", 0),  # its lower case has a mark
        ("今天天气很好", "今天天气不好", 100 * 5 / 6),
        ("สวัสดี", "สวัสดี", 100),
        ("the end_of 2", "The end of 2.", 100),
    ],
)
def test_words_keep_their_marks_and_characters_are_words_where_no_spaces_are(wanted, said, reached):
    assert each("rouge1", as_array([wanted]), as_array([said])) == pytest.approx([reached])


def test_rouge_counts_words_pairs_and_the_longest_sequence():
    assert each("rouge1", WANTED, SAID) == pytest.approx([100 * 4 / 6, 0, 100 * 2 / 3])
    assert each("rouge2", WANTED, SAID) == pytest.approx([100 * 1 / 5, 0, 0])
    assert each("rougeL", as_array(["a b c d"]), as_array(["d a c"])) == pytest.approx([100 * 4 / 7])


def test_english_is_scored_as_the_library_does_by_itself():
    from rouge_score.rouge_scorer import RougeScorer

    texts = "It's a well-known (old) trick: 2.5 times faster!", "a WELL known trick is 2.5 faster"
    for kind in ("rouge1", "rouge2", "rougeL"):
        expected = RougeScorer([kind]).score(*texts)[kind].fmeasure
        assert each(kind, as_array(texts[:1]), as_array(texts[1:])) == pytest.approx([100 * expected])


@pytest.mark.parametrize("name", MEASURES)
def test_resamples_give_what_copies_would(name):
    measure, times = MEASURES[name], np.array([2, 0, 3])
    copies = np.repeat(np.arange(3), times)
    found = measure.prepare(WANTED, SAID, 0.5)(times[None].astype(float))
    assert found[0] == pytest.approx(measure.value(WANTED[copies], SAID[copies], 0.5))


def test_without_the_library_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "rouge_score.rouge_scorer", None)
    with pytest.raises(UserError, match=r"pip install 'unspool\[summary\]'"):
        each("rouge1", WANTED, SAID)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One. Two (e.g. this). Three", ["One.", "Two (e.g. this).", "Three"]),
        (
            "Ein Satz. Über zwei\nZeilen.\n\nKein Punkt\n\nEnde",
            ["Ein Satz.", "Über zwei Zeilen.", "Kein Punkt", "Ende"],
        ),
        ("第一。第二。", ["第一。", "第二。"]),
        ("", []),
    ],
)
def test_sentences_end_at_a_stop_or_with_the_paragraph(text, found):
    assert sentences(text) == found


@pytest.mark.parametrize(("count", "title"), [(1, "first sentence"), (2, "first 2 sentences")])
def test_as_many_sentences_as_do_best_in_training(count, title):
    documents = [f"Alpha {n}. Beta {n}. Gamma {n}." for n in range(6)]
    summaries = [" ".join(text.split(" ")[: 2 * count]) for text in documents]
    parts = [RawPart(lambda s=s: documents[s], as_array(summaries[s])) for s in (slice(3), slice(3, 5), slice(4, 6))]
    found = lead_sentences(RawParts(*parts, MEASURES["rouge_l"]))
    assert found.held_out == 100
    assert title in found.title
    assert texts_of(found.outputs) == summaries[4:6]
