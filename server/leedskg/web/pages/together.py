"""Projects that bodies have together: those of one body with all others, and those of two, each with its record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, url_for

from leedskg.generation_view import GenerationView
from leedskg.limited_view import joint_ties_within, own_projects
from leedskg.network import Tie
from leedskg.network.joint import JointProject, joint_address
from leedskg.routes.joint import OwnProject
from leedskg.web import current
from leedskg.web.api.parameters import PAGE, reads, whole_number
from leedskg.web.pages import gone
from leedskg.web.pages.limits import STATED, limits_form, narrowed
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.pages.tables import AS_FILE, SavedTable, asked_table_format, saved, table_links
from leedskg.web.pages.views import EntityView
from leedskg.web.serving.addresses import address
from leedskg.wording import MISSING, awarded, listed

blueprint = Blueprint("together", __name__)

PAGE_SIZE = 50
#: Projects, and bodies with joint projects, on the page of an entity.
_SHOWN = 8
_EXPLAINED = (
    "Projects in registers in which both take part, as lead, partner or collaborator. The pounds are of all awards "
    "for a project, not of the share of these bodies. The weight is 1/(n-1) for a project of n bodies (Newman 2001)."
)


@blueprint.get("/together/<slug>")
@reads(PAGE, *STATED, AS_FILE)
@current.one_generation
def of_one(whole: GenerationView, slug: str) -> Any:
    """Show with whom a body has projects, the closest first."""
    view = narrowed(whole, relations=False)
    iri = _known(view, slug)
    presenter = Presenter(view)
    ties = joint_ties_within(view, iri)
    title = f"Who has projects with {presenter.entity(iri).label}"
    if wanted := asked_table_format():
        columns = ("body", "iri", "projects", "from", "to", "pounds", "weight", "address")
        rows = [
            (presenter.entity(other).label, other, tie.projects, tie.valid_from, tie.valid_to, round(tie.pounds),
             tie.weight, tie.relationship)
            for other, tie in ties
        ]  # fmt: skip
        sources = _sources(view, ties[0][1].relationship) if ties else []
        return saved(SavedTable(title, _explained(view), columns, rows, sources), wanted)
    page = _Page(len(ties))
    return render_template(
        "together/of_one.html",
        title=title,
        one=presenter.entity(iri),
        rows=[(presenter.entity(other), joint_words(tie), href(tie.relationship)) for other, tie in page.of(ties)],
        page=page,
        files=table_links(page=None),
        covered=whole.projects_cover,
        limits=limits_form(whole, relations=False),
    )


@blueprint.get("/together/<one>/<other>")
@reads(PAGE, *STATED, AS_FILE)
@current.one_generation
def of_two(whole: GenerationView, one: str, other: str) -> Any:
    """Show the projects that two bodies have together, the newest first; the address is that of the tie."""
    view = narrowed(whole, relations=False)
    ends = (_known(view, one), _known(view, other))
    presenter = Presenter(view)
    tie, projects, larger = view.records.joint(ends) if ends[0] != ends[1] else (None, [], 0)
    names = [presenter.entity(each) for each in ends]
    if tie is None and (ends[0] == ends[1] or view is whole or whole.records.joint(ends)[0] is None):
        abort(404, f"We have no record of a project that {names[0].label} and {names[1].label} share. {MISSING}")
    title = f"Projects of {names[0].label} and {names[1].label}"
    if wanted := asked_table_format():
        columns = ("project", "iri", "from", "to", "pounds", "bodies", "weight", "first_role", "second_role")
        rows = [
            (presenter.entity(each.iri).label, each.iri, each.begun, each.ended, round(each.pounds), each.size,
             round(each.weight, 6), *_roles(view, each, ends))
            for each in projects
        ]  # fmt: skip
        sources = _sources(view, tie.relationship) if tie else []
        return saved(SavedTable(title, _explained(view), columns, rows, sources), wanted)
    page = _Page(len(projects))
    return render_template(
        "together/of_two.html",
        title=title,
        names=names,
        words=joint_words(tie) if tie else "No project together within these limits",
        weight=tie.weight if tie else 0,
        rows=[
            (
                presenter.entity(each.iri),
                " to ".join(filter(None, (each.begun[:4], each.ended[:4]))),
                awarded(each.pounds),
                each.size,
                _roles(view, each, ends),
            )
            for each in page.of(projects)
        ],
        larger=larger,
        most=view.route_model.most_in_project,
        model=view.route_model,
        page=page,
        files=table_links(page=None),
        iri=joint_address(view.namespaces, *ends),
        covered=whole.projects_cover,
        limits=limits_form(whole, relations=False),
    )


@blueprint.get("/projects/<slug>")
@reads(PAGE, *STATED, AS_FILE)
@current.one_generation
def projects(whole: GenerationView, slug: str) -> Any:
    """Show the projects of registers that a body takes part in or pays for, the newest first."""
    view = narrowed(whole, relations=False)
    iri = _known(view, slug)
    presenter = Presenter(view)
    found = own_projects(view, iri)
    title = f"Projects of {presenter.entity(iri).label}"
    if wanted := asked_table_format():
        columns = ("project", "iri", "roles", "from", "to")
        rows = [
            (presenter.entity(each.iri).label, each.iri, listed(sorted(each.roles)), each.begun, each.ended)
            for each in found
        ]
        told = " ".join(("Projects in registers, the newest first.", *view.projects_cover))
        return saved(SavedTable(title, told, columns, rows), wanted)
    page = _Page(len(found))
    return render_template(
        "together/projects.html",
        title=title,
        one=presenter.entity(iri),
        rows=[_project_row(presenter, each) for each in page.of(found)],
        page=page,
        files=table_links(page=None),
        covered=whole.projects_cover,
        limits=limits_form(whole, relations=False),
    )


def _project_row(presenter: Presenter, project: OwnProject) -> tuple[EntityView, str, str]:
    dates = " to ".join(dict.fromkeys(filter(None, (project.begun[:4], project.ended[:4]))))
    return presenter.entity(project.iri), listed(sorted(project.roles)), dates


@dataclass(frozen=True)
class ProjectsSection:
    """What the page of an entity says of its projects of registers; the whole of it is on pages of their own."""

    words: str
    number: int
    newest: list[tuple[EntityView, str, str]]
    href: str
    bodies: int
    together: list[tuple[EntityView, str, str]]
    together_href: str
    covered: tuple[str, ...]


def projects_section(presenter: Presenter, iri: str, found: list[OwnProject]) -> ProjectsSection | None:
    """Return the section of an entity's page on its projects; None where it has none."""
    if not found:
        return None
    view, slug = presenter.view, iri.rpartition("/")[2]
    ties = joint_ties_within(view, iri)
    years = sorted(year for each in found for year in (each.begun[:4], each.ended[:4]) if year)
    number = f"{len(found):,} project{'' if len(found) == 1 else 's'}"
    return ProjectsSection(
        ", ".join(filter(None, (number, " to ".join(dict.fromkeys((years[0], years[-1]))) if years else ""))),
        len(found),
        [_project_row(presenter, each) for each in found[:_SHOWN]],
        url_for("together.projects", slug=slug),
        len(ties),
        [(presenter.entity(other), joint_words(tie), href(tie.relationship)) for other, tie in ties[:_SHOWN]],
        url_for("together.of_one", slug=slug),
        view.projects_cover,
    )


