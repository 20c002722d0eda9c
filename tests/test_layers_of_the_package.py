"""Data flows one way: a room imports only what stands before it."""

import ast
from pathlib import Path

import unspool

ROOT = Path(unspool.__file__).parent
ORDER = [
    "errors",
    "files",
    "progress",
    "memory",
    "interruption",
    "kernels",
    "data",
    "layers",
    "models",
    "training",
    "evaluation",
    "report",
    "recipes",
    "experiment",
    "estimators",
    "doctor",
    "cli",
]
NOT_EVEN_EARLIER = {
    "evaluation": {"kernels", "layers", "models", "training"},
    "report": {"kernels", "data", "layers", "models", "training"},
    "models": {"kernels"},
    "training": {"kernels"},
    "experiment": {"kernels"},
    "estimators": {"kernels"},
    "doctor": {"kernels"},
    "cli": {"kernels"},
}
"""Only layers import kernels; evaluation and report see values, never a model."""


def rooms_imported_by(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = (
                [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "unspool" else [node.module]
            )
        else:
            continue
        for module in modules:
            package, _, rest = (module or "").partition(".")
            if package == "unspool" and rest:
                yield rest.split(".")[0]


def test_every_import_points_backwards():
    wrong = []
    for path in sorted(ROOT.rglob("*.py")):
        room = path.relative_to(ROOT).with_suffix("").parts[0]
        if room == "__init__":
            continue
        for imported in rooms_imported_by(path):
            if imported == room or imported not in ORDER:
                continue
            if ORDER.index(imported) > ORDER.index(room) or imported in NOT_EVEN_EARLIER.get(room, set()):
                wrong.append(f"{path.relative_to(ROOT)} imports {imported}")
    assert not wrong, "\n".join(wrong)


def test_every_room_is_known():
    rooms = {path.stem if path.is_file() else path.name for path in ROOT.iterdir()} - {"__init__", "__pycache__", "py"}
    assert rooms <= set(ORDER), rooms - set(ORDER)
