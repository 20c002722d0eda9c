import json
import os
import subprocess
import sys

import pytest

import small
from unspool_runtime import Model
from unspool_runtime.cli import AT_ONCE, main


@pytest.fixture
def model(tmp_path):
    return small.write(tmp_path, small.of_texts(small.linear()))


def test_a_line_of_text_is_answered_by_a_line_of_json(model, tmp_path, capsys):
    (tmp_path / "new.txt").write_text("a fine film\n?!\nété\n")
    assert main([str(model), str(tmp_path / "new.txt")]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    texts = ["a fine film", "?!", "été"]
    assert [line["prediction"] for line in lines] == Model.load(model).predict(texts)
    assert lines[0]["probabilities"]["yes"] == Model.load(model).outputs(texts)[0, 0]


def test_only_line_feeds_end_lines_and_a_byte_order_mark_is_left_out(model, tmp_path):
    (tmp_path / "new.txt").write_bytes("\ufeffa\rfine\u2028film\r\n?!\r".encode())
    command = [sys.executable, "-m", "unspool_runtime.cli", str(model)]
    of_file = subprocess.run([*command, str(tmp_path / "new.txt")], capture_output=True, check=True).stdout
    with (tmp_path / "new.txt").open("rb") as file:
        assert subprocess.run([*command, "-"], stdin=file, capture_output=True, check=True).stdout == of_file
    found = [json.loads(line)["probabilities"]["yes"] for line in of_file.splitlines()]
    assert found == Model.load(model).outputs(["a\rfine\u2028film", "?!"])[:, 0].tolist()


def test_a_nul_byte_is_refused_with_its_line(model, tmp_path, capsys):
    (tmp_path / "new.txt").write_text("a film\na\0film\n")
    assert main([str(model), str(tmp_path / "new.txt")]) == 1
    said = "unspool-runtime: Line 2 contains a NUL byte. Remove it.\n"
    assert capsys.readouterr().err == said


def test_series_are_lines_of_json(tmp_path, capsys):
    path = small.write(tmp_path, small.series_network())
    (tmp_path / "new.jsonl").write_text("[[1, 2], [3, 4]]\n[[1, null], [2, 2]]\n")
    assert main([str(path), str(tmp_path / "new.jsonl")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    (tmp_path / "new.jsonl").write_text("\n[[1, 2]]\n \n[[3, 4]]\n\n")
    assert main([str(path), str(tmp_path / "new.jsonl")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    (tmp_path / "new.jsonl").write_text("[[1, 2]]\n[1,\n")
    assert main([str(path), str(tmp_path / "new.jsonl")]) == 1
    assert "Line 2 is not JSON" in capsys.readouterr().err


def test_nothing_follows_the_last_full_batch(tmp_path, capsys):
    path = small.write(tmp_path, small.upscaler())
    (tmp_path / "new.jsonl").write_text("[[0, 1], [1, 0], [0, 1]]\n" * AT_ONCE)
    assert main([str(path), str(tmp_path / "new.jsonl")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == AT_ONCE


@pytest.mark.parametrize("name", ["new.csv", "new.TSV", "new.parquet", "new.jsonl", "new.npz", "new.txt.gz"])
def test_rows_of_a_table_are_not_read_as_texts(model, tmp_path, capsys, name):
    (tmp_path / name).write_text("text,label\na fine film,yes\n")
    assert main([str(model), str(tmp_path / name)]) == 1
    found = capsys.readouterr()
    assert not found.out
    assert "one text a line, without a header" in found.err


def test_a_table_of_series_is_refused_with_an_example_of_a_line(tmp_path, capsys):
    path = small.write(tmp_path, small.series_network())
    (tmp_path / "new.csv").write_text("a,b\n1,2\n")
    assert main([str(path), str(tmp_path / "new.csv")]) == 1
    assert "is a table. Give a file with JSON lines, each a list of steps such as [[0.5, 2]" in capsys.readouterr().err
    (tmp_path / "new.txt").write_text("a,b\n1,2\n")
    assert main([str(path), str(tmp_path / "new.txt")]) == 1
    said = "Line 1 is not JSON (Expecting value at character 1). Each line must be a list of steps such as [[0.5, 2]"
    assert said in capsys.readouterr().err


def test_a_line_that_cannot_be_answered_is_named(tmp_path, capsys):
    path = small.write(tmp_path, small.series_network())
    for line, said in (
        ("[[1, 2, 3]]", "Line 300 is not a series of 2 channels: an array (T, 2) of numbers."),
        ("[[1, 2], [3, 1e39]]", "Line 300, step 1 (counted from 0) has an infinite or too large number."),
        ("[]", "Line 300 is not a series of 2 channels: an array (T, 2) of numbers."),
    ):
        (tmp_path / "new.jsonl").write_text("[[1, 2]]\n" * 298 + f"\n{line}\n[[1, 2]]\n")
        assert main([str(path), str(tmp_path / "new.jsonl")]) == 1
        assert capsys.readouterr().err == f"unspool-runtime: {said}\n"
    path = small.write(tmp_path, small.of_texts(small.linear()))
    (tmp_path / "new.txt").write_text("a film\n \n")
    assert main([str(path), str(tmp_path / "new.txt")]) == 1
    assert capsys.readouterr().err == "unspool-runtime: Line 2 is empty or blank. Leave it out.\n"
    path = small.write(tmp_path, small.of_rows())
    (tmp_path / "new.jsonl").write_text("{}\n")
    assert main([str(path), str(tmp_path / "new.jsonl")]) == 1
    assert capsys.readouterr().err.startswith("unspool-runtime: Line 1 has no column ")


def test_an_interruption_is_one_line(model, tmp_path, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    (tmp_path / "new.txt").write_text("a fine film\n")
    monkeypatch.setattr(Model, "outputs", interrupted)
    assert main([str(model), str(tmp_path / "new.txt")]) == 130
    assert capsys.readouterr().err == "unspool-runtime: interrupted\n"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_an_answer_is_printed_in_its_own_script_where_the_output_can_show_it(tmp_path, encoding):
    described = small.of_texts(small.linear())
    described["task"]["labels"] = ["לא", "是"]
    path = small.write(tmp_path, described)
    (tmp_path / "new.txt").write_text("a fine film\n")
    command = [sys.executable, "-m", "unspool_runtime.cli", str(path), str(tmp_path / "new.txt")]
    found = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": encoding})
    assert ("是".encode() in found.stdout) == (encoding == "utf-8")
    assert {*json.loads(found.stdout)["probabilities"]} == {"לא", "是"}


def test_the_best_translations_stand_beside_the_prediction(tmp_path, capsys):
    path = small.write(tmp_path, small.translator())
    (tmp_path / "new.txt").write_text("a b\nb\n")
    assert main([str(path), str(tmp_path / "new.txt"), "--best", "2"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = Model.load(path).translate(["a b", "b"], 2)
    assert [line["prediction"] for line in lines] == [best[0].text for best in found]
    assert [line["translations"] for line in lines] == [[one._asdict() for one in best] for best in found]
    assert main([str(path), str(tmp_path / "new.txt"), "--best", "101"]) == 1
    assert "The count is 101" in capsys.readouterr().err


def test_a_classifier_has_no_best_translations(model, tmp_path, capsys):
    (tmp_path / "new.txt").write_text("a fine film\n")
    assert main([str(model), str(tmp_path / "new.txt"), "--best", "2"]) == 1
    assert capsys.readouterr().err == (
        "unspool-runtime: This model does not translate: its task is binary. Use predict.\n"
    )


def test_check_fails_where_answers_differ(model, capsys):
    assert main([str(model), "--check"]) == 3
    assert "of 1 golden answers agree" in capsys.readouterr().out


def test_what_is_wrong_is_one_line(tmp_path, capsys):
    assert main([str(tmp_path / "missing"), "--check"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_control_characters_in_a_name_are_escaped(tmp_path, capsys):
    assert main([str(tmp_path / "\x1b[31m\n.unspool"), "new.txt"]) == 1
    told = capsys.readouterr().err
    assert r"\x1b[31m\n.unspool cannot be read" in told
    assert told.count("\n") == 1
    assert "\x1b" not in told


def test_a_closed_standard_input_is_one_line(model, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    assert main([str(model), "-"]) == 1
    assert capsys.readouterr().err == "unspool-runtime: Standard input is closed. Give a FILE.\n"


def test_a_missing_file_is_named(model, tmp_path, capsys):
    assert main([str(model), str(tmp_path / "new.txt")]) == 1
    assert capsys.readouterr().err == f"unspool-runtime: {tmp_path / 'new.txt'}: No such file or directory.\n"


@pytest.mark.parametrize("count", [1, 20_000])
def test_a_reader_that_goes_away_ends_it_quietly(model, tmp_path, count):
    (tmp_path / "new.txt").write_text("a fine film\n" * count)
    command = [sys.executable, "-m", "unspool_runtime.cli", str(model), str(tmp_path / "new.txt")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_byte_order_mark_is_no_part_of_a_text(model, tmp_path, capsys):
    (tmp_path / "new.txt").write_text("fine\n", encoding="utf-8-sig")
    assert main([str(model), str(tmp_path / "new.txt")]) == 0
    assert json.loads(capsys.readouterr().out)["probabilities"]["yes"] == Model.load(model).outputs(["fine"])[0, 0]


def test_neither_keras_nor_a_network_is_imported(model):
    code = "import sys; from unspool_runtime import Model; Model.load(sys.argv[1]).predict(['a']); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code, str(model)], capture_output=True, text=True, check=True)
    assert not {"jax", "keras", "scipy", "regex", "socket", "ssl", "unspool"} & {*found.stdout.split()}


def test_bytes_that_are_no_text_and_a_line_without_an_end_are_one_line(model, tmp_path, capsys):
    (tmp_path / "x.txt").write_bytes(b"fine\n\xff\xfe\n")
    assert main([str(model), str(tmp_path / "x.txt")]) == 1
    assert "is not UTF-8" in capsys.readouterr().err
    assert main([str(model), "/dev/zero"]) == 1
    told = capsys.readouterr().err
    assert told == "unspool-runtime: Line 1 has more than 4,194,304 characters. Give one example a line.\n"


def test_a_wrong_command_line_is_told_in_one_line(model, capsys):
    for arguments in ([], [str(model)], [str(model), "--nope"], [str(model), "a.txt", "--check"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        said = capsys.readouterr().err
        assert said.startswith("unspool-runtime: ")
        assert said.count("\n") == 1


def test_a_stream_that_is_closed_at_the_start_leads_nowhere(model, tmp_path):
    (tmp_path / "new.txt").write_text("a fine film\n")
    program = (
        f"import sys; from unspool_runtime.cli import main; sys.exit(main({[str(model), str(tmp_path / 'new.txt')]}))"
    )
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", sys.executable, "-c", program], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
