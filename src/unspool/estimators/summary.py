"""What was fitted, as a small table in HTML that stands below scikit-learn's own in a notebook."""

from html import escape
from typing import Any

from unspool.data.names_in_words import first_and_more
from unspool.readers import TextReader

_MOST_CLASSES = 20


def summary(estimator: Any) -> str:
    """Describe a fitted estimator.

    Returns:
        HTML that asks nothing of the network; names of classes are text in it, whatever they hold.
    """
    rows = "".join(
        f'<tr><th style="text-align:left">{escape(name)}</th><td style="text-align:left">{escape(value)}</td></tr>'
        for name, value in _rows(estimator)
    )
    return f'<table class="unspool-summary"><caption>What was fitted</caption>{rows}</table>'


def _rows(estimator: Any) -> list[tuple[str, str]]:
    reader, history = estimator.reader_, estimator.history_
    steps = "tokens" if estimator.kind_ != "series" else "steps"
    reads = f"{estimator.kind_}: the last {reader.length:,} {steps}"
    if isinstance(reader, TextReader):
        reads += f", {reader.tokenizer.size:,} different ones"
    loss = "val_loss" if "val_loss" in history else "loss"
    best = history[loss][estimator.best_epoch_ - 1]
    rows = [
        ("reads", reads),
        ("parameters", f"{sum(array.size for array in estimator.weights_):,}"),
        ("epochs", f"{estimator.n_iter_}, of which epoch {estimator.best_epoch_} is kept"),
        ("validation loss" if loss == "val_loss" else "training loss (no validation part)", f"{best:.4g}"),
    ]
    if hasattr(estimator, "classes_"):
        rows.append(("classes", first_and_more([str(name) for name in estimator.classes_], _MOST_CLASSES)))
    return rows
