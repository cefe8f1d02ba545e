"""The README, the help and the changelog say what is so: their commands are run, their names looked up."""

import contextlib
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from leedskg.cli import main
from tests.browser import served_by_the_program

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"


def block(language, words):
    """The code block in this language that has these words."""
    (found,) = [
        code
        for kind, code in re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
        if kind == language and words in code
    ]
    return found


@pytest.fixture(scope="module")
def state(publish_project):
    return publish_project()


@pytest.fixture(scope="module")
def address(state):
    with served_by_the_program(state) as address:
        yield address


def test_the_python_query_answers(address):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(block("python", "urllib").replace(ADDRESS, address), {})
    assert "Leeds Hospitals Charity funds Children's health outcomes research at Leeds" in said.getvalue()


def test_the_notebook_goes_from_a_query_to_a_network(address, monkeypatch):
    monkeypatch.setenv("LEEDSKG_SITE", address)
    told = json.loads((ROOT / "docs" / "notebooks" / "from-a-query-to-a-network.ipynb").read_text(encoding="utf-8"))
    names, said = {}, io.StringIO()
    with contextlib.redirect_stdout(said):
        for cell in told["cells"]:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), names)
    assert len(names["links"]) == names["network"].number_of_edges() > 20
    assert "bodies" in said.getvalue()


@pytest.mark.curl
def test_the_curl_query_answers(address):
    if not shutil.which("curl"):
        pytest.fail("the README's query needs curl; install it")
    script = block("sh", "curl -H").replace(ADDRESS, address)
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert "Leeds Hospitals Charity,Children's health outcomes research at Leeds" in done.stdout


def test_the_route_is_found(state):
    command = block("sh", "leedskg route")
    arguments = re.search(r'leedskg route (\S+) "([^"]+)"', command).groups()
    done = CliRunner().invoke(main, ["--state", str(state), "route", *arguments])
    assert done.exit_code == 0
    assert re.search(r"^1\. Digibete – Leeds Teaching Hospitals NHS Trust – .*University of Leeds", done.output, re.M)


def test_every_command_and_no_other_is_named():
    (line,) = re.findall(r"The commands, each with `--help`: (.*)\.", README)
    assert set(re.findall(r"`([\w-]+)`", line)) == set(main.commands)


@pytest.mark.parametrize("folder", ["server/leedskg", "docs"])
def test_every_command_that_a_sentence_names_is_there(folder):
    for path in (ROOT / folder).rglob("*"):
        if path.suffix in {".py", ".html", ".md", ".toml"} and "vendor" not in path.parts:
            for command in re.findall(r"`(?:\.venv/bin/)?leedskg ([a-z]+)", path.read_text(encoding="utf-8")):
                assert command in main.commands, f"{path}: leedskg {command}"


def test_every_folder_that_is_named_is_there():
    for folder in re.findall(r"^\| `(\w+)/` \|", README, re.MULTILINE):
        assert (ROOT / folder).is_dir(), folder


PACKAGE = ROOT / "server" / "leedskg"
PAGES = ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES)
def test_every_module_that_is_named_is_there(page):
    names = r"`(leedskg(?:\.\w+)+|[\w/]+\.py)`" if page != "docs/architecture.md" else r"`(\w+(?:/\w+)+)`"
    for named in re.findall(names, (ROOT / page).read_text(encoding="utf-8")):
        path = named if "/" in named else named.replace(".", "/")
        homes = [home / path.removesuffix(".py") for home in (ROOT, ROOT / "server", PACKAGE, PACKAGE / "importers")]
        assert any(each.is_dir() or each.with_suffix(".py").is_file() for each in homes), named


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_file_leads_to_one(page):
    path = ROOT / page
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_ci_does_what_the_readme_says_and_all_that_make_check_does():
    makefile, ci = ((ROOT / name).read_text(encoding="utf-8") for name in ("Makefile", ".ci/run"))
    done = set(re.findall(r"^make ([\w-]+)$", ci, re.MULTILINE))
    assert done == set(re.search(r"^check: (.+)$", makefile, re.MULTILINE)[1].split())
    assert "make test " in block("sh", "make test")
    assert "test" in done


def test_the_version_stands_in_one_place():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)[1]
    done = CliRunner().invoke(main, ["--version"])
    assert version in done.output


def test_no_count_of_the_graph_is_typed():
    """The home page and the saved queries count; a number in a text is wrong after the next fact."""
    counted = re.compile(
        r"\b(\d[\d,]*|thirty|forty|fifty)\s+(assertions|entities|claims|figures|relationships|saved queries)\b"
    )
    root = Path(__file__).parents[1]
    texts = [root / "README.md", root / "CONTRIBUTING.md", root / "docs/modelling.md", root / "docs/curation-notes.md"]
    texts += sorted((root / "server/leedskg/web/templates").glob("*.html"))
    typed = [(path.name, found.group()) for path in texts for found in counted.finditer(path.read_text("utf-8"))]
    assert typed == []
