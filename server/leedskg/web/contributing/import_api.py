"""Imports over HTTP, for programs: `/api/imports`, in JSON, with an API token. Decisions are those on contributions."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for

from leedskg.errors import LeedskgError, RequestError
from leedskg.ledger.import_tasks import import_file, import_told
from leedskg.ledger.process import UnderWayError
from leedskg.web.account import security
from leedskg.web.account.security import needs
from leedskg.web.contributing.api import refused, under_way
from leedskg.web.contributing.contribution_page import as_json, short
from leedskg.web.contributing.imports import found_import, import_request, imports_listed
from leedskg.web.contributing.steward import ledger, steward
from leedskg.web.contributing.uploads import check_here, sent_file

blueprint = Blueprint("import_api", __name__, url_prefix="/api/imports")
blueprint.register_error_handler(UnderWayError, under_way)
blueprint.register_error_handler(LeedskgError, refused)


@blueprint.get("")
@needs("contribute")
def listed() -> Response:
    """List the imports, the latest first."""
    return as_json({"imports": [short(each) | _links(each.id) for each in imports_listed()]})


@blueprint.post("")
@needs("contribute", counted=True)
def send() -> Response:
    """Send a publisher's file as multipart/form-data: `file`, and if wanted `source`, `had_on`, `least` and `part`."""
    check_here()
    name, content = sent_file()
    if not name:
        raise RequestError("Send the publisher's file as multipart/form-data, in the field `file`.")
    wanted = import_request(
        {each: request.form.get(each, "").strip() for each in ("source", "had_on", "least", "part")}
    )
    number = steward().do(import_file, content, name, wanted, who=security.account().id)
    made = as_json(short(ledger().contribution(number)) | _links(number), 201)
    made.headers["Location"] = url_for("import_api.one", number=number)
    return made


@blueprint.get("/<int:number>")
@needs("contribute")
def one(number: int) -> Response:
    """Give one import: origin, counts, difference, dropped fields, a sample, and the bodies to match."""
    found = found_import(number)
    return as_json(short(found) | _links(number) | {"import": steward().look(import_told, number)})


def _links(number: int) -> dict[str, str]:
    return {"href": url_for("import_api.one", number=number), "page": url_for("imports.one", number=number)} | {
        "contribution": url_for("contribution_api.one", number=number)
    }
