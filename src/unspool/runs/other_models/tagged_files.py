"""Reads another tagger's answers from a file with a token on each line, or in each row of a table, and its tag."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from unspool.data.labels import Label, shown
from unspool.data.source import Source
from unspool.data.tables.table import Table, read_table
from unspool.data.texts.conll import CONLL
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


def holds_tagged_tokens(table: Table, examples: ExamplesOfTest) -> bool:
    """Tell whether a table has a token in each row, the text that it belongs to, and a predicted tag."""
    return _columns_of_tokens(table, examples) is not None and PREDICTION in _named_as_meant(table).values()


def _columns_of_tokens(table: Table, examples: ExamplesOfTest) -> tuple[str, str] | None:
    """The columns with the text and with the token, which are called as in the run's data file or as usual."""
    if not examples.counted or not {*examples.rows}.isdisjoint(table.columns):
        return None
    data = settings_of_own_file(examples.run)
    if data is None:
        return None
    named = [name if name and have_text(name, table.columns) else None for name in (data.series, data.text)]
    return columns_of_tokens(table.first(), *named)


def _named_as_meant(table: Table) -> dict[str, str]:
    """The columns of a table, by the name that is meant by each."""
    meant = columns_meant(table.columns, (PREDICTION,), prediction=PREDICTION)
    return {name: meant.get(name, name) for name in table.columns}


def read_tagged_file(path: Path, examples: ExamplesOfTest) -> OtherModel:
    """Read tags for the test texts of a run; the last column of the file is the predicted tag.

    A table, see `holds_tagged_tokens`, has it in a column `prediction`. Texts are matched by their tokens if the run's
    data file is unchanged; else they must be in order.

    Raises:
        UserError: the file cannot be read, a text is missing, or its tags are too few, too many or unknown.
    """
    given = _read(path, examples)
    wanted = _texts_of_test(examples)
    places = None
    if wanted is not None:
        places = _places(path, list(map(_joined, given.texts)), given.tags, wanted, examples)
    elif len(given) != len(examples):
        raise UserError(
            f"{path} has {len(given):,} texts, {examples.run} has {len(examples):,} test examples. Give all of them, "
            f"in the order of {examples.file}."
        )
    how = f"read in the order of the test examples (that of {examples.file})"
    if places is not None:
        how, others = "matched by the tokens of the texts", len(given) - len(examples)
        how += f"; texts that are not test examples were ignored: {others:,}" if others else ""
    order = range(len(given)) if places is None else places
    tags = [list(given.tags[place]) for place in order]
    notes = [f"The predictions of {path} were {how}."]
    if are_true_labels(tags, examples):
        notes.append(f"The tags in {path} are identical to the true ones.")
    return read_cells(
        str(path),
        {PREDICTION: tags},
        lambda position: f"{path}, {given.places[order[position]]}",
        examples,
        tuple(notes),
    )


def _read(path: Path, examples: ExamplesOfTest) -> TaggedTexts:
    if path.suffix.lower() in CONLL:
        return read_tagged_texts(path)
    table = read_table(path)
    found = _columns_of_tokens(table, examples)
    assert found is not None
    prediction = next(name for name, meant in _named_as_meant(table).items() if meant == PREDICTION)
    return read_tagged_texts(Source(path, "stop", series=found[0]), text=found[1], label=prediction)


def _places(
    path: Path, given: list[str], tags: Sequence[Label], wanted: list[str], examples: ExamplesOfTest
) -> list[int] | None:
    """For each test text, the position of its tags in the file; None if only the order can tell, and it is the same."""
    places = places_by_cells(given, wanted, tags)
    if places is not None or given == wanted:
        return places
    there = Counter(given)
    lacking = next((text for text, times in Counter(wanted).items() if there[text] < times), None)
    if lacking is None:
        raise UserError(
            f"{path} has texts with the same tokens but different tags. Give the test examples of {examples.run} "
            f"alone, in the order of {examples.file}."
        )
    named = examples.named(wanted.index(lacking), [*examples.rows])
    times = Counter(wanted)[lacking]
    often = f" {times} times" if times > 1 else ""
    raise UserError(
        f"{path} does not contain the test example {named} of {examples.run}{often}: "
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
