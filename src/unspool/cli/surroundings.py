"""Commands that look around: datasets, doctor."""

import argparse
from typing import Any

from unspool.cli.options import add_command, add_data, add_json
from unspool.cli.output import print_json


def add_commands(commands: Any) -> None:
    """Add datasets and doctor."""
    datasets = add_command(
        commands,
        "datasets",
        _datasets,
        "what data there is, where it lies, what it takes to get it",
        "Lists the named datasets. Files are looked for in the folder that the environment variable UNSPOOL_DATA "
        "names, and downloaded to the cache folder (UNSPOOL_CACHE) where they are not there.",
        "example:\n  UNSPOOL_DATA=~/datasets unspool datasets",
    )
    add_data(datasets)
    add_json(datasets)
    doctor = add_command(
        commands,
        "doctor",
        _doctor,
        "what unspool runs on here, and how fast",
        "Prints versions, whether the native kernels are used and if not why, the instruction set, threads, folders, "
        "and the speed of an LSTM beside Keras's and beside a large matrix product. Takes some ten seconds.",
        "example:\n  unspool doctor\n  UNSPOOL_KERNELS=reference unspool doctor",
    )
    add_json(doctor)


def _datasets(options: argparse.Namespace) -> None:
    from unspool.data.registry import DATASETS, where

    places = {name: where(name, options.data) for name in DATASETS}
    if options.json:
        keys = ("name", "title", "size", "download_bytes", "licence", "source")
        print_json([{k: getattr(d, k) for k in keys} | {"where": places[d.name]} for d in DATASETS.values()])
        return
    for info in DATASETS.values():
        missing = f"not here: {info.download_bytes / 1e6:.0f} MB are downloaded when it is first used"
        print(f"{info.name}\n  {info.title}\n  size     {info.size}\n  licence  {info.licence}")
        print(f"  source   {info.source}\n  where    {places[info.name] or missing}\n")


def _doctor(options: argparse.Namespace) -> None:
    from unspool.doctor import examine

    findings = examine()
    if options.json:
        print_json(findings)
        return
    for topic, values in findings.items():
        print(topic if topic != "gflops" else "speed, in GFLOP/s")
        for name, value in values.items():
            print(f"  {name:<16} {value:.1f}" if isinstance(value, float) else f"  {name:<16} {value}")
