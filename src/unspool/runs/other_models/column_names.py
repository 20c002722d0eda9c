"""Recognises the columns of a table of answers that another program has named in its own way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from unspool.data.tables.table import Chunk

_OF_PREDICTIONS = (
    *("pred", "preds", "predicted", "predictions", "y_pred", "ypred", "y_hat", "yhat"),
    *("predicted_label", "predicted_class", "forecasts"),
)
_BEFORE_LABELS = [f"{word}{sep}" for word in ("prob", "proba", "probability", "p") for sep in ("_", " ", "-", ".")]


def columns_meant(
    columns: Sequence[str], known: Iterable[str], labels: Iterable[str] = (), prediction: str | None = None
) -> dict[str, str]:
    """The columns that are known by another name, by the name in the table.

    Args:
        columns: of the table.
        known: the names of columns that are looked for; one may be written in other capitals.
        labels: those with a column of probabilities each; its name may begin with "prob_", for example.
        prediction: the column of predictions, which other programs call "pred" or "y_pred"; None if it is not missing.

    Example:
        >>> columns_meant(["Row", "y_pred", "prob_good"], ["row", "prediction"], ["good", "bad"], "prediction")
        {'Row': 'row', 'prob_good': 'good', 'y_pred': 'prediction'}
    """
    meant: dict[str, str] = {}

    def look(name: str, others: Sequence[str]) -> None:
        if name in columns or name in meant.values():
            return
        free = [one for one in columns if one not in meant]
        exact = [one for one in free if one.strip() in others]
        folded = [one for one in free if one.strip().casefold() in {*map(str.casefold, others)}]
        for found in (exact, folded):
            if len(found) == 1:  # of two, none is known to be the right one
                meant[found[0]] = name
                return

    for name in known:
        look(name, [name])
    for label in labels:
        look(label, [label, *(f"{before}{label}" for before in _BEFORE_LABELS)])
    if prediction is not None:
        look(prediction, _OF_PREDICTIONS)
    return meant


def renamed(chunks: Iterable[Chunk], names: Mapping[str, str]) -> Iterator[Chunk]:
    """Chunks with columns under the names that are meant."""
    for chunk in chunks:
        yield replace(chunk, cells={names.get(name, name): cells for name, cells in chunk.cells.items()})


def notes_on(source: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """What is said of renamed columns; nothing of those that differ only in capitals."""
    other = {given: name for given, name in names.items() if given.strip().casefold() != name.casefold()}
    if not other:
        return ()
    read = ", ".join(f"{given} as {name}" for given, name in other.items())
    return (f"Column names of {source} were interpreted: {read}.",)
