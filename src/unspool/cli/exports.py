"""The command that takes a model out: export."""

import argparse
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from unspool.cli.options import add_command, add_json, file_to_write, model_at
from unspool.cli.output import print_json, tell


def add_commands(commands: Any) -> None:
    """Add export."""
    parser = add_command(
        commands,
        "export",
        _export,
        "write a model to one file that runs without Keras and JAX",
        "Writes everything that stands between raw examples and answers to one file, for the package unspool-runtime, "
        "which needs NumPy alone; with --html to a page that computes in a browser; with --onnx to an ONNX graph. "
        "All golden answers are compared before the file takes its name.",
        "example:\n"
        "  unspool export runs/reviews --out reviews.unspool\n"
        '  unspool-runtime reviews.unspool new.txt       or in Python: unspool_runtime.Model.load("reviews.unspool")\n'
        "  unspool export runs/reviews --html reviews.html --weights int8 --max-size 5MB\n"
        "  unspool export runs/imdb-lstm --onnx imdb.onnx",
        folder=model_at,
    )
    parser.add_argument("folder", type=Path, metavar="MODEL", help="the folder of a trained model")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--out", type=file_to_write, metavar="FILE", help="the portable model to write, ending in .unspool"
    )
    where.add_argument("--html", type=file_to_write, metavar="FILE", help="the page to write, ending in .html")
    where.add_argument(
        "--onnx",
        type=file_to_write,
        metavar="FILE",
        help="the ONNX graph to write, ending in .onnx; a model that translates becomes two, "
        "NAME.encoder.onnx and NAME.decoder.onnx",
    )
    parser.add_argument(
        "--weights",
        choices=("float32", "float16", "int8"),
        default="float32",
        help="how large matrices are kept in --out and --html; fewer bits change answers, and it is shown by how much "
        "(default: float32)",
    )
    parser.add_argument(
        "--max-size",
        type=size,
        metavar="SIZE",
        help="such as 5MB: leave out the words and n-grams of a model of texts that matter least until it is so small "
        "(--out and --html; default: keep all)",
    )
    add_json(parser)


def _export(options: argparse.Namespace) -> None:
    from dataclasses import asdict

    from unspool.errors import UserError
    from unspool.export import Exported, Smaller, export_model, export_onnx, export_page

    if options.onnx and (options.weights != "float32" or options.max_size):
        raise UserError(
            "--weights and --max-size go with --out and --html; an ONNX graph keeps all weights in float32."
        )
    ways: list[tuple[Path | None, Callable[[Path, Path], Any]]] = [
        (options.out, partial(export_model, smaller=Smaller(options.weights, options.max_size))),
        (options.html, partial(export_page, weights=options.weights, most=options.max_size)),
        (options.onnx, export_onnx),
    ]
    ((out, write),) = [(out, write) for out, write in ways if out is not None]
    exported = write(options.folder, out)
    if options.json:
        print_json(asdict(exported) | {"out": str(exported.out)})
        return
    for line in str(exported).splitlines():
        tell(line)
    if isinstance(exported, Exported):
        tell(f"computed by {exported.computed}")
    tell(f"{exported.out}  sha256 {exported.sha256}")


def size(text: str) -> int:
    """Bytes, from what a person types.

    Raises:
        ArgumentTypeError: it is no size.

    Example:
        >>> size("5MB"), size("1.5 kB")
        (5000000, 1500)
    """
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?) ?([kMG]?)B", text.strip())
    bytes_of = {"": 1, "k": 1_000, "M": 1_000_000, "G": 1_000_000_000}
    if not found or not (count := int(float(found[1]) * bytes_of[found[2]])):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write for example 500kB or 5MB")
    return count
