"""Small invented files of publishers, for the tests of imports."""

from __future__ import annotations

import io
import tarfile
import zipfile

import openpyxl

GTR = "http://gtr.ukri.org/api"


def body(identifier: str, name: str, *roles: str, postcode: str = "") -> str:
    said = "".join(f"<g:role><g:name>{role}</g:name></g:role>" for role in roles)
    address = f"<g:address><g:postCode>{postcode}</g:postCode></g:address>" if postcode else ""
    return (
        f"<g:organisationRole><g:id>{identifier}</g:id><g:name>{name}</g:name>{address}<g:roles>{said}</g:roles>"
        "</g:organisationRole>"
    )


def gtr_project(
    reference: str = "EP/X000001/1",
    *bodies: str,
    title: str = "Hearts of looms",
    amount: str = "120000",
    start: str = "2015-01-01",
    spin_out: str = "",
    before: str = "",
    funder: str = "Council of Looms",
    subject: str = "",
) -> str:
    subjects = f"<g:researchSubject><g:text>{subject}</g:text></g:researchSubject>" if subject else ""
    outputs = f"<g:spinOutOutput><g:companyName>{spin_out}</g:companyName></g:spinOutOutput>" if spin_out else ""
    bodies = bodies or (body("ORG-1", "Zoë Institute", "LEAD_RO"), body("ORG-2", "Weft Ltd", "PROJECT_PARTNER"))
    return f"""<?xml version='1.0' encoding='UTF-8'?>{before}
<g:projectOverview xmlns:g="{GTR}"><g:projectComposition><g:organisationRoles>{"".join(bodies)}</g:organisationRoles>
<g:project><g:id>P-{reference}</g:id><g:title>{title}</g:title><g:status>Closed</g:status>
<g:grantCategory>Research Grant</g:grantCategory><g:grantReference>{reference}</g:grantReference>
<g:fund><g:start>{start}</g:start><g:end>2030-12-31</g:end><g:valuePounds>{amount}</g:valuePounds>
<g:funder><g:id>F-1</g:id><g:name>{funder}</g:name></g:funder></g:fund>
<g:researchSubjects>{subjects}</g:researchSubjects>
<g:output><g:spinOutOutputs>{outputs}</g:spinOutOutputs></g:output></g:project>
</g:projectComposition></g:projectOverview>"""


GTR_CSV = (
    "FundingOrgName,ProjectReference,LeadROName,PISurname,Title,StartDate,EndDate,AwardPounds,LeadROId\n"
    "AHRC,AH/1,Zoë Institute,Secretsurname,Of looms,01/02/2015,31/01/2018,5000.0,ORG-1\n"
)
NIHR_CSV = (
    "Project_ID;Project_Title;Funder;Award_Amount;Start_Date;Contracted_Organisation\n"
    "NIHR1;Of hearts;NIHR;£3,500,000.00;2017-06-26;Millbrook Hospital\n"
)
CHARITIES_CSV = (
    "org_id,reg_number,name,postcode,active,date_registered,company_number\n"
    "GB-CHC-1000001,1000001,THE LOOM CHARITY,LS1 1AA,True,1992-06-08,644831\n"
)
RELEASES_CSV = (
    "ODR reference,Applicant's organisation,Applicant's organisation type,Funders and collaborators,Data source,"
    "Type of data,Date of release\n"
    'ODR1_002/A1,Millbrook Hospital,Provider,"Paid for by the Bobbin Fund, with Weft Ltd.",Register of Hearts,'
    "De-personalised,2017-04-24 00:00:00\n"
)


