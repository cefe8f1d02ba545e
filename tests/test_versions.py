"""Versions and changes through the front door: made by the command, served by the site, replayed by a client."""

import csv
import hashlib
import html
import io
import json
import re
import shutil
import urllib.parse
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic
from signposting import find_signposting_http_link
from signposting.linkset import find_signposting_linkset

from leedskg.namespaces import Namespaces
from leedskg.store.generations import current_generation
from tests.sample_contributions import town_site

DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")  # of version 3, which rdflib does not know
ATOM = "{http://www.w3.org/2005/Atom}"
ROUTE = "/routes?from=Millbrook+Hospital&to=Zo%C3%AB+Institute"
QUERY = "SELECT ?name WHERE { ?it <http://www.w3.org/2004/02/skos/core#altLabel> ?name } ORDER BY ?name"
SPARQL = "/sparql?" + urllib.parse.urlencode({"query": QUERY, "format": "csv"})
HOSPITAL = "/id/millbrook-hospital"
NEW_NAME = "The Old Mill Hospital"
LASTING = (HOSPITAL, f"{HOSPITAL}.ttl", ROUTE, ROUTE.replace("/routes", "/api/routes"), SPARQL, "/query/names")
NAMED = (
    "@prefix id: <https://w3id.org/leeds-health-innovation/id/> .\n"
    "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
    f'id:millbrook-hospital skos:altLabel "{NEW_NAME}"@en .\n'
)


