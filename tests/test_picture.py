"""Pictures as data: nothing lost, nothing on top of another, and no label that a page could take for markup."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leedskg.kinds import COLOURS, KIND_STYLES, SHAPES, kind_style
from leedskg.picture import NODE_LIMIT, NODE_SIZE, Picture, PictureEdge, PictureNode, draw_routes
from leedskg.picture.model import NODE_FONT, size_of
from tests.sample_page import sample_picture

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "javascript:alert(1)",
    "' onclick='alert(1)",
    "{{ 7 * 7 }}\u2028\u2029&amp;",
]


def node(name: str, kind: str = "company") -> PictureNode:
    return PictureNode(name, name, kind, f"/id/{name}")


def edges(*pairs: str, words: str = "partner of") -> list[PictureEdge]:
    return [PictureEdge(pair[0], pair[1], words) for pair in pairs]


def drawn(picture: Picture, layout: str) -> dict[str, tuple[float, float]]:
    positions = picture.data["layouts"][layout]["positions"]
    return {name: (x, y) for name, (x, y) in positions.items()}


def boxes(picture: Picture, layout: str) -> dict[str, tuple[float, float, float, float]]:
    """Left, top, right and bottom of each node with its label, and of each line's words."""
    labels = picture.data["layouts"][layout]["labels"]
    words = {n["id"]: n for n in picture.data["nodes"] if n["shape"] == "text"}
    found = {}
    for name, (x, y) in drawn(picture, layout).items():
        if name in labels:
            width, height = size_of(labels[name], NODE_FONT)
            found[name] = (x - width / 2, y - NODE_SIZE, x + width / 2, y + NODE_SIZE + height)
        elif name in words:
            width, height = size_of(words[name]["label"], words[name]["font"]["size"])
            found[name] = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return found


def overlaps(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@st.composite
def routes(draw: st.DrawFn) -> Picture:
    """Up to eight simple paths over at most thirty nodes with names of any length."""
    names = [f"{at} {'Long Name ' * draw(st.integers(0, 6))}" for at in range(draw(st.integers(2, 30)))]
    start, *between, end = names
    found: dict[tuple[str, str], str] = {}
    for _ in range(draw(st.integers(1, 8))):
        inner = draw(st.lists(st.sampled_from(between), max_size=4, unique=True)) if between else []
        for hop in pairwise([start, *inner, end]):
            found[hop] = draw(st.sampled_from(["funds", "partner of", "strategic partner in the development of"]))
    used = {name for hop in found for name in hop}
    nodes = [PictureNode(name, name, "company", "/") for name in names if name in used]
    return draw_routes(nodes, [PictureEdge(*hop, words) for hop, words in found.items()], start, end)


@given(routes())
@settings(max_examples=150, deadline=None)
def test_no_label_stands_on_another(picture: Picture) -> None:
    for layout in ("wide", "tall"):
        for (one, one_box), (other, other_box) in combinations(boxes(picture, layout).items(), 2):
            assert not overlaps(one_box, other_box), (layout, one, other)


@given(routes())
@settings(max_examples=50, deadline=None)
def test_start_is_first_and_end_last_and_every_line_moves_on(picture: Picture) -> None:
    start, end = picture.nodes[0].iri, picture.nodes[-1].iri
    for layout, axis in (("wide", 0), ("tall", 1)):
        places = drawn(picture, layout)
        along = {name: place[axis] for name, place in places.items()}
        assert along[start] == min(along.values())
        assert all(along[start] < place < along[end] for name, place in along.items() if name not in (start, end))
        assert all(along[edge["from"]] < along[edge["to"]] for edge in picture.data["edges"])


def test_the_same_input_gives_the_same_picture() -> None:
    assert sample_picture().as_json() == sample_picture().as_json()


def test_every_relationship_of_a_pair_is_kept_on_their_one_line() -> None:
    pair = [PictureEdge("a", "b", "funds", "/1"), PictureEdge("b", "a", "member of"), PictureEdge("a", "b", "hosts")]
    picture = draw_routes([node("a"), node("b")], pair, "a", "b")
    (line,) = picture.data["edges"]
    assert line["arrows"] == "from to"
    assert [told["words"] for told in picture.data["details"]["lines"]["line0"]] == ["funds", "member of", "hosts"]
    assert picture.data["nodes"][-1]["label"] == "funds\nmember of\nand 1 more"


def test_a_mutual_relationship_has_no_arrow() -> None:
    picture = draw_routes([node("a"), node("b")], [PictureEdge("a", "b", "partner of", mutual=True)], "a", "b")
    assert picture.data["edges"][0]["arrows"] == ""


def test_a_long_line_bends_past_the_nodes_it_passes() -> None:
    picture = draw_routes([node(name) for name in "abcd"], edges("ab", "bc", "cd", "ad"), "a", "d")
    places = drawn(picture, "wide")
    assert places["line3/1"][1] != places["b"][1]
    assert places["line3/2"][1] != places["c"][1]


def test_too_many_nodes_are_left_out_and_counted_but_never_an_end() -> None:
    names = [f"n{at:03}" for at in range(400)]
    hops = [edge for name in names[1:-1] for edge in edges((names[0], name), (name, names[-1]))]  # type: ignore[arg-type]
    picture = draw_routes([node(name) for name in names], hops, names[0], names[-1])
    assert len(picture.nodes) == NODE_LIMIT
    assert picture.left_out == 100
    assert {names[0], names[-1]} < {shown.iri for shown in picture.nodes}


@pytest.mark.parametrize("ends", [("a", "z"), ("z", "b")])
def test_an_end_that_is_not_among_the_nodes_is_a_bug(ends: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="not among the nodes of the picture: z"):
        draw_routes([node("a"), node("b")], edges("ab"), *ends)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_label_ends_the_data_or_opens_a_comment(text: str) -> None:
    nodes = [PictureNode("a", text, text, "/"), PictureNode("b", text, "company", "/")]
    picture = draw_routes(nodes, [PictureEdge("a", "b", text, "/")], "a", "b")
    data = picture.as_json()
    assert not re.search(r"[<>&'\u2028\u2029]", data)
    assert json.loads(data)["details"]["nodes"]["a"] == {"label": text, "kind": text, "href": "/"}


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        ("/id/digibete", True),
        ("https://example.org/x", True),
        ("", True),
        ("javascript:alert(1)", False),
        ("JAVASCRIPT:alert(1)", False),
        ("data:text/html,x", False),
        ("//elsewhere.example/x", False),
        ("/\\elsewhere.example", False),
    ],
)
def test_only_paths_and_web_addresses_become_links(href: str, kept: bool) -> None:
    nodes = [PictureNode("a", "a", "company", href), node("b")]
    picture = draw_routes(nodes, [PictureEdge("a", "b", "funds", href)], "a", "b")
    expected = href if kept else ""
    assert picture.data["details"]["nodes"]["a"]["href"] == expected
    assert picture.data["details"]["lines"]["line0"][0]["href"] == expected


def test_no_two_known_kinds_look_alike() -> None:
    styles = list(KIND_STYLES.values())
    assert len(set(styles)) == len(styles)
    assert all(shape in SHAPES and colour in COLOURS for shape, colour in styles)
    assert kind_style("something new").colour == "grey"
    assert kind_style("something new") == kind_style("something new")


def test_pyvis_is_imported_only_to_draw() -> None:
    code = "import sys, leedskg.picture, leedskg.web.assets; print('pyvis' in sys.modules, 'IPython' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
