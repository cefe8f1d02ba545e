"""Which projects are on health: one rule for every source (decision 0219)."""

from __future__ import annotations

from leedskg.importers.model import SEVERAL, SourceRecord

#: Bodies that pay for research on health alone, as registers print their names.
HEALTH_FUNDERS = frozenset(
    [
        "mrc",
        "medical research council",
        "nc3rs",
        "nihr",
        "national institute for health research",
        "national institute for health and care research",
    ]
)
#: The class that the research councils give a grant which they count as medical, whichever of them pays.
HEALTH_SUBJECT = "Medical & health interface"


def is_on_health(record: SourceRecord) -> bool:
    """Return whether a record is of a body, or of a project that its register says is on health.

    The register says so by who pays, by a health category, or by the subject that the councils have for it. Words of a
    title never do.
    """
    if record.kind == "organisation" or record.values.get("topics"):
        return True
    if HEALTH_SUBJECT in record.values.get("subjects", "").split(SEVERAL):
        return True
    return any(each.role == "funder" and each.name.casefold() in HEALTH_FUNDERS for each in record.participants)
