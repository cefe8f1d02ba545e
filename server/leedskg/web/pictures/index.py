"""The page that lists every picture."""

from __future__ import annotations

from flask import render_template

from leedskg.web.pictures.frame import blueprint


@blueprint.get("/pictures")
def page() -> str:
    """Every picture there is, with a sentence on what it shows and what it does not."""
    return render_template("pictures/index.html")
