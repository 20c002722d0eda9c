"""The harness on made-up numbers and made-up peers. No test here takes a time, and none needs a peer."""

import subprocess
import sys
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from benchmarks.peers import INSTALL, PEERS, Peer
from benchmarks.results import Measurement, Results
from benchmarks.works import SGEMM, Item, Work, check_work, works
from rich.console import Console

from benchmarks import __main__ as command
from benchmarks import check, data, results, runner, specs, tables

MACHINE = {
    "processor": "an abacus",
    "cores": 2,
    "instruction_sets": "beads",
    "memory_gib": 1.0,
    "system": "wood",
    "python": "3",
    "variables": {"UNSPOOL_ISA": "avx2"},
    "load_before": 0.0,
}
SETTINGS = {"threads": 2, "rounds": 2, "quick": False}


def made_up(work, item, peer, *medians, **others):
    return Measurement(work, item, peer, medians=list(medians), shortest=[m / 2 for m in medians], **others)


def text_of(renderable):
    console = Console(width=160, file=StringIO())
    console.print(renderable)
    return console.file.getvalue()


def test_the_command_line_lists_works_and_peers_without_importing_any_of_them():
    heavy = "jax", "keras", "torch", "tensorflow", "onnxruntime", "unspool"
    code = (
        f"import sys; from benchmarks.__main__ import main; main(['list']); assert not {{*{heavy}}} & {{*sys.modules}}"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    for name in (*works(), *PEERS):
        assert name in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "imdb-lstn"], "there is no work 'imdb-lstn'; there are imdb-rnn, imdb-lstm"),
        (["run", "imdb-lstm", "--peers", "unspool,tourch"], "there is no peer 'tourch'; there are unspool"),
        (["run", "imdb-lstm", "--threads", "4096"], "give --threads"),
        (["run", "imdb-lstm", "--json", "no-such-folder/r.json"], "there is no folder no-such-folder"),
        (["show", "no-such-file.json"], "there is no file no-such-file.json"),
    ],
)
def test_what_a_user_gives_wrong_is_one_line(arguments, message, capsys):
    assert command.main(arguments) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_show_refuses_another_file(tmp_path, capsys):
    (tmp_path / "other.json").write_text("{}")
    assert command.main(["show", str(tmp_path / "other.json")]) == 1
    assert "is not a file that `run --json` wrote" in capsys.readouterr().err


def test_a_peer_that_is_not_installed_is_left_out_and_how_to_install_it_is_said():
    here, absent = Peer("here", "m", "", ("sys",)), Peer("absent", "m", "", ("no_such_package",))
    taking_part, missing = runner.available([here, absent])
    assert taking_part == [here]
    assert missing == {"absent": f"needs no_such_package: {INSTALL}"}


def test_all_peers_have_a_file_and_all_works_name_known_peers():
    folder = Path(command.__file__).parent / "peers"
    assert all((folder / f"{peer.module}.py").is_file() for peer in PEERS.values())
    for quick in (True, False):
        for work in (*works(quick).values(), check_work()):
            assert set(work.peers) <= set(PEERS)
            assert len({item.label for item in work.items}) == len(work.items)


@pytest.mark.parametrize(
    "spec",
    [
        specs.IMDB_RNN,
        specs.IMDB_LSTM,
        specs.IMDB_GRU,
        specs.MNIST_LSTM_AE,
        specs.MNIST_BILSTM_AE,
        specs.PYTORCH_94457,
        specs.MULTI30K,
    ],
)
def test_the_weights_are_as_many_as_keras_counts(spec):
    assert sum(array.size for array in data.flat(data.weights(spec))) == spec.parameters


def test_arithmetic_of_a_layer():
    assert specs.Layer("lstm", 100, 128, 64, 32).flops == 6 * 100 * 128 * (64 + 32) * 4 * 32
    assert specs.Layer("rnn", 1, 28, 28, 28).flops * 3 == specs.Layer("gru", 1, 28, 28, 28).flops


