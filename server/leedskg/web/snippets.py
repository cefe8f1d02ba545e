"""A query as the lines that run it from elsewhere: a shell with curl, Python, R."""

from __future__ import annotations

from leedskg.errors import RequestError
from leedskg.sparql.tokens import outline


def snippets(query: str, endpoint: str) -> dict[str, str]:
    """The lines by the name of what runs them. Each needs nothing but what comes with the language."""
    try:
        graph = outline(query).kind in {"construct", "describe"}
    except RequestError:  # it asks for what the endpoint refuses, and says so when it is run
        graph = False
    form = "turtle" if graph else "csv"
    return {
        "curl": f"curl --data-urlencode query={_shell(query)} \\\n  --data format={form} {_shell(endpoint)}\n",
        "Python": _python(query, endpoint, form),
        "R": _r(query, endpoint, form),
    }


def _shell(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _python(query: str, endpoint: str, form: str) -> str:
    plain = query.isprintable() or all(character.isprintable() or character in "\n\t" for character in query)
    simple = plain and "\\" not in query and '"""' not in query and not query.endswith('"')
    opening = [
        "import csv, io, urllib.parse, urllib.request" if form == "csv" else "import urllib.parse, urllib.request",
        "",
        f'query = """{query}"""' if simple else f"query = {query!r}",
        f'body = urllib.parse.urlencode({{"query": query, "format": "{form}"}}).encode()',
        f"with urllib.request.urlopen({endpoint!r}, body) as answer:",
    ]
    if form == "csv":
        reading = [
            "    # With pandas, in place of the next two lines: table = pandas.read_csv(answer, keep_default_na=False)",
            '    for row in csv.DictReader(io.TextIOWrapper(answer, "utf-8", newline="")):',
            "        print(row)",
        ]
    else:
        reading = ['    print(answer.read().decode("utf-8"))']
    return "\n".join([*opening, *reading, ""])


def _r(query: str, endpoint: str, form: str) -> str:
    dashes = "-"
    while f'){dashes}"' in query:
        dashes += "-"
    return "\n".join(
        [
            f'query <- r"{dashes}({query}){dashes}"  # R 4.0 or newer',
            f'address <- paste0("{endpoint}?format={form}&query=", URLencode(query, reserved = TRUE))',
            "table <- read.csv(address)" if form == "csv" else 'graph <- readLines(address, encoding = "UTF-8")',
            "",
        ]
    )
