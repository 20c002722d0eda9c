"""The command line of the benchmarks."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks import machine, tables
from benchmarks.check import check
from benchmarks.peers import INSTALL, PEERS, Peer
from benchmarks.results import Results
from benchmarks.runner import Say, available, run_work, units
from benchmarks.works import Work, check_work, works

DESCRIPTION = "Measures unspool beside its peers on the same work: same shapes, weights, optimizer, dropout, float32."
EPILOG = """\
start here:
  python -m benchmarks list                          works and peers
  python -m benchmarks check                         do all peers compute the same?
  python -m benchmarks run imdb-lstm --quick         does everything run? (its figures mean nothing)
  python -m benchmarks run imdb-lstm --json lstm.json
  python -m benchmarks show lstm.json                the tables again
  python -m benchmarks run series                    accuracy of unspool's models of series beside aeon's
  python -m benchmarks run series --archive FOLDER   the same on the UCR archive, unpacked in FOLDER
  python -m benchmarks run texts                     accuracy of the models of texts beside their peers
  python -m benchmarks run texts --whole-command     unspool train beside tuned peers, on sets out of packages
  python -m benchmarks run few-labels                few labelled reviews of IMDb, and those without a label
  python -m benchmarks run imdb --budget 40m         all of IMDb, those without a label among it, within a budget
  python -m benchmarks run forecasting               MASE of forecasts beside those of simple models
  python -m benchmarks run serving                   a server with more load than it can answer
  python -m benchmarks run answering RUN             time for one text, beside ONNX Runtime
  python -m benchmarks run scoring MODEL TEXTS       a table of texts, in one process, Ray and Spark
  python -m benchmarks run translating RUN           a run of a Transformer beside CTranslate2, with the same weights

how it measures:
  Each peer has its own process, kept on --threads cores, and does everything once before it is measured. Then they
  work turn about (A B C, A B C, ...), a round each, so that a machine that slows down slows all. A table gives the
  median over the rounds, the shortest call, and the ratio to the first peer's median: 3.00 is three times as long.
  "first" is the first time, with compilation, not counted in any figure; "peak" is the most memory that the process
  has held. Measure on a machine that does nothing else: it warns where that is not so.
