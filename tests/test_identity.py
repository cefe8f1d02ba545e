"""Names of assertions and evidence: the same claim, the same name; another claim, another name."""

import pytest

from leedskg.errors import KnowledgeError
from leedskg.identity import assertion_name, mint
from leedskg.namespaces import Namespaces
from leedskg.statements import Statements, parse_turtle
from tests.sample_knowledge import MADE, PREFIXES, relationship

NAMESPACES = Namespaces()
AWARD = relationship("a", "FundingAward", "funding", ("funder", "loom-charity"), ("funded", "heartbeat-study"),
                     more="    lhi:amount 2000000 ;\n")  # fmt: skip


def name_of(turtle, draft="a"):
    statements = Statements.of([parse_turtle((PREFIXES + turtle).encode(), "test.ttl")])
    return assertion_name(statements, f"{NAMESPACES.base}assertion/new-{draft}", NAMESPACES)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("confidence 1.0", "confidence 0.7"),
        ("rank:normal", "rank:deprecated"),
        ("2026-11-21", "2027-01-01"),
        ("lhi:amount 2000000", "lhi:amount 2000000.0"),
        ("\\#p1", "\\#p7"),
        ("lhi:hasEvidence", "lhi:readingNote \"A note.\" ;\n    lhi:hasEvidence evidence:0123456789ab , "),
    ],
)  # fmt: skip
def test_what_is_said_about_a_claim_does_not_change_its_name(old, new):
    assert old in AWARD
    assert name_of(AWARD.replace(old, new)) == name_of(AWARD)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2000000", "3000000"),
        ("id:loom-charity", "id:zoe-institute"),
        ("role:funder", "role:partner"),
        ("lhi:FundingAward", "lhi:Partnership"),
        ("    lhi:amount", '    lhi:validTo "2021" ;\n    lhi:amount'),
    ],
)
def test_another_claim_has_another_name(old, new):
    assert old in AWARD
    assert name_of(AWARD.replace(old, new)) != name_of(AWARD)


def test_roles_are_not_mixed_up_between_participants():
    swapped = relationship("a", "FundingAward", "funding", ("funder", "heartbeat-study"), ("funded", "loom-charity"),
                           more="    lhi:amount 2000000 ;\n")  # fmt: skip
    assert name_of(swapped) != name_of(AWARD)


def test_the_order_of_participants_does_not_matter():
    turned = relationship("a", "FundingAward", "funding", ("funded", "heartbeat-study"), ("funder", "loom-charity"),
                          more="    lhi:amount 2000000 ;\n")  # fmt: skip
    assert name_of(turned) == name_of(AWARD)


def test_minting_changes_the_draft_names_and_nothing_else():
    text = PREFIXES + "# a comment that stays\n" + AWARD
    minted, names = mint(text, "test.ttl", NAMESPACES)
    assert minted == text.replace("new-a", name_of(AWARD))
    assert list(names.values()) == [f"{NAMESPACES.base}assertion/{name_of(AWARD)}"]


def test_minting_takes_no_draft_for_another_with_a_longer_name():
    other = relationship("a-b", "Partnership", "partners", ("partner", "zoe-institute"), ("partner", "loom-charity"))
    minted, names = mint(PREFIXES + AWARD + "\n" + other, "test.ttl", NAMESPACES)
    assert len(set(names.values())) == 2
    assert "new-" not in minted


def test_minting_twice_changes_nothing_more():
    minted, _ = mint(PREFIXES + AWARD, "test.ttl", NAMESPACES)
    assert mint(minted, "test.ttl", NAMESPACES) == (minted, {})


def test_minting_refuses_turtle_that_does_not_parse():
    with pytest.raises(KnowledgeError, match=r"test\.ttl:\d+: this is not valid Turtle"):
        mint(PREFIXES + AWARD.replace(MADE, "lhi:confidence"), "test.ttl", NAMESPACES)
