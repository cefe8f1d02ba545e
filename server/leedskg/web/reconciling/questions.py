"""Questions of the reconciliation protocol, read from JSON that anybody may have written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leedskg.errors import RequestError
from leedskg.foreign_json import ForeignJsonError, read_json

#: Questions of one batch, and ids or properties of one request for values.
MOST_QUESTIONS = 100
MOST_IDS = 500
#: Characters of a name, and candidates of an answer.
LONGEST = 500
MOST_CANDIDATES = 50
FEW = 5
#: What a type or property means where several types are given.
_STRICT = ("any", "should", "all")


@dataclass(frozen=True)
class ReconciliationQuery:
    """Which entity a name means, of which types, and which values it has."""

    text: str
    types: tuple[str, ...] = ()
    strict: str = "any"
    limit: int = FEW
    values: tuple[tuple[str, str], ...] = ()


def read_questions(text: str) -> dict[str, ReconciliationQuery]:
    """Read a batch of questions. Raises RequestError with the key of the one that is wrong."""
    batch = _object(text, "queries")
    if len(batch) > MOST_QUESTIONS:
        raise RequestError(
            f"The batch has {len(batch):,} queries, and {MOST_QUESTIONS} are the most. Send them in several batches."
        )
    return {key: _question(key, each) for key, each in batch.items()}


def _question(key: str, asked: Any) -> ReconciliationQuery:
    where = f"Query “{key[:40]}”"
    if not isinstance(asked, dict):
        raise RequestError(f'{where} must be an object such as {{"query": "University of Leeds"}}.')
    text = asked.get("query", "")
    if not isinstance(text, str):
        raise RequestError(f"{where}: “query” must be a text.")
    if len(text) > LONGEST:
        raise RequestError(f"{where}: “query” has {len(text):,} characters, and {LONGEST} are the most.")
    values = tuple(_values(where, asked.get("properties", [])))
    if "query" not in asked and not values:
        raise RequestError(f"{where} has neither a “query” nor “properties”.")
    types = asked.get("type") or []
    types = [types] if isinstance(types, str) else types
    if not isinstance(types, list) or not all(isinstance(each, str) for each in types):
        raise RequestError(f"{where}: “type” must be the id of a type, or a list of them.")
    strict = asked.get("type_strict") or "any"
    if strict not in _STRICT:
        raise RequestError(f"{where}: “type_strict” must be one of {', '.join(_STRICT)}.")
    limit = asked.get("limit", FEW)
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not limit >= 1:
        raise RequestError(f"{where}: “limit” must be a number of 1 or more.")
    return ReconciliationQuery(text, tuple(types), strict, int(min(limit, MOST_CANDIDATES)), values)


def _values(where: str, properties: Any) -> list[tuple[str, str]]:
    if not isinstance(properties, list):
        raise RequestError(f"{where}: “properties” must be a list.")
    found = []
    for each in properties[:MOST_IDS]:
        if not isinstance(each, dict) or not isinstance(each.get("pid"), str) or "v" not in each:
            raise RequestError(f"{where}: each of “properties” needs the id of a property, “pid”, and a value, “v”.")
        values = each["v"] if isinstance(each["v"], list) else [each["v"]]
        found += [(each["pid"], _value(where, value)) for value in values[:MOST_IDS]]
    return found


def _value(where: str, value: Any) -> str:
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        return str(value["id"])
    if isinstance(value, str | int | float):
        return str(value)[:LONGEST]
    raise RequestError(f'{where}: a value, “v”, must be a text, a number, true or false, or {{"id": …}}.')


@dataclass(frozen=True)
class Extension:
    """Of which entities which values are asked for."""

    ids: tuple[str, ...]
    properties: tuple[str, ...]


def read_extension(text: str) -> Extension:
    """Read which values are asked for. Raises RequestError, saying what is wrong."""
    asked = _object(text, "extend")
    ids, properties = asked.get("ids"), asked.get("properties")
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise RequestError("“extend” needs “ids”, a list of the ids of entities.")
    if not isinstance(properties, list) or not all(
        isinstance(each, dict) and isinstance(each.get("id"), str) for each in properties
    ):
        raise RequestError('“extend” needs “properties”, a list of objects such as {"id": "ror"}.')
    if len(ids) > MOST_IDS or len(properties) > MOST_IDS:
        raise RequestError(f"“extend” may have {MOST_IDS} ids and as many properties. Ask in several requests.")
    return Extension(tuple(dict.fromkeys(ids)), tuple(dict.fromkeys(each["id"] for each in properties)))


def _object(text: str, name: str) -> dict[str, Any]:
    """Read a JSON object. Raises RequestError with the place where it is none."""
    try:
        read = read_json(text)
    except ForeignJsonError as error:
        raise RequestError(f"“{name}” is not JSON that can be read: {error}.") from None
    if not isinstance(read, dict):
        raise RequestError(f"“{name}” must be a JSON object.")
    return read
