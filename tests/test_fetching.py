"""What `leedskg import SOURCE --fetch` asks of publishers, and what it does when they do not answer as they should."""

import ast
import csv
import json
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from leedskg.errors import FetchError
from leedskg.fetching.client import PublisherClient, Validators
from leedskg.fetching.services import service_of
from leedskg.identity import mint
from tests.contributing import NAMESPACES, Town
from tests.publishers import GTR, Publishers, Reply, publishers, services_file
from tests.sample_imports import body, gtr_project
from tests.sample_knowledge import PREFIXES, PROJECT, Sample, relationship, write_sample
from tests.test_layers import PACKAGE, all_imports, modules

OPEN_DATA = Path(__file__).parents[2] / "shared" / "open-data"
ZOE, WEFT = body("ORG-1", "Zoë Institute", "LEAD_RO"), body("ORG-2", "Weft Ltd", "PROJECT_PARTNER")
#: What a record says of persons, as GtR's do.
PERSONS = "<g:personRoles><g:personRole><g:surname>Secretsurname</g:surname></g:personRole></g:personRoles>"
PROSE = "<g:abstractText>Prose of the award holder</g:abstractText>"


def project(number: int, *bodies: str, title: str = "Of looms") -> bytes:
    said = gtr_project(f"EP/{number}", *(bodies or (ZOE, WEFT)), title=title)
    return said.replace("<g:project>", f"{PERSONS}<g:project>{PROSE}").encode()


def projects(count: int) -> dict[str, bytes]:
    return {f"EP/{number}": project(number) for number in range(1, count + 1)}


def ror_record(key: str, name: str, *, status: str = "active", other: str = "") -> dict:
    names = [{"value": name, "types": ["ror_display", "label"], "lang": "en"}]
    names += [{"value": other, "types": ["alias"], "lang": None}] if other else []
    place = {"geonames_id": 1, "geonames_details": {"name": "Millbrook"}}
    return {"id": f"https://ror.org/{key}", "names": names, "locations": [place], "status": status,
            "types": ["facility"], "links": [], "external_ids": [], "relationships": [], "established": 1}  # fmt: skip


def award(number: int, lead: str = "Zoë Institute") -> dict:
    return {"project_id": f"NIHR{number}", "project_title": "Of hearts", "funder": "NIHR", "award_amount": 1000,
            "contracted_organisation": lead, "start_date": "2020-01-01", "award_holder_name": "Secretsurname",
            "scientific_abstract": "Prose of the award holder"}  # fmt: skip


def grant(number: int, recipient: str = "Zoë Institute") -> dict:
    return {"id": f"360G-x-{number}", "title": "For looms", "currency": "GBP", "amountAwarded": 100,
            "awardDate": "2020-01-01", "fundingOrganization": [{"id": "GB-CHC-1000001", "name": "Loom Charity"}],
            "recipientOrganization": [{"id": "x", "name": recipient, "contactName": "Secretsurname"}]}  # fmt: skip


def grant_to_a_person() -> dict:
    said = grant(99)
    del said["recipientOrganization"]
    return {**said, "recipientIndividual": {"name": "Secretsurname"}}


@pytest.fixture
def service():
    with publishers() as held:
        yield held


@pytest.fixture
def town(tmp_path) -> Town:
    town = Town(write_sample(tmp_path), tmp_path)
    town.build()
    return town


def ask(town: Town, service: Publishers, *words: str, code: int = 0, bodies=("Zoë Institute",), **values):
    """Fetch a source from the stand-in, as mary."""
    settings = {key: values.pop(key) for key in list(values) if key.isupper()}
    said = {"LEEDSKG_FETCH_SERVICES": services_file(town.folder, service.address, **values),
            "LEEDSKG_FETCH_CONTACT": "mary@example.org", **settings}  # fmt: skip
    named = [word for name in bodies for word in ("--body", name)]
    return town.run("import", *words, "--fetch", *named, "--as", "mary", code=code, **said)


def waiting(town: Town) -> list[int]:
    return [each["id"] for each in town.json("contributions", "list") if each["state"] in {"submitted", "checked"}]


def kept_texts(town: Town) -> str:
    files = [each for each in (town.state / "fetched").rglob("*") if each.is_file() and each.suffix != ".zip"]
    return "\n".join(each.read_text(encoding="utf-8") for each in files)


