"""Commands that use a finished autoencoder: encode, decode, reconstruct, generate."""

import argparse
from pathlib import Path
from typing import Any

from unspool.cli.options import add_command, add_json, positive, seed
from unspool.cli.output import print_json


def add_commands(commands: Any) -> None:
    """Add encode, decode, reconstruct and generate."""
    encode = add_command(
        commands,
        "encode",
        _encode,
        "sequences to latent vectors",
        "Reads sequences (N, steps, features), such as images row by row, from a .npy file and writes the latent "
        "vector of each, (N, dimensions), to another.",
        "example:\n  unspool encode runs/digits-lstm-ae images.npy --out vectors.npy",
    )
    _add_files(encode, "IMAGES", "the sequences, a .npy file")
    decode = add_command(
        commands,
        "decode",
        _decode,
        "latent vectors to sequences",
        "Reads latent vectors (N, dimensions) from a .npy file and writes the sequence that each stands for.",
        "example:\n  unspool decode runs/digits-lstm-ae vectors.npy --out images.npy",
    )
    _add_files(decode, "VECTORS", "the latent vectors, a .npy file")
    reconstruct = add_command(
        commands,
        "reconstruct",
        _reconstruct,
        "sequences through encoder and decoder",
        "Reads sequences from a .npy file, writes them as the autoencoder gives them back, and prints how well it "
        "does; with --json for each. What it reconstructs badly is unlike what it was trained on.",
        "example:\n  unspool reconstruct runs/digits-lstm-ae images.npy --out again.npy",
    )
    _add_files(reconstruct, "IMAGES", "the sequences, a .npy file")
    _add_generate(commands)


def _add_generate(commands: Any) -> None:
    parser = add_command(
        commands,
        "generate",
        _generate,
        "new sequences from random vectors",
        "Decodes latent vectors that are drawn at random. uniform draws them from the whole latent space, as the "
        "chapter does; density from where the training set's vectors lie, which looks better; interpolate takes them "
        "from the line between two test examples of different labels.",
        "example:\n  unspool generate runs/digits-lstm-ae --count 16 --from density --seed 1 --out digits.png",
    )
    parser.add_argument("folder", type=Path, metavar="RUN", help="the folder of an autoencoder's finished run")
    parser.add_argument("--count", type=positive, default=16, metavar="N", help="how many (default: 16)")
    parser.add_argument(
        "--from",
        dest="source",
        choices=("uniform", "density", "interpolate"),
        default="density",
        help="where the vectors come from (default: density)",
    )
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="of the draw (default: 0)")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="a .png, one sheet of all, or a .npy of numbers"
    )
    add_json(parser)


def _add_files(parser: argparse.ArgumentParser, name: str, what: str) -> None:
    parser.add_argument("folder", type=Path, metavar="RUN", help="the folder of an autoencoder's finished run")
    parser.add_argument("array", type=Path, metavar=name, help=what)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the .npy file to write")
    add_json(parser)


def _encode(options: argparse.Namespace) -> None:
    _convert(options, "encode", "latent vectors")


def _decode(options: argparse.Namespace) -> None:
    _convert(options, "decode", "sequences")


def _convert(options: argparse.Namespace, method: str, what: str) -> None:
    from unspool.experiment import arrays
    from unspool.experiment.use import open_run

    arrays.check_writable(options.out, ".npy")
    given = arrays.read_npy(options.array)
    converted = getattr(open_run(options.folder), method)(given, str(options.array))
    arrays.write_npy(options.out, converted)
    _tell(options, f"{len(converted):,} {what} of {_times(converted.shape[1:])} numbers", list(converted.shape))


def _reconstruct(options: argparse.Namespace) -> None:
    from unspool.experiment import arrays
    from unspool.experiment.use import open_run

    arrays.check_writable(options.out, ".npy")
    given = arrays.read_npy(options.array)
    run = open_run(options.folder)
    sequences, losses = run.reconstruct(given, str(options.array))
    arrays.write_npy(options.out, sequences)
    bernoulli = run.recipe.model.decoder.output == "bernoulli"
    measure, unit = ("cross-entropy", " nats a pixel") if bernoulli else ("mean squared error", "")
    best, worst = losses.argmin(), losses.argmax()
    words = (
        f"{len(losses):,} sequences, {measure} {losses.mean():.4f}{unit} on average, "
        f"from {losses[best]:.4f} (row {best}) to {losses[worst]:.4f} (row {worst})"
    )
    _tell(options, words, list(sequences.shape), {"measure": measure, "losses": losses.tolist()})


def _generate(options: argparse.Namespace) -> None:
    from unspool.errors import UserError
    from unspool.experiment import arrays
    from unspool.experiment.use import open_run

    arrays.check_writable(options.out, ".png", ".npy")
    run = open_run(options.folder)
    if options.out.suffix == ".png" and run.recipe.model.decoder.output != "bernoulli":
        raise UserError(f"--out {options.out}: this autoencoder gives any numbers, not grey values. Name a .npy file.")
    sequences = run.generate(options.count, options.source, options.seed)
    write = arrays.write_contact_sheet if options.out.suffix == ".png" else arrays.write_npy
    write(options.out, sequences)
    _tell(options, f"{len(sequences):,} sequences of {_times(sequences.shape[1:])} numbers", list(sequences.shape))


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(str(size) for size in shape)


def _tell(options: argparse.Namespace, words: str, shape: list[int], more: dict[str, Any] | None = None) -> None:
    if options.json:
        print_json({"out": str(options.out), "shape": shape} | (more or {}))
    else:
        print(f"{options.out}: {words}")
