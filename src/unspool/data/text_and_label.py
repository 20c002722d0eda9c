"""Finds the column with the texts and the one with the labels in a table, by names and by the first rows."""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from unspool.data.cell_values import has_words, is_missing, is_number, mostly
from unspool.data.list_cells import holds_lists
from unspool.data.moments import are_moments
from unspool.data.names_in_words import as_typed, first_few
from unspool.data.steps_in_time import sentence_on_times
from unspool.data.tables.comma_numbers import comma_words, has_decimal_comma
from unspool.data.tables.delimited_header import UNNAMED
from unspool.data.tables.joined_labels import is_indicator
from unspool.data.tables.table import Chunk
from unspool.data.usual_names import LABEL_NAMES, TEXT_NAMES, usual
from unspool.errors import UserError

NEVER_LABELS = ("file", "filename", "path", "url", "date", "time", "timestamp", "index", "column 1")
FEW = 20  # different values in a thousand rows
LONGEST = "its texts are the longest"
DIFFERENT = "few of its texts repeat"
_FILE = re.compile(
    r"\S+\.(?:csv|tsv|txt|json|jsonl|parquet|xml|npy|npz|mat|h5|edf|dat|wav|mp3|flac|ogg|png|jpe?g|tiff?)", re.I
)
_MOST_SHOWN = 40  # characters of a cell


def find_text(path: Path, sample: Chunk, taken: Collection[str] = ()) -> tuple[str, str]:
    """Find the column with the texts, by its name or because its texts are the longest.

    If those are single words that recur, as labels do, it is instead a column of words that hardly do, if there is one.

    Args:
        path: of the table.
        sample: its first rows.
        taken: columns that are something else.

    Returns:
        The name of the column, and how it was found, in words.

    Raises:
        UserError: there is none.
    """
    candidates = {
        name: [value for value in values if isinstance(value, str)]
        for name, values in sample.cells.items()
        if name not in taken
        and any(isinstance(value, str) and value.strip() for value in values)
        and not are_moments(values)
    }
    by_name = usual(candidates, TEXT_NAMES)
    if by_name is not None and _numbers_texts(by_name, candidates):
        by_name = usual((name for name, texts in candidates.items() if not mostly(is_number, texts)), TEXT_NAMES)
    if by_name is not None:
        return by_name, "by its name"
    lengths = {
        name: sum(map(len, texts)) / len(texts) for name, texts in candidates.items() if not mostly(is_number, texts)
    }
    if not lengths:
        empty = usual([name for name in _without_texts(sample) if name not in taken], TEXT_NAMES)
        if empty is not None:
            raise UserError(
                f"{path}: column {empty} has no texts in it. Name the column with the texts (--text)."
                f"{_sentence_on_objects(sample)}"
            )
        raise UserError(
            f"{path} has no column with texts in it. Its columns are {', '.join(sample.cells)}. If one is read as text "
            f"all the same, name it (--text); if rows are the steps of series, name the column that tells series apart "
            f"(--series).{sentence_on_times(sample.cells)}{_sentence_on_objects(sample)}"
            f"{_sentence_on_lists(sample)}"
        )
    changing = {name: length for name, length in lengths.items() if not _is_one_word(candidates[name])}
    lengths = changing or lengths
    longest = max(lengths, key=lambda name: lengths[name])
    if _recur(candidates[longest]):
        varied = [name for name in lengths if are_spelled(candidates[name])]
        if varied:
            return max(varied, key=lambda name: lengths[name]), DIFFERENT
    if mostly(_names_file, candidates[longest]):
        raise UserError(
            f"{path}: column {longest} holds names of files, such as {candidates[longest][0][:_MOST_SHOWN]!r}. The "
            "files that a table names are not read: write texts into a column of the table, and recordings into one "
            "table with a row for each time step or into a .npz file. If the names are to be read as text, name the "
            "column (--text)."
        )
    if mostly(has_decimal_comma, candidates[longest]):
        raise UserError(
            f"{path}: column {longest} {comma_words(candidates[longest])}. If they are read as text all the same, name "
            "the column (--text)."
        )
    return longest, LONGEST


