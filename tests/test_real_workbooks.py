"""What spreadsheet programs write: what a cell shows is what is read, or a finding says why not."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment

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
    if sheet_options.get("note"):
        cell.comment = Comment("It closed in 2020.", "Mary")
    if sheet_options.get("link"):
        cell.hyperlink = "https://example.org/loom"
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
    (table,) = read_workbook(stream.getvalue(), "a.xlsx", as_records=bool(sheet_options.get("as_records")))
    said = " / ".join(f"{each.severity.word} {each.field}: {each.message}" for each in table.findings)
    return (table.rows[0].text(0) if table.rows else ""), said


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (D, "mmm-yy", "2018-10"), (D, "mmmm yyyy", "2018-10"), (D, "yyyy", "2018"), (D, "yyyy-mm-dd", "2018-10-01"),
        (D, "dd/mm/yyyy", "2018-10-01"), (D, "[$-809]d mmmm yyyy;@", "2018-10-01"),
        (D, "yyyy-mm-dd h:mm:ss", "2018-10-01"),
        (datetime(2018, 10, 1, 9, 30), "yyyy-mm-dd", "2018-10-01"), (time(9, 30), "h:mm", "09:30:00"),
        (timedelta(hours=30), "[h]:mm", "30:00"), (timedelta(hours=30, seconds=5), "[h]:mm:ss", "30:00:05"),
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
    assert "warning : The notes at cells are not read: A2." in read("x", note=True)[1]
    assert "info : The links behind cells are not read: A2." in read("x", link=True)[1]
    assert "warning : Hidden columns were read all the same: valid from." in read("x", column=True)[1]
    assert "violation cell B2: This cell is joined" in read("x", merge="A2:B2")[1]
    assert "violation cell A2: This cell is joined" in read(None, merge="A1:A2")[1]


def test_what_is_hidden_in_a_list_of_ones_own_is_told_too() -> None:
    assert "Hidden or filtered out, and read all the same: row 2." in read("x", row=True, as_records=True)[1]
    assert "Struck through, and read all the same: row 2." in read("x", struck=True, as_records=True)[1]
    assert "Hidden columns were read all the same: column A." in read("x", column=True, as_records=True)[1]
    assert "The notes at cells are not read: A2." in read("x", note=True, as_records=True)[1]


def rewritten(end: str) -> str:
    """What is read of a workbook whose last row goes on in this way, and what is said of it."""
    book = openpyxl.Workbook()
    book.active.append(["name", "kind"])
    book.active.append(["Loom", "charity"])
    stream, out = io.BytesIO(), io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as before, zipfile.ZipFile(out, "w") as after:
        for each in before.infolist():
            text = before.read(each)
            if each.filename == "xl/worksheets/sheet1.xml":
                text = text.replace(b"</row></sheetData>", end.encode() + b"</sheetData>")
            after.writestr(each.filename, text)
    (table,) = read_workbook(out.getvalue(), "a.xlsx")
    return f"{[row.texts for row in table.rows]} " + " / ".join(each.message for each in table.findings)


CELL = '<c r="{0}" t="inlineStr"><is><t>Bobbin</t></is></c></row>'


@pytest.mark.parametrize(
    "end", [CELL.format("A2"), f'</row><row r="2">{CELL.format("A2")}', f'</row><row r="1">{CELL.format("A1")}']
)
def test_of_cells_that_stand_twice_or_out_of_order_none_is_passed_over(end: str) -> None:
    assert "This is no workbook that can be read" in rewritten(end=end)
    assert "Bobbin" in rewritten(end=f'</row><row r="3">{CELL.format("A3")}')


def test_a_date_that_the_file_writes_as_one_is_read() -> None:
    assert "'2018-10-01'" in rewritten(end='</row><row r="3"><c r="A3" t="d"><v>2018-10-01</v></c></row>')


@pytest.mark.parametrize(
    ("number_format", "currency", "is_told"),
    [("[$¥-411]#,##0", "GBP", True), ("[$¥-411]#,##0", "JPY", False), ("[$kr-414] #,##0", "GBP", True),
     ("[$kr-414] #,##0", "NOK", False), ('"$"#,##0', "CAD", False), ('"$"#,##0', "GBP", True)],
)  # fmt: skip
def test_an_amount_is_in_the_currency_that_its_row_says(number_format: str, currency: str, *, is_told: bool) -> None:
    book = openpyxl.Workbook()
    book.active.append(["amount", "currency"])
    book.active.append([1600, currency])
    book.active["A2"].number_format = number_format
    stream = io.BytesIO()
    book.save(stream)
    (table,) = read_workbook(stream.getvalue(), "a.xlsx")
    assert any("This amount is shown in" in each.message for each in table.findings) == is_told
