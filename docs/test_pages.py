"""Pages are split into prose and code, and written as notebooks."""

import ast
import builtins
import json
import os
import re
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent
PAGES = sorted(DOCS.glob("*.md"))
README = DOCS.parent / "README.md"


@pytest.fixture(autouse=True)
def docs_on_the_path(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])


def test_prose_and_code_come_in_order():
    from pages import Part, parts_of

    page = "# A\n\n```python\na = 1\n```\n\nThen\n\n<!-- skip: next -->\n\n```python\nb = 2\n```\n\n```sh\nls\n```\n"
    assert parts_of(page) == [
        Part(False, "# A"),
        Part(True, "a = 1"),
        Part(False, "Then"),
        Part(True, "b = 2", "always"),
        Part(False, "```sh\nls\n```"),
    ]


def test_code_that_needs_data_is_known():
    from pages import parts_of

    parts = parts_of((DOCS / "tutorial.md").read_text())
    assert [part.skipped for part in parts if 'load("imdb")' in part.text] == ["without data"]


def test_a_script_imports_what_it_uses():
    """Code on a page may build on the code above it; code that reads a command line is a script of its own."""
    from pages import parts_of

    scripts = [part.text for page in PAGES for part in parts_of(page.read_text()) if part.code and "argv" in part.text]
    assert scripts
    for script in scripts:
        nodes = list(ast.walk(ast.parse(script)))
        names = [node for node in nodes if isinstance(node, ast.Name)]
        imported = [one for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for one in node.names]
        known = {one.asname or one.name.partition(".")[0] for one in imported} | set(dir(builtins))
        known |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
        assert {name.id for name in names} <= known


def test_a_page_becomes_a_notebook():
    from make_notebooks import notebook_of

    notebook = json.loads(json.dumps(notebook_of("Look:\n\n![a](diagrams/a.svg)\n\n```python\nx = 1\nx\n```\n")))
    prose, code = notebook["cells"]
    assert "".join(prose["source"]).endswith("![a](../diagrams/a.svg)")
    assert (code["cell_type"], code["source"], code["outputs"]) == ("code", ["x = 1\n", "x"], [])
    assert notebook["nbformat"] == 4


def test_a_notebook_shows_the_figures_that_it_draws_and_links_to_the_pages():
    from make_notebooks import notebook_of

    code = '```python\nfigure.savefig("loss.svg")\n```'
    page = f"Draw:\n\n{code}\n\n![It falls](figures/loss.svg)\n\nSee [runs](recipes.md#a).\n"
    _, drawing, prose = notebook_of(page)["cells"]
    assert "".join(drawing["source"]).splitlines()[-1] == 'display(SVG("loss.svg"))'
    assert "".join(prose["source"]) == "*It falls*\n\nSee [runs](../recipes.md#a)."


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_notebook_shows_and_links_is_there(page):
    """Next to the notebook, one folder below the pages, or drawn by its code."""
    from make_notebooks import notebook_of

    cells = notebook_of(page.read_text())["cells"]
    code = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    prose = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    prose = re.sub(r"```.*?```", "", prose, flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)\s]*\)", prose):
        assert target.startswith("http") or (DOCS / "notebooks" / target).resolve().exists() or target in code


def test_code_that_cannot_run_is_only_shown_in_a_notebook():
    from make_notebooks import notebook_of

    needs_data = '<!-- skip: next if(True, reason="needs data") -->\n\n```python\nload("imdb")\n```\n'
    shown, loading = notebook_of(f"<!-- skip: next -->\n\n```python\nmissing()\n```\n\n{needs_data}")["cells"]
    assert (shown["cell_type"], "".join(shown["source"])) == ("markdown", "```python\nmissing()\n```")
    assert (loading["cell_type"], loading["metadata"]) == ("code", {"tags": ["raises-exception"]})


def test_figures_are_drawn_without_real_data(monkeypatch):
    import draw_figures

    started = []
    monkeypatch.setenv("UNSPOOL_DATA", "here")
    monkeypatch.setattr("subprocess.run", lambda command, **options: started.append(options["env"]))
    draw_figures.draw_in_own_process()
    (environment,) = started
    assert environment.keys() == os.environ.keys() - {"UNSPOOL_DATA"}


def test_the_gallery_has_every_page_with_code_that_runs():
    from make_notebooks import pages_with_code

    linked = re.findall(r"<notebooks/(.+)\.ipynb>", (DOCS / "gallery.md").read_text())
    assert sorted(linked) == [path.stem for path in pages_with_code()]


def test_the_page_on_scoring_shows_the_examples_that_are_tested():
    code = re.findall(r"```python\n(.*?)\n```", (DOCS / "scoring.md").read_text(), flags=re.DOTALL)
    programs = "".join(path.read_text() for path in (DOCS.parent / "runtime" / "examples").glob("*.py"))
    shown = [one for one in code if re.match("class|def", one)]
    assert len(shown) == 3
    assert all(one in programs for one in shown)


@pytest.mark.parametrize("page", [*PAGES, README], ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http", "figures/")):
            continue
        path, _, heading = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), target
        if heading:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}, target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_import_nothing_deeper_than_two_names(page):
    deep = re.findall(r"^(?:from|import) unspool\.\w+\.\w.*$", page.read_text(), re.MULTILINE)
    assert not deep


def test_no_page_has_the_name_of_one_that_sphinx_writes():
    """Sphinx's page would replace it."""
    assert not {page.stem for page in PAGES} & {"search", "genindex", "modindex", "py-modindex"}


def test_every_page_is_linked_from_the_readme_and_the_index():
    for page in PAGES:
        if page.name != "index.md":
            assert f"(docs/{page.name})" in README.read_text()
            assert f"({page.name})" in (DOCS / "index.md").read_text()
