import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leedskg.identifiers import isni_check_digit, problem, ror_check_digits

REFERENCE = Path(__file__).parents[2] / "shared" / "reference" / "identifiers.tsv"

# Seen in the register's own records.
ROR = [
    "https://ror.org/024mrxd33", "https://ror.org/02xsh5r57", "https://ror.org/02x80b031", "https://ror.org/03sptdk90",
    "https://ror.org/00v4dac24", "https://ror.org/0187kwz08", "https://ror.org/001aqnf71", "https://ror.org/0439y7842",
    "https://ror.org/02jx3x895", "https://ror.org/00t6gsr31", "https://ror.org/05wnh3t63",
]  # fmt: skip
ISNI = [
    "0000 0004 1936 8403", "0000 0001 0745 8880", "0000 0001 1552 8367", "0000 0000 8676 3623", "0000 0001 2116 3923",
    "0000 0004 9453 5400", "0000 0004 0394 8681", "0000 0001 2190 1201", "0000000419368403",
]  # fmt: skip
SCHEMES = {"ROR": "ror", "ISNI": "isni"}


@pytest.mark.parametrize("value", ROR)
def test_a_ror_id_of_the_register_has_no_problem(value: str) -> None:
    assert problem("ror", value) is None
    assert value.endswith(ror_check_digits(value) or "none")


@pytest.mark.parametrize("value", ISNI)
def test_an_isni_of_the_register_has_no_problem(value: str) -> None:
    assert problem("isni", value) is None
    assert value.endswith(isni_check_digit(value) or "none")


def test_an_isni_may_end_with_x() -> None:
    assert problem("isni", "0000 0000 8524 563X") is None


@pytest.mark.parametrize(
    ("scheme", "value", "right"),
    [
        ("ror", "https://ror.org/024mrxd34", "33"),  # a wrong check digit
        ("ror", "https://ror.org/024mxrd33", "91"),  # two characters changed places
        ("isni", "0000 0004 1936 8404", "3"),
        ("isni", "0000 0004 1936 8430", "8"),
        ("isni", "0000 0000 8524 5639", "X"),
    ],
)
def test_a_slip_is_found_and_the_message_says_what_to_do(scheme: str, value: str, right: str) -> None:
    message = problem(scheme, value)
    assert message is not None
    assert f"would have to be {right}:" in message
    assert "Copy the identifier" in message


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        ("ror", "024mrxd33"),
        ("ror", "https://ror.org/024mrxu33"),
        ("ror", "https://ror.org/024mrxd3"),
        ("isni", "0000 0004 1936 840"),
        ("isni", "0000-0004-1936-8403"),
        ("isni", ""),
    ],
)
def test_what_is_not_of_the_form_is_left_to_the_shapes(scheme: str, value: str) -> None:
    assert problem(scheme, value) is None


@pytest.mark.parametrize("scheme", ["companies-house", "charity-ew", "ods", "gss", "grid", "wikidata", "nonsense"])
def test_registers_without_check_digits_have_no_problem(scheme: str) -> None:
    assert problem(scheme, "00000000") is None


@given(st.sampled_from(ROR), st.data())
def test_any_one_wrong_character_of_a_ror_id_is_found(value: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(len(value) - 8, len(value) - 1))
    alphabet = "0123456789" if position >= len(value) - 2 else "0123456789abcdefghjkmnpqrstvwxyz"
    other = data.draw(st.sampled_from([character for character in alphabet if character != value[position]]))
    assert problem("ror", value[:position] + other + value[position + 1 :])


@given(st.sampled_from(ISNI), st.data())
def test_any_one_wrong_digit_of_an_isni_is_found(value: str, data: st.DataObject) -> None:
    position = data.draw(st.sampled_from([index for index, character in enumerate(value) if character.isdigit()]))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != value[position]]))
    assert problem("isni", value[:position] + other + value[position + 1 :])


def _reference() -> Iterator[tuple[str, str]]:
    with REFERENCE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["id_type"] in SCHEMES and row["status"] == "verified":
                yield SCHEMES[row["id_type"]], row["value"]


@pytest.mark.skipif(not REFERENCE.is_file(), reason="the reference list is not part of the repository")
def test_every_verified_identifier_of_the_reference_list_has_no_problem() -> None:
    values = list(_reference())
    assert len(values) > 20
    assert [value for scheme, value in values if problem(scheme, value)] == []
