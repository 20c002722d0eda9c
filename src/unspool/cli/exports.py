"""The command that takes a model out: export."""

import argparse
from collections.abc import Callable
from functools import partial
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
        "  unspool export runs/reviews --html reviews.html --weights int8\n"
        "  unspool export runs/imdb-lstm --onnx imdb.onnx",
    )
    parser.add_argument("folder", type=Path, metavar="MODEL", help="the folder of a trained model")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, metavar="FILE", help="the portable model to write, ending in .unspool")
    where.add_argument("--html", type=Path, metavar="FILE", help="the page to write, ending in .html")
    where.add_argument("--onnx", type=Path, metavar="FILE", help="the ONNX graph of a network, ending in .onnx")
    parser.add_argument(
        "--weights",
        choices=("float32", "float16", "int8"),
        default="float32",
        help="how large matrices are kept in --out and --html; fewer bits change answers, and it is shown by how much "
        "(default: float32)",
    )
    add_json(parser)


def _export(options: argparse.Namespace) -> None:
    from dataclasses import asdict

    from unspool.errors import UserError
    from unspool.export import Exported, export_model, export_onnx, export_page

    if options.onnx and options.weights != "float32":
        raise UserError(f"--weights {options.weights} goes with --out and --html; an ONNX graph keeps float32.")
    ways: list[tuple[Path | None, Callable[[Path, Path], Any]]] = [
        (options.out, partial(export_model, weights=options.weights)),
        (options.html, partial(export_page, weights=options.weights)),
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
