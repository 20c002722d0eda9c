"""Inputs made from good ones: bytes that change, and values that no file of ours has where one of ours stands."""

import copy
import hashlib
import io
import json
import tomllib
import zipfile

import numpy as np
import tomli_w
from hypothesis import strategies as st
from safetensors import SafetensorError
from safetensors.numpy import load, save

DEEP = "[" * 5000 + "]" * 5000
NASTY = [
    None,
    True,
    -1,
    0,
    1,
    2,
    10**9,
    2**63,
    -(2**63),
    10**30,
    int("9" * 400),
    0.5,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
    "",
    " ",
    "x" * 5000,
    "\x1b[31m\x07",
    "\u202eevil",
    "a\nb",
    "\ud800",
    "\0",
    "../../../etc/passwd",
    "[red]",
    "=1+1",
    "$x^{",
    "9" * 400,
    "1e999",
    [],
    {},
    [[]],
    [None],
    [0] * 2000,
    {"": {}},
]
TOKENS = [
    b"\0",
    b"\xff",
    b'"',
    b"\n",
    b"\r",
    b",",
    b"\t",
    b"nan",
    b"inf",
    b"1e999",
    b"\x1b[2J",
    "\u202e".encode(),
    b"9" * 400,
]
DTYPES = ["<f8", "<f4", "<i8", "<i4", "|b1", "<U4", "|S3", "<c16", "|u1", "<M8[s]", ">f4", "<f2"]


@st.composite
def changed_bytes(draw, content):
    """A few edits: flipped, inserted, removed, doubled, cut."""
    found = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(0, len(found) - 1)))
        end = min(len(found), start + draw(st.integers(1, 64)))
        match draw(st.integers(0, 5)):
            case 0 if found:
                found[start] ^= 1 << draw(st.integers(0, 7))
            case 1:
                found[start:start] = draw(st.sampled_from(TOKENS))
            case 2:
                del found[start:end]
            case 3:
                found[start:start] = found[start:end] * draw(st.integers(1, 50))
            case 4:
                del found[start:]
            case _:
                found[start:end] = draw(st.binary(min_size=end - start, max_size=end - start))
    return bytes(found)


@st.composite
def changed_tree(draw, tree):
    """A tree of JSON or TOML with up to three other values, or keys that are gone or new."""
    tree = copy.deepcopy(tree)
    for _ in range(draw(st.integers(1, 3))):
        branch = tree
        while True:
            keys = list(branch) if isinstance(branch, dict) else list(range(len(branch)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(branch[key], dict | list) and draw(st.integers(0, 3)):
                branch = branch[key]
                continue
            match draw(st.integers(0, 5)):
                case 0:
                    del branch[key]
                case 1 if isinstance(branch, list):
                    branch.append(branch[key])
                case 2 if isinstance(branch, dict):
                    branch[draw(st.sampled_from(["", "x", "path", "kind"]))] = branch[key]
                case _:
                    branch[key] = copy.deepcopy(draw(st.sampled_from(NASTY)))
            break
    return tree


@st.composite
def changed_json(draw, content):
    if not draw(st.integers(0, 4)):
        return draw(changed_bytes(content))
    tree = draw(changed_tree(json.loads(content)))
    return json.dumps(tree).replace('"../../../etc/passwd"', draw(st.sampled_from(['"../x"', DEEP]))).encode()


@st.composite
def changed_lines(draw, content):
    lines = content.split(b"\n")
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(lines) - 1))
        lines[place] = draw(changed_bytes(lines[place]))
    return b"\n".join(lines)


@st.composite
def changed_json_lines(draw, content):
    lines = content.splitlines()
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(lines) - 1))
        try:
            lines[place] = draw(changed_json(lines[place]))
        except ValueError:
            lines[place] = draw(changed_bytes(lines[place]))
    return b"\n".join(lines)


@st.composite
def changed_toml(draw, content):
    if not draw(st.integers(0, 3)):
        return draw(changed_bytes(content))
    tree = draw(changed_tree(tomllib.loads(content.decode())))
    try:
        text = tomli_w.dumps(tree)
    except (TypeError, ValueError, AttributeError, RecursionError):  # TOML has no word for it
        return draw(changed_bytes(content))
    return text.replace('"[red]"', draw(st.sampled_from(['"[red]"', DEEP, "1e400", "9" * 500]))).encode(
        "utf-8", "replace"
    )


