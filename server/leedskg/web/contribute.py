"""The ways in: what can be sent and how, uploading a file, and the forms."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for

from leedskg.contributions import FORMS as FILE_FORMS
from leedskg.errors import ConflictError, LimitReachedError, RefusedError
from leedskg.ledger import errands
from leedskg.ledger.desk import UnderWayError
from leedskg.validation.findings import Report, Severity
from leedskg.web import current, security
from leedskg.web.contribution_forms import FORMS, Filled, Form, id_of, matches, names
from leedskg.web.contribution_views import Problems, linked, named, named_report, waiting
from leedskg.web.desk import desk, why_not_here
from leedskg.web.security import needs
from leedskg.web.sendings import about_it, check_here, sent_file, too_long

blueprint = Blueprint("contribute", __name__, url_prefix="/contribute")


@blueprint.get("")
def page() -> str:
    """What can be contributed and how; for those who are not signed in, that it needs an account."""
    account = security.visitor().account
    if account is not None and not why_not_here():
        desk().begin()
    return render_template(
        "contributions/start.html",
        signed_in=account is not None,
        reviews=account is not None and account.may("review"),
        waiting=waiting() if account is not None and account.may("review") else 0,
        forms=FORMS.values(),
        not_here=why_not_here(),
        limit=current.settings().contribution_limit,
        has_documents=bool(current.settings().documents),
    )


@blueprint.get("/file")
@needs("contribute")
def upload_page() -> str:
    """The form to send a file."""
    return _upload({})


@blueprint.post("/file")
@needs("contribute", counted=True)
def upload() -> Response:
    """Take a file, or say everything that is wrong with it."""
    check_here()
    about = about_it(request.form)
    problems = too_long(about)
    name, content = sent_file()
    if not name:
        problems.append(("file", "Choose a file."))
    if problems:
        return make_response(_upload(about, Problems(found=problems)), 400)
    try:
        number = desk().do(errands.submit, content, name, who=security.account().id, **about)
    except (RefusedError, ConflictError) as error:
        report = error.report if isinstance(error, RefusedError) and isinstance(error.report, Report) else None
        problems = [("file", linked(named(error.message)))]
        return make_response(_upload(about, Problems(found=problems), report), error.status)
    except UnderWayError:
        return make_response(redirect(url_for("contributions.page", of="me"), 303))
    return _sent(number)


@blueprint.get("/<name>")
@needs("contribute")
def form_page(name: str) -> str:
    """A form; `kind` says of which kind of relationship, and other fields may be filled in by the address."""
    form = _form(name)
    if form.top and not request.args.get("kind"):
        return render_template(
            "contributions/kinds.html", form=form, kinds=desk().look(errands.kinds, form.top), problems=Problems()
        )
    return _shown(_filled(form, request.args), {})


@blueprint.post("/<name>")
@needs("contribute", counted=True)
def send_form(name: str) -> Response:
    """Look something up for a form, or send it."""
    form = _form(name)
    check_here()
    filled, about = _filled(form, request.form), about_it(request.form)
    what, _, value = request.form.get("do", "send").partition(":")
    if what != "send":
        return make_response(_looked_up(filled, about, what, value))
    problems = too_long(about)
    found = Problems(found=problems)
    if not problems:
        try:
            report, _ = desk().do(errands.preview, filled.csv(), filled.file_name)
            found = filled.problems(report.findings)
            if not found.found and report.reaches(Severity.VIOLATION):
                found = Problems(found=[("form", "The check found faults that are about none of these fields.")])
            if not found.found:
                title = about.pop("title") or filled.title
                number = desk().do(
                    errands.submit, filled.csv(), filled.file_name, who=security.account().id, title=title, **about
                )
                return _sent(number)
        except RefusedError as error:
            listed = error.report.findings if isinstance(error.report, Report) else ()
            found = filled.problems(listed) if listed else Problems(found=[("form", linked(named(error.message)))])
        except UnderWayError:
            return make_response(redirect(url_for("contributions.page", of="me"), 303))
        except LimitReachedError as error:
            return make_response(_shown(filled, about, Problems(found=[("form", error.message)])), error.status)
    return make_response(_shown(filled, about, found), 422)


def _form(name: str) -> Form:
    if name not in FORMS:
        abort(404, "There is no such form.")
    return FORMS[name]


def _filled(form: Form, sent: Any) -> Filled:
    kind = ("", "")
    if form.top:
        known = {name: label for name, label, _ in desk().look(errands.kinds, form.top)}
        if sent.get("kind") not in known:
            abort(404, "There is no such kind of relationship.")
        kind = (sent["kind"], known[sent["kind"]])
    fields = desk().look(errands.fields, form.table, kind[0], str(sent.get("f-record") or "").strip())
    return Filled.read(form, kind, fields, sent)


def _looked_up(filled: Filled, about: dict[str, str], what: str, value: str) -> str:
    """The form again: with what a name may mean, with a name taken over, or with more inputs."""
    which, _, taken = value.partition("=")
    field = next((each for each in filled.fields if id_of(each) == which), None)
    if field is None:
        abort(400, "The form has no such field. Load the page again.")
    if what == "more":
        return _shown(filled, about, more=which)
    texts = [text for text in filled.values[field.column] if text]
    if what == "use":
        filled.values[field.column][:] = [*texts[:-1], taken] if texts else [taken]
        return _shown(filled, about)
    return _shown(filled, about, looked=which, asked=texts[-1] if texts else "")


def _shown(  # noqa: PLR0913 - what a form can be shown with
    filled: Filled, about: dict[str, str], problems: Problems | None = None, *, more: str = "", looked: str = "",
    asked: str = "",
) -> str:  # fmt: skip
    edition = current.edition()
    field = next((each for each in filled.fields if id_of(each) == looked), None)
    return render_template(
        "contributions/form.html",
        form=filled.form,
        kind=filled.kind,
        kind_label=filled.kind_label,
        fields=[(id_of(each), each, filled.inputs(each, more=more)) for each in filled.fields],
        names=names(edition),
        looked=looked,
        asked=asked,
        found=matches(edition, field, asked) if field else [],
        about={"title": "", "message": "", "source": ""} | about,
        problems=problems or Problems(),
        has_documents=bool(current.settings().documents),
        not_here=why_not_here(),
    )


def _upload(about: dict[str, str], problems: Problems | None = None, report: Report | None = None) -> str:
    return render_template(
        "contributions/upload.html",
        about={"title": "", "message": "", "source": ""} | about,
        problems=problems or Problems(),
        report=named_report(report) if report else None,
        limit=current.settings().contribution_limit,
        ends=", ".join(f".{end}" for end in FILE_FORMS),
        not_here=why_not_here(),
    )


def _sent(number: int) -> Response:
    return make_response(redirect(url_for("contributions.one", number=number, done="sent"), 303))