def test_projects_are_listed_in_pages_fetched_one_by_one_and_proposed(town, service):
    service.gtr = projects(230)
    result = ask(town, service, "gtr")
    assert "230 new, 0 changed, 0 gone" in result.output
    assert "Contribution 1 is recorded. It waits for a steward." in result.output
    lists = [each for each in service.asked if each.path.endswith("/ORG-1/projects")]
    assert [(each.query["p"], each.query["s"]) for each in lists] == [("1", "100"), ("2", "100"), ("3", "100")]
    assert {each.headers["Accept"] for each in lists} == {"application/vnd.rcuk.gtr.json-v7"}
    assert all("leedskg/" in each.headers["User-Agent"] for each in service.asked)
    assert all("(+mary@example.org)" in each.headers["User-Agent"] for each in service.asked)
    assert sum(each.path == "/api/projects" for each in service.asked) == 230
    assert town.json("contributions", "show", "1")["file_name"].startswith("gtr-")


def test_nothing_enters_unseen_and_the_same_again_proposes_nothing(town, service):
    service.gtr = projects(3)
    before = town.generation()
    ask(town, service, "gtr")
    assert town.generation() == before
    again = ask(town, service, "gtr")
    assert "Contribution 1 says the same, and waits for a steward. Nothing was recorded." in again.output
    town.run("contributions", "accept", "1", "--as", "sam")
    service.asked.clear()
    assert "Nothing new" in ask(town, service, "gtr").output
    assert "/api/projects" not in service.paths(), "records that no list says have changed are not asked for again"
    assert all(each.headers.get("If-None-Match") for each in service.asked if each.path.endswith("/projects"))


def test_a_newer_fetch_takes_the_place_of_the_one_that_waits(town, service):
    service.gtr = projects(3)
    ask(town, service, "gtr")
    service.gtr["EP/2"] = project(2, title="Of bobbins")
    service.renew()
    service.asked.clear()
    result = ask(town, service, "gtr")
    assert "It takes the place of 1, withdrawn, which waited too." in result.output
    assert waiting(town) == [2]
    assert [each.query["ref"] for each in service.asked if each.path == "/api/projects"] == ["EP/2"]


def place_in_region(town: Town) -> None:
    """State that the institute lies in a town with the code of a local authority."""
    said = relationship("place", "Location", "firms", ("located", "zoe-institute"), ("place", "millbrook"))
    number = (
        "id:millbrook adms:identifier id:millbrook\\#gss .\n\nid:millbrook\\#gss a adms:Identifier ;\n"
        '    lhi:identifierScheme identifier:gss ;\n    skos:notation "E08000035" ;\n'
        "    lhi:seenIn evidence:new-register .\n\n"
        'id:register-of-places a lhi:RegisterSource ;\n    skos:prefLabel "Register of places"@en ;\n'
        '    dcterms:description "Made up for tests."@en .\n\n'
        "evidence:new-register a lhi:RegisterEvidence ;\n    oa:hasSource id:register-of-places ;\n"
        '    lhi:recordKey "https://register.example/millbrook" .\n'
    )
    head = PREFIXES + "".join(
        f"@prefix {prefix}: <{NAMESPACES.prefixes[prefix]}> .\n" for prefix in ("adms", "identifier")
    )
    text = mint(f"{head}\n{said}\n{number}", "graph/places.ttl", NAMESPACES)[0]
    (town.sample.root / "graph" / "places.ttl").write_text(text, encoding="utf-8")


def test_without_names_the_bodies_of_the_region_are_asked_about(town, service):
    service.gtr = {**projects(2), "EP/900": project(900, body("ORG-3", "Millbrook Hospital", "LEAD_RO"))}
    result = ask(town, service, "gtr", "--dry-run", bodies=(), code=2)
    assert "The graph places no body in E08000032" in result.output
    place_in_region(town)
    assert "2 new" in ask(town, service, "gtr", "--dry-run", bodies=()).output
    assert [each.query["q"] for each in service.asked if "q" in each.query] == ['"Zoë Institute"']


