"""How tags are judged: all tokens together, tag by tag, and span by span where tags mark spans.

Targets are (N, T) numbers of tags, -1 where there is no token; outputs are (N, T, C).

Sources: L. Ramshaw and M. Marcus, "Text chunking using transformation-based learning" (1995), for tags that mark spans;
E. Tjong Kim Sang and F. De Meulder, "Introduction to the CoNLL-2003 shared task" (2003), for scoring whole spans.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.measures import weighted
from unspool.evaluation.measures.measure import Figure, Measure, Outputs, Targets
from unspool.evaluation.result import Predictions
from unspool.evaluation.wording import percent, points_with_interval, three_decimals
from unspool.lazy_module import LazyModule

metrics = LazyModule("sklearn.metrics")

Span = tuple[int, int, str]
"""Where it begins, where it ends (that token is the first behind it), and its kind."""


def token_predictions(predictions: Predictions) -> Predictions:
    """Return predictions in which each token is an example.

    Returns:
        Targets (M,) and outputs (M, C).

    Example:
        >>> token_predictions(Predictions(np.array([[1, -1]]), np.array([[[0.2, 0.8], [0.0, 0.0]]]))).targets.tolist()
        [1]
    """
    present = predictions.targets >= 0
    return Predictions(predictions.targets[present], predictions.outputs[present])


def marks_spans(names: Sequence[str]) -> bool:
    """Tell whether tags mark spans: each is O, or begins with B- or I-.

    Example:
        >>> marks_spans(["O", "B-person", "I-person"]), marks_spans(["noun", "verb"])
        (True, False)
    """
    return any(name.startswith("B-") for name in names) and all(
        name == "O" or name[:2] in ("B-", "I-") for name in names
    )


# Not seqeval's (1.2.2): without a release since 2020, it comes without a wheel and took 2.5 times as long over 20,000
# random sequences, in which it found the same spans. `tests/evaluation/measures/test_tags.py` holds us to its examples.
def spans(tags: Sequence[str]) -> set[Span]:
    """Find the spans that tags mark.

    A span begins at B-, and at an I- that follows O or a tag of another kind, as the script of CoNLL-2003 has it.

    Example:
        >>> sorted(spans(["B-person", "I-person", "O", "I-place", "B-place"]))
        [(0, 2, 'person'), (3, 4, 'place'), (4, 5, 'place')]
    """
    found: set[Span] = set()
    start, kind = 0, ""
    for position, tag in enumerate([*tags, "O"]):
        here = "" if tag == "O" else tag[2:]
        if kind and (tag.startswith("B-") or here != kind):
            found.add((start, position, kind))
            kind = ""
        if here and not kind:
            start, kind = position, here
    return found


def tag_measures(names: Sequence[str]) -> dict[str, Measure]:
    """Return the measures of tags by name, with F1 over spans if the names mark spans."""
    found = {"accuracy": _ACCURACY, "macro_f1": _MACRO_F1}
    if marks_spans(names):
        found["span_f1"] = _span_f1(tuple(names))
    return found


def _tokens(targets: Targets, outputs: Outputs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    present = targets >= 0
    return targets[present], outputs[present].argmax(axis=-1)


def _accuracy(targets: Targets, outputs: Outputs, _: float) -> float:
    return float(metrics.accuracy_score(*_tokens(targets, outputs)))


def _accuracy_of_counts(targets: Targets, outputs: Outputs, _: float) -> Figure:
    present = targets >= 0
    right = present & (outputs.argmax(axis=-1) == targets)
    return weighted.ratio(right.sum(axis=1).astype(np.float64), present.sum(axis=1).astype(np.float64))


def _macro_f1(targets: Targets, outputs: Outputs, _: float) -> float:
    truth, answers = _tokens(targets, outputs)
    return float(metrics.f1_score(truth, answers, labels=np.unique(truth), average="macro", zero_division=0.0))


def _macro_f1_of_counts(targets: Targets, outputs: Outputs, _: float) -> Figure:
    answers, tags = outputs.argmax(axis=-1), np.unique(targets[targets >= 0])
    actual = np.stack([(targets == tag).sum(axis=1) for tag in tags], axis=1)
    predicted = np.stack([((answers == tag) & (targets >= 0)).sum(axis=1) for tag in tags], axis=1)
    both = np.stack([((targets == tag) & (answers == tag)).sum(axis=1) for tag in tags], axis=1)
    return weighted.macro_f1(both, actual, predicted)


def _span_counts(names: tuple[str, ...], targets: Targets, outputs: Outputs) -> tuple[Outputs, Outputs]:
    """(N,) twice the spans that were found, and the true spans and the predicted ones together."""
    answers, known = outputs.argmax(axis=-1), np.array(names, dtype=object)
    twice, either = np.zeros(len(targets)), np.zeros(len(targets))
    for row, (actual, predicted) in enumerate(zip(targets, answers, strict=True)):
        present = actual >= 0
        there, found = spans(known[actual[present]].tolist()), spans(known[predicted[present]].tolist())
        twice[row], either[row] = 2 * len(there & found), len(there) + len(found)
    return twice, either


def _predicted(targets: Targets, outputs: Outputs, _: float) -> NDArray[np.int64]:
    """(N, T) the predicted tags, -1 where there is no token."""
    return np.where(targets >= 0, outputs.argmax(axis=-1), -1)


def _with_tags(targets: Targets, units: NDArray[np.int64]) -> int:
    """How many examples, or groups of them, have a tag: their tokens are not independent."""
    return len(np.unique(units[(targets >= 0).any(axis=1)]))


def _of_rarest_tag(targets: Targets, units: NDArray[np.int64]) -> int:
    """How many examples, or groups of them, the rarest tag that occurs has; see `labels.of_rarest`."""
    return min(
        (len(np.unique(units[(targets == tag).any(axis=1)])) for tag in np.unique(targets[targets >= 0])), default=0
    )


def _span_f1(names: tuple[str, ...]) -> Measure:
    outside = [number for number, name in enumerate(names) if name == "O"]

    def with_spans(targets: Targets, units: NDArray[np.int64]) -> int:
        return len(np.unique(units[((targets >= 0) & ~np.isin(targets, outside)).any(axis=1)]))

    def value(targets: Targets, outputs: Outputs, _: float) -> float:
        twice, either = _span_counts(names, targets, outputs)
        return float(twice.sum() / either.sum()) if either.any() else float("nan")

    def prepare(targets: Targets, outputs: Outputs, _: float) -> Figure:
        return weighted.ratio(*_span_counts(names, targets, outputs))

    return Measure(
        "span F1",
        "the harmonic mean of precision and recall of whole spans: both ends and the kind must be right",
        value,
        prepare,
        three_decimals,
        trials=with_spans,
        decisions=_predicted,
    )


_ACCURACY = Measure(
    "accuracy",
    "right tags among all tags",
    _accuracy,
    _accuracy_of_counts,
    percent,
    points_with_interval,
    trials=_with_tags,
    decisions=lambda y, p, _: _predicted(y, p, _) == y,
)
_MACRO_F1 = Measure(
    "macro F1",
    "the harmonic mean of precision and recall of each tag, averaged over the tags that occur",
    _macro_f1,
    _macro_f1_of_counts,
    three_decimals,
    trials=_of_rarest_tag,
    decisions=_predicted,
)
EVERY = {"accuracy": _ACCURACY, "macro_f1": _MACRO_F1, "span_f1": _span_f1(())}
"""By name, whatever the tags are: for their titles and their wording."""