def _any_of(names: Sequence[str]) -> str:
    """Names as one of several: a, b or c."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def are_spelled(cells: Sequence[object]) -> bool:
    """Tell whether cells are words or sequences of letters, most of them different: no categories, no ids with digits.

    Example:
        >>> are_spelled(["AKLW", "GDE"]), are_spelled(["S1", "S2"]), are_spelled(["yes", "no"] * 9)
        (True, False, False)
    """
    words = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    letters = [word for word in words if not any(map(str.isdigit, word))]
    return 2 * len(letters) > len(words) and 2 * len(set(words)) > len(words)


def _recur(texts: Sequence[str]) -> bool:
    """Whether texts are single words each of which recurs many times, as names of categories do."""
    return not mostly(has_words, texts) and 10 * len(set(texts)) <= len(texts)


def _is_one_word(texts: Sequence[str]) -> bool:
    """Whether all texts are the same word, such as a unit."""
    return len(set(texts)) == 1 and not mostly(has_words, texts)


def _numbers_texts(name: str, candidates: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether a column named like a text holds numbers, and another one texts that hardly recur."""
    return mostly(is_number, candidates[name]) and any(
        mostly(has_words, texts) and len(set(texts)) > max(FEW, len(texts) / 2)
        for other, texts in candidates.items()
        if usual([other], LABEL_NAMES) is None
    )


def _is_left_over(name: str, cells: Sequence[object]) -> bool:
    """Tell whether a column has no name and more than half of its cells are empty."""
    nameless = UNNAMED.fullmatch(name) is not None or name.startswith("Unnamed: ")  # pandas's
    return nameless and 2 * sum(map(is_missing, cells)) > len(cells)


def _names_file(cell: object) -> bool:
    return isinstance(cell, str) and _FILE.fullmatch(cell.strip()) is not None


def _sentence_on_objects(sample: Chunk) -> str:
    nested = [name for name, values in sample.cells.items() if any(isinstance(value, dict) for value in values)]
    if not nested:
        return ""
    return (
        f" Nested objects, such as those in {first_few(nested)}, are not read: pandas.json_normalize turns them into "
        "columns."
    )


def _sentence_on_lists(sample: Chunk) -> str:
    lists = [name for name, values in sample.cells.items() if holds_lists(values)]
    if not lists:
        return ""
    return (
        f" Lists of numbers, such as those in {first_few(lists)}, are read as series if these columns are named "
        "(--channels)."
    )


def _without_texts(sample: Chunk) -> list[str]:
    return [
        name for name, values in sample.cells.items() if not any(isinstance(value, str) and value for value in values)
    ]


def find_label(path: Path, sample: Chunk, taken: Collection[str]) -> tuple[str, str]:
    """Find the column with the labels, by its name or because it is the only one that may hold them.

    Arguments and result are those of `find_text`.

    Raises:
        UserError: it cannot be told.
    """
    others = {name: values for name, values in sample.cells.items() if name not in taken}
    if (by_name := usual(others, LABEL_NAMES)) is not None:
        return by_name, "by its name"
    others = {
        name: values
        for name, values in others.items()
        if name.lower() not in ("id", *NEVER_LABELS) and not are_moments(values)
    }
    if len(others) == 1:
        alone = len(sample.cells.keys() - set(taken)) == 1
        return next(iter(others)), "there is no other column" if alone else "no other column can be the label"
    few = [name for name, values in others.items() if 1 < len(set(map(str, values))) <= min(FEW, len(sample) - 1)]
    named = [name for name in few if not _is_left_over(name, others[name])]
    if len(few) == 1:
        return few[0], f"it is the only one that has at most {FEW} different values"
    if len(named) == 1:
        return named[0], f"it is the only one that has a name and at most {FEW} different values"
    few = named or few
    if len(sample.cells) == 1:
        raise UserError(
            f"{path} has one column, {next(iter(sample.cells))}, and none with labels. Add a column that says what to "
            "predict for each row."
        )
    numbers = [name for name in others if name not in few and mostly(is_number, others[name])]
    could_be = ([_any_of(few)] if few else []) + [f"a number such as {first_few(numbers)}"] * bool(numbers)
    which = f"could be {', or '.join(could_be)}" if could_be else "cannot be determined"
    several = [name for name in few if all(is_indicator(cell) for cell in others[name] if not is_missing(cell))]
    how = f", or several columns of 1 and 0 (--label {as_typed(several)})" if len(several) > 1 else ""
    if not (few or numbers) and sum(name.lower() not in ("id", *NEVER_LABELS) for name in sample.cells) > 1:
        how = "; or, to generate one column from another, name both (--source, --target)"
    raise UserError(f"{path}: the label {which}. Name its column (--label){how}: there are {', '.join(sample.cells)}.")
