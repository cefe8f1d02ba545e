"""The questions that the graph must answer, each with the answer that a reader of the documents gives.

The answers below were worked out from the text of the two documents (and, where a row says so, from the register that
it names), not from the queries. Rows are compared without regard to order; None is an empty cell.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from leedskg.graph import ALT_LABEL, HIDDEN_LABEL, IS_REPLACED_BY, PREF_LABEL
from leedskg.knowledge import read_knowledge
from leedskg.namespaces import Namespaces
from leedskg.naming import folded
from leedskg.publishing import load
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool
from leedskg.sparql.protocol.negotiation import negotiate
from leedskg.sparql.protocol.request import QueryRequest
from leedskg.web import create_app

ROOT = Path(__file__).parents[1]
BASE = "https://w3id.org/leeds-health-innovation/"
BROCHURE = "Health Innovation Leeds brochure"
POST = "Savills post on health tech in Leeds"
CELL_HUB_ARTICLE = "New innovation centre for medical technology chooses Yorkshire for northern base (Yorkshire Post)"
ZONE_ARTICLE = (
    "West Yorkshire Investment Zone: three sites set to receive funding as part of £80m plan (Yorkshire Post)"
)
LAHP = "Leeds Academic Health Partnership"
LEEDS = "University of Leeds"
BECKETT = "Leeds Beckett University"
TRUST = "Leeds Teaching Hospitals NHS Trust"
CHORAL = "Children's health outcomes research at Leeds"
CDT = "UKRI Centre for Doctoral Training in Artificial Intelligence for Medical Diagnosis and Care"
ACCOUNT = "Yorkshire MedTech Place Based Impact Acceleration Account"
ZONE = "West Yorkshire Healthtech and Digital Tech Investment Zone"
COMPANIES = "Number of healthtech companies"
STAFF = "People employed by healthtech companies"
TURNOVER = "Turnover of healthtech companies"
NIHR = "National Institute for Health and Care Research"
EPSRC = "Engineering and Physical Sciences Research Council"
BRC = "Leeds Biomedical Research Centre"
BRC_AWARD = (
    "New multimillion investment to help turn research discoveries into treatments for patients "
    "(Leeds Biomedical Research Centre)"
)
HRC_PAGE = "About us (HealthTech Research Centre in Accelerated Surgical Care)"

ANSWERS: dict[str, set[tuple[str | None, ...]]] = {
    # The footnote of the page on children's health names three; the sentence says five million.
    "01-choral-funders": {("Leeds Hospitals Charity", "5000000"), (LEEDS, "5000000"), (TRUST, "5000000")},
    "02-spin-outs": {("NIQS Tech",), ("Mimetrik",)},
    # The bracket on law follows two firms and is read as meant for both.
    "03-advisers": {
        ("Charlton Regulatory", "Regulation of medical software."),
        ("KPMG", "Corporate advice."),
        ("Squire Patton Boggs", "Law."),
        ("Brabners", "Law."),
    },
    "04-seed-and-venture-investors": {("Northern Gritstone",), ("NorthInvest",)},
    "05-work-space": {
        ("Nexus", None, None, "Office space at Nexus | Wet and dry laboratories at Nexus | Equipment at Nexus"),
        ("Platform", "Bruntwood SciTech", None, None),
        ("Innovation Pop Up", TRUST, None, "Space at the Innovation Pop Up"),
        ("Innovation Village", None, "planned", "Space at the Innovation Village"),
    },
    "06-needs-and-providers": {
        # a data model and an accelerator in the lines, an account and a training centre in the footnotes
        ("Health and medtech research expertise", "4"),
        # NIHR infrastructure, the Innovation Pop Up, Nexus
        ("Clinical expertise, lab space, access to equipment", "3"),
        # an institute for trials, the Obesity Institute
        ("Access to patients/users", "2"),
        ("Professional advice (regulatory, legal, financial)", "4"),
        ("Work space", "4"),
        ("Investor networks (seed)", "5"),
        # the NIHR initiatives, the research centre named among them, the innovation body of the region
        ("Access to health systems", "3"),
        ("Domestic market access, investor networks (venture)", "2"),
        # two by reference to the notes on health systems, and the trials unit
        ("Health and medical research and evaluation expertise", "3"),
    },
    "07-propel": {("Health Innovation Yorkshire & Humber", "51", "52")},
    "08-partners-of-the-university-of-leeds": {
        ("PinPoint Data Science", BROCHURE),
        (TRUST, POST),
        ("Northern Cell Metrology Hub", CELL_HUB_ARTICLE),  # a newspaper, not in the documents
    },
    "09-digibete-to-the-university-of-leeds": {(TRUST, "codevelopedBy", "partnerOf")},
    "10-healthtech-companies": {(BROCHURE, "exactly", "144", None), (POST, "more than", "250", LAHP)},
    "11-conflicts": {
        (COMPANIES, BROCHURE, "exactly", "144", POST, "more than", "250"),
        (TURNOVER, BROCHURE, "exactly", "1600000000", POST, "more than", "3000000000"),
        (STAFF, BROCHURE, "exactly", "11400", POST, "about", "16000"),
    },
    "12-large-amounts": {
        ("Gross value added", "West Yorkshire", "exactly", "60000000000", BROCHURE),
        ("Contribution to the economy", "Innovation Village", "almost", "13000000000", BROCHURE),
        ("Contribution to the economy", "Health Tech Innovation Hub", "exactly", "13000000000", POST),
        (TURNOVER, "Leeds", "more than", "3000000000", POST),
        (TURNOVER, "Leeds", "exactly", "1600000000", BROCHURE),
        ("Value of the science park", "Innovation Arc", "exactly", "1500000000", BROCHURE),
        ("Health and care research funding", "Leeds", "exactly", "200000000", BROCHURE),
        ("Money behind the investment zone", ZONE, "exactly", "160000000", BROCHURE),
        ("Money behind the investment zone", ZONE, "exactly", "160000000", ZONE_ARTICLE),
    },
    "13-use-of-digibete": {
        ("Countries in which the product is used", "more than", "150", "countries", None),
        (
            "Share of paediatric type 1 diabetes clinics that use the product",
            "exactly",
            "90",
            "per cent",
            "United Kingdom",
        ),
    },
    # Three in the list of research infrastructure, two that the city also hosts; six are stated.
    "14-nihr-in-leeds": {
        (name, "6", "5", "false")
        for name in (
            BRC,
            "Leeds Clinical Research Facility",
            "Leeds HealthTech Research Centre",
            "National Research Delivery Network Coordinating Centre",
            "Yorkshire and Humber Regional Research Delivery Network",
        )
    },
    "15-works-on-diabetes": {("Digibete",), ("NIQS Tech",), ("NIQS glucose sensor",)},
    "16-in-west-yorkshire": {
        (name,)
        for name in (
            "Leeds",
            "Wellington Place",
            "Innovation Arc",
            "Innovation Village",
            ZONE,
            "NHS Digital",
            "NHS regional headquarters",
            "Leeds health and care system",
            "Leeds health and care partnership",
            "Three major universities of Leeds",
            "Major NIHR initiatives in Leeds",
            LEEDS,
            BECKETT,
            "Leeds Trinity University",
            "Leeds City College",
            "Leeds City Council",
            "Leeds Health and Care Academy",
            "Office of Data Analytics",
            "Academic Unit of Palliative Care",
            "NIHR infrastructure in Leeds",
            BRC,
            "Leeds Clinical Research Facility",
            "Leeds HealthTech Research Centre",
            "National Research Delivery Network Coordinating Centre",
            "Yorkshire and Humber Regional Research Delivery Network",
            "Leeds Centre for Healthtech Innovation",
            "HealthTech Leeds",
            CHORAL,
            "Research on multiple long-term conditions in Leeds",
            "Propel@YH",
            "National Pathology Imaging Cooperative",
            "Northern Cell Metrology Hub",
            "Nexus",
            "Teaching hospital site in Leeds",
            "PinPoint Data Science",
            "Savills Leeds",
            # by their names or by what the text around them is about
            LAHP,
            "Health Innovation Leeds",
            "Leeds Institute of Clinical Trials Research",
            "Obesity Institute",
            "Health Tech Innovation Hub",
            # planned, in the village in the heart of the city
            "New hospital in Leeds",
            "New children's hospital in Leeds",
            "New adults' hospital in Leeds",
            "Maternity centre of the new hospital in Leeds",
            # placed by registers only
            TRUST,
            "Leeds General Infirmary",
            "Innovation Pop Up",
            "Platform",
            "DigiBete",
            "Leeds Hospitals Charity",
            "St James's University Hospital",
            "West Yorkshire Combined Authority",
            "Bradford",
            "Wolfson Centre for Applied Health Research",
        )
    },
    "17-kpmg-and-nexus-evidence": {
        (
            BROCHURE,
            "health-innovation-leeds-brochure.txt",
            "Professional advice (regulatory, legal, financial)",
            "14323",
            "14376",
        ),
    },
    "18-incomplete-claims": set(),
    # Only forms that are printed, each as it is printed; abbreviations stand in brackets after the names.
    "19-several-names": {
        (CHORAL, "CHORAL | Children’s health outcomes research at Leeds"),
        ("Leeds Data Model", "Leeds Data Model | health and care data model"),
        ("Leeds HealthTech Research Centre", "HealthTech Research Centre | Leeds HealthTech Research Centre"),
        (
            TRUST,
            "Leeds Teaching Hospital NHS Trust | Leeds Teaching Hospitals NHS Foundation Trust | "
            "Leeds Teaching Hospitals NHS Trust | Teaching Hospital",
        ),
        (
            "Leeds health and care system",
            "Leeds health and care system | Leeds health system | city’s healthcare system",
        ),
        ("Innovation Village", "Innovation Village | Leeds Innovation Village"),
        ("Three major universities of Leeds", "three main universities | three major universities"),
        (
            "NIHR infrastructure in Leeds",
            "NIHR infrastructure | specialist clinical research facilities",
        ),
        ("NIQS Tech", "NIQS | NIQS Tech"),
        (NIHR, f"NIHR | {NIHR}"),
        ("National Pathology Imaging Cooperative", "NPIC | National Pathology Imaging Cooperative"),
        ("Nexus", "Nexus | Nexus building | Nexus innovation hub"),
        ("North of England", "North of England | The North | the North"),
        ("NorthInvest", "North Invest | NorthInvest"),
        (ZONE, f"Healthtech and Digital Tech Investment Zone | {ZONE}"),
        (ACCOUNT, f"PBIAA | {ACCOUNT}"),
    },
    "21-spin-out-products": {
        ("NIQS Tech", "NIQS glucose sensor", "in development"),
        ("Mimetrik", "Mimetrik five-axis scanner and software", None),
    },
    "22-hosts": {
        (LEEDS, "Nexus", BROCHURE),
        (LEEDS, "Nexus", POST),
        (TRUST, "National Pathology Imaging Cooperative", BROCHURE),
        (TRUST, "Leeds HealthTech Research Centre", HRC_PAGE),
        (LEEDS, "Leeds HealthTech Research Centre", HRC_PAGE),
    },
    "23-planned": {
        ("Innovation Village",),
        ("New hospital in Leeds",),
        ("New children's hospital in Leeds",),
        ("New adults' hospital in Leeds",),
        ("Maternity centre of the new hospital in Leeds",),
        ("Health Tech Innovation Hub",),  # the trust's website, not the documents, says when it is to open
    },
    "24-attributed-figures": {
        (LAHP, "International rank as a healthtech hub", "exactly", "3"),
        (LAHP, "Healthtech employees per 100 people of working age", "almost", "2"),
        (LAHP, COMPANIES, "more than", "250"),
        (LAHP, TURNOVER, "more than", "3000000000"),
        (LAHP, STAFF, "about", "16000"),
        ("Sunday Times", "Rank as a place to live", "exactly", "1"),
        # the line under the table of support
        ("Pursuing Excellence", "Digital and technology start-ups and scale-ups housed", "exactly", "80"),
        ("Pursuing Excellence", "Number of major NIHR initiatives", "exactly", "6"),
        ("Pursuing Excellence", "Number of major NIHR initiatives", "exactly", "9"),
    },
    "25-west-yorkshire-figures": {
        ("Gross value added", "exactly", "60000000000", "pounds sterling", None, BROCHURE),
        ("Money behind the investment zone", "exactly", "160000000", "pounds sterling", None, BROCHURE),
        ("Money behind the investment zone", "exactly", "160000000", "pounds sterling", None, ZONE_ARTICLE),
        ("Number of health and life sciences businesses", "exactly", "600", "companies", None, BROCHURE),
        ("Number of medtech businesses", "exactly", "250", "companies", None, BROCHURE),
        ("Number of digital health businesses", "exactly", "65", "companies", None, BROCHURE),
        ("Growth of investment in healthtech businesses", "exactly", "15", "times", "2018/2023", BROCHURE),
        ("People employed in the sector", "more than", "190000", "people", None, BROCHURE),
        (
            "Number of science, technology, engineering and mathematics graduates",
            "exactly",
            "17000",
            "people",
            None,
            BROCHURE,
        ),
        ("Number of languages spoken", "more than", "170", "items", None, BROCHURE),
        ("Number of major NIHR initiatives", "exactly", "9", "items", None, BROCHURE),
    },
    "26-ceased": {
        ("NHS Digital", "NHS England", "2023-02-01", "Wellington Place"),
        # a register names both and their place; it gives no day
        (
            "Department for Business, Energy and Industrial Strategy",
            "Department for Business and Trade",
            None,
            "London",
        ),
        ("Department for International Trade", "Department for Business and Trade", None, "London"),
    },
    "27-named-in-both": {(LAHP,), (TRUST,), ("National Health Service",), ("Nexus",), (LEEDS,)},
    "28-works-on-artificial-intelligence": {
        ("Leeds",),
        (TRUST,),
        ("National Pathology Imaging Cooperative",),
        (CDT,),
        ("PinPoint Data Science",),
        ("PinPoint Test",),
    },
    "29-funding": {
        ("Leeds Hospitals Charity", CHORAL, "5000000", BROCHURE),
        (LEEDS, CHORAL, "5000000", BROCHURE),
        (TRUST, CHORAL, "5000000", BROCHURE),
        (EPSRC, ACCOUNT, "5000000", BROCHURE),  # the brochure names the funder, a website the sum
        ("UK Research and Innovation", CDT, None, BROCHURE),
        (EPSRC, ACCOUNT, "5000000", "Boosting Yorkshire MedTech industry (University of Leeds)"),
        (NIHR, BRC, "19800000", BRC_AWARD),
    },
    "30-parts-of-universities-and-colleges": {
        ("Obesity Institute", BECKETT),
        ("Centre for Health Promotion Research", BECKETT),
        ("Clinical Trials Research Unit", LEEDS),
        ("School of Health Science and Social Care", "Leeds City College"),
        ("Institute of Health Equity", "University College London"),
    },
    # Placed by ROR, but for the last three, which pages place.
    "50-outside-leeds": {
        ("Department for Business and Trade", "London"),
        ("Department for Business, Energy and Industrial Strategy", "London"),
        ("Department for International Trade", "London"),
        (EPSRC, "Swindon"),
        ("Government of the United Kingdom", "London"),
        ("NHS England", "London"),
        ("National Health Service", "London"),
        (NIHR, "London"),
        ("UK Research and Innovation", "Swindon"),
        ("University College London", "London"),
        ("University of Manchester", "Manchester"),
        ("University of Sheffield", "Sheffield"),
        ("University of York", "York"),
        ("Tissue Regenix", "York"),
        ("Wolfson Centre for Applied Health Research", "Bradford"),
    },
    "52-figures-on-propel": {
        ("Companies in the United Kingdom supported", "51", "companies", BROCHURE),
        ("International innovators supported", "52", "innovators", BROCHURE),
        ("Year of running", "5", "years", BROCHURE),
        (
            "Investment raised by participants",
            "24000000",
            "pounds sterling",
            "How the healthtech and life sciences sector in Yorkshire is setting the pace for the rest of the UK "
            "(Yorkshire Post)",
        ),
        (
            "Organisations in a year of the programme",
            "11",
            "companies",
            "Yorkshire & Humber Propel (Pogo Digital Healthcare)",
        ),
    },
    # Pages date most members of the partnership; none says since when the network or the university of a group belong.
    "53-memberships-in-time": {
        *(
            (name, LAHP, "current")
            for name in (
                BECKETT,
                LEEDS,
                "Leeds City College",
                "Leeds City Council",
                "Leeds City Region Enterprise Partnership",
                "Leeds Trinity University",
                "West Yorkshire Health and Care Partnership",
            )
        ),
        ("Health Innovation Yorkshire & Humber", LAHP, "undated"),
        (LEEDS, "Russell Group", "undated"),
    },
    # Those that a document calls a company, a business, an investor or an adviser.
    "31-companies": {
        *((name, "investor") for name in ("Northern Gritstone", "NorthInvest", "Apache Capital Partners", "IP Group")),
        ("BGF Growth Capital", "investor"),
        *(
            (name, "professional adviser")
            for name in ("KPMG", "Squire Patton Boggs", "Brabners", "Charlton Regulatory")
        ),
        *((name, "spin-out company") for name in ("NIQS Tech", "Mimetrik")),
        *((name, None) for name in ("PinPoint Data Science", "Bruntwood SciTech", "Savills")),
    },
    "32-leads-and-convenes": {
        (LAHP, "leads", "Cross-sector approach to health inequalities in Leeds", BROCHURE),
        (LAHP, "runs", "Guidance through the support for innovators in Leeds", BROCHURE),
        (TRUST, "runs", "Innovation Pop Up", BROCHURE),
        ("Bruntwood SciTech", "runs", "Platform", BROCHURE),
        ("Health Innovation Yorkshire & Humber", "runs", "Propel@YH", BROCHURE),
        # one sentence, two possessives
        (BECKETT, "runs", "Knowledge Exchange", BROCHURE),
        ("Leeds Trinity University", "runs", "Knowledge Transfer Partnership", BROCHURE),
    },
    "33-what-partners-work-on": {
        ("PinPoint Test", "PinPoint Data Science"),
        ("PinPoint Test", LEEDS),
        ("PinPoint Test", "Leeds health and care system"),
    },
    # A footnote with the mark 1, a line on marked quotations with two of them, and a line under a table without a mark.
    "34-what-documents-rest-on": {
        (BROCHURE, "Sunday Times", "1", "1"),
        (BROCHURE, "Pursuing Excellence", "*", "2"),
        (BROCHURE, "Pursuing Excellence", None, "0"),
        (POST, "10-year plan for the NHS", None, "0"),
    },
    "35-groups-and-their-members": {
        *(("Three major universities of Leeds", name) for name in (LEEDS, BECKETT, "Leeds Trinity University")),
        ("NIHR infrastructure in Leeds", BRC),
        ("NIHR infrastructure in Leeds", "Leeds Clinical Research Facility"),
        ("NIHR infrastructure in Leeds", "Leeds HealthTech Research Centre"),
        # six are counted and one is named
        ("Major NIHR initiatives in Leeds", "Leeds HealthTech Research Centre"),
    },
}


def _from_pages():
    """Return the answers that web pages add, worked out from the pages' facts, one row a line of a table."""
    found: dict[str, set[tuple[str | None, ...]]] = {}
    lines = (Path(__file__).parent / "answers_from_pages.tsv").read_text(encoding="utf-8").splitlines()
    for line in lines[1:]:
        name, *cells = line.split("\t")
        found.setdefault(name, set()).add(tuple(cell or None for cell in cells))
    return found