def release(site, *words, **options):
    return site.town.run("release", *words, LEEDSKG_VERSIONS=site.settings.versions, **options)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A town with a version made of it, a name merged after that, and a second version."""
    folder = tmp_path_factory.mktemp("versions")
    with town_site(folder, versions=str(folder / "versions")) as made:
        queries = Path(made.settings.knowledge) / "queries"
        (queries / "names.rq").write_text(f"# title: Names\n# description: All.\n# answers: a test\n{QUERY}\n")
        made.town.run("build")
        release(made, "one", "--date", "2026-01-31")
        client = made.app.test_client()
        made.before = {address: text(client, f"/versions/one{address}") for address in LASTING}
        made.followed = entries(client, "/query/names/changes.atom")
        made.listed = client.get("/versions").headers["ETag"]
        made.town.contribute("name.ttl", NAMED, "--title", "A name")
        made.town.run("contributions", "accept", "1", "--reason", "seen on the door")
        release(made, "two", "--date", "2026-02-28")
        yield made
        made.app.extensions["leedskg.versions"].close()


@pytest.fixture
def client(site):
    return site.app.test_client()


def text(client, address):
    answer = client.get(address)
    found = answer.get_data(as_text=True)
    answer.close()
    assert answer.status_code == 200, (address, found[:500])
    return re.sub(r'nonce="[^"]*"', "", found)


def entries(client, address):
    return ET.fromstring(text(client, address)).findall(f"{ATOM}entry")


def test_a_link_into_a_version_has_the_same_answer_after_the_graph_has_moved_on(site, client):
    assert NEW_NAME in text(client, HOSPITAL), "the graph has moved on"
    assert NEW_NAME in text(client, SPARQL)
    for address, before in site.before.items():
        assert text(client, f"/versions/one{address}") == before, address
    assert NEW_NAME in text(client, f"/versions/two{HOSPITAL}")


def test_a_version_has_its_answers_again_when_its_store_is_lost_and_made_on_another_day(site, client):
    site.app.extensions["leedskg.versions"].close()
    shutil.rmtree(site.settings.state_path / "versions")
    for address in (ROUTE, SPARQL):
        assert text(client, f"/versions/one{address}") == site.before[address], address


def test_what_a_version_says_of_itself_is_its_own(client):
    """Nothing that shows the graph leads to that of now without a word."""
    for address in ("/dataset", "/dataset.ttl", "/shape", "/shape.ttl", "/model", "/def.ttl", "/attribution",
                    "/.well-known/void", "/brief?of=Millbrook+Hospital"):  # fmt: skip
        text(client, f"/versions/one{address}")
    assert client.get("/versions/one/together/nobody").status_code == 404, "and no way to that of now"
    told = rdflib.Graph().parse(data=text(client, "/versions/one/dataset.ttl"), format="turtle")
    (one,) = told.subjects(rdflib.RDF.type, DCAT.Dataset)
    assert str(one).endswith("/versions/one")
    assert str(told.value(one, rdflib.DCTERMS.modified)) == "2026-01-31T00:00:00+00:00"
    assert str(told.value(one, DCAT.version)) == "one"
    now = rdflib.Graph().parse(data=text(client, "/dataset.ttl"), format="turtle")
    assert (told.value(one, DCAT.isVersionOf), DCAT.hasVersion, one) in now
    with client.get("/versions/one/dataset.nq") as then, client.get("/dataset.nq") as now:
        assert NEW_NAME not in then.get_data(as_text=True)
        assert NEW_NAME in now.get_data(as_text=True)


@pytest.mark.parametrize(
    ("accept", "leads_to"),
    [("text/turtle", "dataset.ttl"), ("application/ld+json", "dataset.jsonld"), ("application/json", "version.json"),
     ("application/n-quads", "leedskg-one.nq"), ("application/trig;q=0.9, text/html;q=0.1", "leedskg-one.trig")],
)  # fmt: skip
def test_the_address_of_a_version_leads_to_what_the_client_takes(client, accept, leads_to):
    answer = client.get("/versions/one", headers={"Accept": accept})
    assert (answer.status_code, answer.location) == (303, f"/versions/one/{leads_to}")
    with client.get(answer.location, headers={"Accept": accept}) as file:
        assert file.status_code == 200
    assert client.get("/versions/one", headers={"Accept": "image/png"}).status_code == 406
    assert client.get("/versions", headers={"Accept": "image/png"}).status_code == 406


def test_a_version_that_was_made_shows_to_who_had_the_list(site, client):
    answer = client.get("/versions", headers={"If-None-Match": site.listed})
    assert answer.status_code == 200
    assert "/versions/two" in answer.get_data(as_text=True)
    assert client.get("/versions", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_what_is_not_of_a_version_leads_to_the_site_of_now(client):
    assert client.get(f"/versions/one{HOSPITAL}/history").location == f"{HOSPITAL}/history"
    assert client.get("/versions/one/contribute?x=1").location == "/contribute?x=1"
    assert f'href="{HOSPITAL}"' in text(client, f"/versions/one{HOSPITAL}"), "the way back to now"


def test_the_same_graph_gives_the_same_bytes(site, tmp_path):
    release(site, "two", "--date", "2026-02-28", "--to", str(tmp_path / "a"))
    release(site, "two", "--date", "2026-02-28", "--to", str(tmp_path / "b"), LEEDSKG_STATE=rebuilt(site, tmp_path))
    one, other = ({path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
                  for root in (tmp_path / "a", tmp_path / "b"))  # fmt: skip
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


def rebuilt(site, folder):
    """The same files and ledger, built anew in another folder."""
    site.town.run("rebuild", LEEDSKG_STATE=str(folder / "state"))
    return str(folder / "state")


def test_the_files_are_what_the_checksums_and_the_descriptions_say(site, client):
    sums = dict(reversed(line.split("  ")) for line in text(client, "/versions/two/SHA256SUMS").splitlines())
    for name, digest in sums.items():
        answer = client.get(f"/versions/two/{name}")
        assert hashlib.sha256(answer.data).hexdigest() == digest, name
        assert 'rel="license"' in answer.headers["Link"]
        answer.close()
    crate = json.loads(text(client, "/versions/two/ro-crate-metadata.json"))["@graph"]
    assert {each["@id"] for each in crate} >= set(sums) - {"SHA256SUMS", "ro-crate-metadata.json"}
    dictionary = json.loads(text(client, "/versions/two/csv-metadata.json"))["tables"]
    croissant = json.loads(text(client, "/versions/two/croissant.json"))
    fields = {each["name"]: [field["name"] for field in each["field"]] for each in croissant["recordSet"]}
    for table in dictionary:
        rows = list(csv.reader(io.StringIO(text(client, f"/versions/two/{table['url']}"))))
        names = [column["name"] for column in table["tableSchema"]["columns"]]
        assert rows[0] == names == fields[table["dc:title"]]
        assert len(rows) > 1, table["url"]
        assert all(len(row) == len(names) for row in rows)
        if "primaryKey" in table["tableSchema"]:
            assert len({row[0] for row in rows}) == len(rows), table["url"]
    assert "Sample text" in text(client, "/versions/two/ATTRIBUTION.md")
    dump = text(client, "/versions/two/leedskg-two.nq")
    assert dump.splitlines() == sorted(dump.splitlines())
    trig = set(ox.parse(text(client, "/versions/two/leedskg-two.trig"), ox.RdfFormat.TRIG))
    assert len(trig) == len(dump.splitlines())


def test_a_signposting_reader_finds_the_files_of_a_version(site, client, monkeypatch):
    """A header has the main files, the linkset all; and each file leads back."""
    page = "http://localhost/versions/two"
    answer = client.get("/versions/two")
    assert len(answer.headers["Link"]) < 3500, "fits into what proxies read of a header"
    found = find_signposting_http_link(answer.headers.get_all("Link"), page)
    assert str(found.citeAs.target) == f"{site.settings.base}versions/two"
    assert {str(each.target) for each in found.types} == {"https://schema.org/AboutPage", "https://schema.org/Dataset"}
    assert {str(each.target).removeprefix(f"{page}/") for each in found.describedBy} == {
        "croissant.json", "csv-metadata.json", "ro-crate-metadata.json"}  # fmt: skip
    main = {str(each.target).removeprefix(f"{page}/"): each.type for each in found.items}
    assert main["leedskg-two.nq"] == "application/n-quads"
    (linkset,) = found.linksets
    told = client.get(urllib.parse.urlsplit(str(linkset.target)).path)
    assert told.mimetype == linkset.type == "application/linkset+json"
    fetched = SimpleNamespace(url=str(linkset.target), text=told.text, headers=told.headers, status_code=200)
    fetched.raise_for_status = lambda: None
    monkeypatch.setattr("signposting.linkset.requests.get", lambda *_, **__: fetched)
    all_of_them = find_signposting_linkset(fetched.url)
    listed = set(text(client, "/versions/two/SHA256SUMS").split()[1::2]) | {"SHA256SUMS"}
    within = all_of_them.for_context(page)
    assert {str(each.target).removeprefix(f"{page}/") for each in (*within.items, *within.describedBy)} == listed
    assert main.keys() < listed
    for each in within.items:
        part = client.get(urllib.parse.urlsplit(str(each.target)).path)
        back = find_signposting_http_link(part.headers.get_all("Link"), str(each.target))
        part.close()
        assert part.mimetype == each.type
        assert str(back.collection.target) == str(all_of_them.for_context(each.target).collection.target) == page


def test_a_version_says_what_it_changed(client):
    changes = json.loads(text(client, "/versions/two/changes.json"))
    (hospital,) = [each for each in changes["records"] if each["iri"].endswith(HOSPITAL)]
    assert (hospital["what"], hospital["label"]) == ("changed", "Millbrook Hospital")
    assert changes["previous"] == "one"
    one, two = (set(text(client, f"/versions/{name}/leedskg-{name}.nq").splitlines()) for name in ("one", "two"))
    assert any("_:" in line for line in one), "blank nodes have the same names in both"
    assert {
        line[2:] for line in text(client, "/versions/two/changes.rdfp").splitlines() if line[:2] == "A "
    } == two - one
    assert (changes["statements_added"], changes["statements_removed"]) == (len(two - one), len(one - two))
    assert changes["records"] == [hospital]
    assert NEW_NAME in text(client, "/versions/two/changes.rdfp")
    assert "Millbrook Hospital" in text(client, "/versions/two")
    assert "The first version." in text(client, "/versions")


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/versions/three", 404, "These are there: two, one"),
        ("/versions/three/id/millbrook-hospital", 404, "There is no version"),
        ("/versions/..%2Fversions%2Fone", 404, ""),
        ("/versions/one/../../ledger/ledger.sqlite", 404, ""),
        ("/versions/one/nothing.csv", 404, "has no file"),
        ("/versions/one/id/nobody", 404, "No entity has this address"),
        ("/changes/9-00000000", 404, "No change has this address"),
        ("/changes/%00.rdfp", 404, ""),
        ("/changes/stream?page=99999999999999999999", 400, "The stream has pages 1 to 1"),
        ("/changes/stream?page=-1", 400, "The stream has pages"),
        ("/id/nobody/changes.atom", 404, "No entity has this address"),
        ("/query/nothing/changes.atom", 404, "No saved query"),
    ],
)
def test_what_was_never_made_is_told(client, address, status, said):
    answer = client.get(address)
    assert answer.status_code == status
    assert said in answer.get_data(as_text=True)


def test_deep_pages_of_changes_are_empty_and_whole_numbers_bounded(client):
    for before in ("1", "0", "x", "99999999999999999999999"):
        assert client.get(f"/changes?before={before}").status_code == 200


def test_a_version_is_never_made_twice_or_under_a_name_that_leads_elsewhere(site):
    before = sorted(Path(site.settings.versions).rglob("*"))
    assert "never changes" in release(site, "one", code=2).output
    assert "cannot be called" in release(site, "../three", code=2).output
    assert "Write the date" in release(site, "three", "--date", "31.1.2026", code=2).output
    assert sorted(Path(site.settings.versions).rglob("*")) == before


def test_a_merge_is_in_the_feeds_and_on_the_page(site, client):
    feed = entries(client, "/changes.atom")
    assert feed[0].findtext(f"{ATOM}title") == "Merged contribution 1: A name"
    (merged,) = entries(client, f"{HOSPITAL}/changes.atom")
    assert "changed: Millbrook Hospital" in merged.findtext(f"{ATOM}content")
    assert entries(client, "/id/loom-charity/changes.atom") == []
    assert "Merged contribution 1: A name" in text(client, "/changes")
    assert "Merged contribution 1: A name" in text(client, "/changes?days=7")
    tag = client.get("/changes.atom").headers["ETag"]
    assert client.get("/changes.atom", headers={"If-None-Match": tag}).status_code == 304
    shown = merged.find(f"{ATOM}link").get("href")
    patch = client.get(f"{urllib.parse.urlsplit(shown).path}.rdfp")
    assert client.get(patch.request.path, headers={"If-None-Match": patch.headers["ETag"]}).status_code == 304
    assert "Millbrook Hospital" in text(client, urllib.parse.urlsplit(shown).path)


def test_a_feed_tells_when_the_answer_of_a_query_changes(site, client):
    now = entries(client, "/query/names/changes.atom")
    assert len(site.followed) == 1
    assert len(now) == 2
    assert "1 row added, 0 removed" in now[0].findtext(f"{ATOM}title")
    assert NEW_NAME in now[0].findtext(f"{ATOM}content")
    assert now[1].findtext(f"{ATOM}id") == site.followed[0].findtext(f"{ATOM}id")
    assert len(entries(client, "/query/names/changes.atom")) == 2, "nothing new, no new entry"


def test_a_client_that_replays_the_stream_from_nothing_has_the_graph(site, client):
    site.town.run("contributions", "undo", "1", "--reason", "of another mill")
    site.town.run("rebuild")
    graphs = ox.Dataset()
    page = json.loads(text(client, "/changes/stream"))["first"]
    events = []
    while page:
        found = json.loads(text(client, page.removeprefix("http://localhost")))
        events += found["orderedItems"]
        page = found.get("next")
    for event in events:
        if event["type"] == "Create":
            graphs = ox.Dataset()
        for line in text(client, urllib.parse.urlsplit(event["result"]["url"]).path).splitlines():
            what, _, rest = line.partition(" ")
            for quad in ox.parse(rest, ox.RdfFormat.N_QUADS) if what in {"A", "D"} else ():
                (graphs.add if what == "A" else graphs.remove)(quad)
    store = ox.Store.read_only(str(current_generation(site.settings.state_path).path))
    names = {quad.graph_name for quad in graphs}
    told_in_rdf_1_2 = {ox.NamedNode(Namespaces().graph("reified"))}
    assert names == set(store.named_graphs()) - told_in_rdf_1_2
    for name in names:
        ours = {quad.triple for quad in graphs.quads_for_graph_name(name)}
        theirs = {quad.triple for quad in store.quads_for_pattern(None, None, None, name)}
        assert ours == theirs or isomorphic(graph_of(ours), graph_of(theirs)), name


def graph_of(triples):
    return rdflib.Graph().parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES), format="nt")


def test_pages_are_cited_with_version_and_date_in_four_forms(client):
    link = re.search(r'href="(/versions/one/cite[^"]*)"', text(client, f"/versions/one{HOSPITAL}"))[1]
    page = text(client, link)
    assert "Millbrook Hospital (version one, 31 January 2026). " in page
    bibtex = text(client, f"{link}&format=bibtex")
    assert "version = {one}" in bibtex
    assert "title = {{Millbrook Hospital}}" in bibtex
    assert "/versions/one/id/millbrook-hospital}" in bibtex
    ris = text(client, f"{link}&format=ris")
    assert ris.startswith("TY  - DATA\r\n")
    assert ris.endswith("ER  - \r\n")
    (csl,) = json.loads(text(client, f"{link}&format=csl"))
    assert csl["issued"] == {"date-parts": [[2026, 1, 31]]}
    evidence = re.search(r'href="(/evidence/[0-9a-f]+)"', text(client, HOSPITAL))[1]
    for address, title in (
        (ROUTE, "Routes from Millbrook Hospital to Zoë Institute"),
        (f"/query?{urllib.parse.urlencode({'query': QUERY})}", "Result of a query: SELECT ?name"),
        ("/query/names", "Result of the query “Names”"),
        ("/figures", "Figures"),
        ("/def/funds", "Funds"),
        ("/query/prefixes", "Prefixes of the graph"),
        ("/scheme/role", "Roles"),
        ("/disagreements", "Where the sources disagree"),
        (evidence, "Sample text, section “A made-up town”"),
        ("/dataset", "Leeds Health Innovation Knowledge Graph"),
    ):
        (csl,) = json.loads(text(client, "/cite?" + urllib.parse.urlencode({"of": address, "format": "csl"})))
        assert csl["title"].startswith(title)
        assert csl["version"].startswith("generation ")


def test_a_page_of_a_version_is_cited_as_of_that_version_from_anywhere(client):
    answer = client.get("/cite", query_string={"of": f"/versions/one{HOSPITAL}", "format": "csl"})
    (csl,) = json.loads(text(client, answer.location))
    assert (csl["version"], csl["URL"].partition("/versions/")[2]) == ("one", f"one{HOSPITAL}")
    answer = client.get("/cite", query_string={"of": "/versions/one", "format": "csl"})
    assert json.loads(text(client, answer.location))[0]["URL"].endswith("/versions/one")


@pytest.mark.parametrize("of", ["/id/never-was", "/def/nothing", "/no/such/page", "/dataset.exe"])
def test_what_is_not_there_is_not_cited(client, of):
    assert client.get("/cite", query_string={"of": of}).status_code == 404


@pytest.mark.parametrize("of", ["", "//elsewhere.example/", "https://elsewhere.example/", "/" + "x" * 5000, "/a\nb"])
def test_what_is_no_page_is_not_cited(client, of):
    answer = client.get("/cite", query_string={"of": of})
    assert answer.status_code == 400
    assert "/id/nexus" in answer.get_data(as_text=True)


def test_a_title_cannot_leave_its_field(client):
    odd = "/routes?" + urllib.parse.urlencode({"from": "a}}\r\nER  - ", "to": "}{\\input"})
    ris = text(client, "/cite?" + urllib.parse.urlencode({"of": odd, "format": "ris"}))
    assert ris.count("\r\nER  -") == 1
    assert r"\}\{\textbackslash" in text(client, "/cite?" + urllib.parse.urlencode({"of": odd, "format": "bibtex"}))


def test_no_address_is_taken_from_a_lying_host(site):
    lying = {"Host": "elsewhere.example", "X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Proto": "gopher"}
    for address in ("/changes.atom", "/changes/stream", "/robots.txt", "/sitemap.xml", "/query/names/changes.atom"):
        answer = site.app.test_client().get(address, headers=lying)
        assert answer.status_code == 200
        assert "elsewhere.example" not in answer.get_data(as_text=True), address


def test_robots_and_sitemap_hold_a_crawler(client):
    """A crawler that keeps to robots.txt and follows every link reaches few addresses more than there are things."""
    closed = [
        re.compile(re.escape(line.removeprefix("Disallow: ")).replace(r"\*", ".*"))
        for line in text(client, "/robots.txt").splitlines() if line.startswith("Disallow: ")
    ]  # fmt: skip
    listed = re.findall(r"<loc>[^<]*?://[^/<]*(/[^<]*)</loc>", text(client, "/sitemap.xml"))
    assert HOSPITAL in listed
    seen, waiting = set(listed), listed
    while waiting:
        answer = client.get(waiting.pop())
        links = (
            re.findall(r'<a [^>]*href="(/[^"#]*)', answer.get_data(as_text=True))
            if answer.mimetype == "text/html"
            else []
        )
        links += [answer.location] if answer.location and answer.location.startswith("/") else []
        answer.close()
        new = {html.unescape(each) for each in links} - seen
        found = {each for each in new if not any(rule.match(each) for rule in closed)}
        seen |= found
        waiting += found
    assert len(seen) < 400, sorted(seen)


W3ID = Path(__file__).parents[1] / "docs" / "w3id" / ".htaccess"


@pytest.mark.parametrize(
    "pattern",
    ["def#funds", "def", "id/millbrook-hospital", "assertion/[0-9a-f]{16}", "evidence/[0-9a-f]{12}",
     "scheme/role/[a-z-]+", "graph/curated/[a-z]+", "graph/void#[0-9a-f]+", "agent/[a-z-]+", "shape/[a-z-]+",
     "rule/[0-9a-z-]+", "query/names", "query/prefixes#lhi", "dataset", "versions/one"],
)  # fmt: skip
def test_the_rules_for_w3id_lead_every_kind_of_iri_to_its_document(site, client, pattern):
    rules = W3ID.read_text(encoding="utf-8")
    (asked_for,) = re.findall(r'^RewriteCond %\{THE_REQUEST\} "(.+)"$', rules, re.MULTILINE)
    (target,) = re.findall(r"^RewriteRule \^ (\S+) \[R=303,L,NE\]$", rules, re.MULTILINE)
    base = site.settings.base
    store = ox.Store.read_only(str(current_generation(site.settings.state_path).path))
    terms = {getattr(term, "value", "") for quad in store for term in (quad.subject, quad.object, quad.graph_name)}
    iri = next((each for each in sorted(terms) if re.fullmatch(re.escape(base) + pattern, each)), base + pattern)
    asked = iri.removeprefix(base).partition("#")[0]  # no client sends what follows
    line = f"GET /leeds-health-innovation/{asked}?x=y HTTP/1.1"
    path = urllib.parse.urlsplit(target.replace("%1", re.search(asked_for, line)[1])).path
    answer = client.get(path, headers={"Accept": "text/turtle"})
    if answer.status_code == 303:
        answer = client.get(answer.location, headers={"Accept": "text/turtle"})
    assert answer.status_code == 200, (iri, path)
    assert iri.rpartition("/")[2].partition("#")[2] in answer.get_data(as_text=True)


def test_health_and_numbers(site, client):
    known = client.get("/healthz").json
    assert known["status"] == "ok"
    assert known["generation"] == current_generation(site.settings.state_path).number
    assert known["workers"]["idle"] >= 1
    assert client.get("/metrics").status_code == 404
