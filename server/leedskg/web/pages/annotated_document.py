"""The reading view of a source document: its text, every passage marked that the graph points at, what rests on each.

Where the text may not be shown, the reader opens their own copy, which stays in their browser.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from werkzeug.exceptions import NotFound

from leedskg.documents import SourceText
from leedskg.query_files import query_beside
from leedskg.record.passages import DocumentPassage, read_passages
from leedskg.validation.coverage import blocks
from leedskg.web import current
from leedskg.web.account import security
from leedskg.web.api.parameters import query, reads
from leedskg.web.contributing.steward import why_not_here
from leedskg.web.pages import document_text
from leedskg.web.pages.document_text import MarkedSpan, Piece
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.pages.views import EntityView, LineView

blueprint = Blueprint("annotated_document", __name__)
_SLUG = re.compile(r"[A-Za-z0-9._-]{1,200}")


@dataclass(frozen=True)
class NoteView:
    """What the graph takes from a passage, or why it takes nothing; `number` is its place in the document."""

    number: int
    name: str
    href: str
    start: int
    end: int
    digest: str
    section: str
    statements: tuple[LineView, ...]
    named: tuple[EntityView, ...]
    why: str
    #: Whether the text that is shown has its words; True where none is shown.
    holds: bool = True


@dataclass(frozen=True)
class ParagraphView:
    """A paragraph in pieces, and the notes on the passages that begin in it."""

    pieces: tuple[Piece, ...]
    notes: tuple[NoteView, ...]
    is_heading: bool


@blueprint.get("/read/<slug>")
@reads(query("passage", "The passage to show, by the name of its evidence."))
def page(slug: str) -> str:
    """Show a document with every passage that the graph points at, as far as the visitor may read it."""
    view = current.view()
    iri = view.namespaces.entity(slug)
    rows = (
        view.reader.rows(query_beside(__file__, "annotated_document") % (view.namespaces.base, iri))
        if _SLUG.fullmatch(slug)
        else []
    )
    if not rows:
        raise NotFound("The graph has no document of this name that can be read passage by passage.")
    label, file_name, sha256 = (rows[0][name].value for name in ("label", "file", "sha"))
    source = document_text.text_at_hand(file_name)
    text = source if document_text.may_read_whole() else None
    passages = read_passages(view.reader, view.namespaces, view.records, iri)
    notes = [_note(Presenter(view), each, number, text) for number, each in enumerate(passages, start=1)]
    chosen = request.args.get("passage", "")
    return render_template(
        "annotated_document.html",
        label=label,
        file_name=file_name,
        sha256=sha256,
        document_href=href(iri),
        has_text=text is not None,
        is_same=text is None or text.sha256 == sha256,
        behind_sign_in=source is not None and document_text.is_behind_sign_in(),
        sign_in=url_for("sign_in.page", next=security.here()),
        paragraphs=_paragraphs(text, notes, chosen) if text else [],
        lost=[each for each in notes if not each.holds],
        sections=_by_section(notes),
        chosen=chosen,
        cited=sum(not each.why for each in notes),
        silent=sum(bool(each.why) for each in notes),
        forms=_forms(file_name),
    )


def _note(presenter: Presenter, passage: DocumentPassage, number: int, source: SourceText | None) -> NoteView:
    place = passage.place
    lines = sorted((presenter.line(each) for each in passage.statements), key=lambda line: line.withdrawn)
    return NoteView(
        number,
        place.iri.rpartition("/")[2],
        href(place.iri),
        passage.start,
        passage.end,
        place.digest,
        place.section,
        tuple(lines),
        tuple(presenter.entity(each.iri, each.label) for each in passage.named),
        passage.reason.label if passage.reason else "",
        source is None or document_text.holds(source, place),
    )


def _paragraphs(source: SourceText, notes: Sequence[NoteView], chosen: str) -> list[ParagraphView]:
    """Return the paragraphs; a note stands at the one that its passage begins in, or before which it begins."""
    held = [each for each in notes if each.holds]
    spans = [
        MarkedSpan(each.name, *_trimmed(source.text, each.start, each.end), is_silent=bool(each.why)) for each in held
    ]
    headings = {" ".join(each.section.split()) for each in notes}
    found, told = [], 0
    for block in blocks(source.text):
        paragraph = _trimmed(source.text, *block)
        mine = []
        while told < len(held) and held[told].start < paragraph[1]:
            mine.append(held[told])
            told += 1
        text = " ".join(source.text[slice(*paragraph)].split())
        parts = document_text.pieces(source, paragraph, spans, chosen)
        found.append(ParagraphView(tuple(parts), tuple(mine), text in headings))
    return found


def _by_section(notes: Sequence[NoteView]) -> list[tuple[str, list[NoteView]]]:
    """Return the notes by section; one without stands in the section of the note before it."""
    found: list[tuple[str, list[NoteView]]] = []
    for each in notes:
        if not found or each.section not in ("", found[-1][0]):
            found.append((each.section, []))
        found[-1][1].append(each)
    return found


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without the white space around it."""
    inside = text[start:end]
    return start + len(inside) - len(inside.lstrip()), start + len(inside.rstrip())


def _forms(file_name: str) -> list[tuple[str, str, bool]]:
    """Return the forms that make a statement of a passage, for who may contribute here.

    Each with its words, its address, and whether it is for a name. The forms look the passage up in the documents.
    """
    account = security.visitor_or_nobody().account
    if account is None or not account.may("contribute") or why_not_here() or not current.settings().documents:
        return []
    return [
        (
            words,
            f"{url_for('contribute.form_page', name=name)}?{urlencode({'f-document': file_name})}",
            name == "organisation",
        )
        for name, words in (("relationship", "a relationship"), ("figure", "a figure"), ("organisation", "a new name"))
    ]