for _name, _rows in _from_pages().items():
    ANSWERS[_name] = ANSWERS.get(_name, set()) | _rows


@pytest.fixture(scope="module")
def knowledge():
    return read_knowledge(ROOT, Namespaces())


@pytest.fixture(scope="module")
def store(knowledge):
    """The knowledge files with everything that the rules derive, for counting by hand."""
    store = ox.Store()
    load(knowledge, store)
    return store


@pytest.fixture(scope="module")
def pool(publish_project):
    """The published graph, as the endpoint, the pages and the commands read it."""
    with QueryPool(Settings(state=str(publish_project()), workers=1)) as pool:
        yield pool


def test_every_label_of_the_graph_finds_its_entity_first_and_what_is_kept_apart_is_never_matched(pool, knowledge):
    client = create_app(Settings(), pool).test_client()
    statements, entities, term = knowledge.graph.statements, knowledge.graph.entities(), knowledge.namespaces.term
    owners: dict[str, set[str]] = {}
    for entity in entities:
        now = (statements.texts(entity, IS_REPLACED_BY) or [entity])[0]
        for label in (PREF_LABEL, ALT_LABEL, HIDDEN_LABEL):
            for name in statements.texts(entity, label):
                owners.setdefault(folded(name), set()).add(now)
    apart = {(entity, other) for entity in entities for other in statements.texts(entity, term("keptApartFrom"))}
    names = sorted(owners)
    assert len(names) > 500
    for start in range(0, len(names), 100):
        batch = {name: {"query": name, "limit": 8} for name in names[start : start + 100]}
        found = client.post("/reconcile", data={"queries": json.dumps(batch)}).json
        for name, answer in found.items():
            iris = [knowledge.namespaces.entity(each["id"]) for each in answer["result"]]
            assert iris[0] in owners[name], name
            if answer["result"][0]["match"]:
                assert owners[name] == {iris[0]}
                likely = [iri for iri, each in zip(iris, answer["result"], strict=True) if each["score"] >= 60]
                assert not any((iris[0], other) in apart or (other, iris[0]) in apart for other in likely), name