class _Page:
    """Which rows of a long list are shown."""

    def __init__(self, total: int) -> None:
        self.total = total
        pages = max(1, -(-total // PAGE_SIZE))
        self.number = whole_number("page", 1, least=1, most=pages)
        self.first = (self.number - 1) * PAGE_SIZE
        self.last = min(self.first + PAGE_SIZE, total)
        self.previous = address(page=str(self.number - 1)) if self.number > 1 else ""
        self.next = address(page=str(self.number + 1)) if self.number < pages else ""

    def of(self, rows: list[Any]) -> list[Any]:
        """Return the rows of this page."""
        return rows[self.first : self.last]


def joint_words(tie: Tie) -> str:
    """Say what two bodies have together, such as `42 projects together, 2006 to 2018, £12.3m of awards`."""
    dates = " to ".join(dict.fromkeys(filter(None, (tie.valid_from, tie.valid_to))))
    return ", ".join(filter(None, (tie.in_words, dates, f"{awarded(tie.pounds)} of awards" if tie.pounds else "")))


def _explained(view: GenerationView) -> str:
    return " ".join((_EXPLAINED, *view.projects_cover))


def _known(view: GenerationView, slug: str) -> str:
    iri = view.namespaces.entity(slug)
    entry = view.catalogue.entries.get(iri)
    if entry is None:
        gone.refuse(iri, "No entity has this address.")
    return entry.replaced_by or iri


def _roles(view: GenerationView, project: JointProject, ends: tuple[str, str]) -> list[str]:
    roles = view.records.labels([project.roles[each] for each in ends])
    return [roles[project.roles[each]] for each in ends]


def _sources(view: GenerationView, address: str) -> list[tuple[str, str]]:
    statement = view.records.statements([address]).get(address)
    return [(place.source.label, place.source.iri) for place in statement.evidence] if statement else []
