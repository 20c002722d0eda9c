"""What was measured: kept as it comes, saved whole, summed up in medians and ratios."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any


@dataclass
class Measurement:
    """One peer on one item.

    Attributes:
        work, item, peer: whose it is.
        first_seconds: of the first time, with building and compilation; not part of any figure.
        medians: a round's median call, in seconds, for each round.
        shortest: a round's shortest call, likewise.
        calls: in all rounds.
        loss: after the last epoch.
        peak_mib: the most memory its process had held by then.
        flops: arithmetic of one call, where it is counted.
        error: one line, if it failed.
    """

    work: str
    item: str
    peer: str
    first_seconds: float | None = None
    medians: list[float] = field(default_factory=list)
    shortest: list[float] = field(default_factory=list)
    calls: int = 0
    loss: float | None = None
    peak_mib: float | None = None
    flops: float | None = None
    error: str | None = None

    @property
    def seconds(self) -> float | None:
        """The median of the rounds."""
        return median(self.medians) if self.medians else None

    @property
    def least(self) -> float | None:
        """The shortest call of all."""
        return min(self.shortest, default=None)

    @property
    def gflops(self) -> float | None:
        """Billions of operations a second, at the median."""
        return self.flops / self.seconds / 1e9 if self.flops and self.seconds else None

    def add(self, answer: dict[str, Any]) -> None:
        """A round that a worker has measured."""
        self.medians.append(answer["median"])
        self.shortest.append(answer["min"])
        self.calls += answer["calls"]
        self.loss = answer.get("loss")
        self.peak_mib = answer.get("peak_mib")


@dataclass
class Results:
    """A session of `run`: its circumstances and all measurements."""

    machine: dict[str, Any]
    settings: dict[str, Any]
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    measurements: list[Measurement] = field(default_factory=list)
    finished: bool = False

    def save(self, path: Path) -> None:
        """Write whole or not at all: a reader never sees half a file."""
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        aside.write_text(json.dumps(asdict(self), indent=1) + "\n")
        os.replace(aside, path)

    @classmethod
    def load(cls, path: Path) -> "Results":
        """What `save` wrote."""
        content = json.loads(path.read_text())
        content["measurements"] = [Measurement(**m) for m in content["measurements"]]
        return cls(**content)

    def of(self, work: str) -> list[Measurement]:
        """A work's measurements, in the order they began."""
        return [m for m in self.measurements if m.work == work]


def ratio(measurement: Measurement, baseline: Measurement | None) -> float | None:
    """How many times the baseline's median time a measurement took; above 1, the baseline is faster."""
    if baseline is None or not baseline.seconds or not measurement.seconds:
        return None
    return measurement.seconds / baseline.seconds


def by_item(measurements: list[Measurement]) -> dict[str, dict[str, Measurement]]:
    """A work's measurements by item, then by peer."""
    items: dict[str, dict[str, Measurement]] = {}
    for measurement in measurements:
        items.setdefault(measurement.item, {})[measurement.peer] = measurement
    return items


def best_gflops(peers: dict[str, Measurement]) -> float | None:
    """The highest rate among peers: of `sgemm`, what the machine can do."""
    return max((m.gflops for m in peers.values() if m.gflops), default=None)
