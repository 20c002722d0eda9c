"""Reads another tagger's answers from a file with a token on each line, or in each row of a table, and its tag."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from unspool.data.labels import Label, shown
from unspool.data.source import Source
from unspool.data.tables.table import Table
from unspool.data.texts.tagged_sources import read_tagged_texts
from unspool.data.texts.tagged_texts import TaggedTexts
from unspool.data.texts.text_columns import have_text
from unspool.data.texts.token_rows import columns_of_tokens
from unspool.errors import UserError
from unspool.evaluation.contenders import OtherModel
from unspool.runs.answer_columns import PREDICTION
from unspool.runs.other_models.column_names import columns_meant
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.runs.other_models.own_file import places_by_cells, settings_of_own_file
from unspool.runs.other_models.tables import read_cells
from unspool.runs.other_models.true_labels import are_true_labels


def read_tagged_file(path: Path, examples: ExamplesOfTest) -> OtherModel:
    """Read tags for the test texts of a run; the last column of the file is the predicted tag.

    Texts are matched by their tokens if the run's data file is unchanged; else they must be in order.

    Raises:
        UserError: the file cannot be read, a text is missing, or its tags are too few, too many or unknown.
    """
    return _matched(str(path), read_tagged_texts(path), examples)


def read_tagged_rows(source: str, table: Table, examples: ExamplesOfTest) -> OtherModel | None:
    """The same of a table with a token in each row, the text that it belongs to, and a column `prediction`.

    Args:
        source: names the table in messages.
        table: with any columns.
        examples: the test examples.

    Returns:
        The answers; None if the table has no such columns.

    Raises:
        UserError: as of `read_tagged_file`.
    """
    meant = columns_meant(table.columns, (PREDICTION,), prediction=PREDICTION)
    prediction = next((name for name in table.columns if meant.get(name, name) == PREDICTION), None)
    found = _columns_of_tokens(table, examples)
    if prediction is None or found is None:
        return None
    rows = Source(Path(table.path), "stop", series=found[0])
    return _matched(source, read_tagged_texts(rows, text=found[1], label=prediction), examples)


def _columns_of_tokens(table: Table, examples: ExamplesOfTest) -> tuple[str, str] | None:
    """The columns with the text and with the token, which are called as in the run's data file or as usual."""
    if not examples.counted or not {*examples.rows}.isdisjoint(table.columns):
        return None
    data = settings_of_own_file(examples.run)
    if data is None:
        return None
    named = [name if name and have_text(name, table.columns) else None for name in (data.series, data.text)]
    return columns_of_tokens(table.first(), *named)


def _matched(source: str, given: TaggedTexts, examples: ExamplesOfTest) -> OtherModel:
    wanted = _texts_of_test(examples)
    places = None
    if wanted is not None:
        places = _places(source, list(map(_joined, given.texts)), given.tags, wanted, examples)
    elif len(given) != len(examples):
        raise UserError(
            f"{source} has {len(given):,} texts, {examples.run} has {len(examples):,} test examples. Give all of them, "
            f"in the order of {examples.file}."
        )
    how = f"read in the order of the test examples (that of {examples.file})"
    if places is not None:
        how, others = "matched by the tokens of the texts", len(given) - len(examples)
        how += f"; texts that are not test examples were ignored: {others:,}" if others else ""
    order = range(len(given)) if places is None else places
    tags = [list(given.tags[place]) for place in order]
    notes = [f"The predictions of {source} were {how}."]
    if are_true_labels(tags, examples):
        notes.append(f"The tags in {source} are identical to the true ones.")
    return read_cells(
        source,
        {PREDICTION: tags},
        lambda position: f"{source}, {given.places[order[position]]}",
        examples,
        tuple(notes),
    )


def _places(
    source: str, given: list[str], tags: Sequence[Label], wanted: list[str], examples: ExamplesOfTest
) -> list[int] | None:
    """For each test text, the position of its tags in the file; None if only the order can tell, and it is the same."""
    places = places_by_cells(given, wanted, tags)
    if places is not None or given == wanted:
        return places
    there = Counter(given)
    lacking = next((text for text, times in Counter(wanted).items() if there[text] < times), None)
    if lacking is None:
        raise UserError(
            f"{source} has texts with the same tokens but different tags. Give the test examples of {examples.run} "
            f"alone, in the order of {examples.file}."
        )
    named = examples.named(wanted.index(lacking), [*examples.rows])
    times = Counter(wanted)[lacking]
    often = f" {times} times" if times > 1 else ""
    raise UserError(
        f"{source} does not contain the test example {named} of {examples.run}{often}: "
        f"{shown(lacking.replace(_BETWEEN, ' '))!r}. Give all of its test examples, with the same tokens and "
        "their predicted tags."
    )


def _texts_of_test(examples: ExamplesOfTest) -> list[str] | None:
    """The tokens of each test text in the run's data file, joined; None if the file is missing or has changed."""
    if not examples.counted:
        return None
    try:
        data = settings_of_own_file(examples.run)
        if data is None:
            return None
        source = Source(Path(data.test or data.path), "skip", series=data.series)
        texts = read_tagged_texts(source, text=data.text, label=data.label, on_error="skip")
        at = {place.row: position for position, place in enumerate(texts.places)}
        positions = [at[int(number)] for number in [*examples.rows.values()][-1]]
    except (UserError, ValueError, KeyError):
        return None
    if not are_true_labels([list(texts.tags[position]) for position in positions], examples):
        return None
    return [_joined(texts.texts[position]) for position in positions]


_BETWEEN = "\t"  # tokens may contain spaces


def _joined(tokens: Sequence[str]) -> str:
    return _BETWEEN.join(tokens)
