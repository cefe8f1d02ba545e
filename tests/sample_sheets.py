"""A university's list of organisations and relationships, as a colleague keeps it."""

from __future__ import annotations

import io
from datetime import date

import openpyxl

#: Names that the graph of the small town has, some misspelt; with kinds as people write them.
KNOWN = (("Zoe Institutte", "research institute"), ("Lomm Charity", "charitable org"), ("Millbrok Hospital", "NHS"))
STYLES = ("2019", "Mar 2019", "03/2019", "1/4/2019", "2020-12", date(2021, 5, 6))


def university_list() -> bytes:
    """Make the workbook: 40 organisations and 60 relationships."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Organisations"
    sheet.append(["Our partners in health, spring 2026"])
    sheet.merge_cells("A1:F1")
    sheet.append(["Organisation", None, None, "Register", None, "Web"])
    sheet.merge_cells("A2:C2")
    sheet.merge_cells("D2:E2")
    sheet.append(["Name", "Type", "Town", "Company no.", "Postcode", "Site"])
    words = ("Spindle", "Carder", "Fuller", "Dyer", "Shuttle", "Heddle", "Treadle", "Distaff", "Reed", "Warper")
    made = [(f"{word} {what}", kind) for what, kind in
            (("Works Ltd", "SME"), ("Care Trust", "NHS"), ("Relief Fund", "charity"), ("Analytics Ltd", "SME"))
            for word in words]  # fmt: skip
    organisations = [*KNOWN, *made][:40]
    for number, (name, kind) in enumerate(organisations):
        company = 1234567 + number if kind == "SME" else None
        sheet.append([name, kind, "Millbrook\nWest", company, None, f"www.{number}.example" if number % 3 else None])
    links = book.create_sheet("Who works with whom")
    links.append(["Partner A", "Relationship", "Partner B", "Since", "Amount", "Contact"])
    names = [name for name, _ in organisations]
    for number in range(60):
        first, second = names[number % 40], names[(number * 7 + 3) % 40]
        if first == second:
            second = names[(number * 7 + 4) % 40]
        if number == 10:
            first = "Spindel Works Ltd"
        if number == 11:
            second = "Cardar Care Trust"
        if number in {20, 30, 40}:
            second = {20: "Quillon Observatory", 30: "Hexham Foundry", 40: "Ouse Valley Panel"}[number]
        how = ("funds", "partner", "works with")[number % 3]
        amount = ("£12,500", "2019-03-01", 1600, "12.5k")[number % 4] if how == "funds" else None
        links.append([first, how, second, STYLES[number % len(STYLES)], amount, "Pat"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
