"""What a result depends on besides its recipe."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("unspool", "keras", "jax", "jaxlib", "numpy", "scipy", "scikit-learn")


def describe() -> dict[str, str]:
    """Versions, machine and settings that the same bits depend on, each as text."""
    import jax
    import keras

    from unspool.layers import kernel_status

    kernels = kernel_status()
    packages = {package: version(package) for package in PACKAGES}
    machine = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "device": jax.devices()[0].device_kind,
        "float": keras.config.floatx(),
        "kernels": kernels.path if not kernels.reason else f"{kernels.path}: {kernels.reason}",
        "instruction_set": kernels.instruction_set,
        "threads": str(kernels.threads),
        "XLA_FLAGS": os.environ.get("XLA_FLAGS", ""),
    }
    return packages | {name: value for name, value in machine.items() if value}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
