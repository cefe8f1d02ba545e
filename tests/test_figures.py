"""How the values of an indicator are said to compare, and the scale that they are drawn on."""

from __future__ import annotations

from decimal import Decimal

import pytest

from leedskg.figures import Factors, Figure, Indicator
from leedskg.record import Name, ShownAssertion
from leedskg.web.pages.figures import Scale, comparison

EXACT, MORE, ABOUT = Factors(Decimal(1), Decimal(1)), Factors(Decimal(1), None), Factors(Decimal("0.9"), Decimal("1.1"))


def figure(
    value: str | None, place: str = "here", period: str = "2024", *, factors: Factors = EXACT, unit: str = "company",
    against: bool = False, scope: str = "", withdrawn: bool = False,
) -> Figure:  # fmt: skip
    conflicts = (Name("other", "other"),) if against else ()
    statement = ShownAssertion("x", Name("", ""), (), (), 1.0, "", "", "", "", (), conflicts, withdrawn)
    number = Decimal(value) if value is not None else None
    where, of = Name(place, place), Name(f"scheme/unit/{unit}", unit)
    return Figure(statement, number, of, where, Name("", ""), period, Name("", ""), scope, factors)


def said(*figures: Figure) -> str:
    return comparison(Indicator(Name("i", "i"), "", figures))


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ((figure("1"),), ""),
        ((figure("1"), figure("1")), "They give the same value for the same place and period with no subject given."),
        (
            (figure("1"), figure("1", "there")),
            "They give the same value and differ in place.",
        ),
        (
            (figure("1"), figure("2", "there")),
            "They differ in place, so they are not compared: all of them can hold.",
        ),
        (
            (figure("1"), figure("2", unit="person")),
            "They differ in unit, so they are not compared: all of them can hold.",
        ),
        (
            (figure("100", factors=ABOUT), figure("105"), figure("7", "there", "2020")),
            "They differ in place and period. Where these are the same, the ranges that they admit meet: all of them "
            "can hold.",
        ),
        (
            (figure("100", period=""), figure("105", period="", factors=ABOUT)),
            "They are for the same place with no subject and no period given, and the ranges that they admit meet: all "
            "of them can hold.",
        ),
        (
            (figure("1", against=True), figure("9", against=True)),
            "They are for the same place and period with no subject given and cannot all hold. The graph keeps each as "
            "its source puts it and chooses none.",
        ),
        (
            (figure("1", against=True, scope="All."), figure("9", against=True), figure("9", "there")),
            "They differ in place; values are compared where these are the same. 2 of the 3 cannot hold beside another "
            "one. Their sources describe what they cover in different words, which may be why. The graph keeps each as "
            "its source puts it and chooses none.",
        ),
        ((figure("1"), figure("2", withdrawn=True)), "1 withdrawn value is not compared."),
        ((figure("1", withdrawn=True), figure("2", withdrawn=True)), "2 withdrawn values are not compared."),
    ],
)  # fmt: skip
def test_how_values_compare_is_said_as_it_is(figures: tuple[Figure, ...], words: str) -> None:
    assert said(*figures) == words


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("144", "250"), "0 to 300"),
        (("9.6", "2"), "0 to 12"),
        (("0.5",), "0 to 0.6"),
        (("-3", "7"), "-4 to 8"),
        (("999",), "0 to 1,200"),
        (("1000000",), "0 to 1,200,000"),
    ],
)
def test_a_scale_has_round_ends_that_hold_every_value(values: tuple[str, ...], words: str) -> None:
    scale = Scale.of([figure(value) for value in values])
    assert scale
    assert scale.words == words
    for value in values:
        drawn = scale.place(figure(value))
        assert drawn
        assert 0 <= drawn.start <= drawn.at <= drawn.end < 100


def test_a_scale_of_nothing_and_of_what_has_no_bound() -> None:
    assert Scale.of([figure("0"), figure("0")]) is None
    scale = Scale.of([figure("250", factors=MORE)])
    assert scale
    drawn = scale.place(figure("250", factors=MORE))
    assert drawn
    assert (drawn.end, drawn.open_above, drawn.open_below) == (100.0, True, False)
    assert scale.place(figure(None)) is None
