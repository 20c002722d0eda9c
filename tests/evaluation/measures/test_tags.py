import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from unspool.evaluation.measures.tags import marks_spans, spans, tag_measures
from unspool.evaluation.result import Predictions
from unspool.evaluation.scoring import score

NAMES = ("B-person", "B-place", "I-person", "I-place", "O")


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("O O", []),
        ("B-a I-a I-a", [(0, 3, "a")]),
        ("B-a B-a", [(0, 1, "a"), (1, 2, "a")]),
        ("B-a I-b", [(0, 1, "a"), (1, 2, "b")]),
        ("I-a I-a O I-a", [(0, 2, "a"), (3, 4, "a")]),
        ("I-a B-a I-a", [(0, 1, "a"), (1, 3, "a")]),
    ],
)
def test_spans_are_those_of_the_script_of_conll(tags, found):
    assert sorted(spans(tags.split())) == found


# From the documentation and the issues of seqeval 1.2.2, its ends made the first token behind a span.
SEQEVAL_ENTITIES = [
    ("B-PER I-PER O B-LOC", {(0, 2, "PER"), (3, 4, "LOC")}),
    ("O B-PER I-LOC O B-LOC I-PER", {(1, 2, "PER"), (2, 3, "LOC"), (4, 5, "LOC"), (5, 6, "PER")}),
    ("O O O B-MISC I-MISC O B-ORG", {(3, 5, "MISC"), (6, 7, "ORG")}),
]
SEQEVAL_F1 = [
    (["O O O B-MISC I-MISC I-MISC O", "B-PER I-PER O"], ["O O B-MISC I-MISC I-MISC I-MISC O", "B-PER I-PER O"], 0.5),
    (["O O B-MISC I-MISC I-MISC I-MISC I-MISC O"], ["O O B-MISC I-MISC I-MISC B-MISC I-MISC O"], 0.0),
    (["B-Phone I-Phone"], ["I-Phone I-Phone"], 1.0),
]


@pytest.mark.parametrize(("tags", "entities"), SEQEVAL_ENTITIES)
def test_spans_are_the_entities_of_seqeval(tags, entities):
    assert spans(tags.split()) == entities


@pytest.mark.parametrize(("truth", "said", "f1"), SEQEVAL_F1)
def test_span_f1_is_that_of_seqeval(truth, said, f1):
    names = sorted({tag for row in truth + said for tag in row.split()})
    longest = max(len(row.split()) for row in truth)
    targets = np.full((len(truth), longest), -1)
    outputs = np.zeros((len(truth), longest, len(names)))
    for row, (true, predicted) in enumerate(zip(truth, said, strict=True)):
        for step, (one, other) in enumerate(zip(true.split(), predicted.split(), strict=True)):
            targets[row, step] = names.index(one)
            outputs[row, step, names.index(other)] = 1.0
    measure = tag_measures(names)["span_f1"]
    assert measure.value(targets, outputs, 0.5) == f1
    assert measure.prepare(targets, outputs, 0.5)(np.ones((1, len(truth))))[0] == f1


def test_what_marks_spans():
    assert marks_spans(NAMES)
    assert not marks_spans(["O", "o"])
    assert not marks_spans(["B-a", "I-a", "noun"])


def _f1_of_each(targets, outputs):
    truth, answers = targets[targets >= 0], outputs.argmax(axis=-1)[targets >= 0]
    return {tag: metrics.f1_score(truth == tag, answers == tag, zero_division=0.0) for tag in np.unique(truth)}


@given(st.data())
def test_a_measure_of_counts_is_that_of_the_examples_drawn(data):
    lengths = data.draw(st.lists(st.integers(1, 6), min_size=2, max_size=6))
    random = np.random.RandomState(data.draw(st.integers(0, 1000)))
    targets = np.full((len(lengths), max(lengths)), -1)
    for row, length in enumerate(lengths):
        targets[row, :length] = random.randint(0, len(NAMES), length)
    outputs = random.dirichlet(np.ones(len(NAMES)), targets.shape) * (targets >= 0)[:, :, np.newaxis]
    drawn = random.randint(0, len(lengths), 8)
    counts = np.bincount(drawn, minlength=len(lengths)).astype(np.float64)[np.newaxis]
    for name, measure in tag_measures(NAMES).items():
        expected = measure.value(targets[drawn], outputs[drawn], 0.5)
        if name == "macro_f1":  # a tag that is not drawn has its figure on all examples
            everything = _f1_of_each(targets, outputs)
            expected = np.mean([*(everything | _f1_of_each(targets[drawn], outputs[drawn])).values()])
        assert measure.prepare(targets, outputs, 0.5)(counts)[0] == pytest.approx(expected, nan_ok=True)


def test_perfect_tags_do_not_mean_certainty():
    """20 examples of three tokens, all right: Wilson's interval of 20, or of 4 with the rarest tag or with a span."""
    targets = np.full((20, 3), NAMES.index("O"))
    targets[:4, 0] = NAMES.index("B-place")
    found = score(tag_measures(NAMES), Predictions(targets, np.eye(len(NAMES))[targets]), resamples=99)
    for name, low in (("accuracy", 0.839), ("macro_f1", 0.510), ("span_f1", 0.510)):
        assert (found[name].value, found[name].interval.high) == (1, 1)
        assert found[name].interval.low == pytest.approx(low, abs=5e-4)
