"""The report on a contribution in its four forms, and from a published store."""

import json
from html.parser import HTMLParser

import jinja2
import pyoxigraph as ox
import rdflib
from rdflib.namespace import RDF, SH

from leedskg.publishing import build
from leedskg.validation import Change, Checker, Place
from leedskg.validation.views import StoreView
from tests.reporting import CHARITY, FIRMS, NAME, PARTNERS, contribution, report, report_on
from tests.sample_knowledge import NAMESPACES, PROJECT, entity

# The forms of a report


def test_the_text_is_grouped_by_record_and_the_worst_comes_first(sample):
    text = report(sample, entity("odd", "Charity", "Odd  Fund", "funding"), FIRMS).in_full()
    assert text.index("Odd  Fund\n  violation") < text.index("Number of device firms\n  warning")
    assert f"({NAME}:" in text


def test_the_json_has_everything_and_is_plain(sample):
    made = report(sample, FIRMS)
    read = json.loads(json.dumps(made.as_answer()))
    assert read["new"][0]["severity"] == "warning"
    assert read["new"][0]["file"] == NAME
    assert read["checked"]["record"] == made.checked["record"]
    assert set(read) >= {"new", "fixed", "already", "links", "unchecked", "capped", "verdict"}
    assert sum(each["count"] for each in read["alike"]) == len(read["new"])


def test_a_cell_of_a_workbook_is_a_place(sample):
    made = contribution(FIRMS)
    cells = {triple: Place("figures.xlsx, sheet Figures", cell="C4") for triple in made.added}
    found = report_on(sample.read(), Change.of(made.added, set(), cells), sample.documents()).new
    assert {finding.place for finding in found} == {"figures.xlsx, sheet Figures, cell C4"}
    assert found[0].as_dict()["cell"] == "C4"


def test_the_turtle_is_a_shacl_report(sample):
    made = report(sample, entity("odd", "Charity", "Odd  Fund", "funding"))
    graph = rdflib.Graph().parse(data=made.as_shacl(NAMESPACES.base), format="turtle")
    whole = graph.value(predicate=RDF.type, object=SH.ValidationReport)
    assert not graph.value(whole, SH.conforms).toPython()
    results = list(graph.objects(whole, SH.result))
    assert len(results) == len(made.new) + len(made.already)
    for result in results:
        for needed in (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent, SH.resultMessage):
            assert graph.value(result, needed) is not None, needed
    assert (None, SH.sourceShape, rdflib.URIRef(NAMESPACES.base + "shape/entity-label-tidy")) in graph


class Outline(HTMLParser):
    """Headings, tables and scripts of a page."""

    def __init__(self, text):
        super().__init__()
        self.headings, self.tables, self.captions, self.scopes, self.heads, self.tags = [], 0, 0, 0, 0, set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.heads += tag == "th"
        self.scopes += tag == "th" and "scope" in dict(attrs)
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))


def test_the_html_has_headings_and_tables_with_captions_and_keeps_text_as_text(sample):
    loader = jinja2.FileSystemLoader(PROJECT / "server" / "leedskg" / "web" / "templates")
    templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    odd = entity("odd", "Charity", "<script>alert(1)</script>  ", "funding")
    made = report(sample, odd, FIRMS, CHARITY, documents=False)
    macro = templates.get_template("contributions/_report.html").module.contribution_report
    page = str(macro(made, lambda record: f"/entity/{record.rpartition('/')[2]}" if "/id/" in record else None))
    outline = Outline(page)
    assert "script" not in outline.tags
    assert "&lt;script&gt;" in page
    assert outline.headings[0] == 2
    assert set(outline.headings) == {2, 3}
    assert outline.tables == outline.captions >= 3
    assert outline.heads == outline.scopes
    assert "Not checked" in page
    assert 'href="/entity/odd"' in page


# The same from a published store


def test_the_report_is_the_same_from_a_published_store(sample, tmp_path):
    knowledge = sample.read()
    generation = build(knowledge, tmp_path / "state", keep=1)
    store = StoreView(ox.Store.read_only(str(generation.path)), NAMESPACES)
    text = entity("another", "NHSOrganisation", "Milbrook Hospital", "partners")
    made = contribution(text, FIRMS, PARTNERS)
    expected = report_on(knowledge, made, sample.documents())
    found = Checker(sample.documents()).check(knowledge, store, made)
    assert found.new == expected.new
    assert found.edges == expected.edges
    assert any("around the contribution" in note for note in found.unchecked)
