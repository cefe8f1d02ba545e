"""The answer to a plain question, above what a search finds by name: how it was read, what is recorded, the query."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import url_for

from leedskg.agents.questions import Question, QuestionReader
from leedskg.generation_view import GenerationView
from leedskg.record import ShownAssertion
from leedskg.web.pages.presentation import Presenter
from leedskg.web.pages.views import EntityView, StatementRowView, TieGroupView

#: Rows of an answer that are shown; the query has all of them.
_MOST = 100


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question as the page shows it."""

    read_as: str
    groups: tuple[TieGroupView, ...]
    total: int
    query: str
    query_href: str
    more: tuple[tuple[str, str], ...]
    unknown: str = ""
    instead: tuple[tuple[str, str], ...] = ()


def answered(view: GenerationView, text: str) -> AnsweredQuestion | None:
    """Answer a text that is a question; None for one that is not."""
    question = QuestionReader(view).read(text)
    if question is None:
        return None
    instead = tuple((each, url_for("search.page", q=each)) for each in question.instead)
    if not question.query:
        return AnsweredQuestion("", (), 0, "", "", (), question.unknown, instead)
    rows = view.reader.rows(question.query)
    shown = rows[:_MOST]
    statements = view.records.statements(row["statement"].value for row in shown if "statement" in row)
    presenter = Presenter(view)
    items: dict[tuple[str, str], StatementRowView] = {}
    for row in shown:
        statement = statements.get(row["statement"].value) if "statement" in row else None
        thing, name = (row[key].value if key in row else "" for key in ("thing", "name"))
        items[thing or name, statement.iri if statement else ""] = _row(presenter, thing, name, statement)
    return AnsweredQuestion(
        question.read_as,
        (TieGroupView("answer", tuple(items.values())),) if items else (),
        len(rows),
        question.query,
        f"{url_for('query.page')}?{urlencode({'query': question.query})}",
        _more(question),
    )


def _row(presenter: Presenter, thing: str, name: str, statement: ShownAssertion | None) -> StatementRowView:
    """Show a thing that answers, with the statement that says so; of figures and kinds of tie the statement itself."""
    if statement is None:
        return StatementRowView(presenter.entity(thing, name), name, "", ())
    backing, line = presenter.backing(statement), presenter.line(statement)
    sentences = presenter.view.sentences
    need = sentences.label(statement, "need")  # of several that were asked for, one body may meet two
    told = tuple(filter(None, (need, sentences.amount(statement), sentences.dates(statement))))
    entity = presenter.entity(thing, name)
    if (thing and thing not in presenter.view.catalogue.entries) or sentences.label(statement, "indicator"):
        entity = EntityView(line.words, line.href)
    return StatementRowView(entity, name, line.href, (backing,), told)


def _more(question: Question) -> tuple[tuple[str, str], ...]:
    return tuple((words, f"{url_for(page)}?{urlencode(asked)}".rstrip("?")) for words, page, asked in question.more)
