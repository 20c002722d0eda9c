"""Results as plain tables for a terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from benchmarks.results import Measurement, Results, best_gflops, by_item, ratio
from benchmarks.works import SGEMM

MOST_ROWS = 8
"""Items up to which each peer has its own row; a grid has a column for each instead."""


def seconds_text(seconds: float | None) -> str:
    """With three digits, in s, ms or µs."""
    if seconds is None:
        return "-"
    unit, size = next((u for u in (("s", 1.0), ("ms", 1e-3)) if seconds >= u[1]), ("µs", 1e-6))
    value = seconds / size
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f} {unit}"


def report(results: Results) -> RenderableType:
    """Everything that was measured, under what circumstances."""
    machine = results.machine
    head = (
        f"{machine['processor']}, {machine['cores']} cores ({machine['instruction_sets']}), "
        f"{machine['memory_gib']} GiB, {machine['system']}, Python {machine['python']}, "
        f"load before {machine['load_before']}, {results.settings['threads']} threads, "
        f"{results.settings['rounds']} rounds"
    )
    parts: list[RenderableType] = [Text(head)]
    if machine["variables"]:
        parts.append(Text(f"  with {' '.join(f'{name}={value}' for name, value in machine['variables'].items())}"))
    for peer, versions in results.versions.items():
        parts.append(Text(f"  {peer}: {', '.join(f'{name} {version}' for name, version in versions.items())}"))
    parts += [Text(f"  {peer} is left out: {why}") for peer, why in results.skipped.items()]
    for work in dict.fromkeys(m.work for m in results.measurements):
        measurements = results.of(work)
        parts += ["", table(work, measurements), *(Text(line) for line in conclusions(measurements))]
    if results.settings.get("quick"):
        parts.append(Text("\nquick: the sizes are so small that these figures mean nothing"))
    if not results.finished:
        parts.append(Text("\nnot finished: this is what was measured before it stopped"))
    return Group(*parts)


def table(work: str, measurements: list[Measurement]) -> Table:
    """A work's table; ratios are to the first peer's median of the same item."""
    items = by_item(measurements)
    return _grid(work, items) if len(items) > MOST_ROWS else _rows(work, items)


def conclusions(measurements: list[Measurement]) -> list[str]:
    """What failed, and where, over many items, the first peer was slower than another."""
    lines = [f"  failed: {m.peer}, {m.item}: {m.error}" for m in measurements if m.error]
    items = by_item(measurements)
    if len(items) <= MOST_ROWS:
        return lines
    first = measurements[0].peer
    for peer in dict.fromkeys(m.peer for m in measurements if m.peer != first):
        ratios = {
            item: r
            for item, peers in items.items()
            if item != SGEMM and peer in peers and (r := ratio(peers[peer], peers.get(first)))
        }
        if ratios:
            slower = sorted((r, item) for item, r in ratios.items() if r < 1)
            least = min(ratios, key=ratios.__getitem__)
            lines.append(
                f"  {first} is faster than {peer} in {len(ratios) - len(slower)} of {len(ratios)}; "
                f"at its narrowest {ratios[least]:.2f} times ({least})"
            )
            lines += [f"    slower: {item}, {r:.2f}" for r, item in slower[:10]]
    return lines


def _rows(work: str, items: dict[str, dict[str, Measurement]]) -> Table:
    counted = any(m.flops for peers in items.values() for m in peers.values())
    sgemm = best_gflops(items.get(SGEMM, {}))
    built = Table(title=work, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    built.add_column("item")
    built.add_column("peer")
    for name in ("median", "min", "ratio", *(("GFLOP/s", "of sgemm") if counted else ("loss",)), "peak", "first"):
        built.add_column(name, justify="right")
    for item, peers in items.items():
        baseline = next(iter(peers.values()))
        for measurement in peers.values():
            if measurement.error:
                continue
            built.add_row(item, measurement.peer, *_figures(measurement, baseline, counted, sgemm))
    return built


def _figures(measurement: Measurement, baseline: Measurement, counted: bool, sgemm: float | None) -> list[str]:
    times = ratio(measurement, baseline)
    rate, loss = measurement.gflops, measurement.loss
    if counted:
        middle = [f"{rate:.1f}" if rate else "-", f"{rate / sgemm:.0%}" if rate and sgemm else "-"]
    else:
        middle = ["-" if loss is None else f"{loss:.4f}"]
    return [
        seconds_text(measurement.seconds),
        seconds_text(measurement.least),
        "-" if times is None else f"{times:.2f}",
        *middle,
        "-" if measurement.peak_mib is None else f"{measurement.peak_mib:,.0f} MiB",
        seconds_text(measurement.first_seconds),
    ]


def _grid(work: str, items: dict[str, dict[str, Measurement]]) -> Table:
    peers = list(dict.fromkeys(peer for of_item in items.values() for peer in of_item))
    sgemm = best_gflops(items.get(SGEMM, {}))
    built = Table(title=work, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    built.add_column("item")
    built.add_column(f"{peers[0]}: median", justify="right")
    built.add_column("GFLOP/s", justify="right")
    built.add_column("of sgemm", justify="right")
    for peer in peers[1:]:
        built.add_column(f"{peer}, ratio", justify="right")
    for item, of_item in items.items():
        first = of_item.get(peers[0])
        rate = first.gflops if first else None
        cells = [seconds_text(first.seconds if first else None), f"{rate:.1f}" if rate else "-"]
        cells.append(f"{rate / sgemm:.0%}" if rate and sgemm else "-")
        for peer in peers[1:]:
            times = ratio(of_item[peer], first) if peer in of_item else None
            cells.append("-" if times is None else f"{times:.2f}")
        built.add_row(item, *cells)
    return built
