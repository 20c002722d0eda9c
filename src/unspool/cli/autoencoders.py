"""Commands that use a finished autoencoder: encode, decode, reconstruct, generate."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unspool.cli.options import add_command, add_json, array_at, file_to_write, positive, run_or_model_at, seed
from unspool.cli.output import print_json, tell

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from unspool.runs.autoencoders import FinishedRun

_OUT_PNG = "the file to write: a .npy array, or a .png sheet of all images"


def add_commands(commands: Any) -> None:
    """Add encode, decode, reconstruct and generate."""
    encode = add_command(
        commands,
        "encode",
        _encode,
        "encode sequences as latent vectors",
        "Reads sequences (N, steps, features), such as images row by row, from a .npy file and writes the latent "
        "vector of each, (N, dimensions), to another.",
        "example:\n  unspool encode runs/digits-lstm-ae images.npy --out vectors.npy",
        array=array_at,
        folder=run_or_model_at,
    )
    _add_files(encode, "IMAGES", "the sequences, a .npy file")
    decode = add_command(
        commands,
        "decode",
        _decode,
        "decode latent vectors to sequences",
        "Reads latent vectors (N, dimensions) from a .npy file and writes the sequence decoded from each, as "
        "numbers or, for images, as one picture.",
        "examples:\n"
        "  unspool decode runs/digits-lstm-ae vectors.npy --out images.npy\n"
        "  unspool decode runs/digits-lstm-ae vectors.npy --out images.png",
        array=array_at,
        folder=run_or_model_at,
    )
    _add_files(decode, "VECTORS", "the latent vectors, a .npy file", _OUT_PNG)
    reconstruct = add_command(
        commands,
        "reconstruct",
        _reconstruct,
        "reconstruct sequences with an autoencoder",
        "Reads sequences from a .npy file, writes their reconstructions, and prints the error, with --json that of "
        "each. What is reconstructed badly is unlike what the model was trained on. A picture shows each image "
        "beside its reconstruction.",
        "examples:\n"
        "  unspool reconstruct runs/digits-lstm-ae images.npy --out again.npy\n"
        "  unspool reconstruct runs/digits-lstm-ae images.npy --out pairs.png",
        array=array_at,
        folder=run_or_model_at,
    )
    _add_files(reconstruct, "IMAGES", "the sequences, a .npy file", _OUT_PNG)
    _add_generate(commands)


def _add_generate(commands: Any) -> None:
    parser = add_command(
        commands,
        "generate",
        _generate,
        "generate sequences from random vectors",
        "Decodes latent vectors that are drawn at random. uniform draws them from the whole latent space, as the "
        "chapter does; density from where the training set's vectors lie, which looks better; interpolate takes them "
        "from the line between two test examples of different labels.",
        "example:\n  unspool generate runs/digits-lstm-ae --count 16 --from density --seed 1 --out digits.png",
        folder=run_or_model_at,
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
    parser.add_argument("--out", type=file_to_write, required=True, metavar="FILE", help=_OUT_PNG)
    add_json(parser)


def _add_files(parser: argparse.ArgumentParser, name: str, what: str, out: str = "the .npy file to write") -> None:
    parser.add_argument("folder", type=Path, metavar="RUN", help="the folder of an autoencoder's finished run")
    parser.add_argument("array", type=Path, metavar=name, help=what)
    parser.add_argument("--out", type=file_to_write, required=True, metavar="FILE", help=out)
    add_json(parser)


def _encode(options: argparse.Namespace) -> None:
    from unspool.runs import arrays
    from unspool.runs.autoencoders import open_run

    arrays.check_writable(options.out, options.folder, ".npy", inputs=(options.array,))
    given = arrays.read_npy(options.array)
    vectors = open_run(options.folder).encode(given, str(options.array))
    arrays.write_npy(options.out, vectors)
    _tell(options, f"{len(vectors):,} latent vectors of {_times(vectors.shape[1:])} numbers", list(vectors.shape))


def _opened(options: argparse.Namespace) -> "tuple[FinishedRun, NDArray[np.generic]]":
    """The run and the array of a command that writes sequences, once it is clear that they can be written."""
    from unspool.runs import arrays
    from unspool.runs.autoencoders import open_run

    arrays.check_writable(options.out, options.folder, ".npy", ".png", inputs=(options.array,))
    given = arrays.read_npy(options.array)
    run = open_run(options.folder)
    arrays.check_sheet(options.out, len(given), run.gives_grey_values)
    return run, given


def _decode(options: argparse.Namespace) -> None:
    from unspool.runs import arrays

    run, given = _opened(options)
    sequences = run.decode(given, str(options.array))
    arrays.write_sequences(options.out, sequences)
    _tell(options, _sequences_in_words(sequences.shape), list(sequences.shape))


def _reconstruct(options: argparse.Namespace) -> None:
    from unspool.runs import arrays

    run, given = _opened(options)
    sequences, losses = run.reconstruct(given, str(options.array))
    arrays.write_sequences(options.out, sequences, beside=given)
    measure, unit = ("cross-entropy", " nats a pixel") if run.gives_grey_values else ("mean squared error", "")
    best, worst = losses.argmin(), losses.argmax()
    words = (
        f"{len(losses):,} sequences, {measure} {losses.mean():.4f}{unit} on average, "
        f"from {losses[best]:.4f} (row {best}) to {losses[worst]:.4f} (row {worst})"
    )
    _tell(options, words, list(sequences.shape), {"measure": measure, "losses": losses.tolist()})


def _generate(options: argparse.Namespace) -> None:
    from unspool.runs import arrays
    from unspool.runs.autoencoders import open_run

    arrays.check_writable(options.out, options.folder, ".npy", ".png")
    run = open_run(options.folder)
    arrays.check_sheet(options.out, options.count, run.gives_grey_values)
    sequences = run.generate(options.count, options.source, options.seed)
    arrays.write_sequences(options.out, sequences)
    _tell(options, _sequences_in_words(sequences.shape), list(sequences.shape))


def _sequences_in_words(shape: tuple[int, ...]) -> str:
    return f"{shape[0]:,} sequences of {_times(shape[1:])} numbers"


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(str(size) for size in shape)


def _tell(options: argparse.Namespace, words: str, shape: list[int], more: dict[str, Any] | None = None) -> None:
    if options.json:
        print_json({"out": str(options.out), "shape": shape} | (more or {}))
    else:
        tell(f"{options.out}: {words}")
