"""The command line: a model, and texts or series to answer."""

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, NoReturn

from unspool_runtime.errors import InputError, ModelError
from unspool_runtime.model import Model

ERROR, NOT_THE_SAME, INTERRUPTED = 1, 3, 130
AT_ONCE = 256
LONGEST_LINE = 1 << 22
"""Characters: a file without line breaks, or a device, could fill the memory."""
_OTHER_FILES = {
    "a table": (".csv", ".tsv", ".tab", ".parquet", ".xlsx", ".xls", ".ods"),
    "a file of arrays": (".npz", ".npy"),
    "compressed": (".gz", ".zip", ".bz2", ".xz"),
    "JSON": (".jsonl", ".ndjson", ".json"),
}
"""File extensions that are refused; JSON only for models of texts, as others read JSON lines."""


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with a command line."""

    def error(self, message: str) -> NoReturn:
        """Exit with the reason."""
        self.exit(2, f"{self.prog}: {_shown(message)}. See {self.prog} --help.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, or 1 where something is wrong with the model or an input."""
    parser = _Parser(
        prog="unspool-runtime",
        description="Predicts with an exported model: for texts, one a line (for a model that tags words, with spaces "
        "between them), or for series, as JSON lines with a list of steps each; for a model that reads columns beside "
        "a text, as JSON lines with an object each; for a model that forecasts, as JSON lines with a history each. "
        "Prints one JSON line for each: the prediction, and the probability of each label.",
    )
    parser.add_argument("model", metavar="MODEL", help="a file that `unspool export` wrote")
    parser.add_argument("file", metavar="FILE", nargs="?", help="the examples, or - for standard input")
    parser.add_argument(
        "--best",
        type=int,
        metavar="N",
        help="for a model that translates: also the N best translations of each, with scores; widens a narrower beam",
    )
    parser.add_argument("--check", action="store_true", help="answer the golden examples in the model's file instead")
    options = parser.parse_args(arguments)
    if options.check == bool(options.file):
        parser.error("give a FILE with examples, or --check")
    if options.check and options.best is not None:
        parser.error("--best is for a FILE with examples")
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed before the process started
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
    code = 0
    try:
        model = Model.load(options.model)
        if options.check:
            found = model.check()
            code = 0 if found.passed else NOT_THE_SAME
            print(found, flush=True)
            return code
        _refuse_other_files(options.file, model)
        with _opened(options.file) as lines:
            escaped = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
            for answer in answers(model, lines, options.best):
                print(json.dumps(answer, ensure_ascii=escaped))
            sys.stdout.flush()
    except BrokenPipeError:  # the reader of the output closed it, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ModelError, InputError, OSError) as error:
        print(f"unspool-runtime: {_shown(_reason(error))}", file=sys.stderr)
        return ERROR
    except KeyboardInterrupt:
        print("unspool-runtime: interrupted", file=sys.stderr)
        return INTERRUPTED
    return code


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'the output'}: {error.strerror}."
    return str(error)


def _shown(text: str) -> str:
    r"""Escape what a terminal would interpret, newlines included: names of files may come from strangers.

    Example:
        >>> _shown("\x1b[31mred\n.unspool")
        '\\x1b[31mred\\n.unspool'
    """
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def _refuse_other_files(path: str, model: Model) -> None:
    """Refuse a file that, by its extension, does not hold one example on each line: rows would be read as texts."""
    ending = os.path.splitext(path)[1].lower()
    of_texts = model.reads in ("texts", "words")
    for kind, endings in _OTHER_FILES.items():
        if ending in endings and (of_texts or kind != "JSON"):
            wanted = "one text a line, without a header" if of_texts else f"JSON lines, each {_wanted(model.reads)}"
            raise InputError(
                f"{path} is {kind}. Give a file with {wanted}. "
                "To read tables, use `unspool predict` with the run's folder."
            )