def test_a_record_is_gone_when_the_publisher_has_it_no_more_and_not_when_it_was_not_asked_about(town, service):
    place_in_region(town)
    service.gtr = {**projects(12), "EP/900": project(900, body("ORG-3", "Millbrook Hospital", "LEAD_RO"))}
    ask(town, service, "gtr", bodies=("Zoë Institute", "Millbrook Hospital"))
    town.run("contributions", "accept", "1", "--as", "sam")
    for each in ("EP/12", "EP/900"):
        del service.gtr[each]
    service.renew()
    assert "Nothing new" in ask(town, service, "gtr", "--dry-run").output, "a named body says nothing of other records"
    # Without names every record in force is asked about too, once it has not been for so many days.
    found = ask(town, service, "gtr", "--dry-run", bodies=(), renew_days=0)
    assert "0 new, 0 changed, 2 gone (ended, not deleted), 11 as they were" in found.output


def test_a_run_that_was_interrupted_goes_on_where_it_stopped(town, service):
    service.gtr = projects(40)
    asked = []

    def breaks_off(request):
        if request.path == "/api/projects":
            asked.append(request.query["ref"])
            if len(asked) == 25:
                return Reply(503, b"", headers={"Retry-After": "1"})
        return None

    service.fault = breaks_off
    result = ask(town, service, "gtr", code=1, tries=1)
    assert "127.0.0.1 answers 503 Service Unavailable. It asks to wait 1 seconds." in result.output
    assert not town.ledger.exists()
    asked_first = set(asked[:24])
    asked.clear()
    half = town.state / "fetched" / "gtr" / "parts" / ".half.part"
    half.write_bytes(b"what a run that is killed may leave")
    service.fault = lambda request: asked.append(request.query["ref"]) if request.path == "/api/projects" else None
    result = ask(town, service, "gtr", tries=1)
    assert "40 new" in result.output
    assert len(asked) == 16
    assert not half.exists()
    assert not asked_first & set(asked)


LIST = "/gtr/api/organisations/ORG-1/projects"


def on(path, reply):
    return lambda request: reply(request) if request.path == path else None


def page(count: int, total: int):
    entries = [
        {"id": f"P-{each}", "identifiers": {"identifier": [{"value": f"EP/{each}", "type": "RCUK"}]}}
        for each in range(1, count + 1)
    ]
    return Reply(body=json.dumps({"totalSize": total, "project": entries}).encode())


def moved_on(request):
    """A list that has one record more on its second page than its first page said."""
    number = int(request.query["p"])
    entries = [{"id": f"P-{number}-{each}"} for each in range(100)]
    return Reply(body=json.dumps({"totalSize": 200 + number, "project": entries}).encode())