def rows(pool, path):
    """The rows of a saved query as plain text."""
    request = QueryRequest(path.read_text(encoding="utf-8"))
    with pool.run(request, table=negotiate(None, "table", "json")) as result:
        answer = json.loads(result.read())
    columns = answer["head"]["vars"]
    return [
        tuple(row[name]["value"] if name in row else None for name in columns) for row in answer["results"]["bindings"]
    ]


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_a_question_has_the_answer_of_a_reader(pool, name):
    found = rows(pool, ROOT / "queries" / f"{name}.rq")
    services = name == "05-work-space"  # the services of a provider come in no order
    expected = {(*row[:3], frozenset((row[3] or "").split(" | "))) if services else row for row in ANSWERS[name]}
    found = [(*row[:3], frozenset((row[3] or "").split(" | "))) if services else row for row in found]
    if name == "29-funding":  # readers read documents; what a register holds is counted in the table of its import
        granted = [row for row in found if row[3] == "Gateway to Research"]
        table = (ROOT / "graph/imports/gtr/participants.csv").read_text(encoding="utf-8").splitlines()
        assert len(granted) == sum(row.split(",")[1] in {"funder", "co-funder"} for row in table)
        found = [row for row in found if row not in granted]
    assert set(found) == expected
    assert len(found) == len(expected), "a row comes twice"


