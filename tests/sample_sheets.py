"""A university's list of organisations and relationships, as a colleague keeps it."""

from __future__ import annotations

import base64
import io
import re
import zipfile
import zlib
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


#: A sheet of two relationships as Excel 97 keeps it, compressed: nothing that the tests have writes that form.
OLD_WORKBOOK = (
    "eNrtWE1IVFEU/u6dGWcUR0fTQAN5SFmZINGmjU6apYEjVotKghp1wsdM8+TNC7GFWeYmCIIgKNoItmhjBdH/onYtAsMWQRBoLV0FBS3U17ln"
    "3tiMGTiQgvG+xz33nnPuOfe8e+697+f9dNnsxKPqOaxAMzxYsgtRkCUTVAozTAikt23VzNQBKraLTYXCACWywIeXwXd+lUOV7zlIPPS+IQp8"
    "oXIag+gykjFtA9HKMUSFiqGJqMBdkpSgiqMqZ9rHdAvTB9zzFdMDLLnOtIn6zooeTIe76vc7q/ikrGVdCZTfp2zziSV7UYm3ahVfuiHSfX1o"
    "MfVoYpMparzFmAQltD2WjJmKL8U9FAFtbY2RSOMpwiwqKNmT+GFrwPfMrn6tufKNlQuQ/Geu3P8XeYCSuFJ+U3qBUdhneZOMI4gRr9L40Kkn"
    "46kF3FJ553ObSnfUtGhFaC0eoMMYypK0+oDjerIvVgx0GsZ57eBA1NStYTIeMsx4ShvSrYHtQERPJHpNw4hrHUZqULeiiaJosl/rMea1I8mU"
    "pVsXrFgQyOHLVzVTEfHpE8o5fYK8K4uJ9qOU22W8N0N0+wv3v81EervDZ1gyyk+c9HNph5oG2LisLMi4hDUepkpTzxZ7mF5hr9u4Xc20gqaL"
    "6rruSqdxeIz7XGVtHY2zj/EhvDOrvYva4/NHn9WMfw3vpvZU+9zFiqmP4QnU0lz3k726xtAgGsSd2wrPw5laOGfYZ6ZVf5xnARlyYredh28p"
    "FjmToPlQSHNqdsQyJ525SnMe4jyOL7GKL8G+vE5/wb58y5zypfIxIhXnoXivPZbsS67iS7Ivv2Mtc3xJ9hVwfEn2de6FRLMsxxNlSCf2bxTB"
    "hQsXLly4cOHCxfpB8Ftj+k3Zy58N6bdwv/NfZ5HKkvub5L/FMRh0WfRReQhJqk0M57V+tsInMr7EGm0y/wsVTtDoJuLo5Tjiea9f+ooS2fez"
    "ZsPQv9tC+Y6/lE+c6zz+L8BvAZU="
)


def old_workbook() -> bytes:
    """Give the workbook in the form of Excel before 2007."""
    return zlib.decompress(base64.b64decode(OLD_WORKBOOK))


def open_document(body: str) -> bytes:
    """Make an OpenDocument spreadsheet of one sheet, whose rows are given in its XML."""
    names = " ".join(
        f'xmlns:{part}="urn:oasis:names:tc:opendocument:xmlns:{part}:1.0"' for part in ("office", "table", "text")
    )
    text = (
        f"<office:document-content {names}><office:body><office:spreadsheet><table:table table:name='Links'>{body}"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", text)
    return out.getvalue()


def of_cells(*texts: str, times: int = 1) -> str:
    """Write a row of an OpenDocument sheet, which stands so many times; a date is one, and one cell fills the row."""
    cells = []
    for text in texts:
        day = re.fullmatch(r"[0-9-]{10}", text)
        sort = f"office:value-type='date' office:date-value='{text}'" if day else "office:value-type='string'"
        repeated = "16384" if len(texts) == 1 else "1"
        inner = f"<text:p>{'one day' if day else text}</text:p>" if text else ""
        cells.append(f"<table:table-cell {sort} table:number-columns-repeated='{repeated}'>{inner}</table:table-cell>")
    return f"<table:table-row table:number-rows-repeated='{times}'>{''.join(cells)}</table:table-row>"
