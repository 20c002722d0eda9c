"""What commands print of a run's scores and of a model's check."""

from pathlib import Path
from typing import TYPE_CHECKING

from unspool.cli.output import cell, console, print_json, print_prose, print_scores, print_table, table
from unspool.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unspool.evaluation.certificate import Certificate
    from unspool.evaluation.result import Result, Scores
    from unspool.evaluation.scoring import Measures

_MOST_MEASURES = 4
"""Measures that are printed, where a terminal has room for them. The report has all."""


def show_result(result: "Result", out: Path, as_json: bool) -> None:
    """Print what a run gave, and where its folder lies."""
    if as_json:
        from unspool.runs.records.record import to_metrics

        print_json(to_metrics(result) | {"folder": str(out)})
    else:
        _print_result(result, out)


def _print_result(result: "Result", out: Path) -> None:
    from unspool.evaluation.measures.forecasts import coverage_in_words
    from unspool.runs.records.folder import REPORT
    from unspool.tasks import task_of

    known = [(name, one) for name, one in task_of(result).measures.items() if name in result.test.figures]
    shown = known[:_MOST_MEASURES]
    models = [("this model", result.test), *((one.name, one.scores) for one in result.baselines)]
    print_scores(
        f"{out}: scores on the test set, {result.test.examples:,} {result.counted}",
        [measure.title for _, measure in shown],
        [[title, *(cell(scores.get(name), measure.say) for name, measure in shown)] for title, scores in models],
    )
    print_prose(result.verdict.words)
    if (coverage := result.test.get("coverage")) is not None:
        print_prose(coverage_in_words(coverage))
    console().print(f"report: {out / REPORT}", soft_wrap=True)


def score_rows(measures: "Measures", all_scores: "Sequence[Scores]") -> "Iterator[list[str]]":
    """The rows of a table with a column for each of `all_scores`, of which the first decides what there is to tell."""
    for name, measure in measures.items():
        if name in all_scores[0].figures:
            yield [measure.title, *(cell(scores.get(name), measure.say) for scores in all_scores)]


def print_certificate(certificate: "Certificate", folder: Path, unwritten: UserError | None) -> None:
    """Print what was found of a model's consistency."""
    from unspool.report.content import check_rows
    from unspool.runs.records.folder import CERTIFICATE

    rows = table(f"{folder}, {certificate.examples} saved examples", "", "largest change", "allowed", "")
    checks = check_rows(certificate)
    for check in checks:
        rows.add_row(check.name, check.measured, check.bound, check.outcome)
    print_table(rows)
    for check in checks:
        if check.reason:
            print_prose(f"{check.name}: {check.reason}")
    where = folder / CERTIFICATE if unwritten is None else "not written, as the folder is read-only"
    console().print(f"certificate: {where}", soft_wrap=True)