def zipped(*files: tuple[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files:
            archive.writestr(name, text)
    return packed.getvalue()


def tarred(name: str, text: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(text.encode())
        archive.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


def innovate_workbook(amount: object, second_title: str = "Of warps") -> bytes:
    headings = ["Project Number", "Project Title", "Participant Name", "Is Lead Participant", "CRN",
                "Award Offered (£)", "Address Local Authority"]  # fmt: skip
    book = openpyxl.Workbook()
    book.active.append(headings)
    book.active.append(["1", "Of warps", "Weft Ltd", "Yes", 644831, 5000, "Leeds"])
    book.active.append(["1", second_title, "Bobbin Works", "No", None, amount, "Sheffield"])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


BOMB = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]>'
CHARITY_TWICE = CHARITIES_CSV + "GB-CHC-1000001,1000001,LOOM CHARITY,LS1 1AA,True,1992-06-08,\n"
GENDER = "EmployerName,EmployerId,CompanyNumber\nThe Loom,7,644831\n"

REFUSED = {
    "an unknown header": ("a.csv", "who,what\nx,y\n", "no source that is known"),
    "a header that lacks a column": ("g.csv", GTR_CSV.replace("LeadROId", "LeadROKey"), "no source that is known"),
    "no rows": ("n.csv", NIHR_CSV.splitlines()[0] + "\n", "n.csv: the table has no rows"),
    "a truncated zip": ("g.zip", zipped(("a.xml", gtr_project()))[:-30], "damaged or cut short"),
    "a truncated tar": ("g.tgz", tarred("a.xml", gtr_project() + " " * 90_000)[:-60], "damaged or cut short"),
    "a truncated XML": ("g.xml", gtr_project()[:-40], "g.xml: this is not valid XML"),
    "a truncated CSV": ("n.csv", NIHR_CSV + "NIHR2;Of looms", "n.csv, row 3: this row has 2 cells"),
    "a date as money": ("n.csv", NIHR_CSV.replace("£3,500,000.00", "2017-06-26"), "row 2: column “Award_Amount”"),
    "money in two readings": ("n.csv", NIHR_CSV.replace("£3,500,000.00", "1.234,56"), "row 2: column “Award_Amount”"),
    "a person's name as a date, which is not repeated": (
        "n.csv", NIHR_CSV.replace("2017-06-26", "Dr Ann Loom"), "“Start_Date”: this text is no date"),
    "a table in UTF-16": ("n.csv", NIHR_CSV.encode("utf-16"), "n.csv: the file is UTF-16"),
    "a text as a date": ("n.csv", NIHR_CSV.replace("2017-06-26", "last June"), "row 2: column “Start_Date”"),
    "two records with one id": ("c.csv", CHARITY_TWICE, "row 3: two records have the id GB-CHC-1000001"),
    "a licence that forbids it": ("e.csv", GENDER, "nothing says that"),
    "ROR's first schema": ("r.json", '[{"id":"https://ror.org/024mrxd33","name":"x","addresses":[],"status":"active"}]',
                           "r.json, row 1: this is ROR's schema 1"),
    "no JSON": ("r.json", '[{"id":"https://ror.org/024mrxd33","status":"active","names":', "this is not valid JSON"),
    "JSON that is too deep": ("r.json", '[{"id":"https://ror.org/024mrxd33","status":"active","x":' + "[" * 99_999,
                              "are values within values, 200 deep or more"),
    "a number for a list of names": (
        "r.json", '[{"id":"https://ror.org/024mrxd33","status":"active","names":5,"locations":[]}]',
        "r.json, row 1: this record is of another form than its publisher gives"),
    "a sheet of OpenDocument": ("d.ods", zipped(("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
                                                ("content.xml", "<a/>")), "d.ods: this is a spreadsheet in a form"),
    "a sheet of old Excel": ("d.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2048), "d.xls: this is a spread"),
    "a release to nobody": ("d.csv", RELEASES_CSV.replace("Millbrook Hospital", ""), "row 2: a release needs"),
    "a date among amounts": ("i.xlsx", innovate_workbook("2021-03-04"), "row 3: column “Award Offered (£)”"),
}  # fmt: skip

RENAMED = gtr_project(
    "EP/2", body("ORG-1", "Zoe Institut", "LEAD_RO"), body("ORG-5", "Millbrook Hospital", "PROJECT_PARTNER")
)

TAKEN = {
    "thousands separators": ("n.csv", NIHR_CSV.encode(), ""),
    "Windows-1252": ("n.csv", NIHR_CSV.encode("cp1252"), "read as Windows-1252"),
    "a line break in a cell": ("n.csv", NIHR_CSV.replace("Of hearts", '"Of\nhearts"').encode(), ""),
    "a README beside the table": (
        "n.zip", zipped(("README.txt", "Awards, as of May."), ("licence.md", "Open"), ("n.csv", NIHR_CSV)),
        "README.txt: this is for readers, and was passed over."),
    "an empty file within": ("g.zip", zipped(("a.xml", gtr_project()), ("b.xml", "")), "b.xml: the file is empty"),
    "another currency": ("n.csv", NIHR_CSV.replace("£3,500,000.00", "€3,500,000.00").encode(), "is in EUR"),
    "an empty table within": (
        "n.zip", zipped(("a.csv", NIHR_CSV), ("b.csv", ""), ("__MACOSX/._a.csv", "x")), "b.csv: the file is empty"),
    "a code of another currency": (
        "n.csv", NIHR_CSV.replace("£3,500,000.00", "EUR 3 500 000").encode(), "is in EUR"),
    "numbers without noughts": ("c.csv", CHARITIES_CSV.encode(), ""),
    "a day with a time": ("d.csv", RELEASES_CSV.encode(), ""),
    "a day that is none": ("n.csv", NIHR_CSV.replace("2017-06-26", "31/06/2017").encode(), "no day of the calendar"),
    "a project of two titles": ("i.xlsx", innovate_workbook(1, "Of wefts"), "is “Of wefts” here and “Of warps” at"),
    "an id of two names": ("g.zip", zipped(("a.xml", gtr_project()), ("b.xml", RENAMED)),
                           "ORG-1 is called Zoë Institute elsewhere"),
}  # fmt: skip