def test_claims_are_counted_by_source(store, pool):
    """The counts are made here from the files, one claim that stands at a time; the one of both documents was read."""
    claims: dict[str, set[str]] = {}
    rank, retired = ox.NamedNode(f"{BASE}def#rank"), ox.NamedNode(f"{BASE}scheme/rank/deprecated")
    source_of = {q.subject: q.object for q in store.quads_for_pattern(None, ox.NamedNode(_oa("hasSource")), None, None)}
    for quad in store.quads_for_pattern(None, ox.NamedNode(f"{BASE}def#hasEvidence"), None, None):
        if not any(store.quads_for_pattern(quad.subject, rank, retired, None)):
            claims.setdefault(source_of[quad.object].value.removeprefix(f"{BASE}id/"), set()).add(quad.subject.value)
    both = claims["health-innovation-leeds-brochure"] & claims["savills-leeds-health-tech"]
    labels = {source: _label(store, source) for source in claims}
    expected = Counter({labels[source]: len(made) for source, made in claims.items()})
    found = dict(rows(pool, ROOT / "queries" / "20-claims-by-source.rq"))
    assert {name: int(count) for name, count in found.items() if name != "both documents"} == dict(expected)
    # Both documents say that Nexus is at the university; all else that they share they put in different numbers.
    assert int(found["both documents"]) == len(both) == 1
    hosting = ox.NamedNode(f"{BASE}def#Hosting")
    assert [q.object for q in store.quads_for_pattern(ox.NamedNode(both.pop()), _type(), hosting, None)] == [hosting]


