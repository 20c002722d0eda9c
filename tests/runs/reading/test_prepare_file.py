"""Files, from what is found in them to what a model is trained and judged on."""

import json
import os

import numpy as np
import pytest

import unspool
from unspool import files
from unspool.data.tables.split_names import PARTS
from unspool.errors import UserError
from unspool.runs.reading.prepare_file import prepare_file, prepare_file_again
from unspool.runs.reading.read_file import kind_of, read_file
from unspool.runs.recipes.defaults import recipe_for
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.training_log import TrainingLog
from unspool.tasks import Binary

from ..reviews import write_reviews
from ..series import write_long_form, write_npz


def test_text_and_series_are_told_apart(reviews, tmp_path):
    assert kind_of(write_npz(tmp_path / "a.npz"), None, None) == "series"
    assert kind_of(write_long_form(tmp_path / "steps.csv"), None, None) == "series"
    assert kind_of(reviews, None, None) == "text"
    assert kind_of(reviews, "number", None) == "series"


def test_tables_of_series_by_row_and_files_of_aeon_hold_series(tmp_path):
    (tmp_path / "wide.csv").write_text("t0,t1,t2,state\n1,2,3,up\n3,2,1,down\n")
    (tmp_path / "a.ts").write_text("@classLabel true up down\n@data\n1,2,3:up\n")
    (tmp_path / "ucr.tsv").write_text("1\t0.5\t2\n2\t0.25\t3\n")
    for name in ("wide.csv", "a.ts", "ucr.tsv"):
        assert kind_of(tmp_path / name, None, None) == "series"
    assert kind_of(tmp_path / "wide.csv", None, None, text="state") == "text"


@pytest.mark.parametrize(
    ("name", "head", "row", "task"),
    [
        ("many.ts", "@classLabel true\n@data\n", "{steps}:{label}\n", "multiclass"),
        ("few.ts", "@targetLabel true\n@data\n", "{steps}:{few}\n", "regression"),
        ("many.txt", "", "{label} {steps}\n", "multiclass"),
        ("many.csv", "y,0,1,2\n", "{label},{steps}\n", "regression"),
    ],
)
def test_labels_are_what_the_file_says(name, head, row, task, tmp_path):
    """Of 24 whole numbers, or of 3: classes or a quantity, where a file does not say so."""
    lines = [
        row.format(label=number % 24, few=number % 3, steps=f"0.5,{number},1").replace(
            ",", " " if ".txt" in name else ","
        )
        for number in range(240)
    ]
    (tmp_path / name).write_text(head + "".join(lines))
    found = read_file(
        FileSettings(path=str(tmp_path / name), kind="series", label="y" if head[:1] == "y" else None), seed=0
    )
    assert found.task.name == task
    if task == "multiclass":
        assert "the file says that its labels are classes" in found.seen


@pytest.mark.parametrize("ending", [".csv", ".npz", ".ts", ".jsonl", ".parquet"])
def test_what_is_no_file_is_refused_at_once(ending, tmp_path):
    path = tmp_path / f"a{ending}"
    os.mkfifo(path)
    with pytest.raises(UserError, match="is a pipe, not a file"):
        kind_of(path, None, None)
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(UserError, match="is a device, not a file"):
        kind_of(path, None, None)


def test_the_split_of_steps_is_found_and_named(tmp_path):
    path = write_long_form(tmp_path / "a.csv")
    header, *lines = path.read_text().splitlines()
    parts = ["test" if int(line.split(",")[0][1:]) > 29 else "train" for line in lines]
    path.write_text("\n".join([f"{header},split", *map(",".join, zip(lines, parts, strict=True))]))
    found = read_file(FileSettings(path=str(path), kind="series"), seed=0)
    assert (found.settings.split, found.settings.channels) == ("split", ("x", "y"))
    assert found.examples.counts()["test"] == 10
    assert "column split says which series are for training" in found.seen


