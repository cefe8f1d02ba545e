"""The ways in: what can be sent and how, uploading a file, and the forms."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for

from leedskg.contributions import FORMS as FILE_FORMS
from leedskg.contributions.form_field import FormField
from leedskg.contributions.templates import template_csv, template_xlsx
from leedskg.errors import ConflictError, LedgerError, LimitReachedError, RefusedError, excerpt
from leedskg.ledger import tasks
from leedskg.ledger.process import UnderWayError
from leedskg.ledger.sheet_tasks import is_foreign
from leedskg.validation.findings import Report, Severity
from leedskg.web import current
from leedskg.web.account import security
from leedskg.web.account.security import needs
from leedskg.web.api.parameters import others, query, reads
from leedskg.web.contributing import sheets
from leedskg.web.contributing.contribution_views import Problems, linked, named, named_report, waiting
from leedskg.web.contributing.forms import FORMS, Filled, Form, id_of, matches, names
from leedskg.web.contributing.steward import steward, why_not_here
from leedskg.web.contributing.task_page import under_way
from leedskg.web.contributing.uploads import about_it, check_here, sent_file, too_long
from leedskg.web.errors import words_of
from leedskg.web.pages.downloads import save_as

blueprint = Blueprint("contribute", __name__, url_prefix="/contribute")
#: What a form is filled with by its address.
_FILLED = (
    query("kind", "The kind of relationship, where the form is one for those."),
    query("message", "Why it is sent."),
    query("drafted-by", "The program that filled the form in, for a person to read and send."),
    others("fields", "What the fields of the form are filled with, each under its id, such as f-record."),
)
#: Characters of the name of a program.
_LONGEST_DRAFTER = 60
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@blueprint.get("")
def page() -> str:
    """Show what can be contributed and how; for those who are not signed in, that it needs an account."""
    account = security.visitor().account
    if account is not None and not why_not_here():
        steward().begin()
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
    """Show the form to send a file."""
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
        if steward().look(is_foreign, content, name):
            return sheets.waits(content, name, about)
        number = steward().do(tasks.submit, content, name, who=security.account().id, **about)
    except (RefusedError, ConflictError) as error:
        report = error.report if isinstance(error, RefusedError) and isinstance(error.report, Report) else None
        problems = [("file", linked(named(error.message)))]
        return make_response(_upload(about, Problems(found=problems), report), error.status)
    except UnderWayError as error:
        return under_way(error)
    except (LimitReachedError, LedgerError) as error:
        return make_response(_upload(about, Problems(found=[("file", words_of(error))])), error.status)
    return _sent(number)


@blueprint.get("/template/<name>.<any(csv, xlsx):end>")
@needs("contribute")
@reads(*_FILLED)
def template(name: str, end: str) -> Response:
    """Give the table that a form fills as a file to fill in: CSV, or a workbook with lists to choose from."""
    filled = _filled(_form(name), request.args)
    fields = filled.fields
    if filled.kind:
        choice = ((filled.kind_label, filled.kind_label),)
        fields = [FormField("kind", "Kind", needed=True, control="choice", options=choice), *fields]
    content = template_csv(fields) if end == "csv" else template_xlsx(fields, filled.form.table)
    response = make_response(content)
    response.headers["Content-Type"] = _TYPES[end]
    return save_as(response, f"{filled.kind_label.replace(' ', '-') or filled.form.table}.{end}")


@blueprint.get("/<name>")
@needs("contribute")
@reads(*_FILLED)
def form_page(name: str) -> str:
    """Show a form; `kind` says of which kind of relationship, and other fields may be filled in by the address."""
    form = _form(name)
    if form.top and not request.args.get("kind"):
        return render_template(
            "contributions/kinds.html",
            form=form,
            kinds=steward().look(tasks.kinds, form.top),
            problems=Problems(),
            carried={name: request.args.getlist(name) for name in request.args if name.startswith("f-")},
        )
    return _shown(_filled(form, request.args), {"message": request.args.get("message", "").strip()})


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
            report, _ = steward().do(tasks.preview, filled.csv(), filled.file_name)
            found = filled.problems(report.findings)
            if not found.found and report.reaches(Severity.VIOLATION):
                found = Problems(found=[("form", "The check found faults that are about none of these fields.")])
            if not found.found:
                title = about.pop("title") or filled.title
                about["message"] = _with_drafter(about["message"])
                number = steward().do(
                    tasks.submit, filled.csv(), filled.file_name, who=security.account().id, title=title, **about
                )
                return _sent(number)
        except RefusedError as error:
            listed = error.report.findings if isinstance(error.report, Report) else ()
            found = filled.problems(listed) if listed else Problems(found=[("form", linked(named(error.message)))])
        except UnderWayError as error:
            return under_way(error)
        except (LimitReachedError, LedgerError) as error:
            return make_response(_shown(filled, about, Problems(found=[("form", words_of(error))])), error.status)
    return make_response(_shown(filled, about, found), 422)


def _drafter() -> str:
    """Return the program that filled the form in, as its address or the form itself says; nothing where none did."""
    return excerpt(request.values.get("drafted-by", ""), _LONGEST_DRAFTER)


def _with_drafter(message: str) -> str:
    """Return the message of a contribution, which says that a program drafted it where one did."""
    drafter = _drafter()
    said = (
        f"Drafted by a program ({drafter}); read and sent by the person who is named as its sender." if drafter else ""
    )
    return "\n\n".join(filter(None, (message, said)))


def _form(name: str) -> Form:
    if name not in FORMS:
        abort(404, "There is no such form.")
    return FORMS[name]


def _filled(form: Form, sent: Any) -> Filled:
    kind = ("", "")
    if form.top:
        known = {name: label for name, label, _ in steward().look(tasks.kinds, form.top)}
        if sent.get("kind") not in known:
            abort(404, "There is no such kind of relationship.")
        kind = (sent["kind"], known[sent["kind"]])
    fields = steward().look(tasks.fields, form.table, kind[0], str(sent.get("f-record") or "").strip())
    return Filled.read(form, kind, fields, sent)


def _looked_up(filled: Filled, about: dict[str, str], what: str, value: str) -> str:
    """Show the form again: with what a name may mean, with a name taken over, or with more inputs."""
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
    view = current.view()
    field = next((each for each in filled.fields if id_of(each) == looked), None)
    return render_template(
        "contributions/form.html",
        form=filled.form,
        kind=filled.kind,
        kind_label=filled.kind_label,
        fields=[(id_of(each), each, filled.inputs(each, more=more)) for each in filled.fields],
        names=names(view),
        looked=looked,
        asked=asked,
        found=matches(view, field, asked) if field else [],
        about={"title": "", "message": "", "source": ""} | about,
        problems=problems or Problems(),
        has_documents=bool(current.settings().documents),
        not_here=why_not_here(),
        drafter=_drafter(),
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
