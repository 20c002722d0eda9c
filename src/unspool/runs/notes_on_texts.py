"""Notes on texts that a model cannot use in full, for whoever reads the predictions."""

from collections.abc import Iterable

from unspool.candidates import RawModel
from unspool.data.names_in_words import first_and_more
from unspool.data.texts.side_columns import cells_of
from unspool.data.texts.side_encoder import Places
from unspool.readers import PairReader, Reader
from unspool.runs.model import TrainedModel
from unspool.runs.reading.model_inputs import side_columns

_SHOWN, _EXAMPLES = 10, 3
"""How many characters, and how many categories, a note names."""


class NotesOnTexts:
    """Notes on what a model cannot use: long texts and unseen characters of pairs, unseen categories of columns.

    Also counts empty answers; no training target is empty.

    Args:
        model: trained.
        reader: the model's.
    """

    def __init__(self, model: TrainedModel, reader: Reader):
        self._reader = reader if isinstance(reader, PairReader) else None
        self._texts = self._cut = self._empty = 0
        self._characters: dict[str, None] = {}
        encoder, columns = model.network.side if isinstance(model.network, RawModel) else None, side_columns(reader)
        known = zip(columns.categorical, encoder.categories if encoder else (), strict=False)
        self._known = {name: Places(names) for name, names in known if names}
        self._unknown: dict[str, list[str]] = {}
        self._places = {name: place for place, name in enumerate(columns.names)}

    def look(self, texts: Iterable[str]) -> None:
        """Look at some texts, with the cells beside them."""
        texts = [*texts]
        if self._reader is not None:
            self._cut += self._reader.cut(texts)
            for text in texts:
                unseen = self._reader.unseen(text)
                self._texts += bool(unseen)
                self._characters |= dict.fromkeys(unseen)
        for name, known in [*self._known.items()]:
            there = dict.fromkeys(str(cells[self._places[name]]) for cells in cells_of(texts))
            if any(known.get(one) is not None for one in there):
                del self._known[name]  # one known category is enough
            else:
                self._unknown[name] = [*dict.fromkeys([*self._unknown.get(name, ()), *there])][:_EXAMPLES]

    def look_at_answer(self, answer: object) -> None:
        """Look at what the model wrote for a text."""
        self._empty += self._reader is not None and answer == ""

    @property
    def found(self) -> tuple[str, ...]:
        """The notes on all texts so far."""
        notes = []
        if self._reader is not None and self._cut:
            what = "1 text is" if self._cut == 1 else f"{self._cut:,} texts are"
            notes.append(f"{what} longer than the model reads: only the first {self._reader.length - 1:,} tokens count")
        if self._texts:
            names = first_and_more([*self._characters], _SHOWN)
            what, so = f"{self._texts:,} texts have", "their predictions may be wrong"
            if self._texts == 1:
                what, so = "1 text has", "its prediction may be wrong"
            notes.append(f"{what} characters that do not occur in the training sources ({names}): {so}")
        if self._empty:
            what = "1 prediction is" if self._empty == 1 else f"{self._empty:,} predictions are"
            notes.append(f"{what} empty: the model may need more training")
        for name in self._known:
            if self._unknown.get(name):
                names = ", ".join(one or "empty cells" for one in self._unknown[name])
                notes.append(
                    f"column {name} has only categories that few or no training rows have, such as {names}: the model "
                    "treats them all alike"
                )
        return tuple(notes)
