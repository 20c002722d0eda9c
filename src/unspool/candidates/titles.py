"""What candidates are called in tables, reports and sentences."""

TITLES: dict[str, str] = {
    "column-trees": "gradient-boosted trees over the columns beside the text",
    "columns": "logistic regression over the columns beside the text",
    "nb-words": "naive Bayes logistic regression over runs of 1 to 3 words",
    "counts": "logistic regression over counts of runs of 1 to 3 characters",
    "nb-characters": "naive Bayes logistic regression over runs of 1 to 5 characters",
    "words+characters": "naive Bayes logistic regression over runs of words and of characters",
    "tfidf": "TF-IDF logistic regression over runs of words and of characters",
    "cnn": "a convolution over words, the maximum over the text",
    "cnn-characters": "a convolution over characters, the maximum over the text",
    "count-trees": "gradient-boosted trees over counts of runs of 1 to 3 characters",
    "vectors": "document vectors",
    "nb-words+vectors": "naive Bayes logistic regression over runs of 1 to 3 words and document vectors",
    "language-model": "an LSTM, pretrained as a language model",
    "statistics": "ridge regression over summary statistics of each channel",
    "raw values": "ridge regression over the raw values",
    "nearest neighbour": "the nearest neighbour by Euclidean distance",
    "nearest neighbour, warped": "the nearest neighbour by dynamic time warping",
    "convolution, small": "ridge regression over random convolutions (MiniRocket’s)",
    "convolution": "ridge regression over random convolutions, four ways of pooling (as MultiRocket)",
    "competing kernels": "ridge regression over competing convolutions (as Hydra)",
    "forest": "random trees over the raw values and summary statistics of each channel",
    "boosted trees": "gradient-boosted trees over the raw values and summary statistics of each channel",
    "quantile": "random trees over quantiles of intervals (as QUANT)",
    "recurrent": "bidirectional LSTMs",
    "blend-linear": "a blend of three logistic regressions over words and characters, naive Bayes and TF-IDF",
    "blend-trees": "a blend of four logistic regressions over words and characters with gradient-boosted trees",
    "blend-characters": "a blend of logistic regressions over words and characters with a convolution over words",
    "blend-cnn-characters": "a blend of logistic regressions over words and characters with convolutions over both",
    "blend-language-model": "a blend of the models that err differently and the language model",
    "blend": "a blend of the models that err differently",
    "naive": "the last value (naive)",
    "seasonal-naive": "the value one season before (seasonal naive)",
    "drift": "the last value with the mean change (drift)",
    "median": "the median of the last values",
    "seasonal-mean": "the mean of the last seasons (seasonal mean)",
    "seasonal-median": "the median of the last seasons (seasonal median)",
    "seasonal-naive-week": "the value one week before",
    "linear-lags": "a linear model over the last values",
    "theta": "the theta method",
    "theta-log": "the theta method on logarithms",
    "ets": "exponential smoothing",
    "ets-log": "exponential smoothing on logarithms",
    "theta-week": "the theta method after removing the weekly pattern",
    "ets-week": "exponential smoothing after removing the weekly pattern",
    "arima": "an ARIMA model",
    "arima-log": "an ARIMA model on logarithms",
    "arima-week": "an ARIMA model after removing the weekly pattern",
    "ridge": "ridge regression over lags, seasons and covariates",
    "ridge-log": "ridge regression on logarithms, over lags, seasons and covariates",
    "trees": "gradient-boosted trees over lags, seasons and covariates",
    "trees-multiples": "gradient-boosted trees that forecast multiples, over lags, seasons and covariates",
    "window-regression": "logistic regression over windows of 5 words or steps",
    "window-forest": "a random forest over windows of 5 to 129 steps",
    "pca": "principal components (PCA)",
    "network": "a recurrent network",
    "blend-network": "the mean of a recurrent network and logistic regression over windows of 5 words",
}
"""What candidates are, in words, where they predict labels; see `title_of`."""

_TITLES_FOR_NUMBERS: dict[str, str] = {
    "columns": "ridge regression over the columns beside the text",
    "nb-words": "ridge regression over runs of 1 to 3 words",
    "nb-words+vectors": "ridge regression over runs of 1 to 3 words and document vectors",
    "counts": "ridge regression over counts of runs of 1 to 3 characters",
    "nb-characters": "ridge regression over runs of 1 to 5 characters",
    "words+characters": "ridge regression over runs of words and of characters in two texts or more",
    "tfidf": "ridge regression over runs of words and of characters",
    "blend-linear": "a blend of three ridge regressions over words and characters",
    "blend-trees": "a blend of four ridge regressions over words and characters with gradient-boosted trees",
    "blend-characters": "a blend of ridge regressions over words and characters with a convolution over words",
    "blend-cnn-characters": "a blend of ridge regressions over words and characters with convolutions over both",
}


def title_of(name: str, task: str) -> str:
    """What a candidate is, in words; one without a title is called by its name.

    Example:
        >>> title_of("nb-words", "binary")
        'naive Bayes logistic regression over runs of 1 to 3 words'
        >>> title_of("nb-words", "regression")
        'ridge regression over runs of 1 to 3 words'
    """
    titles = TITLES | _TITLES_FOR_NUMBERS if task == "regression" else TITLES
    return titles.get(name, name)


def with_columns(title: str) -> str:
    """The title of a candidate that also reads the columns beside the text."""
    return f"{title}, and the columns beside the text"


def network_hint(model: str) -> str:
    """How to train a recurrent network whose cell was given as the name of a model; "" for other names.

    Example:
        >>> network_hint("LSTM")
        " For an LSTM or a GRU, give 'network' and set model.layers=1 and model.cell=lstm."
    """
    cell = model.lower()
    return (
        f" For an LSTM or a GRU, give 'network' and set model.layers=1 and model.cell={cell}."
        if cell in ("lstm", "gru")
        else ""
    )
