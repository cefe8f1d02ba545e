"""Where imported data comes from: every register with its licence and the line that its publisher asks for."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from leedskg.importers.registry import sources
from leedskg.query_files import query_beside
from leedskg.web import current
from leedskg.web.pages.presentation import href

blueprint = Blueprint("attribution", __name__)


@blueprint.get("/attribution")
def page() -> str:
    """Show every source of imports: publisher, licence, attribution line, and what of it is in the graph."""
    view = current.view()
    rows = {
        row["register"].value: row
        for row in view.reader.rows(query_beside(__file__, "attribution_imported") % view.namespaces.base)
    }
    there: list[tuple[Any, Any]] = []
    others: list[Any] = []
    for source in sources().values():
        register = view.namespaces.entity(source.about.register)
        if register in rows:
            said = {name: term.value for name, term in rows[register].items()}
            there.append((source.about, said))
        else:
            others.append(source.about)
    return render_template("attribution.html", there=there, others=others, href=href)
