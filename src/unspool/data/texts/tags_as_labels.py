"""Labels that look like tags of tokens: how to recognise them, and what to say where they would be read as classes."""

from collections.abc import Sequence
from pathlib import Path

from unspool.data.labels import list_in
from unspool.data.names_in_words import as_typed
from unspool.data.texts.tagged_texts import ONE_ROW_PER_TEXT, first_of_span, nearly_all
from unspool.errors import UserError


def refuse_tags(path: Path, text: str, texts: Sequence[object], label: str, labels: Sequence[object]) -> None:
    """Refuse labels that look like tags of tokens, where each label would be taken for a class of its text.

    They do if nearly all are O or such as B-person, alone or with spaces in between; or if there are several words in
    most labels, and nearly all have as many as their texts. Lists are checked only if one of them holds a label twice,
    as lists of classes do not.

    Args:
        path: of the table.
        text: the column of the texts.
        texts: its first cells.
        label: the column of the labels.
        labels: its first cells, as many.

    Raises:
        UserError: says how tags are read, and how classes.
    """
    cells = [list_in(cell) for cell in labels]
    lists = [cell for cell in cells if isinstance(cell, list)]
    if lists and not any(map(repeats, lists)):
        return
    tags = [cell if isinstance(cell, list) else str(cell).split() for cell in cells]
    several = 2 * sum(len(one) > 1 for one in tags) > len(tags)
    as_long = nearly_all([len(one) == len(str(cell).split()) for one, cell in zip(tags, texts, strict=True)])
    flat = [str(tag) for one in tags for tag in one]
    span = first_of_span(flat)
    classes = f"To read them as classes of whole texts, ask for --task {'multilabel' if lists else 'multiclass'}."
    if several and (as_long or span):
        raise UserError(
            f"{path} seems to have a tag for each token of column {text} in column {label}. To predict tags, ask for "
            f"--task tagging --text {as_typed([text])} --label {as_typed([label])}. {classes}"
        )
    if span:
        raise UserError(
            f"{path}: the labels in column {label}, such as {span}, look like tags of tokens, one in each row. To "
            "predict tags, also name the column that says which text a token belongs to: --task tagging "
            f"--series COLUMN --text {as_typed([text])} --label {as_typed([label])}. If there is none, "
            f"{ONE_ROW_PER_TEXT}. {classes}"
        )


def repeats(labels: Sequence[object]) -> bool:
    """Whether a label of one example occurs twice, as tags may and classes do not."""
    return len(set(map(str, labels))) < len(labels)