"""
USER_ERROR, INTERRUPTED = 1, 130
SUITES = {
    "series": "benchmarks.series.run",
    "texts": "benchmarks.texts.suite",
    "few-labels": "benchmarks.texts.few",
    "imdb": "benchmarks.texts.whole",
    "forecasting": "benchmarks.forecasting.suite",
    "serving": "benchmarks.serving.suite",
    "answering": "benchmarks.answering",
    "scoring": "benchmarks.scoring",
    "translating": "benchmarks.translating.suite",
}
"""What `run` takes in place of works: by name, the module whose `main` reads the other arguments."""


class UserError(Exception):
    """Something the user gave is wrong; the message says what and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0, 1 where something is wrong or failed, 2 for usage, 130 for Ctrl-C."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["run"] and given[1:2] and given[1] in SUITES:
        return int(import_module(SUITES[given[1]]).main(given[2:]))
    options = _parser().parse_args(given)
    try:
        return options.command(options)
    except UserError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        print("benchmarks: interrupted", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    commands.add_parser("list", help="the works and the peers").set_defaults(command=_list)
    run = commands.add_parser("run", help="measure one or more works")
    run.add_argument("works", nargs="+", metavar="WORK", help="names from `list`")
    run.add_argument("--rounds", type=_positive, default=3, metavar="N", help="turns of each peer (default: 3)")
    run.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything runs")
    run.add_argument("--json", type=Path, metavar="FILE", help="write everything here, as it is measured")
    run.set_defaults(command=_run)
    checking = commands.add_parser("check", help="do all peers compute the same?")
    checking.set_defaults(command=_check)
    for command in (run, checking):
        command.add_argument("--peers", metavar="A,B", help="these only; ratios are to the first")
        command.add_argument("--threads", type=_positive, default=2, metavar="N", help="of each peer (default: 2)")
    show = commands.add_parser("show", help="the tables of a file that `run --json` wrote")
    show.add_argument("file", type=Path, metavar="FILE")
    show.set_defaults(command=_show)
    return parser


def _list(options: argparse.Namespace) -> int:
    console = Console(highlight=False)
    for title, rows in (
        ("works", [(work.name, work.summary) for work in works().values()]),
        ("peers", [(peer.name, peer.summary + _absence(peer)) for peer in PEERS.values()]),
    ):
        table = Table(title=title, title_justify="left", box=None, show_header=False, pad_edge=False)
        for row in rows:
            table.add_row(*map(escape, row))
        console.print(table, "")
    return 0


def _absence(peer: Peer) -> str:
    return f" (not installed: {', '.join(peer.missing())}; {INSTALL})" if peer.missing() else ""


def _run(options: argparse.Namespace) -> int:
    chosen = [find_work(name, options.quick) for name in dict.fromkeys(options.works)]
    wanted = {work.name: find_peers(options.peers, work) for work in chosen}
    _check_threads(options.threads)
    if options.json and not options.json.parent.is_dir():
        raise UserError(f"there is no folder {options.json.parent} to write {options.json.name} to")
    settings = {"threads": options.threads, "rounds": options.rounds, "quick": options.quick}
    results = Results(machine.describe(), settings)
    if results.machine["load_before"] > machine.BUSY:
        _note(f"this machine is busy (load {results.machine['load_before']}): do not trust the timings")
    taking_part = {}
    for name, peers in wanted.items():
        taking_part[name], missing = available(peers)
        results.skipped |= missing
    for name, why in results.skipped.items():
        _note(f"{name} is left out: {why}")
    try:
        with _progress(sum(units(w, taking_part[w.name], options.rounds) for w in chosen)) as say:
            for work in chosen:
                run_work(work, taking_part[work.name], results, lambda: _save(results, options.json), say)
        results.finished = True
    except KeyboardInterrupt:
        _note("interrupted; this is what was measured")
    results.machine["load_after"] = machine.load()
    _save(results, options.json)
    _print(results)
    if not results.finished:
        return INTERRUPTED
    return USER_ERROR if any(m.error for m in results.measurements) else 0


def _check(options: argparse.Namespace) -> int:
    _check_threads(options.threads)
    peers, missing = available(find_peers(options.peers, check_work()))
    for name, why in missing.items():
        _note(f"{name} is left out: {why}")
    if len(peers) < 2:
        raise UserError(f"a comparison needs two peers or more: {INSTALL}")
    table, right = check(peers, options.threads, _note)
    Console(highlight=False, width=_width()).print(table)
    return 0 if right else USER_ERROR


def _show(options: argparse.Namespace) -> int:
    try:
        results = Results.load(options.file)
    except FileNotFoundError:
        raise UserError(f"there is no file {options.file}") from None
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{options.file} is not a file that `run --json` wrote") from None
    _print(results)
    return 0


def find_work(name: str, quick: bool) -> Work:
    """The work of that name.

    Raises:
        UserError: there is none.
    """
    known = works(quick)
    if name not in known:
        raise UserError(f"there is no work {name!r}; there are {', '.join(known)}")
    return known[name]


def find_peers(names: str | None, work: Work) -> list[Peer]:
    """The peers named, or else the work's own.

    Raises:
        UserError: there is none of such a name.
    """
    listed = names.split(",") if names else work.peers
    for name in listed:
        if name not in PEERS:
            raise UserError(f"there is no peer {name!r}; there are {', '.join(PEERS)}")
    return [PEERS[name] for name in dict.fromkeys(listed)]


def _check_threads(threads: int) -> None:
    if threads > machine.cores():
        raise UserError(f"{threads} threads on {machine.cores()} cores would measure nothing: give --threads")


def _save(results: Results, path: Path | None) -> None:
    if path is not None:
        results.save(path)


def _print(results: Results) -> None:
    Console(highlight=False, width=_width()).print(tables.report(results), soft_wrap=False)


def _width() -> int | None:
    """A terminal's own, and in a file or a pipe wide enough for every table."""
    return None if sys.stdout.isatty() else 160


def _note(line: str) -> None:
    print(line, file=sys.stderr)


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


@contextmanager
def _progress(total: int) -> Iterator[Say]:
    """A bar in a terminal, elsewhere a line for each step."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda line, done: None if done else _note(line)
        return
    columns = (BarColumn(bar_width=30), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda line, done: progress.update(task, advance=1) if done else progress.update(task, description=line)


if __name__ == "__main__":
    sys.exit(main())