def test_ids_that_do_not_recur_are_no_series(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,length,text,label\n1,3,a fine film,pos\n2,4,a dull film,neg\n")
    assert kind_of(path, None, None) == "text"


def test_columns_that_were_found_are_named(reviews):
    found = read_file(FileSettings(path=str(reviews)), seed=0)
    assert (found.settings.text, found.settings.label) == ("review", "sentiment")
    assert found.inspection.rows == 200
    assert found.task == Binary(("neg", "pos"))
    assert "rows that can be used" in found.seen


def test_a_file_of_its_own_is_the_test(reviews, tmp_path):
    test = write_reviews(tmp_path / "test.csv", rows=30, seed=5)
    found = read_file(FileSettings(path=str(reviews), test=str(test)), seed=0)
    assert found.examples.counts() == {"training": 180, "validation": 20, "test": 30}


def test_the_newest_series_are_held_out_and_are_no_channel(tmp_path):
    path = write_long_form(tmp_path / "a.csv")
    header, *lines = path.read_text().splitlines()
    days = [f"{line},2026-01-{int(line.split(',')[0][1:]) % 20 + 1:02}" for line in lines]
    path.write_text("\n".join([f"{header},day", *days]))
    found = read_file(FileSettings(path=str(path), kind="series", newest="day"), seed=0)
    examples, settings = found.examples, found.settings
    assert [name for name, part in zip(examples.series.names, examples.parts, strict=True) if part == 2] == [
        "s18",
        "s19",
        "s38",
        "s39",
    ]
    assert (settings.channels, settings.time, settings.newest) == (("x", "y"), "time", "day")


@pytest.mark.parametrize(
    ("option", "kind"), [({"channels": ("x",)}, "text"), ({"newest": "x"}, "text"), ({"text": "x"}, "series")]
)
def test_an_option_of_the_other_kind_is_refused(option, kind, reviews):
    with pytest.raises(UserError, match=f"--{next(iter(option))} is not for"):
        read_file(FileSettings(path=str(reviews), kind=kind, **option), seed=0)


def prepare(tmp_path, monkeypatch, model="network", **options):
    """A file, prepared for a model; nothing of it is left in the cache."""
    monkeypatch.setenv(files.CACHE_VARIABLE, str(tmp_path / "cache"))

    def resolve(settings, task, examples):
        return recipe_for(settings, task, examples, model=model)

    return prepare_file(FileSettings(**options), 0, resolve, TrainingLog(), lambda seen: None)


def test_each_part_has_its_own_texts_and_targets_in_the_order_of_the_file(reviews, tmp_path, monkeypatch):
    recipe, prepared = prepare(tmp_path, monkeypatch, path=str(reviews), length=12)
    assert recipe.data.text == "review"
    examples = read_file(recipe.data, 0).examples
    for part in PARTS:
        texts, targets = examples.load(part)
        found = prepared.parts[part]
        assert len(found) == len(texts)
        assert list(found.raw()) == texts
        assert found.inputs.load().tolist() == prepared.reader.read(texts).tolist()
        np.testing.assert_array_equal(found.targets, targets)


def test_a_file_is_prepared_again_as_it_was(reviews, tmp_path, monkeypatch):
    recipe, prepared = prepare(tmp_path, monkeypatch, path=str(reviews))
    again = prepare_file_again(recipe, TrainingLog())
    assert again.digest == prepared.digest
    assert again.reader == prepared.reader
    assert again.summary == prepared.summary


@pytest.mark.parametrize(
    ("kind", "role"),
    [(kind, "group") for kind in ("texts", "series", "tokens", "pairs")] + [("texts", "time"), ("series", "time")],
)
def test_another_group_or_time_gives_the_data_another_name(kind, role, tmp_path, monkeypatch):
    """Folds of the cross-validation depend on them, though labels and parts stay."""
    split, values = ["train"] * 24 + ["validation"] * 6 + ["test"] * 6, np.arange(36) // 2
    names = []
    for last in (0, 0, 1):
        of_rows = [*values[:23].tolist(), int(values[23]) - last, *values[24:].tolist()]
        if kind == "series":
            arrays = {"groups" if role == "group" else "times": of_rows}
            more = {"split": split} if role == "group" else {}
            path, options = write_npz(tmp_path / "a.npz", count=36, **arrays, **more), {"kind": "series"}
        else:
            path = tmp_path / "a.jsonl"
            rows = [_row(kind, n, f"the film {n} was fine", part) | {"of": of_rows[n]} for n, part in enumerate(split)]
            if role == "time":
                rows = [{name: cell for name, cell in row.items() if name != "split"} for row in rows]
            path.write_text("\n".join(map(json.dumps, rows)))
            pairs = {"source": "text", "target": "other"} if kind == "pairs" else {}
            options = {"kind": {"texts": "text"}.get(kind, kind), role: "of", **pairs}
            options |= {"split": "split"} if role == "group" else {}
        model = "network" if kind in ("tokens", "pairs") else "auto"
        names.append(prepare(tmp_path, monkeypatch, model, path=str(path), **options)[1].digest)
    assert names[0] == names[1] != names[2]


def test_a_step_moved_to_the_next_series_gives_a_forecasts_data_another_name(tmp_path, monkeypatch):
    names = []
    for first in (30, 30, 31):
        path = tmp_path / "a.csv"
        path.write_text("\n".join(["shop,sold", *(f"{'a' if n < first else 'b'},{n % 7}" for n in range(60))]))
        options = {"kind": "forecast", "series": "shop", "label": "sold", "horizon": 3}
        names.append(prepare(tmp_path, monkeypatch, "auto", path=str(path), **options)[1].digest)
    assert names[0] == names[1] != names[2]


@pytest.mark.parametrize(
    ("kind", "model", "options"),
    [
        ("series", "network", {"kind": "series"}),
        ("series", "auto", {"kind": "series"}),
        ("steps", "network", {"kind": "series"}),
        ("texts", "network", {}),
        ("texts", "network", {"tokenizer": "bpe", "size": 400}),
        ("tokens", "network", {"kind": "tokens", "split": "split"}),
        ("pairs", "network", {"kind": "pairs", "source": "text", "target": "other"}),
    ],
)
def test_readers_learn_from_training_alone(kind, model, options, tmp_path, monkeypatch):
    """What stands in validation and in the test, however different, changes nothing in how examples are read."""
    split = ["train"] * 24 + ["validation"] * 6 + ["test"] * 6
    readers = []
    for other in (False, True):
        held_out = [other and part != "train" for part in split]
        path = tmp_path / f"{other}.{'npz' if kind in ('series', 'steps') else 'jsonl'}"
        if kind in ("series", "steps"):
            series = [
                np.full((9, 1), 1000.0) if far else np.array([[1.0], [2], [n % 5]]) for n, far in enumerate(held_out)
            ]
            labels = [["a", "b"][n % 2] for n in range(36)]
            if kind == "steps":
                labels = [["a", "b"][n % 2] for one in series for n in range(len(one))]
            np.savez(path, x=np.concatenate(series), lengths=[len(one) for one in series], y=labels, split=split)
        else:
            words = ["an other film with strangers" if far else "the film was fine" for far in held_out]
            path.write_text(
                "\n".join(json.dumps(_row(kind, n, *one)) for n, one in enumerate(zip(words, split, strict=True)))
            )
        readers.append(prepare(tmp_path, monkeypatch, model, path=str(path), **options)[1].reader)
    assert readers[0] == readers[1]


def _row(kind, number, text, part):
    words = f"{text} {'good' if number % 2 else 'bad'}"
    if kind == "tokens":
        return {"tokens": words.split(), "tags": ["x", "y"] * 2 + ["x"] * (len(words.split()) - 4), "split": part}
    if kind == "pairs":
        return {"text": f"{words} {number}", "other": f"{words} {number + 1}", "split": part}
    return {"text": words, "label": ["bad", "good"][number % 2], "split": part}


def test_nothing_is_left_in_the_cache(reviews, tmp_path, monkeypatch):
    _, prepared = prepare(tmp_path, monkeypatch, path=str(reviews))
    assert len(prepared.training.inputs.load()) > 0
    assert list(files.cache_folder().iterdir()) == []


def test_a_cache_that_cannot_be_written_is_told(reviews, tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("")
    with pytest.raises(UserError, match=r"cannot be written.*UNSPOOL_CACHE"):
        prepare(tmp_path, monkeypatch, path=str(reviews))


def write_grouped(path, rows, by=None):
    """Reviews of which `by` in a row are by one person, named after the file; None names nobody."""
    write_reviews(path)
    lines = path.read_text().splitlines()[: rows + 1]
    if by is not None:
        names = ["by", *(f"{path.stem} {number // by}" for number in range(rows))]
        lines = [f"{line},{name}" for line, name in zip(lines, names, strict=True)]
    path.write_text("\n".join(lines))
    return str(path)


def grouped(tmp_path, monkeypatch, **options):
    return prepare(tmp_path, monkeypatch, text="review", label="sentiment", group="by", **options)[1]


def test_what_is_scored_knows_its_groups(tmp_path, monkeypatch):
    found = grouped(tmp_path, monkeypatch, path=write_grouped(tmp_path / "a.csv", 200, by=4))
    for part in (found.validation, found.test):
        assert part.groups.shape == (len(part),)
        assert np.unique(part.groups, return_counts=True)[1].tolist() == [4] * (len(part) // 4)


def test_a_test_file_brings_its_own_groups_where_it_has_them(tmp_path, monkeypatch):
    path, test = write_grouped(tmp_path / "a.csv", 200, by=4), tmp_path / "b.csv"
    found = grouped(tmp_path, monkeypatch, path=path, test=write_grouped(test, 30, by=3))
    assert np.unique(found.test.groups, return_counts=True)[1].tolist() == [3] * 10
    found = grouped(tmp_path, monkeypatch, path=path, test=write_grouped(test, 30))
    assert found.test.groups is None
    assert found.validation.groups is not None


def test_a_test_of_one_group_is_told_before_anything_is_trained(tmp_path, monkeypatch):
    path = write_grouped(tmp_path / "a.csv", 200, by=4)
    with pytest.raises(UserError, match="All test examples belong to one group"):
        grouped(tmp_path, monkeypatch, path=path, test=write_grouped(tmp_path / "b.csv", 30, by=30))
    split = ["train"] * 30 + ["validation"] * 5 + ["test"] * 5
    series = write_npz(tmp_path / "a.npz", groups=np.arange(40) // 5, split=split)
    with pytest.raises(UserError, match="All test examples belong to one group"):
        prepare(tmp_path, monkeypatch, path=str(series), kind="series")


def test_one_label_alone_to_learn_from_is_told_before_anything_is_trained(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    rows = [f"film {n},{'ok' if n < 36 else 'ill'},{1_700_000_000 + n}" for n in range(40)]
    path.write_text("\n".join(["text,label,when", *rows]))
    with pytest.raises(UserError, match="All 36 examples to learn from have the label ok"):
        prepare(tmp_path, monkeypatch, model="auto", path=str(path), time="when")


@pytest.mark.parametrize("kind", ["text", "series"])
def test_labels_of_one_group_each_are_told_before_anything_is_trained(kind, tmp_path, monkeypatch):
    split = ["train"] * 30 + ["test"] * 10
    labels = ["ill"] * 5 + ["ok"] * 30 + ["ill"] * 5
    groups = [f"g{number // 5}" for number in range(40)]
    if kind == "series":
        path = write_npz(tmp_path / "a.npz", split=split, groups=groups)
        with np.load(path) as arrays:
            np.savez(path, **{**arrays, "y": np.array(labels)})
        asked = {"kind": "series"}
    else:
        path = tmp_path / "a.csv"
        rows = [f"film {n},{labels[n]},{split[n]},{groups[n]}" for n in range(40)]
        path.write_text("\n".join(["text,label,split,by", *rows]))
        asked = {"group": "by"}
    with pytest.raises(UserError, match=r"on held-out groups: all examples of label ill are in one group\. Give"):
        prepare(tmp_path, monkeypatch, model="auto", path=str(path), **asked)


def test_validation_may_be_one_group(tmp_path, monkeypatch):
    split = ["train"] * 25 + ["validation"] * 5 + ["test"] * 10
    path = write_npz(tmp_path / "a.npz", groups=np.arange(40) // 5, split=split)
    _, found = prepare(tmp_path, monkeypatch, path=str(path), kind="series")
    assert np.unique(found.validation.groups, return_counts=True)[1].tolist() == [5]
    assert np.unique(found.test.groups, return_counts=True)[1].tolist() == [5, 5]


@pytest.mark.parametrize(("part", "rows"), [("test", slice(0, 10)), ("validation", slice(10, 20))])
def test_one_of_two_labels_in_what_is_scored_is_told_before_anything_is_trained(part, rows, tmp_path, monkeypatch):
    splits = np.array(["test"] * 10 + ["dev"] * 10 + ["train"] * 20)
    labels = np.array(["falling", "rising"] * 20)
    labels[rows] = "rising"
    path = write_npz(tmp_path / "a.npz", split=splits)
    with np.load(path) as arrays:
        np.savez(path, **{**arrays, "y": labels})
    with pytest.raises(UserError, match=f"All 10 {part} examples have the label rising"):
        prepare(tmp_path, monkeypatch, path=str(path), kind="series")


@pytest.mark.parametrize(("part", "splits"), [("test", "test,dev,dev"), ("validation", "test,test,dev")])
@pytest.mark.parametrize("task", ["regression", "multiclass"])
def test_too_few_examples_to_score_are_refused_before_training(task, part, splits, tmp_path, monkeypatch):
    labels = [f"{n % 7}.5" if task == "regression" else "abc"[n % 3] for n in range(33)]
    rows = zip(range(33), labels, [*splits.split(","), *["train"] * 30], strict=True)
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["text,label,split", *(f"the film {n},{label},{split}" for n, label, split in rows)]))
    with pytest.raises(UserError, match=f"There is only 1 {part} example, and scores need at least 2. Give more"):
        prepare(tmp_path, monkeypatch, path=str(path), task=task)
    if part == "validation":  # together with the training examples, it is more than enough
        assert len(prepare(tmp_path, monkeypatch, model="auto", path=str(path), task=task)[1].validation) == 1


def test_the_test_part_of_an_autoencoder_has_three_series(tmp_path, monkeypatch):
    path = write_npz(tmp_path / "a.npz", count=20)
    _, found = prepare(tmp_path, monkeypatch, path=str(path), kind="series", task="reconstruction")
    assert len(found.test) == 3
    split = ["train"] * 16 + ["validation"] * 2 + ["test"] * 2
    path = write_npz(tmp_path / "a.npz", count=20, split=split)
    with pytest.raises(UserError, match="There are 2 test examples, and scores need at least 3"):
        prepare(tmp_path, monkeypatch, path=str(path), kind="series", task="reconstruction")


def test_inspection_refuses_what_training_refuses(tmp_path):
    path = tmp_path / "a.csv"
    rows = [f"the film {n},{'pos' if n % 2 else 'neg'},train" for n in range(20)]
    path.write_text("\n".join(["text,label,split", *rows, *(f"a film {n},pos,test" for n in range(5))]))
    with pytest.raises(UserError, match="All 5 test examples have the label pos"):
        read_file(FileSettings(path=str(path)), seed=0)
    steps = [f"s{n},{t},{n + t % 3},{'up' if t % 2 else 'down'}" for n in range(6) for t in range(5)]
    (tmp_path / "steps.csv").write_text("\n".join(["series,time,x,label", *steps]))
    with pytest.raises(UserError, match="There is only 1 validation example, and scores need at least 2"):
        unspool.inspect(tmp_path / "steps.csv", task="tagging", series="series")
    tokens = [f"{word} {'B' if word == 'Lima' else 'O'}" for word in ("from", "Lima", "to")]
    (tmp_path / "a.conll").write_text("\n\n".join("\n".join([f"w{n} O", *tokens]) for n in range(6)) + "\n")
    with pytest.raises(UserError, match="There is only 1 validation example, and scores need at least 2"):
        unspool.inspect(tmp_path / "a.conll")


def test_a_test_without_any_label_is_told_before_anything_is_trained(tmp_path, monkeypatch):
    labels, parts = [["a"], ["b"], ["a", "b"]] * 10 + [[]] * 6, ["train"] * 30 + ["test"] * 6
    rows = (
        {"text": f"the film {n}", "label": label, "split": part}
        for n, (label, part) in enumerate(zip(labels, parts, strict=True))
    )
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(UserError, match="None of the 6 test examples has any label"):
        prepare(tmp_path, monkeypatch, path=str(tmp_path / "a.jsonl"))


def test_series_from_a_table_and_from_arrays_are_read_alike(tmp_path, monkeypatch):
    table, arrays = write_long_form(tmp_path / "a.csv"), write_npz(tmp_path / "a.npz")
    recipe, of_table = prepare(tmp_path, monkeypatch, path=str(table), kind="series")
    _, of_arrays = prepare(tmp_path, monkeypatch, path=str(arrays), kind="series")
    np.testing.assert_allclose(of_table.reader.mean, of_arrays.reader.mean, rtol=1e-4)
    assert of_table.reader.length == of_arrays.reader.length
    assert of_table.reader.channels == ("x", "y")
    assert recipe.data.series == "series"


def test_series_of_a_test_file_are_the_test_whatever_kind_of_file_it_is(tmp_path, monkeypatch):
    table, other = write_long_form(tmp_path / "a.csv"), write_long_form(tmp_path / "b.csv", count=10, seed=5)
    recipe, prepared = prepare(tmp_path, monkeypatch, path=str(table), kind="series", test=str(other))
    assert {part: len(found) for part, found in prepared.parts.items()} == {"training": 36, "validation": 4, "test": 10}
    assert f"the test is {other}" in prepared.seen
    assert prepare_file_again(recipe, TrainingLog()).summary == prepared.summary
    arrays = [write_npz(tmp_path / f"{name}.npz", count, seed) for name, count, seed in (("c", 40, 0), ("d", 10, 5))]
    _, of_arrays = prepare(tmp_path, monkeypatch, path=str(arrays[0]), kind="series", test=str(arrays[1]))
    np.testing.assert_allclose(prepared.test.inputs, of_arrays.test.inputs, rtol=1e-3, atol=1e-3)
    _, same_test = prepare(
        tmp_path, monkeypatch, path=str(write_npz(tmp_path / "e.npz", 60, 1)), kind="series", test=str(arrays[1])
    )
    assert same_test.summary.test_digest == of_arrays.summary.test_digest
    assert same_test.digest != of_arrays.digest


@pytest.mark.parametrize(
    ("head", "row", "settings", "columns", "ignored"),
    [
        (
            "id,title,review,price,brand,mood",
            "{n},a title,words of {n},{n},acme,{mood}",
            {"text": "title,review", "label": "mood", "numeric": ("price",), "categorical": ("brand",)},
            {"text": ("title", "review"), "numbers": ("price",), "categories": ("brand",), "label": ("mood",)},
            ("id",),
        ),
        (
            "series,x,y,note,label",
            "{n},1,{n},none,{mood}\n{n},2,3,none,{mood}",
            {"kind": "series"},
            {"series": ("series",), "channels": ("x", "y"), "label": ("label",)},
            ("note",),
        ),
        (
            "name,0,1,2,label",
            "a {n},1,{n},2,{mood}",
            {"kind": "series"},
            {"steps": ("0 to 2",), "label": ("label",)},
            ("name",),
        ),
        (
            "id,de,en",
            "{n},ein {n},a {n}",
            {"kind": "pairs", "source": "de", "target": "en"},
            {"source": ("de",), "target": ("en",)},
            ("id",),
        ),
        (
            "id,tokens,tags",
            "{n},a b{n},{mood} down",
            {"kind": "tokens", "text": "tokens", "label": "tags"},
            {"tokens": ("tokens",), "tags": ("tags",)},
            ("id",),
        ),
        (
            "day,sold,price,note",
            "{n},{n},1,none",
            {"kind": "forecast", "horizon": 2, "time": "day", "label": "sold", "known_ahead": ("price",)},
            {"target": ("sold",), "time": ("day",), "covariates known ahead": ("price",)},
            ("note",),
        ),
    ],
)
def test_the_columns_that_are_read_and_those_left_out_are_kept(
    head, row, settings, columns, ignored, tmp_path, monkeypatch
):
    path = tmp_path / "a.csv"
    rows = [row.format(n=n, mood=("up", "down")[n % 2]) for n in range(60)]
    path.write_text("\n".join([head, *rows]) + "\n")
    model = "network" if settings.get("kind") in ("pairs", "tokens") else "auto"
    _, prepared = prepare(tmp_path, monkeypatch, model, path=str(path), **settings)
    assert (prepared.summary.columns, prepared.summary.ignored) == (columns, ignored)


def _groups_of_test(path, **options):
    prepared = prepare_file(
        FileSettings(path=str(path), kind="text", task="binary", **options),
        0,
        lambda settings, task, count: recipe_for(settings, task, count, model="nb-words"),
        TrainingLog(),
        lambda seen: None,
    )[1]
    return prepared.test.groups, list(prepared.test.raw())


def test_copies_that_were_drawn_for_the_test_together_are_one_group(tmp_path):
    """Three copies of a text say no more about a model than one: intervals over rows were too narrow by a root of 3."""
    rows = [{"text": f"{'fine' if n % 2 else 'dull'} film {n}", "label": n % 2} for n in range(60)] * 3
    path = tmp_path / "thrice.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    groups, texts = _groups_of_test(path)
    assert len(texts) == 3 * len(np.unique(groups)) == 18
    for group in np.unique(groups):
        assert len({text for text, one in zip(texts, groups, strict=True) if one == group}) == 1


def test_copies_of_a_common_text_are_groups_of_their_own(tmp_path):
    rows = [{"text": f"{'fine' if n % 2 else 'dull'} film {n}", "label": n % 2} for n in range(60)]
    path = tmp_path / "common.jsonl"
    path.write_text("\n".join(map(json.dumps, [*rows, *rows, *[{"text": "none", "label": n % 2} for n in range(80)]])))
    groups, texts = _groups_of_test(path)
    of_common = groups[[text == "none" for text in texts]]
    assert len(of_common) == len(np.unique(of_common)) > 1
    assert len(np.unique(groups)) < len(groups)


def test_copies_of_series_tagged_texts_and_sources_that_were_drawn_together_are_one_group(tmp_path, monkeypatch):
    x = np.tile(np.random.RandomState(0).normal(size=(60, 3, 1)), (3, 1, 1))
    np.savez(tmp_path / "a.npz", x=x, y=np.tile(np.arange(60) % 2, 3))
    tagged = [{"tokens": ["from", f"town{n}"], "tags": ["O", "B-place"]} for n in range(60)] * 3
    (tmp_path / "b.jsonl").write_text("\n".join(map(json.dumps, tagged)))
    pairs = [f"ein Mann {n},a man {n}" for n in range(60)] * 3
    (tmp_path / "c.csv").write_text("\n".join(["de,en", *pairs]))
    for name, model, more in (
        ("a.npz", "auto", {"kind": "series"}),
        ("b.jsonl", "network", {"kind": "tokens"}),
        ("c.csv", "network", {"kind": "pairs", "source": "de", "target": "en"}),
    ):
        prepared = prepare(tmp_path, monkeypatch, model, path=str(tmp_path / name), **more)[1]
        assert len(prepared.test) == 3 * len(np.unique(prepared.test.groups)), name
    np.savez(tmp_path / "d.npz", x=x[:60], y=np.arange(60) % 2)
    settings = {"path": str(tmp_path / "d.npz"), "kind": "series", "test": str(tmp_path / "a.npz")}
    prepared = prepare(tmp_path, monkeypatch, "auto", **settings)[1]
    assert prepared.test.groups is None


def test_copies_in_a_test_that_was_given_are_draws_of_their_own(tmp_path):
    rows = [{"text": f"{'fine' if n % 2 else 'dull'} film {n}", "label": n % 2} for n in range(60)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "b.jsonl").write_text("\n".join(map(json.dumps, rows[:10] * 2)))
    assert _groups_of_test(tmp_path / "a.jsonl", test=str(tmp_path / "b.jsonl"))[0] is None
    assert _groups_of_test(tmp_path / "a.jsonl")[0] is None
