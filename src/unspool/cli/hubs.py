"""Commands that share a run by way of a model hub: push, pull."""

import argparse
from pathlib import Path
from typing import Any

from unspool.cli.options import add_command, add_json, folder_to_write, run_at
from unspool.cli.output import print_json, say, tell


def add_commands(commands: Any) -> None:
    """Add push and pull."""
    push = add_command(
        commands,
        "push",
        _push,
        "send a finished run to a model hub",
        "Checks a run, and sends its folder to a new repository of huggingface.co, or of the hub that HF_ENDPOINT "
        "names: model, scores, report and model card. The repository is private, as the folder holds examples of the "
        "data: some of the test set in golden.npz and golden.json, one for training in metrics.json and the report.",
        "examples:\n"
        "  hf auth login                        once, or put a token in the environment variable HF_TOKEN\n"
        "  unspool push runs/reviews ada/reviews\n"
        "  unspool push runs/imdb-lstm ada/imdb-lstm --public",
        folder=run_at,
    )
    push.add_argument("folder", type=Path, metavar="RUN", help="the folder of a finished run")
    push.add_argument("repository", metavar="OWNER/NAME", help="the repository to make")
    push.add_argument("--public", action="store_true", help="let everybody see it, with the examples of its data")
    add_json(push)
    pull = add_command(
        commands,
        "pull",
        _pull,
        "get a run from a model hub, and check it",
        "Downloads a run that `unspool push` sent, and checks it as `unspool check` does before its folder gets its "
        "name. No code and no page of the sender's is taken: the report and the model card are made here.",
        "example:\n  unspool pull ada/reviews --out runs/adas-reviews",
    )
    pull.add_argument("repository", metavar="OWNER/NAME", help="the repository to read")
    pull.add_argument("--out", type=folder_to_write, metavar="FOLDER", required=True, help="the folder to write")
    add_json(pull)


def _push(options: argparse.Namespace) -> None:
    from dataclasses import asdict

    from unspool.hub import push

    pushed = push(options.folder, options.repository, public=options.public, say=say)
    if options.json:
        print_json(asdict(pushed))
        return
    seen = "private" if pushed.private else "public"
    tell(f"{pushed.url}  {seen}, {pushed.files} files, {pushed.bytes / 1e6:.1f} MB, commit {pushed.commit}")


def _pull(options: argparse.Namespace) -> None:
    from dataclasses import asdict

    from unspool.hub import pull

    pulled = pull(options.repository, options.out, say=say)
    if options.json:
        print_json(asdict(pulled) | {"folder": str(pulled.folder)})
        return
    tell(pulled.verdict)
    tell(f"{pulled.folder}  {pulled.files} files, {pulled.bytes / 1e6:.1f} MB, commit {pulled.commit}")
