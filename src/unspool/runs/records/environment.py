"""What a result depends on besides its recipe."""

import os
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

from unspool import cores
from unspool.candidates import holds_network, kernel_status
from unspool.descriptions.choice import ModelChoice

PACKAGES = ("unspool", "keras", "jax", "jaxlib", "numpy", "scipy", "scikit-learn")

DEVICE = "device"
SEARCH, RECURRENT_SEARCH = "transformer_search", "recurrent_search"
WITHOUT_INFLUENCE = {"python", "platform", "cores", "threads", "scipy", SEARCH, RECURRENT_SEARCH}
"""What may be another and leaves the weights as they are, to the bit: sums do not depend on the number of threads."""


def has_network(model: object) -> bool:
    """Whether a recipe's model is a network, or is chosen from models of which one has a network in it.

    Example:
        >>> has_network(ModelChoice(candidates=("convolution", "quantile")))
        False
    """
    return not isinstance(model, ModelChoice) or any(map(holds_network, model.candidates))


def describe(network: bool = True) -> dict[str, str]:
    """Versions, machine and settings that the same bits depend on, each as text.

    Args:
        network: whether Keras and JAX take part; without, they are not imported, and only their versions noted.
    """
    kernels = kernel_status(recurrent=network)
    machine = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": str(cores.usable()),
        "kernels": kernels.path if not kernels.reason else f"{kernels.path}: {kernels.reason}",
        "instruction_set": kernels.instruction_set,
        "threads": str(kernels.threads),
    }
    described = _versions() | machine | (_of_networks() if network else {})
    return {name: value for name, value in described.items() if value}


@cache
def _versions() -> dict[str, str]:
    return {package: version(package) for package in PACKAGES}


def _of_networks() -> dict[str, str]:
    import jax
    import keras

    from unspool.layers import transformer_search
    from unspool.training import processes

    search = "native" if transformer_search.instruction_set() else "compiled"
    return {
        DEVICE: jax.devices()[0].device_kind,
        "float": keras.config.floatx(),
        SEARCH: search,
        RECURRENT_SEARCH: search,
        "processes": str(processes.size()) if processes.size() > 1 else "",
        "XLA_FLAGS": os.environ.get("XLA_FLAGS", ""),
    }


def changes(there: dict[str, str]) -> tuple[list[str], list[str]]:
    """What is another here than it was there, as in "jax: 0.10.2, now 0.10.3".

    Args:
        there: what `describe` gave then.

    Returns:
        What the result of a training may depend on, and the rest.
    """
    here = describe(network=DEVICE in there)
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
