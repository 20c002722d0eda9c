"""What is compared: runs and answers of other models, each of a name of its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeGuard

from unspool.errors import UserError
from unspool.runs.other_models.answers import InMemory, is_answers
from unspool.runs.recipes.defaults import plain_name


def is_run(contender: Path | InMemory) -> TypeGuard[Path]:
    """Whether a contender is the folder of a run; else it is answers of another model."""
    return isinstance(contender, Path) and not is_answers(contender)


def contender_name(contender: Path | InMemory) -> str:
    """What a contender is called: a run by its folder, also where its path is a link or relative; others by their file.

    Example:
        >>> [contender_name(one) for one in (Path("runs/reviews"), Path("svm.csv"), InMemory("a rule", []))]
        ['reviews', 'svm', 'a-rule']
    """
    if isinstance(contender, InMemory):
        return plain_name(contender.name)
    return contender.resolve().name if is_run(contender) else contender.stem


def refuse_contenders(contenders: Sequence[Path | InMemory], seeds: Sequence[int] | None) -> None:
    """Refuse contenders that cannot be told apart, or of which none is a run.

    Raises:
        UserError: see `compare_runs`.
    """
    answers = [str(one) if isinstance(one, Path) else one.name for one in contenders if not is_run(one)]
    given = [(plain_name(contender_name(one)), _Given(one)) for one in contenders]
    check_names(given, "contenders" if seeds is None else "folders")
    if len(answers) == len(contenders):
        raise UserError(
            f"{' and '.join(answers)}: there is no run among the contenders. Predictions of other models are compared "
            "with a run, on its test examples: add the folder of one, such as runs/reviews."
        )
    if answers and seeds is not None:
        raise UserError(
            f"{answers[0]} holds predictions, whose model cannot be trained again with other seeds. Compare without "
            "seeds, or only runs."
        )


class _Given:
    """A contender as it was given: equal if it is the same file or folder, shown as it was typed."""

    def __init__(self, contender: Path | InMemory) -> None:
        self._one = contender.resolve() if isinstance(contender, Path) else contender
        self._shown = str(contender) if isinstance(contender, Path) else f"{contender.name} in memory"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Given) and self._one == other._one

    def __hash__(self) -> int:
        return hash(self._one)

    def __str__(self) -> str:
        return self._shown


def check_names(given: Sequence[tuple[str, object]], what: str) -> None:
    """Make sure that there are at least two contenders, and that a name means one of them.

    Args:
        given: the name of each, and what it is: a path or a recipe.
        what: they are.
    """
    if len(given) < 2:
        raise UserError(
            f"A comparison needs at least two {what}"
            + (": a run, and another run or a file of predictions." if what == "contenders" else ".")
        )
    known: dict[str, object] = {}
    for name, one in given:
        if name not in known:
            known[name] = one
        elif known[name] == one:
            shown_name = name if what == "recipes" else one
            raise UserError(f"{shown_name} is given twice: a model cannot be compared with itself. Name another one.")
        elif what == "recipes":
            raise UserError(f"Two recipes have the same name ({name}): give each its own, in its TOML file.")
        else:
            raise UserError(
                f"{known[name]} and {one} would both be called {name} in the comparison. Rename one of them."
            )