FAULTS = {
    "a list that is not there": (on(LIST, lambda _: Reply(404)), "has nothing at"),
    "a web page": (on(LIST, lambda _: Reply(body=b"<!DOCTYPE html><p>Sign in", kind="text/html")),
                   "answers with a web page in place of data"),
    "a web page that says it is JSON": (on(LIST, lambda _: Reply(body=b"\n<html>")), "a web page in place of data"),
    "XML where JSON was asked for": (on(LIST, lambda _: Reply(body=b"<a/>", kind="text/xml")), "in place of data"),
    "a page that lacks records": (on(LIST, lambda _: page(7, 30)), "is cut short: it has 7 of 30 records"),
    "a page that ends within a word": (on(LIST, lambda _: Reply(body=b'{"totalSize": 3, "proj')), "is cut short, or"),
    "a page that breaks off": (on(LIST, lambda _: Reply(body=b'{"totalSize": 3}', cut_at=9)), "broke off"),
    "a list that changes midway": (on(LIST, moved_on), "changed while it was read (page 2: 202 records, page 1: 201)"),
    "a list of another form": (on(LIST, lambda _: Reply(body=b'{"count": 3}')), "answers in another form than it did"),
    "entries of another form": (on(LIST, lambda _: Reply(body=b'{"totalSize": 1, "project": [7]}')),
                                "records in another form"),
    "an empty answer": (on(LIST, lambda _: Reply()), "answers with nothing"),
    "another host": (on(LIST, lambda _: Reply(302, headers={"Location": "https://elsewhere.example.org/"})),
                     "to another place, https://elsewhere.example.org/, which was not asked"),
    "a circle": (on(LIST, lambda _: Reply(302, headers={"Location": LIST})), "redirects in a circle"),
    "no permission": (on(LIST, lambda _: Reply(403)), "refuses this machine"),
    "a proxy that wants a password": (on(LIST, lambda _: Reply(407)), "The proxy refuses this machine"),
    "a fault of the service": (on(LIST, lambda _: Reply(500)), "answers 500 Internal Server Error"),
    "a long wait": (on(LIST, lambda _: Reply(429, headers={"Retry-After": "7200"})), "It asks to wait 7,200 seconds"),
    "too much": (on(LIST, lambda _: Reply(body=b"[" + b" " * 3_000_000)), "is larger than 1 MiB"),
    "a record of another project": (on("/api/projects", lambda _: Reply(body=project(77), kind="application/xml")),
                                    "answers with the project EP/77"),
    "a record that is cut short": (on("/api/projects", lambda _: Reply(body=project(1)[:-30], kind="text/xml")),
                                   "cut short, or no XML"),
    "a record that is a bomb": (on("/api/projects", lambda _: Reply(body=b'<!DOCTYPE a [<!ENTITY b "b">]><a/>',
                                                                    kind="text/xml")), "declares a document type"),
    "an address that is none": (on(LIST, lambda _: Reply(302, headers={"Location": "http://[::1"})), "broke off"),
    "a wait that is no number": (on(LIST, lambda _: Reply(429, headers={"Retry-After": "\u00b2"})), "429 Too Many"),
    "nothing new, unasked": (on(LIST, lambda _: Reply(304)), "answers 304 Not Modified"),
    "a parcel in a parcel": (on(LIST, lambda _: Reply(body=b"{}", headers={"Content-Encoding": "gzip, gzip"})),
                             "packs its answer as “gzip, gzip”"),
    "a list without an end": (on(LIST, lambda _: page(100, 10**18)), "no number of records"),
    "JSON that is too deep": (on(LIST, lambda _: Reply(body=b"[" * 99_999)), "nested too deeply"),
    "half a character": (on(LIST, lambda _: Reply(body=b'{"totalSize": 1, "project": [{"id": "\\ud800"}]}')),
                         "half of a character"),
    "an answer that takes for ever": (on(LIST, lambda _: Reply(body=b'{"totalSize"', drips=True)), "takes longer than"),
    "no record of those listed": (on("/api/projects", lambda _: Reply(404)), "has none of 3 projects that the lists"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_what_goes_wrong_is_one_sentence_and_nothing_half_done(town, service, case):
    service.gtr = projects(3)
    service.fault, said = FAULTS[case]
    result = ask(town, service, "gtr", code=1, tries=2, most_mib=1, longest=1)
    told = [line for line in result.output.splitlines() if line.startswith("leedskg: ")]
    assert len(told) == 1
    assert said in told[0]
    assert "Nothing was imported." in told[0]
    assert "Traceback" not in result.output
    assert not town.ledger.exists()
    service.fault = lambda _: None
    assert "3 new" in ask(town, service, "gtr").output, "what went wrong leaves nothing behind"


def test_an_answer_that_comes_for_ever_is_ended(town, service):
    service.gtr = projects(1)
    service.fault = on(LIST, lambda _: Reply(body=b'{"totalSize": 3', drips=True))
    result = ask(town, service, "gtr", code=1, longest=1)
    assert "takes longer than 1 seconds" in result.output


def test_without_internet_it_says_so(town, service):
    dead = Publishers(address="http://127.0.0.1:9/")  # nothing listens at the port for discarding
    result = ask(town, dead, "gtr", code=1, tries=2)
    assert "127.0.0.1 cannot be reached" in result.output
    assert "Has this machine internet?" in result.output
    assert not town.ledger.exists()


def test_a_proxy_that_refuses_is_named(town, service):
    away = Publishers(address="https://publisher.example.org/")
    result = ask(town, away, "gtr", code=1, HTTPS_PROXY=service.address, NO_PROXY="")
    assert "The proxy of this network does not let publisher.example.org be asked" in result.output


def test_a_service_that_is_busy_is_given_the_time_that_it_asks_for(service):
    waits: list[float] = []
    left = [Reply(429, headers={"Retry-After": "17"}), Reply(503), Reply(503)]
    service.fault = lambda _: left.pop(0) if left else Reply(body=b"{}", headers={"Last-Modified": "Sat, 01 Jan 2022"})
    asked = replace(service_of("gtr"), address=service.address, pause=5.0, backoff=2.0)
    client = PublisherClient(asked, "mary@example.org", lambda _: None, waits.append)
    answer = client.get(service.address, lambda stream: stream.read())
    client.close()
    assert answer is not None
    assert answer.content == b"{}"
    assert answer.validators == Validators(modified="Sat, 01 Jan 2022")
    assert answer.validators.headers == {"If-Modified-Since": "Sat, 01 Jan 2022"}
    pauses = [each for each in waits if each not in {17.0, 4.0, 8.0}]
    assert [each for each in waits if each in {17.0, 4.0, 8.0}] == [17.0, 4.0, 8.0]
    assert len(pauses) == 3, "the pause between two requests stands beside"
    assert all(4.0 < each <= 5.0 for each in pauses)


@pytest.mark.parametrize("source", ["gtr", "nihr", "360giving"])
def test_persons_and_prose_are_written_nowhere(town, service, source):
    service.gtr = {"EP/1": project(1, ZOE, body("ORG-4", "Pat Example, Clinician", "COLLABORATOR"))}
    service.nihr = [award(1)]
    service.list_file("a1", "Loom Charity", [grant(1), grant_to_a_person()])
    bodies = ("Zoë Institute",) if source == "gtr" else ()
    result = ask(town, service, source, bodies=bodies, LEEDSKG_PRIVATE_SITE="1")
    assert "Personal data left out before anything was written" in result.output
    assert "1 new" in result.output
    texts = kept_texts(town)
    assert "Zo" in texts
    for private in ("Secretsurname", "Prose", "Pat Example"):
        assert private not in texts


def test_ror_is_asked_for_records_of_whatever_status_and_a_withdrawn_one_is_gone(town, service):
    others = [ror_record(f"0{number:08d}", f"Institute {number} beside the Zoë Institute") for number in range(25)]
    service.ror = [*others, ror_record("024mrxd33", "Zoë Institute", status="inactive")]
    result = ask(town, service, "ror")
    assert "1 new" in result.output
    assert [each.query["page"] for each in service.asked] == ["1", "2"]
    assert all(each.query["all_status"] == "true" for each in service.asked)
    town.run("contributions", "accept", "1", "--as", "sam")
    service.ror = [*others, ror_record("024mrxd33", "Zoë Institute", status="withdrawn")]
    result = ask(town, service, "ror", "--anew", renew_days=0)
    assert "0 new, 0 changed, 1 gone" in result.output
    kept = json.loads((town.state / "fetched" / "ror" / "ror-fetched.json").read_text())
    assert [each["id"] for each in kept] == ["https://ror.org/024mrxd33"]


def test_an_error_that_ror_gives_as_an_answer_is_told(town, service):
    service.fault = lambda _: Reply(body=b'{"errors": ["page 501 outside of range 1-500"]}')
    result = ask(town, service, "ror", code=1)
    assert "answers with an error: ['page 501 outside of range 1-500']" in result.output


def test_nihr_is_taken_from_its_export_whole_or_not_at_all(town, service):
    service.nihr = [award(number) for number in range(250)]
    result = ask(town, service, "nihr", bodies=(), LEEDSKG_PRIVATE_SITE="1")
    assert "250 records read, 250 within the scope" in result.output
    town.run("contributions", "accept", "1", "--as", "sam", LEEDSKG_PRIVATE_SITE="1")
    assert "Nothing new" in ask(town, service, "nihr", bodies=(), LEEDSKG_PRIVATE_SITE="1").output
    last = service.asked[-1]
    assert last.path.endswith("/exports/json")
    assert last.headers["If-None-Match"]
    short = [award(number) for number in range(200)]
    service.fault = on(last.path, lambda _: Reply(body=json.dumps(short).encode()))
    result = ask(town, service, "nihr", bodies=(), code=1, LEEDSKG_PRIVATE_SITE="1")
    assert "it has 200 awards, and the publisher counts 250" in result.output
    kept = json.loads((town.state / "fetched" / "nihr" / "nihr-fetched.json").read_text())
    assert len(kept) == 250, "the export that was had before stays"


def test_files_of_360giving_come_from_each_publisher_and_a_lost_one_is_not_gone(town, service):
    first = service.list_file("a1", "Loom Charity", [grant(1)])
    second = service.list_file("a2", "Bobbin Fund", [grant(2)])
    service.list_file("a3", "Warp Trust", [], ending="xlsx")
    private = {"LEEDSKG_PRIVATE_SITE": "1"}
    result = ask(town, service, "360giving", bodies=(), **private)
    assert "1 of 3 files are spreadsheets" in result.output
    assert "2 new" in result.output
    town.run("contributions", "accept", "1", "--as", "sam", **private)
    service.fault = on(second, lambda _: Reply(404))
    result = ask(town, service, "360giving", bodies=(), **private)
    assert "Bobbin Fund: the file that was had before is used." in result.output
    assert "Nothing new" in result.output
    service.asked.clear()
    ask(town, service, "360giving", **private, bodies=("Loom Charity",))
    assert second not in service.paths()
    assert first in service.paths()
    service.registry[0]["distribution"][0]["downloadURL"] = "ftp://example.org/a.json"
    result = ask(town, service, "360giving", **private, bodies=("Loom Charity",))
    assert "the registry gives ftp://example.org/a.json" in result.output
    for address in ("https://[::1", "https://a\0b/x.json", "https://xn--\u00e9/x.json"):
        service.registry[0]["distribution"][0]["downloadURL"] = address
        result = ask(town, service, "360giving", **private, bodies=("Loom Charity",))
        assert "is no address" in result.output
        assert "the file that was had before is used" in result.output


def test_what_is_wrong_is_told_before_a_publisher_is_asked(town, service):
    service.gtr = projects(1)
    for words, settings, said in (
        (["gtr"], {"LEEDSKG_FETCH_CONTACT": ""}, "set LEEDSKG_FETCH_CONTACT to an e-mail address"),
        (["gtr"], {"LEEDSKG_FETCH_CONTACT": "nobody"}, "LEEDSKG_FETCH_CONTACT has to be an e-mail address"),
        (["nihr"], {}, "nothing says that NIHR Open Data: awards may be published"),
        (["ods"], {}, "ods is not fetched; gtr, ror, nihr, 360giving are"),
        (["grt"], {}, "Is gtr meant?"),
        (["gtr", "file.zip"], {}, "say only which source"),
        (["gtr", "--had-on", "2026-01-01"], {}, "do not go with --fetch"),
        (["gtr", "--body", "Zoe Institute of Hearts"], {}, "is no body of the graph"),
        (["gtr"], {"LEEDSKG_FETCH_SERVICES": town.write("a.toml", "[gtr]\npause = -1\n")}, "pause has to be a number"),
        (["gtr"], {"LEEDSKG_FETCH_SERVICES": town.write("b.toml", '[gtr]\naddress = "x"\n')}, "address has to be like"),
        (["gtr"], {"LEEDSKG_FETCH_SERVICES": town.write("c.toml", "[grt]\n")}, "“grt” is no service"),
        (["gtr"], {"LEEDSKG_FETCH_SERVICES": town.write("d.toml", "[gtr]\nspeed = 1\n")}, "there is no value “speed”"),
        (["gtr"], {"LEEDSKG_FETCH_SERVICES": town.write("e.toml", "nonsense")}, "cannot be read"),
        (["gtr"], {"LEEDSKG_FETCH_SERVICES": "nowhere.toml"}, "cannot be read"),
    ):
        result = ask(town, service, *words, code=None, **settings)
        assert result.exit_code in {1, 2}, words
        assert said in result.output, words
    result = town.run("import", "a.csv", "--body", "Zoë Institute", code=2)
    assert "--body and --anew go with --fetch" in result.output
    assert service.asked == []
    assert not town.ledger.exists()


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Town:
    """The graph of this project, on which nothing is recorded."""
    folder = tmp_path_factory.mktemp("real")
    return Town(Sample(PROJECT, folder), folder)


needs_shared = pytest.mark.skipif(not OPEN_DATA.exists(), reason="the publishers' files (../shared) are not here")


@needs_shared
@pytest.mark.slow
def test_the_publishers_own_records_of_projects_go_through_the_paging_of_its_service(real, service):
    with tarfile.open(OPEN_DATA / "gtr" / "2018-04" / "wy-projects-2018-04.tar.xz") as archive:
        for entry in archive:
            content = archive.extractfile(entry).read() if entry.isfile() else b""
            if b">University of Leeds</gtr:name>" in content and len(service.gtr) < 220:
                service.gtr[ElementTree.fromstring(content).findtext(f".//{GTR}grantReference")] = content
    whole = "--no-lean", "--no-health", "--at-least", "1"  # and not as the grants that ship were chosen
    result = ask(real, service, "gtr", "--dry-run", "--format", "json", *whole, bodies=("University of Leeds",))
    counts = json.loads(result.stdout)
    assert counts["read"] == 220
    assert 0 < counts["new"] < 220, "some are in the graph"
    assert len({each.query["p"] for each in service.asked if "/organisations/" in each.path}) == 3


@needs_shared
@pytest.mark.slow
def test_the_publishers_own_records_of_bodies_in_the_region_are_found_by_id_and_by_name(real, service):
    service.ror = json.loads((OPEN_DATA / "ror" / "ror-v2-gb-from-ror-records.json").read_text(encoding="utf-8"))
    result = ask(real, service, "ror", "--dry-run", "--format", "json", bodies=())
    assert json.loads(result.stdout)["read"] >= 5
    assert "/v2/organizations/024mrxd33" in service.paths(), "the University of Leeds has a ROR ID in the graph"
    assert any("query" in each.query for each in service.asked), "the others are asked for by name"


@needs_shared
def test_the_publishers_own_files_of_awards_and_grants_are_read(town, service):
    with (OPEN_DATA / "nihr" / "nihr-partnerships.csv").open(encoding="utf-8-sig", newline="") as file:
        service.nihr = list(csv.DictReader(file, delimiter=";"))
    counts = []
    for each in sorted((OPEN_DATA / "360giving").glob("*.json")):
        grants = json.loads(each.read_text(encoding="utf-8"))["grants"]
        service.list_file(each.stem, each.stem, grants)
        counts.append(len([one for one in grants if one.get("recipientOrganization")]))
    for source, number in (("nihr", len(service.nihr)), ("360giving", sum(counts))):
        result = ask(
            town, service, source, "--dry-run", "--format", "json", bodies=(), code=None, LEEDSKG_PRIVATE_SITE="1"
        )
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["read"] == number


def test_only_the_command_that_fetches_imports_what_calls_out():
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in modules()
        if any(name.startswith("leedskg.fetching") for name in all_imports(path))
        and "fetching" not in path.relative_to(PACKAGE).parts
    }
    assert users == {"cli/fetching.py"}
    tree = ast.parse((PACKAGE / "cli" / "importing.py").read_text(encoding="utf-8"))
    at_the_top = [each.module for each in tree.body if isinstance(each, ast.ImportFrom)]
    assert "leedskg.cli.fetching" not in at_the_top
    assert not any("leedskg.cli.fetching" in all_imports(path) for path in modules() if path.name != "importing.py")


def test_the_server_has_nothing_loaded_that_calls_a_publisher():
    """Every module that a server could load is loaded: web, ledger and the command line that starts them."""
    code = (
        "import pkgutil, sys, importlib, leedskg.cli.serving, leedskg.web, leedskg.ledger, leedskg.importers\n"
        "for room in (leedskg.web, leedskg.ledger, leedskg.importers):\n"
        "    for each in pkgutil.walk_packages(room.__path__, room.__name__ + '.'):\n"
        "        importlib.import_module(each.name)\n"
        "print([name for name in sys.modules if 'fetching' in name])\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_publishers_addresses_are_those_that_they_give():
    hosts = {source: service_of(source).address for source in ("gtr", "ror", "nihr", "360giving")}
    assert hosts == {
        "gtr": "https://gtr.ukri.org/",
        "ror": "https://api.ror.org/",
        "nihr": "https://nihr.opendatasoft.com/",
        "360giving": "https://registry.threesixtygiving.org/",
    }
    assert service_of("gtr").url("projects", id="A") == "https://gtr.ukri.org/gtr/api/organisations/A/projects"
    assert issubclass(FetchError, Exception)
