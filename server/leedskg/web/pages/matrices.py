"""The matrices of what is recorded: needs by providers, and themes by kinds, as pages and as files."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, url_for

from leedskg.matrix import needs_by_providers
from leedskg.web import current
from leedskg.web.api.parameters import reads
from leedskg.web.pages.limits import STATED, limits_form, narrowed
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.pages.support_tables import needs_table, themes_table
from leedskg.web.pages.tables import AS_FILE, asked_table_format, saved, table_links
from leedskg.wording import plural

blueprint = Blueprint("matrices", __name__)


@blueprint.get("/support/needs")
@reads(*STATED, AS_FILE)
def needs() -> str | Response:
    """Show the matrix of needs by providers."""
    whole, format_name = current.view(), asked_table_format()
    view = narrowed(whole, relations=False)
    presenter, matrix = Presenter(view), needs_by_providers(view.support)
    if format_name:
        return saved(needs_table(matrix), format_name)
    return render_template(
        "matrix_needs.html",
        matrix=matrix,
        columns=[
            (column, url_for("support.page", need=column.iri.rpartition("/")[2]), matrix.in_column(column))
            for column in matrix.columns
        ],
        rows=[(row, presenter.entity(row.iri, row.label), matrix.in_row(row)) for row in matrix.rows],
        href=href,
        files=table_links(),
        limits=limits_form(whole, relations=False),
    )


@blueprint.get("/support/themes")
@reads(*STATED, AS_FILE)
def themes() -> str | Response:
    """Show the matrix of themes by kinds of actor."""
    whole, format_name = current.view(), asked_table_format()
    view = narrowed(whole, relations=False)
    matrix = view.themes
    if format_name:
        return saved(themes_table(matrix), format_name)
    return render_template(
        "matrix_themes.html",
        matrix=matrix,
        columns=[(column, plural(column.label)) for column in matrix.columns],
        rows=[(row, href(row.iri), matrix.in_row(row)) for row in matrix.rows],
        empty=matrix.empty_rows(),
        limits=limits_form(whole, relations=False),
        covered=Presenter(view).covered(each.iri for cell in matrix.cells.values() for each in cell),
        href=href,
        files=table_links(),
    )