def _wanted(reads: str) -> str:
    """What each line of JSON has to be, with an example."""
    return {
        "rows": 'an object with the columns of a row, such as {"text": "a gift", "price": 20}',
        "histories": "a history: a list of numbers such as [1.5, 2], or an object with 'history'",
        "ids": "a list of token ids such as [12, 7, 3]",
    }.get(reads, "a list of steps such as [[0.5, 2], [0.7, 1]], each with one number per channel")


def answers(model: Model, lines: IO[str], best: int | None = None) -> Iterator[dict[str, Any]]:
    """Answer examples, a few hundred at a time.

    Args:
        model: the model.
        lines: one example each: a text, or JSON where the model reads no texts; of JSON, blank lines are skipped.
        best: how many translations of each are given with their scores; None gives the best alone, without.

    Raises:
        InputError: a line is not an example; says which, from 1. Or the model does not translate and `best` is given.
    """
    some: dict[int, Any] = {}
    read: dict[str, Callable[[str], Any]] = {"texts": lambda line: line.rstrip("\r\n"), "words": str.split}
    for number, line in enumerate(_lines(lines), start=1):
        if model.reads in read:
            some[number] = read[model.reads](line)
        elif not line.isspace():
            some[number] = _parsed(line, number, model.reads)
        if len(some) == AT_ONCE:
            yield from _answered(model, some, best)
            some = {}
    if some:
        yield from _answered(model, some, best)


def _lines(lines: IO[str]) -> Iterator[str]:
    number = 1
    try:
        while line := lines.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise InputError(f"Line {number} has more than {LONGEST_LINE:,} characters. Give one example a line.")
            if "\0" in line:
                raise InputError(f"Line {number} contains a NUL byte. Remove it.")
            yield line
            number += 1
    except UnicodeDecodeError as error:
        raise InputError(f"The text after line {number - 1} is not UTF-8: {error.reason}. Convert it.") from error


def _parsed(line: str, number: int, reads: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        why = f"{error.msg} at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise InputError(f"Line {number} is not JSON ({why}). Each line must be {_wanted(reads)}.") from error


def _answered(model: Model, some: dict[int, Any], best: int | None) -> Iterator[dict[str, Any]]:
    try:
        yield from _computed(model, list(some.values()), best)
    except InputError as error:
        raise _of_a_line(model, some) or error from error


def _of_a_line(model: Model, some: dict[int, Any]) -> InputError | None:
    """The error with the number of the line that it is about; None if the model answers each line by itself."""
    for number, one in some.items():
        try:
            model.predict([one])
        except InputError as error:
            said, line = str(error).replace("(both counted from 0)", "(counted from 0)"), f"Line {number}"
            placed, found = re.subn(r"^(Example 0 \(counted from 0\)|Series 0)", line, said)
            return InputError(placed if found else f"{line}: {said}")
    return None


def _computed(model: Model, some: list[Any], best: int | None) -> Iterator[dict[str, Any]]:
    if best is not None:
        for found in model.translate(some, best):
            yield {"prediction": found[0].text, "translations": [one._asdict() for one in found]}
        return
    if model.task == "translation":
        yield from ({"prediction": text} for text in model.predict(some))
        return
    outputs = model.outputs(some)
    for place, label in enumerate(model.decide(outputs)):
        answer = {"prediction": label}
        if model.labels:
            shown = model.probabilities_of(outputs)[place]
            if model.task == "tagging":
                answer["probabilities"] = [_named(model, step) for step in shown[: len(label)].tolist()]
            else:
                answer["probabilities"] = _named(model, shown.tolist())
        yield answer


def _named(model: Model, numbers: list[float]) -> dict[str, float]:
    return dict(zip(model.labels, numbers, strict=True))


def _opened(path: str) -> IO[str]:
    if path == "-":
        if sys.stdin is None:
            raise InputError("Standard input is closed. Give a FILE.")
        return open(sys.stdin.fileno(), encoding="utf-8-sig", newline="\n", closefd=False)
    return open(path, encoding="utf-8-sig", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
