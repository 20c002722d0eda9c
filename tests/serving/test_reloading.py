"""A model that changes while it is served."""

import json
import threading
import time
import zipfile

import pytest

from unspool.errors import UserError
from unspool.serving.reloading import Copies
from unspool.serving.source import Source

from . import models


def until(true, seconds=120):
    """Wait, as long as a busy machine may need."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_changed_model_is_checked_and_swapped_in(serve):
    served = serve()
    first = served.state.served.loaded
    models.write(served.path, models.texts(seed=1))
    until(lambda: served.state.served.loaded is not first)
    second = served.state.served.loaded
    answer = served.client.post("/predict", json={"examples": ["a fine film"]}).json()
    assert answer["model"] == {"name": "films", "version": second.version}
    assert served.log == [
        f"now serving version {second.version} instead of {first.version}: 4 of 4 golden answers agree, "
        "largest difference 0"
    ]
    assert not first.path.exists()


def altered(path):
    """Weights that are not those that were exported."""
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        behind = archive.getinfo("golden.safetensors").header_offset
    content[behind - 1] ^= 1
    return bytes(content)


def of_another_vocabulary(path):
    """Words in another order, with digests that fit: only the golden answers show it."""
    tree = models.texts()
    tree["model"]["blocks"][0]["alphabet"] = models.small.strings(*reversed(models.small.WORDS))
    with zipfile.ZipFile(path) as archive:
        golden, described = archive.read("golden.safetensors"), archive.read("model.json")
    other = models.small.members_of(tree)
    content = json.loads(other["model.json"])
    before = json.loads(described)
    content["golden"] = before["golden"]
    content["files"]["golden.safetensors"] = before["files"]["golden.safetensors"]
    return models.small.archive(
        {
            "model.json": json.dumps(content).encode(),
            "weights.safetensors": other["weights.safetensors"],
            "golden.safetensors": golden,
        }
    )


def without_golden(path):
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if "golden" not in name}
    return models.small.archive(members)


def of_version_5(path):
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["model.json"] = members["model.json"].replace(b'"version": 1', b'"version": 5')
    return models.small.archive(members)


def test_what_changes_while_the_model_is_loaded_is_seen(serve, monkeypatch):
    bring = Source.bring

    def changed(source, out):
        bring(source, out)
        monkeypatch.setattr(Source, "bring", bring)
        models.write(source.path, models.texts(seed=1))

    monkeypatch.setattr(Source, "bring", changed)
    served = serve()
    until(lambda: served.log)
    assert served.log[0].startswith("now serving version")


DAMAGED = {
    "altered weights": (altered, "weights.safetensors is not what was exported"),
    "another vocabulary": (of_another_vocabulary, "does not answer as it did when it was exported"),
    "a missing member": (without_golden, "its members are model.json, weights.safetensors"),
    "another version": (of_version_5, "has version 5 of the format"),
    "half a file": (lambda path: path.read_bytes()[:1000], "is no model of unspool, or is damaged"),
    "an empty file": (lambda path: b"", "has 0 bytes, which no model has"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_model_that_cannot_be_used_leaves_the_one_before(serve, name):
    damage, said = DAMAGED[name]
    served = serve()
    first, content = served.state.served.loaded, damage(served.path)
    # In place, as `cp` writes: the model that is served must not use this file.
    served.path.write_bytes(content)
    until(lambda: served.log)
    assert said in served.log[0]
    assert str(served.path) in served.log[0]
    assert served.log[0].endswith(f"Still serving version {first.version}.")
    assert served.client.post("/predict", json={"examples": ["a"]}).json()["model"]["version"] == first.version
    assert "copies" not in served.log[0]
    with pytest.raises(UserError, match=r"films\.unspool|films does not"):
        Copies(Source(served.path), served.path.parent).load()
    models.write(served.path, models.texts(seed=2))
    until(lambda: served.state.served.loaded is not first)
    assert 'unspool_reloads_total{result="refused"} 1.0' in served.client.get("/metrics").text


def test_a_file_that_is_removed_leaves_its_model(serve):
    served = serve()
    served.path.unlink()
    until(lambda: served.log)
    assert "is gone" in served.log[0]
    assert served.client.post("/predict", json={"examples": ["a"]}).status_code == 200
    before = served.state.served.loaded
    models.write(served.path, models.texts(seed=3))
    until(lambda: served.state.served.loaded is not before)


def test_a_file_that_is_touched_is_not_served_anew(serve):
    served = serve()
    before = served.state.served
    served.path.write_bytes(served.path.read_bytes())
    until(lambda: 'result="same"' in served.client.get("/metrics").text)
    assert served.state.served is before
    assert before.loaded.path.exists()


def test_a_stream_goes_on_with_the_model_that_it_began_with(serve):
    served = serve(models.series())
    first = served.state.served.loaded
    stream = f"/streams/{served.client.post('/streams', json={}).json()['stream']}/push"
    models.write(served.path, models.series(seed=1))
    until(lambda: served.state.served.loaded is not first)
    answer = served.client.post(stream, json={"steps": [[1, 2]]}).json()
    assert answer["model"]["version"] == first.version
    assert answer["answers"][0]["prediction"] == first.model.predict([[[1, 2]]])[0]


def test_no_answer_is_of_neither_model(serve):
    served = serve()
    example = "a fine film !"
    files, answers = {}, {}
    for seed in (0, 1):
        path = models.write(served.path.with_name(f"model{seed}.unspool"), models.texts(seed))
        copies = path.with_suffix("")
        copies.mkdir()
        loaded = Copies(Source(path), copies).load()
        files[seed], answers[loaded.version] = path.read_bytes(), loaded.model.probabilities([example])[0].tolist()
    seen, done = set(), threading.Event()

    def swap():
        for turn in range(6):
            aside = served.path.with_suffix(".aside")
            aside.write_bytes(files[(turn + 1) % 2])
            aside.replace(served.path)
            before = served.state.served
            until(lambda: served.state.served is not before)  # noqa: B023
        done.set()

    swapping = threading.Thread(target=swap)
    swapping.start()
    while not done.is_set():
        answer = served.client.post("/predict", json={"examples": [example]}).json()
        version = answer["model"]["version"]
        assert [*answer["predictions"][0]["probabilities"].values()] == answers[version]
        seen.add(version)
    swapping.join()
    assert seen == set(answers)
