"""What spreadsheet programs write: what a cell shows is what is read, or a finding says why not."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest

from leedskg.contributions.workbook import read_workbook

D = datetime(2018, 10, 1)


def read(
    value: Any, number_format: str = "General", heading: str = "valid from", **sheet_options: Any
) -> tuple[str, str]:
    """The text of a cell, and what is said of the sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([heading, "name"])
    sheet.append([None, "Loom"])
    cell = sheet["A2"]
    cell.value, cell.number_format = value, number_format
    if str(value).startswith("#"):
        cell.data_type = "e"
    if sheet_options.get("struck"):
        cell.font = openpyxl.styles.Font(strike=True)
    if sheet_options.get("chart"):
        book.create_chartsheet("chart")
    if sheet_options.get("row"):
        sheet.row_dimensions[2].hidden = True
    if sheet_options.get("column"):
        sheet.column_dimensions["A"].hidden = True
    if sheet_options.get("merge"):
        sheet.merge_cells(sheet_options["merge"])
    if sheet_options.get("epoch"):
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    stream = io.BytesIO()
    book.save(stream)
    (table,) = read_workbook(stream.getvalue(), "a.xlsx")
    said = " / ".join(f"{each.severity.word} {each.field}: {each.message}" for each in table.findings)
    return (table.rows[0].text(0) if table.rows else ""), said


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (D, "mmm-yy", "2018-10"), (D, "mmmm yyyy", "2018-10"), (D, "yyyy", "2018"), (D, "yyyy-mm-dd", "2018-10-01"),
        (D, "dd/mm/yyyy", "2018-10-01"), (D, "[$-809]d mmmm yyyy;@", "2018-10-01"),
        (D, "yyyy-mm-dd h:mm:ss", "2018-10-01"),
        (datetime(2018, 10, 1, 9, 30), "yyyy-mm-dd", "2018-10-01"), (time(9, 30), "h:mm", "09:30:00"),
        (date(2024, 2, 29), "d mmm yyyy", "2024-02-29"),
        (1234567, "00000000", "01234567"), (42, '"LS"00000', "LS00042"), (42, '"No. "0', "No. 42"),
        (5, '0"%"', "5%"), (5, "0\\%", "5%"), (5, '"<"0', "<5"), (5, '"~"0', "~5"), (5, '"+"0', "5"),
        (1, "0000-0000", "0000-0001"),
        (1600, "General", "1600"), (1600.5, "#,##0", "1600.5"), (1600, '"£"#,##0.00', "1600"),
        (1600, "[$€-2] #,##0", "1600"),
        (-5, "#,##0_);(#,##0)", "-5"), (0.5, "# ?/?", "0.5"), (1e6, "0.00E+00", "1000000"), (True, "General", "true"),
        ("one_x000D_\ntwo", "@", "one two"), ("a_x005F_x000D_b", "@", "a_x000D_b"), ("'quoted", "@", "'quoted"),
        ("01234567", "@", "01234567"), ("Digi\u00adbete", "@", "Digibete"),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_it_is_shown(value: Any, number_format: str, text: str) -> None:
    found, said = read(value, number_format)
    assert found == text
    assert said == ""


def test_days_are_counted_from_1904_where_the_workbook_says_so() -> None:
    assert read(D, "yyyy-mm-dd", epoch=True) == ("2018-10-01", "")


@pytest.mark.parametrize(
    ("value", "number_format", "words"),
    [
        (D, "d-mmm", "shows no year"), (D, "dddd", "shows no year"), (D, '"Q4" yyyy', "with words in it"),
        (datetime(1900, 1, 5), "yyyy-mm-dd", "before March 1900"), (0.25, "0%", "in per cent"),
        (0.25, "0.0%", "in per cent"),
        (1234567890123456, "0", "more than 15 digits"), (1.5e21, "General", "more than 15 digits"),
        (1500000, '0.0,,"M"', "Write it as text"), ("=A1", "General", "holds a formula"),
        (0, "yyyy", "shown as a date"), (5, ";;;", "shows nothing"), (0, "0;-0;", "shows nothing"),
        (0, "0;-0;;@", "shows nothing"), (2.5, '0.0"%"', "Write it as text"), (2.5, '"<"0.0', "Write it as text"),
        (D, 'yyyy"/19"', "with words in it"), ("#CALC!", "General", "could not work this cell out"),
        ("#BUSY!", "General", "could not work this cell out"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_said_with_its_cell(value: Any, number_format: str, words: str) -> None:
    found, said = read(value, number_format)
    assert found == ""
    assert f"violation cell A2: {said.partition(': ')[2]}" == said
    assert words in said


def test_what_is_hidden_or_joined_is_told() -> None:
    assert "warning : Hidden or filtered out, and read all the same: row 2." in read("x", row=True)[1]
    assert "warning : Struck through, and read all the same: row 2." in read("x", struck=True)[1]
    assert "violation : This is no workbook that can be read" in read("x", chart=True)[1]
    assert "warning : Hidden columns were read all the same: valid from." in read("x", column=True)[1]
    assert "violation cell B2: This cell is joined" in read("x", merge="A2:B2")[1]
    assert "violation cell A2: This cell is joined" in read(None, merge="A1:A2")[1]
