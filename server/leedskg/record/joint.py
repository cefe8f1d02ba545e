"""What two bodies have together, as a statement: nobody states it, so it stands on the registers of the projects."""

from __future__ import annotations

from dataclasses import dataclass

from leedskg.namespaces import Namespaces
from leedskg.network import Tie
from leedskg.record.model import Detail, EvidencePlace, Name, Participation, ShownAssertion


@dataclass(frozen=True)
class JointRecords(EvidencePlace):
    """The records of a register that tell of all the projects of two bodies."""

    @property
    def words(self) -> str:
        """How many records, such as `42 projects`."""
        return self.record_key


def joint_statement(tie: Tie, ends: tuple[str, str], labels: dict[str, str], namespaces: Namespaces) -> ShownAssertion:
    """Return the statement of joint projects; `labels` are of the two ends, the registers and the terms."""

    def name(iri: str) -> Name:
        return Name(iri, labels.get(iri, namespaces.shorten(iri)))

    said = {
        "validFrom": tie.valid_from,
        "validTo": tie.valid_to,
        "amount": f"{tie.pounds:.0f}" if tie.pounds else "",
        "currency": "GBP" if tie.pounds else "",
    }
    details = tuple(Detail(name(namespaces.term(each)), Name("", value)) for each, value in said.items() if value)
    projects = f"{tie.projects:,} project{'' if tie.projects == 1 else 's'}"
    places = [
        JointRecords(tie.relationship, name(source), "", "", None, None, "", projects) for source in sorted(tie.sources)
    ]
    role = name(tie.pattern.from_role)
    return ShownAssertion(
        tie.relationship,
        Name(tie.pattern.relationship_type, tie.pattern.label),
        tuple(Participation(role, name(each)) for each in ends),
        details,
        tie.confidence,
        "",
        "",
        "",
        "Worked out from the records of projects that both take part in.",
        tuple(places),
    )
