"""The command that takes a model out: export."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from unspool.cli.options import add_command, add_json
from unspool.cli.output import print_json, tell


def add_commands(commands: Any) -> None:
    """Add export."""
    parser = add_command(
        commands,
        "export",
        _export,
        "write a model to one file that runs without Keras and JAX",
        "Writes everything that stands between raw examples and answers to one file, for the package unspool-runtime, "
        "which needs NumPy alone; with --html to a page that computes in a browser; with --onnx a network as an ONNX "
        "graph. All golden answers are compared before the file takes its name.",
        "example:\n"
        "  unspool export runs/reviews --out reviews.unspool\n"
        '  unspool-runtime reviews.unspool new.txt       or in Python: unspool_runtime.Model.load("reviews.unspool")\n'
        "  unspool export runs/reviews --html reviews.html\n"
        "  unspool export runs/imdb-lstm --onnx imdb.onnx",
    )
    parser.add_argument("folder", type=Path, metavar="MODEL", help="the folder of a trained model")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, metavar="FILE", help="the portable model to write, ending in .unspool")
    where.add_argument("--html", type=Path, metavar="FILE", help="the page to write, ending in .html")
    where.add_argument("--onnx", type=Path, metavar="FILE", help="the ONNX graph of a network, ending in .onnx")
    add_json(parser)


def _export(options: argparse.Namespace) -> None:
    from dataclasses import asdict

    from unspool.export import Exported, export_model, export_onnx, export_page

    ways: list[tuple[Path | None, Callable[[Path, Path], Any]]] = [
        (options.out, export_model),
        (options.html, export_page),
        (options.onnx, export_onnx),
    ]
    ((out, write),) = [(out, write) for out, write in ways if out is not None]
    exported = write(options.folder, out)
    if options.json:
        print_json(asdict(exported) | {"out": str(exported.out)})
        return
    tell(str(exported))
    if isinstance(exported, Exported):
        tell(f"computed by {exported.computed}")
    tell(f"{exported.out}  sha256 {exported.sha256}")
