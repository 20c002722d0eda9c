import contextlib
import ctypes
import gc
import os
import signal
import threading
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

from chromium import PROGRAM, Chromium

# The same examples in each run, so that what passes here passes there; no test times anything: the machine may be busy.
settings.register_profile("unspool", derandomize=True, deadline=None)
settings.register_profile("quick", settings.get_profile("unspool"), max_examples=20)
settings.load_profile("unspool")

# Before anything imports Keras, JAX, rich or matplotlib: no test may depend on a display, a terminal or settings of the
# shell that it is started from, and child processes inherit what stands here.
_FOREIGN = ("UNSPOOL_", "HF_", "JAX_", "XLA_", "KERAS_", "JUPYTER_", "JPY_", "TTY_", "LC_")
_KEPT = {"UNSPOOL_DATA"}
_ALSO = {
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "NPROC",
    "OMP_NUM_THREADS",
    "LANG",
}
for _name in [*os.environ]:
    if (_name.startswith(_FOREIGN) and _name not in _KEPT) or _name in _ALSO:
        del os.environ[_name]
os.environ |= {"KERAS_BACKEND": "jax", "MPLBACKEND": "agg", "TERM": "xterm", "LC_ALL": "C.UTF-8"}

# A shell starts a background job with Ctrl-C ignored, which child processes would inherit too.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

WHOLE_RUNS = (
    *("benchmarks", "cli", "estimators", "export", "fuzz", "hostile", "hub", "models", "report", "runs", "serving"),
    "torture",
)
"""Folders whose tests build or train whole models, write whole pages or start whole programs."""

MUCH_MEMORY = 1500
"""The megabytes that a test process may hold before it drops its compiled programs."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="leave out whole runs, slow and soak tests")
    parser.addoption("--optimized", action="store_true", help="have every program compiled as for users")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--quick"):
        settings.load_profile("quick")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Exempt what modules hold from garbage collection: it stays to the end, and need not be scanned again and again.

    Collect less often than by default, too: tracing a program makes many objects that stay.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000)
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if any(mark.name == "optimized" for mark in item.own_markers):
            raise pytest.UsageError(f"{item.nodeid}: `optimized` is a mark for modules, and does nothing on a test")
    if config.getoption("--quick"):
        left_out = [item for item in items if _is_whole_run(item) or _is_marked(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
    # The long files first, so that no process ends long before the others (with --no-loadscope-reorder).
    items.sort(key=lambda item: not _is_whole_run(item))


def _is_marked(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("whole", "slow", "soak"))


def _is_whole_run(item: pytest.Item) -> bool:
    try:
        return item.path.relative_to(Path(__file__).parent).parts[0] in WHOLE_RUNS
    except ValueError:
        return False  # a page of docs


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave the figures of whole runs blank.

    `tests/report` draws all kinds, but for tests marked `undrawn`; tests marked `drawn` draw those of their runs, and
    `--optimized` has all drawn.
    """
    if _is_whole_run(item):
        import pictures  # what trains nothing need not wait for matplotlib

        of_reports = "report" in item.path.parts and not item.get_closest_marker("undrawn")
        drawn = of_reports or item.get_closest_marker("drawn") or item.config.getoption("--optimized")
        pictures.leave_blank(not drawn)


@pytest.fixture
def native_kernels():
    """Without a compiler there is nothing to compare: say so, do not pass."""
    from unspool import kernels

    if kernels.status().path != "native":
        pytest.skip(f"no native kernels: {kernels.status().reason}")


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True, scope="session")
def cache_of_the_tests(tmp_path_factory):
    """No test reads what an earlier session cached, or leaves something behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNSPOOL_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True, scope="session")
def compiled_once(tmp_path_factory):
    """What one process of the tests has compiled, the others, later modules and child processes read.

    Child processes only read: one that is killed while it writes would leave half a program.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAX_COMPILATION_CACHE_DIR", str(folder / "compiled"))
        patch.setenv("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "inf")
        import jax
        from jax._src.lru_cache import LRUCache
        from jax.experimental.compilation_cache import compilation_cache

        patch.setattr(LRUCache, "put", _keep_whole)
        jax.config.update("jax_compilation_cache_dir", str(folder / "compiled"))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        compilation_cache.reset_cache()
        yield


def _keep_whole(cache, key, value):
    """Keep a compiled program where JAX does, but whole or not at all: another process or thread may be reading.

    A program that cannot be written is compiled again; JAX would warn about it, which fails a test.
    """
    aside = Path(cache.path) / f"{os.getpid()}-{threading.get_ident()}.aside"
    with contextlib.suppress(OSError):
        aside.write_bytes(value)
        aside.replace(aside.with_name(f"{key}-cache"))


@pytest.fixture(autouse=True, scope="session")
def unsynced():
    """Files are written without waiting for the disk: in no test does the power fail."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(autouse=True, scope="session")
def hardly_optimized(request):
    """Compiling takes most of the time and running next to none, so the compiler does as little as it can.

    For the whole session, as what its fixtures train must not depend on which module asks for them first. Modules that
    are marked `optimized` compile as for users. The kernels are compiled ahead and stay as they are.
    """
    from jax._src import compiler

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiler, "get_compile_options", _without_fusion_emitters(compiler.get_compile_options))
        _optimize(request.config.getoption("--optimized"))
        yield


def _optimize(much: bool) -> None:
    import jax

    jax.config.update("jax_disable_most_optimizations", not much)
    os.environ["JAX_DISABLE_MOST_OPTIMIZATIONS"] = str(not much)


def _without_fusion_emitters(get_options):
    """Have loops compiled by XLA's older way, which takes half the time, where little is to be optimized."""
    import jax

    def options(*arguments, **named):
        found = get_options(*arguments, **named)
        if jax.config.values["jax_disable_most_optimizations"]:
            found.env_option_overrides = [*found.env_option_overrides, ("xla_cpu_use_fusion_emitters", False)]
        return found

    return options


@pytest.fixture(autouse=True, scope="session")
def without_tracebacks():
    """Programs are traced faster: noting the line of each operation would take up to a tenth of the time."""
    from jax._src import source_info_util

    with pytest.MonkeyPatch.context() as patch:
        context = source_info_util._source_info_context
        patch.setattr(source_info_util, "current", lambda: context.context)
        yield


@pytest.fixture(autouse=True, scope="module")
def programs_of_a_module(request):
    """Keep compiled programs for later modules until the process holds much memory: all would take gigabytes."""
    import jax

    from unspool.memory import memory

    marked = request.node.get_closest_marker("optimized")
    if marked:
        jax.clear_caches()
        _optimize(True)
    yield
    if marked:
        _optimize(request.config.getoption("--optimized"))
    if marked or memory().now > MUCH_MEMORY:
        jax.clear_caches()
        _return_freed_memory()


def _return_freed_memory() -> None:
    """Give freed memory back to the system: else the process seems to hold as much as before, and is cleared again."""
    with contextlib.suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)


@pytest.fixture(autouse=True, scope="session")
def few_sentences():
    """Whole runs are tested on the prose of a quarter of Python's library; `tests/data` reads all of it.

    For the whole session, as what its fixtures train must not depend on which module asks for them first.
    """
    from unspool.data.named import prose, sentences

    files = prose.library_files()[::4]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prose, "library_files", lambda: files)
        patch.setattr(sentences, "ENOUGH", 100)
        yield


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Generator[Chromium]:
    """A real browser, gone at the end of a file: it goes on writing, and some tests watch for what is written."""
    if PROGRAM is None:
        pytest.skip("Chromium, which opens the page here, is not installed")
    browser = Chromium(PROGRAM, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()
