"""Names as people write them: abbreviations, small words, plurals, apostrophes and slips find the one that is meant."""

from functools import cache
from pathlib import Path

import pytest

from leedskg.catalogue import Catalogue, CatalogueEntry
from leedskg.contributions.directory import Directory
from leedskg.contributions.values import CellError
from leedskg.errors import UnknownNameError
from leedskg.knowledge import read_knowledge
from leedskg.namespaces import Namespaces
from leedskg.naming import folded, initials, is_slip, telling_words

ROOT = Path(__file__).parents[1]
NAMESPACES = Namespaces()


@cache
def directory() -> Directory:
    return Directory(read_knowledge(ROOT, NAMESPACES), None)


def town(**names: str) -> Catalogue:
    """A catalogue of bodies, by slug; names separated by a bar, the label first."""
    entries = {}
    for slug, text in names.items():
        label, *others = text.split("|")
        hidden = tuple(other[1:] for other in others if other.startswith("~"))
        variants = tuple(other for other in others if not other.startswith("~"))
        iri = NAMESPACES.entity(slug)
        entries[iri] = CatalogueEntry(iri, label, variants, (NAMESPACES.term("Company"),), ("company",), hidden=hidden)
    return Catalogue(NAMESPACES, entries)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("LTHT", "Leeds Teaching Hospitals NHS Trust"),
        ("ltht", "Leeds Teaching Hospitals NHS Trust"),
        ("LAHP", "Leeds Academic Health Partnership"),
        ("UCL", "University College London"),
        ("DBT", "Department for Business and Trade"),
        ("LGI", "Leeds General Infirmary"),
        ("WYCA", "West Yorkshire Combined Authority"),
        ("HIYH", "Health Innovation Yorkshire & Humber"),
        ("CTRU", "Clinical Trials Research Unit"),
        ("BRC", "Leeds Biomedical Research Centre"),
        ("CRF", "Leeds Clinical Research Facility"),
        ("Univ of Leeds", "University of Leeds"),
        ("Univ. Leeds", "University of Leeds"),
        ("Leeds University", "University of Leeds"),
        ("the University of Leeds", "University of Leeds"),
        ("Health Innovation Yorkshire and Humber", "Health Innovation Yorkshire & Humber"),
        ("Legal and General", "Legal & General"),
        ("Leeds Hospital’s Charity", "Leeds Hospitals Charity"),
        ("Leeds Hospital Charity", "Leeds Hospitals Charity"),
        ("Leeds Teaching Hospitals NHS Foundation Trust", "Leeds Teaching Hospitals NHS Trust"),
        ("St James's University Hospital", "St James's University Hospital"),
        ("St James University Hospital", "St James's University Hospital"),
        ("Saint James Univ Hospital", "St James's University Hospital"),
        ("Bradford Teaching Hosp NHS Found Trust", "Bradford Teaching Hospitals NHS Foundation Trust"),
        ("Assoc. of British HealthTech Industries", "Association of British HealthTech Industries"),
        # slips
        ("Universty of Leeds", "University of Leeds"),
        ("Leeds Becket University", "Leeds Beckett University"),
        ("KMPG", "KPMG"),
        ("Northern Gritsone", "Northern Gritstone"),
    ],
)
def test_a_name_of_the_graph_is_found_as_people_write_it(written, meant):
    assert directory().catalogue.find(written).label == meant
    assert directory().catalogue.search(written, 1)[0].entry.label == meant


def test_an_abbreviation_of_two_lists_both():
    catalogue = directory().catalogue
    with pytest.raises(UnknownNameError) as found:
        catalogue.find("LCC")
    assert found.value.ambiguous
    assert {"Leeds City College", "Leeds City Council"} <= {each.label for each in found.value.candidates}
    assert {"Leeds City College", "Leeds City Council"} <= {match.entry.label for match in catalogue.search("LCC")}


def test_a_name_for_finding_only_is_no_name_of_the_entity():
    entry = directory().catalogue.find("LTHT")
    assert "LTHT" not in entry.names
    assert "LTHT" in entry.hidden


def test_what_a_name_is_written_as_comes_before_what_it_may_stand_for():
    catalogue = town(mill="Mill Loom Weavers", other="Other|MLW", third="Third|~mlw body")
    assert catalogue.find("MLW").label == "Other"
    assert town(mill="Mill Loom Weavers").find("MLW").label == "Mill Loom Weavers"
    assert town(one="Mills Trust", two="Mill Trust").find("Mill Trust").label == "Mill Trust"


@pytest.mark.parametrize("name", ["Milbrook Hospital", "Millbrook Hospitl", "Millbrok Hospital"])
def test_a_slip_is_taken_where_one_body_is_near_and_lists_both_where_two_are(name):
    assert town(one="Millbrook Hospital").find(name).label == "Millbrook Hospital"
    with pytest.raises(UnknownNameError) as found:
        town(one="Millbrook Hospital", two="Hospital of Millbrook").find(name)
    assert len(found.value.candidates) == 2


def test_a_short_word_with_another_letter_and_another_number_are_other_names():
    catalogue = town(york="University of York", ward="Ward 12")
    for name in ("University of Cork", "Ward 13"):
        with pytest.raises(UnknownNameError):
            catalogue.find(name)


def test_a_contribution_takes_a_name_in_other_words_and_asks_about_a_slip():
    assert directory().entity("Univ of Leeds") == NAMESPACES.entity("university-of-leeds")
    assert directory().entity("LTHT") == NAMESPACES.entity("leeds-teaching-hospitals-nhs-trust")
    with pytest.raises(CellError, match="did you mean Leeds Beckett University"):
        directory().entity("Leeds Becket University")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("University of Leeds", "Leeds University", True),
        ("Legal & General", "Legal and General", True),
        ("St James’s", "St James", True),
        ("Labs", "Lab", True),
        ("Facilities", "Facility", True),
        ("Mimetrik", "Mimetrik Ltd", True),
        ("The", "Of", False),
        ("Leeds Beckett University", "Leeds University", False),
    ],
)
def test_the_telling_words_of_two_names(one, other, same):
    assert (telling_words(folded(one)) == telling_words(folded(other))) is same


def test_initials_leave_small_words_out_and_nhs_or_not():
    assert initials("Leeds Teaching Hospitals NHS Trust") == {"lthnt", "ltht"}
    assert initials("Department for Business and Trade") == {"dbt"}
    assert initials("KPMG") == initials("University of Leeds") == set()


def test_a_slip_is_in_one_word_and_small():
    assert is_slip(("beckett", "leed"), ("becket", "leed"))
    assert not is_slip(("becket", "lead"), ("beckett", "leed"))
    assert not is_slip(("beckett",), ("beckett", "leed"))
