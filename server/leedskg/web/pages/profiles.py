"""Profiles: what a brief says of one entity, each fact with the statements that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from leedskg.catalogue import CatalogueEntry
from leedskg.record import PARENT, PURPOSE, Overview, Relation, ShownAssertion, read_overviews
from leedskg.routes.joint import read_own_projects
from leedskg.web.pages import lists, together
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.pages.views import BackingView, EntityView, FigureView, PlaceView, StatementRowView

#: Where a brief says what a relationship says; what is of no kind named here stands under the last.
_PARTNERS, _MONEY, _OTHERS = "Partners", "Money", "Other relationships"
_KINDS = {"Partnership": _PARTNERS, "Association": _PARTNERS, "FundingAward": _MONEY}
#: Places that are cited for the name of an entity and the words on it.
_MOST_NAMED = 3


@dataclass(frozen=True)
class Fact:
    """One value with what it rests on."""

    value: EntityView
    backing: tuple[BackingView, ...]


@dataclass(frozen=True)
class AtAGlance:
    """What is asked first of an entity: what it does, and parent, place, since when and website by their words."""

    view: EntityView
    kinds: tuple[str, ...]
    description: str
    purposes: tuple[Fact, ...]
    facts: Mapping[str, tuple[Fact, ...]]

    @property
    def told(self) -> set[str]:
        """The addresses of the statements that need not be told again; that of a parent may say more, such as dates."""
        among = (facts for words, facts in self.facts.items() if words != lists.COLUMNS[PARENT])
        return {each.href for facts in (self.purposes, *among) for fact in facts for each in fact.backing}


@dataclass(frozen=True)
class ProfileLine:
    """A thing that others are said of in the same words: what is told of it, and what each of that rests on."""

    value: EntityView
    told: tuple[tuple[str, tuple[BackingView, ...]], ...]


@dataclass(frozen=True)
class Profile:
    """Everything that a brief says of one entity."""

    glance: AtAGlance
    #: Where sources name it.
    named: tuple[PlaceView, ...]
    identifiers: tuple[tuple[str, str, tuple[PlaceView, ...]], ...]
    #: Relationships and facts by heading, and below by their words.
    sections: tuple[tuple[str, list[tuple[str, list[ProfileLine]]]], ...]
    figures: tuple[FigureView, ...]
    projects: together.ProjectsSection | None


def glances(presenter: Presenter, entries: Iterable[CatalogueEntry]) -> dict[str, AtAGlance]:
    """Read what is asked first of each of these, with the statements behind it, all of them at once."""
    view = presenter.view
    by_iri = {entry.iri: entry for entry in entries}
    overviews = read_overviews(view.reader, view.namespaces, by_iri)
    stating = (iri for each in overviews.values() for among in each.stated.values() for iri in among)
    statements = view.records.statements(dict.fromkeys(stating))
    return {iri: _glance(presenter, entry, overviews[iri], statements) for iri, entry in by_iri.items()}


def _glance(
    presenter: Presenter, entry: CatalogueEntry, overview: Overview, statements: Mapping[str, ShownAssertion]
) -> AtAGlance:
    def facts(column: str) -> tuple[Fact, ...]:
        return tuple(
            Fact(
                lists.cell(presenter, column, value, label),
                tuple(presenter.backing(statements[each]) for each in overview.stated[column, value]),
            )
            for value, label in overview.values.get(column, {}).items()
        )

    told = {words: found for column, words in lists.COLUMNS.items() if (found := facts(column))}
    kinds = tuple(dict.fromkeys(entry.kind_labels))
    return AtAGlance(presenter.entity(entry.iri), kinds, entry.description, facts(PURPOSE), told)


def profile(presenter: Presenter, entry: CatalogueEntry, glance: AtAGlance) -> Profile:
    """Read all that a brief says of an entity."""
    view, term = presenter.view, presenter.view.namespaces.term
    # Projects in registers can be a thousand: they are counted, and the newest named.
    projects = read_own_projects(view.routes.index, entry.iri)
    record = view.records.record(entry.iri, {iri for each in projects for iri in each.relationships}).in_force
    headed: dict[str, list[Relation]] = {heading: [] for heading in (_PARTNERS, _MONEY, _OTHERS)}
    for relation in record.relations:
        if href(relation.statement.iri) not in glance.told:
            kind = relation.statement.kind.iri.removeprefix(term(""))
            headed[_KINDS.get(kind, _OTHERS)].append(relation)
    attributes = [each for each in record.attributes if href(each.iri) not in glance.told]
    sections = [(heading, presenter.relations(among)) for heading, among in headed.items()]
    sections.append(("Facts", presenter.attributes(attributes, entry.iri)))
    others = view.records.statements({name.iri for figure in record.figures for name in figure.conflicts})
    figures = (presenter.figure(each, others, of=entry.iri) for each in record.figures)
    return Profile(
        glance,
        tuple(presenter.place(place) for place in record.named_at[:_MOST_NAMED]),
        tuple(
            (each.scheme.label, each.value, tuple(presenter.place(place) for place in each.seen_in))
            for each in record.identifiers
        ),
        tuple((heading, [(each.words, lines(each.rows)) for each in groups]) for heading, groups in sections if groups),
        tuple(sorted(figures, key=lambda figure: (figure.name.casefold(), figure.told, figure.href))),
        together.projects_section(presenter, entry.iri, projects),
    )


def lines(rows: Iterable[StatementRowView]) -> list[ProfileLine]:
    """Put what several statements say of one thing in one line, what is the same of it once."""
    values: dict[str, EntityView] = {}
    told: dict[str, dict[str, tuple[BackingView, ...]]] = {}
    for row in rows:
        key = row.value.iri or row.value.label
        values.setdefault(key, row.value)
        words, among = ", ".join(row.told), told.setdefault(key, {})
        among[words] = (*among.get(words, ()), *row.backing)
    return [ProfileLine(value, tuple(sorted(told[key].items()))) for key, value in values.items()]
