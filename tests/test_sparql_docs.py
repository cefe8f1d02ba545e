"""docs/sparql.md against the program: every parameter, format, setting and failure is in it."""

from dataclasses import fields
from pathlib import Path

import pytest

from leedskg.settings import ENVIRONMENT_PREFIX, Settings
from leedskg.sparql.protocol.negotiation import FORMATS
from leedskg.sparql.protocol.request import QUERY_PARAMETERS, UPDATE_PARAMETERS
from tests.w3c.failures import KNOWN

TEXT = (Path(__file__).parents[1] / "docs" / "sparql.md").read_text(encoding="utf-8")
LIMITS = (
    *("query_timeout", "queue_timeout", "workers", "spare_workers", "heavy_after", "heavy_queries", "heavy_waiting"),
    *("queries_in_flight", "worker_memory", "result_limit", "request_limit", "upload_limit", "service_limit"),
)


@pytest.mark.parametrize("each", FORMATS, ids=lambda each: each.name)
def test_every_format_is_told(each):
    assert any(each.name in line and each.media_types[0] in line for line in TEXT.splitlines())


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_is_told_with_its_default(name):
    default = next(field.default for field in fields(Settings) if field.name == name)
    shown = "one a core" if name in {"workers", "heavy_queries"} else f"{default:g} "
    assert f"| {ENVIRONMENT_PREFIX}{name.upper()} | {shown}" in TEXT


@pytest.mark.parametrize("name", [*QUERY_PARAMETERS, *UPDATE_PARAMETERS])
def test_every_parameter_is_told(name):
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("name", KNOWN)
def test_every_failure_is_told_with_its_cause(name):
    [line] = [line for line in TEXT.splitlines() if line.startswith(f"| {KNOWN[name]} |")]
    assert name in line.replace(",", " ").split()
