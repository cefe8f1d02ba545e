"""Imports point down: the layers of docs/architecture.md, enforced."""

import ast
from functools import cache
from pathlib import Path

import networkx as nx

PACKAGE = Path(__file__).parents[1] / "server" / "leedskg"

LAYERS = (
    {"asker", "errors", "garbage", "namespaces", "settings", "wording"},
    {
        "algebra",
        "files",
        "dataclass_files",
        "foreign_json",
        "query_files",
        "statements",
        "characters",
        "literals",
        "documents",
        "store",
    },
    {"ontology", "graph", "shapes", "queries", "knowledge", "identity", "identifiers", "naming"} | {"importers"},
    {"accounts", "contributions", "derivation", "ledger", "validation", "publishing", "selfdescription", "sparql"}
    | {
        "catalogue",
        "facets",
        "network",
        "routes",
        "record",
        "generation_view",
        "kinds",
        "limited_view",
        "limits",
        "layout",
        "picture",
        "vocabulary",
    }
    | {"alerts", "artefacts", "dumps", "matching", "fetching", "changes", "releases"}
    | {"figures", "support", "matrix", "analysis", "sentences", "agents"},
    {"web"},
    {"cli"},
)
LAYER_OF = {room: number for number, rooms in enumerate(LAYERS) for room in rooms}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The modules of leedskg that a file imports, by their dotted names."""
    return {name for name in all_imports(path) if name.startswith("leedskg.")}


@cache
def all_imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports whole"
            names = [node.module or ""]
            if node.module == "leedskg":
                names = [f"leedskg.{alias.name}" for alias in node.names]
            found.update(names)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


def test_every_module_has_a_room():
    unplaced = {room_of(path) for path in modules()} - set(LAYER_OF)
    assert not unplaced, f"give {unplaced} a layer in docs/architecture.md and here"


def test_no_layer_names_a_room_that_is_gone():
    assert set(LAYER_OF) == {room_of(path) for path in modules()}


def test_imports_point_down():
    upward = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in modules()
        for name in imported(path)
        if LAYER_OF[name.split(".")[1]] > LAYER_OF[room_of(path)]
    ]
    assert not upward, "from a layer above its own"


def test_no_room_imports_itself_through_others():
    rooms = nx.DiGraph()
    for path in modules():
        for name in imported(path):
            if name.split(".")[1] != room_of(path):
                rooms.add_edge(room_of(path), name.split(".")[1])
    assert list(nx.simple_cycles(rooms)) == []


def test_only_the_web_layer_knows_flask():
    users = {room_of(path) for path in modules() if any(name.split(".")[0] == "flask" for name in all_imports(path))}
    assert users <= {"web"}, "a query or a route must not need a web framework"


def test_a_functions_docstring_begins_with_a_verb():
    """Ruff's D401 lets pass what is in no form of a verb, such as “Whether it is” and “Every entity”."""
    no_verbs = {
        *("A", "All", "An", "Anything", "As", "At", "Each", "Every", "Everything", "How", "In", "Its", "No", "One"),
        *("Since", "Some", "The", "Those", "What", "When", "Where", "Whether", "Which", "Who", "Whom", "Whose", "Why"),
    }
    found = [
        f"{path.relative_to(PACKAGE)}: {node.name}: {doc.splitlines()[0]}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (doc := ast.get_docstring(node))
        and doc.split()[0] in no_verbs
        and not any("property" in ast.unparse(each) for each in node.decorator_list)
    ]
    assert not found, "say what it does: “Return whether …”, “Yield every …”"


def test_no_module_is_longer_than_it_may_be():
    longer = [path.name for path in modules() if len(path.read_text(encoding="utf-8").splitlines()) > 350]
    assert not longer, "one noun a file: give the second one a module of its own"


def test_a_name_of_a_class_means_one_thing():
    named: dict[str, list[str]] = {}
    for path in modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                named.setdefault(node.name, []).append(str(path.relative_to(PACKAGE)))
    shared = {name: paths for name, paths in named.items() if len(paths) > 1 and not name.startswith("_")}
    assert not shared, "call each by what it is"
