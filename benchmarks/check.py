"""Equal work: with the same weights and the same order of examples, all peers must compute the same."""

from collections.abc import Callable

import numpy as np
from rich.table import Table

from benchmarks.peers import Peer
from benchmarks.runner import Worker, WorkerError
from benchmarks.works import Item, check_work

BOUNDS = {"predict": 1e-5, "train": 1e-5, "layer": 1e-5}
"""Largest difference from the first peer: of a probability, of a loss, of a gradient relative to the largest one."""

WIDER = {("pytorch", "train"): 1e-3, ("keras-tensorflow", "train"): 3e-3}
"""Where Adam differs. PyTorch adds its epsilon after the bias correction, Keras before; with that undone the losses
agree to 2e-7. Keras on TensorFlow squares the gradients of a word that a batch repeats one by one before it sums them;
without repetitions the losses are equal, as they are for the autoencoders."""


def check(peers: list[Peer], threads: int, say: Callable[[str], None]) -> tuple[Table, bool]:
    """Compare all peers with the first.

    Args:
        peers: the first is what the others are compared with.
        threads: that each may use.
        say: gets a line about what goes on.

    Returns:
        A table of differences, and whether all are within their bounds.
    """
    items = check_work().items
    columns = {}
    for peer in peers:
        say(f"check: {peer.name}")
        columns[peer.name] = _values(peer, items, threads)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(f"difference from {peers[0].name}")
    for peer in peers[1:]:
        table.add_column(peer.name, justify="right")
    right = True
    for number, item in enumerate(items):
        expected = columns[peers[0].name][number]
        cells = []
        for peer in peers[1:]:
            bound = WIDER.get((peer.name, item.task), BOUNDS[item.task])
            text, within = compare(item.task, expected, columns[peer.name][number], bound)
            cells.append(text)
            right &= within
        table.add_row(item.label, *cells)
    return table, right


def compare(
    task: str, expected: list[float] | str | None, values: list[float] | str | None, bound: float
) -> tuple[str, bool]:
    """The difference as text, and whether it is within the bound; None is what a peer does not offer, text an error."""
    if values is None or expected is None:
        return "-", True
    for given in (expected, values):
        if isinstance(given, str):
            return given[:40], False
    if len(values) != len(expected):
        return f"{len(values)} values, not {len(expected)}", False
    difference = float(np.max(np.abs(np.subtract(values, expected))))
    if task == "layer":
        difference /= float(np.max(np.abs(expected)))
    within = difference <= bound
    return f"{difference:.1e}{'' if within else ' WRONG'}", within


def _values(peer: Peer, items: tuple[Item, ...], threads: int) -> list[list[float] | str | None]:
    worker = Worker(peer, "check", threads)
    values: list[list[float] | str | None] = []
    try:
        for number in range(len(items)):
            try:
                answer = worker.ask(prepare=number)
                values.append(None if answer.get("unsupported") else worker.ask(values=True)["values"])
            except WorkerError as error:
                values.append(str(error))
    finally:
        worker.close()
    return values
