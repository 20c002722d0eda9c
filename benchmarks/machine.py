"""What a figure depends on besides the code: the machine, and how busy it is."""

import os
import platform
from pathlib import Path
from typing import Any

INFLUENTIAL = ("JAX_", "KERAS_", "OMP_", "ONEDNN_", "TF_", "UNSPOOL_", "XLA_")
"""How the variables begin that change what a peer does."""

BUSY = 0.5
"""Load, in processes that want a core, above which timings are not to be trusted."""


def describe() -> dict[str, Any]:
    """Processor, cores, instruction sets, memory, system, Python, the user's variables, load."""
    information = _cpu_information()
    flags = information.get("flags", information.get("Features", "")).split()
    return {
        "processor": information.get("model name") or platform.processor() or platform.machine(),
        "cores": cores(),
        "instruction_sets": " ".join(f for f in ("avx2", "fma", "avx512f", "avx512_bf16", "asimd") if f in flags),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "variables": {name: value for name, value in os.environ.items() if name.startswith(INFLUENTIAL)},
        "load_before": load(),
    }


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load() -> float:
    """Processes that wanted a core over the last minute, on average."""
    return round(os.getloadavg()[0], 2)


def _cpu_information() -> dict[str, str]:
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return {}
    first = path.read_text().split("\n\n")[0]
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first.splitlines())}
