"""Money from funders to what they fund."""

from __future__ import annotations

from flask import Response

from leedskg.picture import PictureEdge, PictureNode
from leedskg.picture.files import network_file, record_file, table_file
from leedskg.picture.money import Award, AwardLabel, draw_money, draw_money_narrow
from leedskg.web import current
from leedskg.web.api.parameters import reads
from leedskg.web.pages.presentation import Presenter, href
from leedskg.web.pictures.frame import FRAMED, MOST_ROWS, about, asked_format, blueprint, file, framed, node, show
from leedskg.wording import money as money_words
from leedskg.wording import plain_date

_TITLE = "Money from funders to what they fund"
_COLUMNS = ("award", "funders", "amount", "currency", "funded", "valid_from", "valid_to")
#: Awards in the drawing; the table and the files have all.
_MOST_DRAWN = 60


@blueprint.get("/network/money")
@reads(*FRAMED)
def money() -> str | Response:
    """Show funders, awards and what they fund; an amount only where a source states it."""
    view = current.view()
    format_name = asked_format()
    awards = view.awards
    presenter = Presenter(view)
    told = awards if format_name else awards[:MOST_ROWS]
    nodes = {iri: node(presenter, iri) for award in told for iri in (*award.funders, *award.funded)}
    if format_name in ("csv", "json"):
        rows = [
            (award.iri, _names(award.funders, nodes), award.amount, award.currency, _names(award.funded, nodes),
             award.valid_from, award.valid_to)
            for award in awards
        ]  # fmt: skip
        text = (
            table_file(about(_TITLE), _COLUMNS, rows)
            if format_name == "csv"
            else record_file(about(_TITLE), _COLUMNS, rows)
        )
        return file(text, format_name, _TITLE)
    if format_name in ("graphml", "gexf"):
        every, edges = _network(awards, nodes)
        return file(network_file(format_name, about(_TITLE), every, edges), format_name, _TITLE)
    drawn = awards[:_MOST_DRAWN]
    labels = [_label(award) for award in drawn]
    drawing = draw_money(drawn, labels, nodes)
    if format_name:
        return file(drawing.file(about(_TITLE)), format_name, _TITLE)
    return show(
        "money.html",
        framed(_TITLE),
        drawing=drawing.inline(_TITLE, narrow=draw_money_narrow(drawn, labels, nodes)) if awards else "",
        awards=[
            (
                [presenter.entity(iri) for iri in award.funders],
                _label(award),
                [presenter.entity(iri) for iri in award.funded],
            )
            for award in awards[:MOST_ROWS]
        ],
        total=len(awards),
        drawn=len(drawn),
        unknown=sum(not award.size for award in awards),
        kinds=list(dict.fromkeys(each.kind for each in nodes.values() if each.kind)),
    )


def _label(award: Award) -> AwardLabel:
    amount = money_words(award.amount, award.currency) if award.size else "amount not stated"
    dates = plain_date(f"{award.valid_from}/{award.valid_to}") if award.valid_from or award.valid_to else ""
    return AwardLabel(amount, dates, href(award.iri))


def _names(iris: tuple[str, ...], nodes: dict[str, PictureNode]) -> str:
    return "; ".join(nodes[iri].label for iri in iris)


def _network(awards: list[Award], nodes: dict[str, PictureNode]) -> tuple[list[PictureNode], list[PictureEdge]]:
    """Give the awards as nodes between those who give and those who get, so that an amount stands once."""
    every = [*nodes.values()]
    edges = []
    for award in awards:
        every.append(PictureNode(award.iri, _label(award).amount, "funding award"))
        for source, words, target in (
            *((iri, "funds", award.iri) for iri in award.funders),
            *((award.iri, "goes to", iri) for iri in award.funded),
        ):
            edges.append(
                PictureEdge(source, target, words, iri=award.iri, valid_from=award.valid_from, valid_to=award.valid_to)
            )
    return every, edges