def test_relationships_that_only_newspapers_report_are_counted(store, pool):
    """The counts are made here from the files, a claim at a time."""
    part_of = {
        q.subject.value: q.object.value
        for q in store.quads_for_pattern(None, ox.NamedNode("http://purl.org/dc/terms/isPartOf"), None, None)
    }
    papers = {q.subject.value for q in store.quads_for_pattern(None, _type(), ox.NamedNode(f"{BASE}def#Newspaper"))}
    source_of = {q.subject: q.object.value for q in store.quads_for_pattern(None, ox.NamedNode(_oa("hasSource")), None)}
    sources: dict[str, set[str]] = {}
    for quad in store.quads_for_pattern(None, _type(), ox.NamedNode(f"{BASE}def#Relationship")):
        cited = store.quads_for_pattern(quad.subject, ox.NamedNode(f"{BASE}def#hasEvidence"), None)
        sources[quad.subject.value] = {part_of.get(source_of[each.object], "") for each in cited}
    expected = Counter(paper for those in sources.values() if those <= papers for paper in those)
    found = dict(rows(pool, ROOT / "queries" / "39-facts-that-rest-on-newspapers.rq"))
    labels = {_label(store, paper.removeprefix(f"{BASE}id/")): number for paper, number in expected.items()}
    assert len(labels) > 10
    assert {name: int(count) for name, count in found.items()} == labels


def test_every_saved_query_has_an_answer_here():
    saved = {path.stem for path in (ROOT / "queries").glob("*.rq")}
    assert saved == {*ANSWERS, "20-claims-by-source", "39-facts-that-rest-on-newspapers"}


def _oa(name):
    return f"http://www.w3.org/ns/oa#{name}"


def _type():
    return ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


def _label(store, slug):
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    return next(store.quads_for_pattern(ox.NamedNode(f"{BASE}id/{slug}"), label, None, None)).object.value