def test_the_grid_is_whole():
    assert len(works()["layer"].items) == 1 + 3 * 4 * 3 * 3 * 4


def test_reviews_are_like_imdb():
    ids, labels = data.reviews(3000, 128, 10_000)
    assert ids.shape == (3000, 128)
    assert ids.dtype == np.int32
    assert ids.min() == 0
    assert 9_000 < ids.max() < 10_000
    assert set(labels) == {0, 1}
    assert not np.isin(np.arange(3, 4 + data.SKIPPED_WORDS), ids).any()  # 3 is unused, then come the skipped words
    assert ((np.diff(ids == 0, axis=1)).sum(axis=1) <= 1).all()  # all padding is in one place
    assert (ids[:, -1] != 0).all()  # which is in front
    assert 0.2 < (ids[:, 0] == 0).mean() < 0.4


def test_sequences_have_the_lengths_of_imdb():
    ids, lengths, labels = data.sequences(3000, 2500, 10_000)
    assert len(ids) == lengths.sum()
    assert 210 < lengths.mean() < 260
    assert 1000 < lengths.max() <= 2500
    assert ids.min() >= data.FIRST_WORD
    assert set(labels) == {0, 1}
    assert (data.sequences(3000, 128, 10_000)[1] == np.minimum(lengths, 128)).all()


def test_ratios_are_of_medians_and_to_the_first_peer():
    ours, theirs = made_up("w", "i", "unspool", 1.0, 9.0, 2.0), made_up("w", "i", "other", 6.0, 5.0, 7.0)
    assert ours.seconds == 2.0
    assert ours.least == 0.5
    assert results.ratio(theirs, ours) == 3.0
    assert results.ratio(theirs, None) is None
    assert results.ratio(made_up("w", "i", "failed"), ours) is None


def test_a_table_has_times_ratios_and_failures():
    measurements = [
        made_up("imdb-lstm", "epoch", "unspool", 2.5, 2.5, loss=0.25, peak_mib=1000.0, first_seconds=5.0),
        made_up("imdb-lstm", "epoch", "pytorch", 7.5, 7.5, loss=0.25),
        made_up("imdb-lstm", "epoch", "jax", error="ValueError: no"),
    ]
    text = text_of(tables.report(Results(MACHINE, SETTINGS, measurements=measurements, finished=True)))
    rows = {line.split()[1]: line.split() for line in text.splitlines() if line.startswith("epoch")}
    assert rows["unspool"][2:] == ["2.50", "s", "1.25", "s", "1.00", "0.2500", "1,000", "MiB", "5.00", "s"]
    assert "3.00" in rows["pytorch"]
    assert "jax" not in rows
    assert "failed: jax, epoch: ValueError: no" in text
    assert "an abacus" in text
    assert "UNSPOOL_ISA=avx2" in text
    assert "not finished" not in text


def test_a_layers_rate_stands_beside_the_best_sgemm():
    measurements = [
        made_up("layer-one", SGEMM, "unspool", 1.0, flops=100e9),
        made_up("layer-one", SGEMM, "pytorch", 0.5, flops=100e9),
        made_up("layer-one", "lstm", "unspool", 0.5, flops=80e9),
    ]
    text = text_of(tables.table("layer-one", measurements))
    row = next(line for line in text.splitlines() if line.startswith("lstm"))
    assert row.split()[6:9] == ["1.00", "160.0", "80%"]


def test_a_grid_says_where_the_first_peer_is_slower():
    measurements = []
    for number in range(20):
        measurements.append(made_up("layer", f"shape {number}", "unspool", 1.0, flops=1e9))
        measurements.append(made_up("layer", f"shape {number}", "pytorch", 0.9 if number == 7 else 2.0, flops=1e9))
    assert tables.conclusions(measurements) == [
        "  unspool is faster than pytorch in 19 of 20; at its narrowest 0.90 times (shape 7)",
        "    slower: shape 7, 0.90",
    ]
    assert "pytorch, ratio" in text_of(tables.table("layer", measurements))


