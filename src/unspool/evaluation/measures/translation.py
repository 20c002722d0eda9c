"""How translations are judged: BLEU, chrF, and whether they are the reference to the letter.

Targets are the references and outputs the translations, both as `text_arrays.as_array` gives them. BLEU and chrF come
from sacrebleu, so that figures compare with others': both are computed from counts of each sentence, summed over all
of them, which is what makes resamples cheap.

Sources: K. Papineni et al., "BLEU: a method for automatic evaluation of machine translation" (2002); M. Popović, "chrF:
character n-gram F-score for automatic MT evaluation" (2015); M. Post, "A call for clarity in reporting BLEU scores"
(2018).
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.measures import weighted
from unspool.evaluation.measures.measure import Figure, Measure, Outputs, Targets
from unspool.evaluation.resampling import Counts
from unspool.evaluation.result import Interval, Predictions
from unspool.evaluation.text_arrays import texts_of
from unspool.evaluation.wording import percent, points_with_interval

Metric = Literal["bleu", "chrf"]

_QUANTILES = (0.1, 0.5, 0.9)
_LONGEST_RUN = 4
"""Words that BLEU counts together."""
_LOOKED_AT = 1000


def _metric(kind: Metric) -> Any:
    from sacrebleu.metrics.bleu import BLEU  # only when something is scored: it takes a while to import
    from sacrebleu.metrics.chrf import CHRF

    return BLEU(force=True) if kind == "bleu" else CHRF()  # else it warns of spaces before full stops


def signature(kind: Metric) -> str:
    """Describe how a measure is computed, in the form that sacrebleu prints.

    Example:
        >>> signature("bleu").split("|")[:3]
        ['nrefs:1', 'case:mixed', 'eff:no']
    """
    metric = _metric(kind)
    metric.corpus_score(["a"], [["a"]])  # the number of references is a part of it
    return str(metric.get_signature())


def long_enough_for_bleu(references: Sequence[str]) -> bool:
    """Tell whether most references have the four words, as BLEU splits them, without which a text counts for little.

    Where no reference has four, BLEU is undefined, as even perfect translations would have 0: of single words, and of
    texts in scripts without spaces, which it takes for one word. About a thousand references, evenly spaced, are
    looked at.

    Example:
        >>> long_enough_for_bleu(["a man walks here"] * 2 + ["hello"]), long_enough_for_bleu(["今天天气很好我们去散步"])
        (True, False)
    """
    split = _metric("bleu").tokenizer
    some = references[:: -(-len(references) // _LOOKED_AT) or 1]
    return 2 * sum(len(split(text).split()) >= _LONGEST_RUN for text in some) >= len(some)


def details_of(predictions: Predictions) -> dict[str, Any]:
    """Return the signatures of the measures and the lengths of references and translations, as plain values."""
    return {
        "signatures": {"BLEU": signature("bleu"), "chrF": signature("chrf")},
        "words": lengths_of(predictions),
    }


def lengths_of(predictions: Predictions, reference: Callable[[str], str] = str) -> dict[str, Any]:
    """Return the numbers of words in references and translations, as plain values.

    Args:
        predictions: see the head of this module.
        reference: the text of a target, where that is not all of it.
    """
    sides = map(reference, texts_of(predictions.targets)), texts_of(predictions.outputs)
    references, translations = (np.array([len(text.split()) for text in texts]) for texts in sides)
    return {
        "quantiles": list(_QUANTILES),
        "references": np.quantile(references, _QUANTILES).tolist(),
        "translations": np.quantile(translations, _QUANTILES).tolist(),
        "ratio": float(translations.sum() / max(1, references.sum())),
        "shorter": float((translations < references).mean()),
        "longer": float((translations > references).mean()),
    }


def sentence_scores(targets: Targets, outputs: Outputs) -> NDArray[np.float64]:
    """Return the chrF of each of N translations, (N,); it suits single sentences better than BLEU.

    Example:
        >>> from unspool.evaluation.text_arrays import as_array
        >>> sentence_scores(as_array(["a man", "a dog"]), as_array(["a man", "cold"])).round().tolist()
        [100.0, 12.0]
    """
    metric = _metric("chrf")
    pairs = zip(texts_of(outputs), texts_of(targets), strict=True)
    return np.array([metric.sentence_score(translated, [reference]).score for translated, reference in pairs])


def points_of_hundred(difference: float, interval: Interval, level: float = 0.95) -> str:
    """A difference of two figures from 0 to 100, as people read it."""
    return points_with_interval(difference / 100, Interval(interval.low / 100, interval.high / 100), level)


def _value(kind: Metric) -> Callable[[Targets, Outputs, float], float]:
    """The figure of a corpus; NaN for BLEU if no reference has a run of four words: even perfect texts would have 0."""

    def value(targets: Targets, outputs: Outputs, _: float) -> float:
        split = _metric("bleu").tokenizer
        if kind == "bleu" and not any(len(split(text).split()) >= _LONGEST_RUN for text in texts_of(targets)):
            return math.nan
        return float(_metric(kind).corpus_score(texts_of(outputs), [texts_of(targets)]).score)

    return value


def _prepare(kind: Metric) -> Callable[[Targets, Outputs, float], Figure]:
    def prepare(targets: Targets, outputs: Outputs, _: float) -> Figure:
        metric = _metric(kind)
        # What sacrebleu's own bootstrap uses: it has no public way to score counts.
        counts = metric._extract_corpus_statistics(texts_of(outputs), [texts_of(targets)])
        each = np.array(counts, dtype=np.float64)

        def figure(times: Counts) -> NDArray[np.float64]:
            sums = (times @ each).tolist()
            return np.array([metric._compute_score_from_stats(row).score for row in sums])

        return figure

    return prepare


def written(targets: Targets, outputs: Outputs, _: float) -> NDArray[Any]:
    """Return the N texts that a model wrote, (N,), for `Measure.decisions`."""
    return np.array(texts_of(outputs), dtype=object)


def _equal(targets: Targets, outputs: Outputs) -> NDArray[np.float64]:
    pairs = zip(texts_of(targets), texts_of(outputs), strict=True)
    return np.array([float(reference.split() == translated.split()) for reference, translated in pairs])


MEASURES = {
    "bleu": Measure(
        "BLEU",
        "words and sequences of two to four words shared by prediction and reference, from 0 to 100; undefined if no "
        "reference has four words",
        _value("bleu"),
        _prepare("bleu"),
        lambda figure: f"{figure:.1f}",
        points_of_hundred,
        bounds=(0.0, 100.0),
        decisions=written,
    ),
    "chrf": Measure(
        "chrF",
        "sequences of one to six characters shared by prediction and reference, from 0 to 100; credits other forms of "
        "a word",
        _value("chrf"),
        _prepare("chrf"),
        lambda figure: f"{figure:.1f}",
        points_of_hundred,
        bounds=(0.0, 100.0),
        decisions=written,
    ),
    "exact_match": Measure(
        "exact match",
        "predictions identical to the reference, except for spaces",
        lambda y, p, _: float(_equal(y, p).mean()),
        lambda y, p, _: weighted.mean(_equal(y, p)),
        percent,
        points_with_interval,
        share=True,
        decisions=lambda y, p, _: _equal(y, p),
    ),
}
"""By name."""
