"""Trained models: what they predict, and how good they are."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unspool.api.data import Data, PathLikeOrStr, as_file, is_path, naming_as_given, refuse_no_data
from unspool.data.examples_in_memory import series_of, texts_of, tokens_of
from unspool.data.frames import frame_of_column, is_frame
from unspool.data.kept_in_cache import LABEL, TEXT
from unspool.data.tables.problems import OnError, without_skipping
from unspool.data.texts.text_columns import texts_of_cells
from unspool.errors import UserError
from unspool.evaluation.certificate import Certificate
from unspool.files import expanded
from unspool.readers import (
    ForecastReader,
    ImageReader,
    PairReader,
    RawTextReader,
    RawWordReader,
    Reader,
    WordReader,
    reads_texts,
)
from unspool.runs.checking.check import check_anywhere
from unspool.runs.evaluate_file import Evaluated, evaluate_file
from unspool.runs.model import TrainedModel, load_trained, reader_of
from unspool.runs.notes_on_texts import NotesOnTexts
from unspool.runs.predict_file import rows_with_cells, table_of_texts
from unspool.runs.predict_forecasts import forecast_rows
from unspool.runs.reading.model_inputs import read_series_for, side_columns, tagged_texts_for
from unspool.runs.recipes.recipe import column_read
from unspool.runs.records.folder import given_folder
from unspool.runs.records.seen import load_seen
from unspool.tasks.written_texts import ScoredText, WrittenText, sampling

if TYPE_CHECKING:
    from unspool.runs.explanation import Explanation

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Model:
    """A trained model, ready to predict.

    Attributes:
        folder: the folder that it was loaded from.
        trained: the network, with its reader and its task.
    """

    folder: Path
    trained: TrainedModel = field(repr=False)

    def predict(
        self,
        data: Data,
        *,
        text: str | None = None,
        beam: int | None = None,
        length_penalty: float | None = None,
    ) -> list[Any]:
        """Predict the label, the labels, the number, the translation or the next values of each example.

        A warning is logged if a model of pairs reads some texts only in part, or if they have characters that its
        training sources lack, and if a column beside the text has only rare or new categories.

        Args:
            data: texts, lists of tokens, or series; or a data frame or the path of a file with a column of them.
            text: the column with the texts; None takes the column of training.
            beam: for translation, the width of the beam search (1 is greedy); None takes it from the recipe.
            length_penalty: of the beam search: 0 prefers short translations, larger numbers prefer longer ones; None
                takes it from the recipe.

        Returns:
            N labels: a name (a text, even if it is a number in the data), a tuple of names (of a tagging model one for
            each token or step), a number, or a translation. Of a forecast a row for each step of each series: its
            series, time, forecast, low and high.

        Raises:
            UserError: an entry is not a text, or not a series with the model's channels; the message says which. Or a
                beam or a length penalty is given to a model that does not translate, or a column of texts to a model of
                series.
        """
        trained = self.trained.searching(beam, length_penalty)
        if isinstance(self._reader, ForecastReader):
            _refuse_text(text)
            data = frame_of_column(data, self._reader.columns.target)
            if not is_path(data) and not is_frame(data):
                raise UserError(
                    "This model forecasts from a table. Give a file or a data frame with a row for each time step, or "
                    "a single series as pandas.Series(data)."
                )
            path = as_file(data, None, "data")
            with naming_as_given(path), without_skipping():
                rows, notes = forecast_rows(self.trained, self._reader, path)
                _warn(notes)
                return [*rows]
        return trained.decide(self._outputs(trained, data, text))[0]

    def translate(
        self,
        data: Data,
        count: int = 1,
        *,
        text: str | None = None,
        beam: int | None = None,
        length_penalty: float | None = None,
    ) -> list[list[WrittenText]]:
        """Give the best translations (or pronunciations, summaries, captions) of each example, with scores.

        Args:
            data: see `predict`.
            count: how many for each, from 1 to 100.
            text: see `predict`.
            beam: how many partial texts the search keeps, from `count` to 100; None takes the model's own beam, or
                `count` if that is larger.
            length_penalty: see `predict`.

        Returns:
            For each example its texts, the best first, each with its `text`, `score`, `log_probability` and whether the
            model `ended` it; fewer than `count` where the model has no more.

        Raises:
            UserError: as for `predict`, the model writes no texts, or a number is out of bounds.
        """
        self.trained.refuse_without_texts()
        inputs, empty = self._read(data, text)
        found = self.trained.translate(inputs, count, beam, length_penalty)
        return [] if empty else found

    def sample(
        self,
        data: Data,
        count: int = 1,
        *,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int = 0,
        text: str | None = None,
    ) -> list[list[WrittenText]]:
        """Sample translations, or other texts, instead of searching for the best.

        A text depends only on the seed, its source and the position of the source in `data`.

        Args:
            data: see `predict`.
            count: how many for each, from 1 to 100.
            temperature: divides the logits; below 1, probable tokens become more probable; 0 always takes the most
                probable token.
            top_k: sample only from the `top_k` most probable tokens; 0 for all.
            top_p: sample only from the most probable tokens whose probabilities reach this sum (Holtzman et al., 2020).
            seed: of the random numbers, from 0 to 2^32 - 1.
            text: see `predict`.

        Returns:
            For each example its texts, as `translate` gives them, in the order in which they were sampled.

        Raises:
            UserError: as for `translate`.
        """
        self.trained.refuse_without_texts()
        inputs, empty = self._read(data, text)
        found = self.trained.sample(inputs, sampling(temperature, top_k, top_p, seed), count)
        return [] if empty else found

    def score_pairs(self, data: Data, targets: Sequence[str], *, text: str | None = None) -> list[ScoredText]:
        """Compute the probability of existing translations, or other texts, under the model (forced decoding).

        Args:
            data: N sources, see `predict`.
            targets: N texts, one for each source; for pronunciations, one pronunciation each.
            text: see `predict`.

        Returns:
            For each pair its `log_probability`, and its `tokens`, each with its own; for pronunciations, by the network
            alone.

        Raises:
            UserError: as for `predict`, the model writes no texts, or there is not one target for each source.
        """
        self.trained.refuse_without_texts()
        if isinstance(targets, str):
            raise UserError("targets is a single text. Give a list with one for each source, as in ['ein Hund'].")
        inputs, empty = self._read(data, text)
        if not empty:
            return self.trained.score_pairs(inputs, targets)
        if len(targets):
            raise UserError(f"There are no sources and {len(targets):,} targets. Give one target for each source.")
        return []

    def probabilities(self, data: Data, *, text: str | None = None) -> NDArray[np.float64]:
        """The probability of each label, (N, L), in the order of `names`; (N,) numbers for regression.

        Of a tagging model (N, T, L), one row for each token or step, zeros behind the end of each example.

        Raises:
            UserError: the model translates or forecasts, without probabilities.
        """
        if self.trained.task.no_probabilities:
            raise UserError(self.trained.task.no_probabilities)
        outputs = self._outputs(self.trained, data, text)
        binary = outputs.ndim == 1 and len(self.names) == 2
        return np.column_stack([1 - outputs, outputs]) if binary else outputs

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the labels, in the order of the columns of `probabilities`."""
        return self.trained.task.names

    def explain(self, texts: Sequence[str] | Data, *, text: str | None = None) -> "list[Explanation]":
        """Return how much each word or token contributes to the prediction for its text.

        Networks are explained by integrated gradients; the scores of other models are divided among the words.

        Raises:
            UserError: the model does not read texts, or predicts several labels per text; or an entry is not a text.
        """
        reader: Any = self._reader
        from unspool.runs.attributions import attributor_of

        refuse_no_data(texts)
        attributor = attributor_of(self.trained, reader)
        given = self._texts(texts, text)
        if not given:
            return []
        inputs = reader.read(given)
        return list(attributor.explain(inputs, self.trained.outputs(inputs)))

    def evaluate(
        self,
        data: Data,
        *,
        labels: Sequence[Any] | None = None,
        text: str | None = None,
        label: str | None = None,
        include_seen: bool = False,
        on_error: OnError = "stop",
        beam: int | None = None,
        length_penalty: float | None = None,
    ) -> Evaluated:
        """Score the model on labelled examples that it was not trained on, with 95% intervals.

        Args:
            data: a path or a data frame with a column of labels; or texts or series, with `labels`.
            labels: N labels, where `data` has none.
            text: the column with the texts; None takes the column of training.
            label: the column with the labels; None takes the column of training.
            include_seen: whether to score examples that the model was trained on too.
            on_error: what is done about an example that cannot be used: "stop" at it, or "skip" it and count it.
            beam: see `predict`.
            length_penalty: see `predict`.

        Raises:
            UserError: the data cannot be used, or the model was trained on all of it; the message says why.
        """
        if isinstance(self._reader, ForecastReader):
            data = frame_of_column(data, self._reader.columns.target)
        path = as_file(data, labels, "data")
        if not is_path(data) and not is_frame(data):
            if labels is None and self.trained.task.needs_labels:
                raise UserError("The examples have no labels. Give one for each, as in labels=['good', 'bad'].")
            text, label = (TEXT if path.suffix == ".jsonl" else None), LABEL
        with naming_as_given(path):
            return evaluate_file(
                self.trained,
                self._reader,
                path,
                text=text,
                label=label,
                seen=load_seen(self.folder),
                include_seen=include_seen,
                on_error=on_error,
                beam=beam,
                length_penalty=length_penalty,
            )

    def check(self) -> Certificate:
        """Check that the model's predictions are consistent, as `unspool check` does.

        The certificate is written to the model's folder unless that is read-only.
        """
        return check_anywhere(self.folder)[0]

    @property
    def _reader(self) -> Reader:
        return reader_of(self.trained, self.folder)

    def _outputs(self, trained: TrainedModel, data: Data, text: str | None) -> NDArray[np.float64]:
        inputs, empty = self._read(data, text)
        outputs = trained.outputs(inputs)
        return outputs[:0] if empty else outputs

    @without_skipping()
    def _read(self, data: Data, text: str | None) -> tuple[Any, bool]:
        """The examples as the model takes them, and whether there are none: then one that stands for none."""
        reader: Any = self._reader
        refuse_no_data(data)
        if isinstance(reader, WordReader | RawWordReader):
            path = expanded(data) if is_path(data) else None
            column = text or column_read(self.trained.recipe.data)
            found = tagged_texts_for(self.trained, path, column).texts if path else tokens_of(data, column)
            return reader.read(found or [("-",)]), not found
        if reads_texts(reader):
            texts, notes = self._texts(data, text), NotesOnTexts(self.trained, reader)
            takes_none = isinstance(reader, RawTextReader | PairReader)
            inputs = reader.read(texts if texts or takes_none else ["-"])
            notes.look(texts)
            _warn(notes.found)
            return inputs, not texts
        _refuse_text(text)
        if is_path(data) or is_frame(data):
            path = as_file(data, None, "data")
            with naming_as_given(path):
                series = read_series_for(self.trained, reader, path, "stop")[1]
            _warn(series.notes)
            return reader.read_series(series.arrays(np.arange(len(series)))), False
        given = series_of(data, len(reader.channels), self.trained.task.by_step)
        for position, one in enumerate(given):
            if np.isnan(one).all():  # so in files, too
                raise UserError(f"Entry {position} (counted from 0) has no numbers.")
        rows = reader.length if isinstance(reader, ImageReader) else 1
        return reader.read_series(given or [np.zeros((rows, len(reader.channels)), dtype=np.float32)]), not given

    @without_skipping()
    def _texts(self, data: Data, text: str | None) -> list[str]:
        column, side = text or column_read(self.trained.recipe.data), side_columns(self._reader)
        if not is_path(data):
            return texts_of(data, column, side)
        table, name = table_of_texts(self.trained, self._reader, expanded(data), text)
        if side:
            side.require(table.path, table.columns)
            _warn(table.notes_on_decimals(side.numeric))
            return rows_with_cells(table, name, side)
        return texts_of([cell for chunk in table.chunks() for cell in texts_of_cells(chunk.cells, name)], None)


def _warn(notes: Iterable[str]) -> None:
    for note in notes:
        _log.warning("%s.", note)


def _refuse_text(text: str | None) -> None:
    if text is not None:
        raise UserError("text names a column of texts, and this model reads series. Leave it out.")


def load(folder: PathLikeOrStr, *, check: bool = False) -> Model:
    """Load a trained model from its folder.

    Args:
        folder: a folder that `train`, `unspool train`, `unspool run` or an estimator's `save` wrote.
        check: whether to check first that its predictions are consistent, which takes seconds.

    Raises:
        UserError: the folder holds no model, a file in it is damaged, or a check fails.
    """
    folder = given_folder(folder)
    return Model(folder, load_trained(folder, check=check))
