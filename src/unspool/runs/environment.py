"""What a result depends on besides its recipe."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from unspool import cores

PACKAGES = ("unspool", "keras", "jax", "jaxlib", "numpy", "scipy", "scikit-learn")

SEARCH, RECURRENT_SEARCH = "transformer_search", "recurrent_search"
WITHOUT_INFLUENCE = {"python", "platform", "cores", "threads", "scipy", SEARCH, RECURRENT_SEARCH}
"""What may be another and leaves the weights as they are, to the bit: sums do not depend on the number of threads."""


def describe() -> dict[str, str]:
    """Versions, machine and settings that the same bits depend on, each as text."""
    import jax
    import keras

    from unspool.layers import kernel_status, transformer_search
    from unspool.training import processes

    kernels = kernel_status()
    packages = {package: version(package) for package in PACKAGES}
    machine = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": str(cores.usable()),
        "device": jax.devices()[0].device_kind,
        "float": keras.config.floatx(),
        "kernels": kernels.path if not kernels.reason else f"{kernels.path}: {kernels.reason}",
        "instruction_set": kernels.instruction_set,
        "threads": str(kernels.threads),
        SEARCH: "native" if transformer_search.instruction_set() else "compiled",
        RECURRENT_SEARCH: "native" if transformer_search.instruction_set() else "compiled",
        "processes": str(processes.size()) if processes.size() > 1 else "",
        "XLA_FLAGS": os.environ.get("XLA_FLAGS", ""),
    }
    return packages | {name: value for name, value in machine.items() if value}


def changes(there: dict[str, str]) -> tuple[list[str], list[str]]:
    """What is another here than it was there, as in "jax: 0.10.2, now 0.10.3".

    Args:
        there: what `describe` gave then.

    Returns:
        What the result of a training may depend on, and the rest.
    """
    here = describe()
    decisive: list[str] = []
    others: list[str] = []
    for name in there | here:
        one, other = there.get(name, "none"), here.get(name, "none")
        if one != other:
            (others if name in WITHOUT_INFLUENCE else decisive).append(f"{name}: {one}, now {other}")
    return decisive, others


def searched_otherwise(there: dict[str, str], search: str = SEARCH) -> list[str]:
    """How a model's translations were searched for there, where it is another way here.

    Args:
        there: what `describe` gave then.
        search: `SEARCH` of a Transformer, or `RECURRENT_SEARCH`; earlier versions had no native search of that kind.

    Example:
        >>> len(searched_otherwise({SEARCH: "another"}))
        1
    """
    then, now = there.get(search, "compiled"), describe()[search]
    return [f"{search}: {then}, now {now}"] if then != now else []


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
