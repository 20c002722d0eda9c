"""Words that not every reader of a page knows, explained where the page uses them."""

from collections.abc import Iterable, Mapping

from unspool.evaluation.result import Result
from unspool.tasks import task_of

_OF_MODELS: Mapping[str, str] = {
    "logistic regression": "A linear model: a weighted sum, turned into the probability of each label.",
    "ridge regression": "A linear model: a weighted sum, whose weights are kept small so that it does not learn noise.",
    "TF-IDF": "Counts of words, in which a word counts less the more texts it is in.",
    "naive Bayes": "Compares how often each feature occurs with one label and with the others.",
    "document vectors": "Numbers for each text, learned so that texts with similar words get similar numbers.",
    "convolution": "Looks for short patterns, wherever in the sequence they occur.",
    "blend": "A weighted mean of what several models predict.",
    "random trees": "Many decision trees over random choices of the features; they vote.",
    "random forest": "Many decision trees, each grown on a random sample of the training data; they vote.",
    "quantiles": "The values below which given shares of the numbers lie; the middle one is the median.",
    "dynamic time warping": "A distance between series that allows each to run faster or slower in places.",
    "PCA": "Principal component analysis: the best linear way to summarise an input in a few numbers.",
    "IBM Model 1": "Translates word for word, by how often words occur in pairs of texts.",
    "bicubic interpolation": "Draws a smooth surface through the pixels, as image viewers do.",
    "theta method": "The mean of a straight line and of exponential smoothing, with seasonality added back.",
    "exponential smoothing": "A running mean in which a value counts less the older it is.",
    "ARIMA": "Forecasts each value, or its change, from earlier ones and from earlier errors.",
    "drift": "Continues with the mean change from one step to the next.",
    "n-gram": "A sequence of n symbols; their counts in training say what is likely to follow.",
    "language model": "Predicts the next word of a text; it learns from texts alone, without labels.",
    "gradient-boosted trees": "Many small decision trees, each of which corrects the sum of those before it.",
}
"""What models are named by."""

_OF_RUNS: Mapping[str, str] = {
    "baseline": "A simple model that one would use instead. A model that does not beat it is not worth its cost.",
    "seed": "What all random numbers start from: the same seed gives the same run, another a slightly different model.",
}


def terms_of(result: Result) -> dict[str, str]:
    """The words that a run's page needs to explain, with what they mean, in alphabetical order."""
    titles = [*(one.title for one in result.baselines), *(one.title for one in result.candidates)]
    found = dict(_OF_RUNS) | explained(titles)
    if result.candidates and not task_of(result).compared_on_validation:
        found["cross-validation"] = (
            "The training data is cut into parts; each in turn is predicted by a model fitted to the others."
        )
    if any(one.loss is not None for one in result.candidates):
        found["log loss"] = (
            "Minus the logarithm of the probability of the right answer, on average. It counts how sure a model is, "
            "too: one that is sure and wrong pays most. Where candidates for series are compared, labels are "
            "smoothed, rare ones more so, which raises it."
        )
    if result.epochs:
        found["epoch"] = "One pass over all training examples."
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def explained(titles: Iterable[str]) -> dict[str, str]:
    """Those words of some titles that are explained here.

    Example:
        >>> list(explained(["PCA with 2 dimensions", "the mean of the training examples"]))
        ['PCA']
    """
    text = "\n".join(titles)
    return {word: meaning for word, meaning in _OF_MODELS.items() if word in text}