@st.composite
def other_array(draw, array):
    """An array of another type or shape, or with numbers that are none."""
    match draw(st.integers(0, 3)):
        case 0:
            array = array.ravel()[: draw(st.integers(0, array.size))]
        case 1:
            array = array[None] if draw(st.booleans()) else array[..., None]
        case 2:
            with np.errstate(all="ignore"):
                array = np.zeros(array.shape, draw(st.sampled_from(DTYPES)))
        case _ if array.dtype.kind in "fiu" and array.size:
            array = array.copy()
            values = [np.nan, np.inf, 1e300, 3e38, -1.0] if array.dtype.kind == "f" else [0, 1, 100, 127]
            value = draw(st.sampled_from(values))
            with np.errstate(all="ignore"):
                if draw(st.booleans()):
                    array.fill(value)
                else:
                    array.flat[draw(st.integers(0, array.size - 1))] = value
    return array


@st.composite
def changed_array(draw, content):
    """A .npy file with such an array, or another head."""
    if not draw(st.integers(0, 4)):
        return draw(changed_bytes(content[:128])) + content[128:]
    found = io.BytesIO()
    np.save(found, draw(other_array(np.load(io.BytesIO(content), allow_pickle=False))), allow_pickle=False)
    return found.getvalue()


@st.composite
def changed_archive(draw, content):
    """A .npz or .keras file: a member changes, is there twice, is gone or has another name."""
    if not draw(st.integers(0, 3)):
        return draw(changed_bytes(content))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    place = draw(st.integers(0, len(members) - 1))
    name, member = members[place]
    match draw(st.integers(0, 6)):
        case 0:
            del members[place]
        case 1:
            members[place] = (draw(st.sampled_from(["../x", "y.npy", "\x1b[31m.npy", "x" * 300])), member)
        case _ if name.endswith(".npy"):
            members[place] = (name, draw(changed_array(member)))
        case _ if name.endswith(".json"):
            members[place] = (name, draw(changed_json(member)))
        case _:
            members[place] = (name, draw(changed_bytes(member)))
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))) as archive:
        for name, member in members:
            archive.writestr(name, member)
    return found.getvalue()


@st.composite
def changed_tensors(draw, content):
    """A safetensors file with another array, another header, or other numbers."""
    if not draw(st.integers(0, 3)):
        return draw(changed_bytes(content))
    if not draw(st.integers(0, 2)):
        arrays = load(content)
        name = draw(st.sampled_from(sorted(arrays)))
        return save(arrays | {name: np.array(draw(other_array(arrays[name])), order="C")})
    length = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + length]), content[8 + length :]
    if "rest" in header and draw(st.booleans()):  # a checkpoint's tree
        start, end = header["rest"]["data_offsets"]
        rest = draw(changed_json(data[start:end]))
        moved = len(rest) - (end - start)
        for entry in header.values():
            entry["data_offsets"] = [one + moved * (one >= end) for one in entry["data_offsets"]]
        header["rest"] |= {"data_offsets": [start, start + len(rest)], "shape": [len(rest)]}
        data = data[:start] + rest + data[end:]
    elif draw(st.booleans()):
        header = draw(changed_tree(header))
    else:
        data = draw(changed_bytes(data))
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


@st.composite
def changed_portable(draw, content):
    """An exported model: a member changes, and its digest fits it."""
    if not draw(st.integers(0, 3)):
        return draw(changed_bytes(content))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = draw(st.sampled_from(sorted(members)))
    how = changed_json if name.endswith(".json") else changed_tensors
    members[name] = draw(how(members[name]))
    if how is changed_tensors:
        description = json.loads(members["model.json"])
        description["files"][name] = hashlib.sha256(members[name]).hexdigest()
        members["model.json"] = json.dumps(description).encode()
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return found.getvalue()


BY_ENDING = {
    ".csv": changed_lines,
    ".tsv": changed_lines,
    ".ts": changed_lines,
    ".conll": changed_lines,
    ".jsonl": changed_json_lines,
    ".json": changed_json,
    ".toml": changed_toml,
    ".npz": changed_archive,
    ".npy": changed_array,
    ".keras": changed_archive,
    ".unspool": changed_portable,
    ".safetensors": changed_tensors,
    ".parquet": changed_bytes,
}
"""How inputs are changed, by the ending of their file's name."""


@st.composite
def changed(draw, content, ending):
    """An input that is nearly a good one; where it cannot be taken apart, its bytes change."""
    try:
        return draw(BY_ENDING[ending](content))
    except (ArithmeticError, AttributeError, LookupError, SafetensorError, TypeError, ValueError):
        return draw(changed_bytes(content))
