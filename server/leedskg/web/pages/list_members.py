"""The members of a list of one's own, which its address names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for

from leedskg.alerts.targets import MOST_MEMBERS
from leedskg.catalogue import CatalogueEntry
from leedskg.errors import RequestError
from leedskg.generation_view import GenerationView
from leedskg.web.api.parameters import LONGEST_NAME, several

OF = several("of", "The id of a member, such as `nexus`, or several with commas between them.")


def id_of(view: GenerationView, entry: CatalogueEntry) -> str:
    """Return what a list calls an entity: the last part of its IRI."""
    return entry.iri.removeprefix(view.namespaces.entity(""))


def list_address(ids: Sequence[str]) -> str:
    """Return the address of a list of one's own."""
    return url_for("lists.page", of=",".join(ids)) if ids else url_for("lists.page")


@dataclass(frozen=True)
class Members:
    """Who is in a list of one's own, and what is wrong with the names that are not."""

    entries: tuple[CatalogueEntry, ...]
    problems: tuple[str, ...]


def read_members(view: GenerationView) -> Members:
    """Read the members that the address names. Raises RequestError for more than a list can have."""
    texts: list[str] = []
    for given in request.args.getlist("of"):
        texts += [given] if view.catalogue.named(given) else given.split(",")
    texts = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    if len(texts) > MOST_MEMBERS:
        raise RequestError(f"A list has up to {MOST_MEMBERS} members; {len(texts):,} are named. Narrow it first.")
    found: dict[str, CatalogueEntry] = {}
    problems = []
    for text in texts:
        short = f"{text[:LONGEST_NAME]}…" if len(text) > LONGEST_NAME else text
        named = view.catalogue.named(text) if short == text else []
        entry = view.catalogue.current(named[0]) if len(named) == 1 else None
        if entry is None:
            problems.append(
                f"“{short}” may be any of {len(named)}; it is left out." if named
                else f"We could not find “{short}”; it is left out."
            )  # fmt: skip
        elif entry.retired:
            problems.append(f"{entry.label} was retired, and nothing took its place; it is left out.")
        else:
            if entry != named[0]:
                problems.append(f"{named[0].label} was replaced by {entry.label}, which stands here.")
            found[entry.iri] = entry
    return Members(tuple(found.values()), tuple(problems))
