"""Data flows one way: a room imports only what stands before it, and no modules import each other in a circle."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import unspool

ROOT = Path(unspool.__file__).parent
ORDER = [
    "backend",
    "errors",
    "lazy_module",
    "terminal",
    "strict_json",
    "files",
    "atomic_writes",
    "locks",
    "progress",
    "cgroups",
    "memory",
    "cores",
    "interruption",
    "keras_internals",
    "kernels",
    "data",
    "candidates",
    "layers",
    "descriptions",
    "models",
    "readers",
    "training",
    "evaluation",
    "tasks",
    "report",
    "recipes",
    "runs",
    "export",
    "serving",
    "hub",
    "api",
    "estimators",
    "doctor",
    "cli",
    "program",
]
NOT_EVEN_EARLIER = {
    "descriptions": {"kernels", "layers"},
    "readers": {"kernels", "layers", "models"},
    "evaluation": {"kernels", "layers", "models", "readers", "training"},
    "report": {"kernels", "data", "layers", "models", "readers", "training"},
    **{room: {"kernels"} for room in ORDER[ORDER.index("models") :] if room not in ("readers", "evaluation", "report")},
}
"""Only candidates and layers import kernels; evaluation sees values, report sees models only through tasks."""
ONLY = {("readers", "descriptions"): "descriptions.inputs"}
"""Of what stands before it, a room sees one module."""


def modules_of(root: Path) -> dict[str, Path]:
    """The modules of a package by their names within it; that of the package itself is empty."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imports(root: Path) -> dict[str, set[str]]:
    """What each module of a package imports of it, wherever the import stands: within a function, it counts too."""
    modules = modules_of(root)
    return {name: set(_imported(path, modules, root.name)) for name, path in modules.items()}


def with_packages(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """Imports, and the packages that Python imports with a module, but for those that are around the importing one."""
    return {name: seen | {above for other in seen for above in _above(other, name)} for name, seen in graph.items()}


def _above(module: str, importing: str) -> Iterator[str]:
    parts = module.split(".")
    for length in range(1, len(parts)):
        package = ".".join(parts[:length])
        if not f"{importing}.".startswith(f"{package}."):
            yield package


def _imported(path: Path, modules: dict[str, Path], package: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level < 2, f"{path} imports by dots, which this test does not follow"
            folders = path.relative_to(modules[""].parent.parent).parts[:-1] if node.level else ()
            names = [".".join([*folders, node.module or "", alias.name]) for alias in node.names]
        else:
            continue
        for name in names:
            first, _, rest = name.partition(".")
            if first == package:
                # The last part is a module, or a name in one.
                yield rest if rest in modules else rest.rpartition(".")[0]


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The modules of a circle, the first of them again at the end; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1][::-1]
    return []


IMPORTS = imports(ROOT)


def test_every_import_points_backwards() -> None:
    wrong = []
    for name, seen in IMPORTS.items():
        room = name.partition(".")[0]
        for other in seen if room else ():
            imported = other.partition(".")[0]
            if imported in ("", room):
                continue
            only = ONLY.get((room, imported), other)
            is_later = ORDER.index(imported) > ORDER.index(room)
            if is_later or imported in NOT_EVEN_EARLIER.get(room, set()) or other != only:
                wrong.append(f"{name} imports {other}")
    assert not wrong, "\n".join(wrong)


def test_no_modules_import_each_other_in_a_circle() -> None:
    around = circle(with_packages(IMPORTS))
    assert not around, " imports ".join(around)


def test_every_room_is_known() -> None:
    rooms = {name.partition(".")[0] for name in IMPORTS} - {""}
    assert rooms == set(ORDER)


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("from package.room.b import B", "from package.room.a import A", True),
        ("from package.room import b", "def late():\n    import package.room.a", True),
        ("from package.room import b", "from package.room import B", True),
        ("from package.room.b import B", "import os.path", False),
    ],
)
def test_a_circle_within_a_room_is_seen(tmp_path: Path, first: str, second: str, found: bool) -> None:
    room = tmp_path / "package" / "room"
    room.mkdir(parents=True)
    (tmp_path / "package" / "__init__.py").touch()
    (room / "__init__.py").write_text("from package.room.a import A")
    (room / "a.py").write_text(first)
    (room / "b.py").write_text(second)
    around = circle(imports(tmp_path / "package"))
    assert ({"room.a", "room.b"} <= set(around)) is found
    assert bool(around) is found


def test_a_circle_through_the_package_above_a_module_is_seen(tmp_path: Path) -> None:
    inner = tmp_path / "package" / "room" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "package" / "__init__.py").touch()
    (tmp_path / "package" / "room" / "__init__.py").touch()
    (tmp_path / "package" / "room" / "a.py").write_text("from package.room.inner.c import C")
    (inner / "__init__.py").write_text("from package.room.inner.b import B")
    (inner / "b.py").write_text("from package.room.a import A")
    (inner / "c.py").touch()
    assert {"room.a", "room.inner", "room.inner.b"} <= set(circle(with_packages(imports(tmp_path / "package"))))