@pytest.mark.parametrize(
    ("seconds", "text"), [(12.34, "12.3 s"), (2.5, "2.50 s"), (0.0345, "34.5 ms"), (7e-5, "70.0 µs"), (None, "-")]
)
def test_times_have_three_digits(seconds, text):
    assert tables.seconds_text(seconds) == text


def test_results_are_saved_whole_and_read_back(tmp_path):
    saved = Results(MACHINE, SETTINGS, measurements=[made_up("w", "i", "p", 1.0, flops=3.0)])
    saved.save(tmp_path / "r.json")
    assert Results.load(tmp_path / "r.json") == saved
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


@pytest.mark.parametrize(
    ("task", "values", "within"),
    [
        ("predict", [0.5, 0.50009], True),
        ("predict", [0.5, 0.5002], False),
        ("layer", [0.5, 0.50004], True),  # relative to the largest, 0.5
        ("layer", [0.5, 0.50009], False),
        ("predict", [0.5], False),
        ("predict", "ValueError: no", False),
        ("predict", None, True),
    ],
)
def test_a_difference_beyond_the_bound_is_told(task, values, within):
    assert check.compare(task, [0.5, 0.5], values, 1e-4)[1] is within


class FakeWorker:
    """Answers at once; keeps a record of what was asked of whom."""

    asked: list = []  # noqa: RUF012 (shared by all workers of a test, which sets it)
    interrupted_at = 1000
    alive = True

    def __init__(self, peer, *_):
        self.name = peer.name

    def ask(self, **request):
        self.asked.append((self.name, *request))
        if "describe" in request:
            return {"versions": {}}
        if "prepare" in request:
            if self.name == "jax-hoisted":
                raise runner.WorkerError("no memory")
            return {"unsupported": True} if self.name == "onnxruntime" else {"first_seconds": 9.0}
        if len(self.asked) == self.interrupted_at:
            raise KeyboardInterrupt
        return {"median": 1.0, "min": 1.0, "calls": 1}

    def close(self):
        pass


@pytest.fixture
def fake_workers(monkeypatch):
    monkeypatch.setattr(FakeWorker, "asked", [])
    monkeypatch.setattr(runner, "Worker", FakeWorker)
    monkeypatch.setattr(runner, "available", lambda peers: (peers, {}))


def test_peers_work_turn_about(fake_workers):
    measured = Results(MACHINE, SETTINGS)
    peers = [PEERS[name] for name in ("unspool", "onnxruntime", "jax-hoisted", "jax")]
    said = []
    work = Work("w", "", (), (Item("i", "train"),))
    runner.run_work(work, peers, measured, lambda: None, lambda line, done: said.append(done))
    turns = [name for name, request in FakeWorker.asked if request == "measure"]
    assert turns == ["unspool", "jax", "unspool", "jax"]
    assert [(m.peer, m.medians, m.error) for m in measured.measurements] == [
        ("unspool", [1.0, 1.0], None),
        ("jax-hoisted", [], "no memory"),
        ("jax", [1.0, 1.0], None),
    ]


def test_ctrl_c_keeps_what_was_measured(fake_workers, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(command, "available", lambda peers: (peers, {}))
    monkeypatch.setattr(FakeWorker, "interrupted_at", 12)  # two descriptions, four first times, the sixth measure
    path = tmp_path / "r.json"
    arguments = ["run", "imdb-lstm", "imdb-rnn", "--peers", "unspool,jax", "--rounds", "2", "--threads", "1"]
    assert command.main([*arguments, "--json", str(path)]) == 130
    kept = Results.load(path)
    assert not kept.finished
    assert [(m.work, m.peer, len(m.medians)) for m in kept.measurements] == [
        ("imdb-lstm", "unspool", 2),
        ("imdb-lstm", "jax", 2),
        ("imdb-rnn", "unspool", 1),
        ("imdb-rnn", "jax", 0),
    ]
    assert "not finished" in capsys.readouterr().out
