"""Commands that look around: datasets, doctor."""

import argparse
from typing import Any

from unspool.cli.options import add_command, add_data, add_json
from unspool.cli.output import print_json, tell


def add_commands(commands: Any) -> None:
    """Add datasets and doctor."""
    datasets = add_command(
        commands,
        "datasets",
        _datasets,
        "list the named datasets and where they are",
        "Lists the named datasets. Files are read from the folder named by the environment variable UNSPOOL_DATA, or "
        "else downloaded to the cache folder (UNSPOOL_CACHE).",
        "example:\n  UNSPOOL_DATA=~/datasets unspool datasets",
    )
    add_data(datasets)
    add_json(datasets)
    doctor = add_command(
        commands,
        "doctor",
        _doctor,
        "show versions, kernels and speed",
        "Prints versions, whether the native kernels are used and if not why, the instruction set, threads, folders, "
        "and the speed of an LSTM beside Keras's and beside a large matrix product. Takes about ten seconds.",
        "example:\n  unspool doctor\n  UNSPOOL_KERNELS=reference unspool doctor",
    )
    add_json(doctor)


def _datasets(options: argparse.Namespace) -> None:
    from unspool.data.named.registry import DATASETS, where

    places = {name: where(name, options.data) for name in DATASETS}
    if options.json:
        keys = ("name", "title", "size", "download_bytes", "licence", "source")
        print_json([{k: getattr(d, k) for k in keys} | {"where": places[d.name]} for d in DATASETS.values()])
        return
    for info in DATASETS.values():
        missing = f"not here: {info.download_bytes / 1e6:.0f} MB are downloaded when it is first used"
        tell(info.name)
        tell(f"  {info.title}")
        tell(f"  size     {info.size}")
        tell(f"  licence  {info.licence}")
        tell(f"  source   {info.source}")
        tell(f"  where    {places[info.name] or missing}")
        tell("")


def _doctor(options: argparse.Namespace) -> None:
    from unspool.doctor import examine

    findings = examine()
    if options.json:
        print_json(findings)
        return
    for topic, values in findings.items():
        tell(topic if topic != "gflops" else "speed, in GFLOP/s")
        for name, value in values.items():
            tell(f"  {name:<16} {value:.1f}" if isinstance(value, float) else f"  {name:<16} {value}")
