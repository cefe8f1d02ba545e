"""Statements of files: what is said, and where."""

from __future__ import annotations

from leedskg.statements import Statements, parse_turtle

FIRST = b'<urn:a> <urn:p> "one" , "two" .\n<urn:b> <urn:p> <urn:a> .\n'
SECOND = b'<urn:a> <urn:p> "two" , "three" ;\n    <urn:q> "new" .\n<urn:c> <urn:p> "one" .\n'


def test_more_files_are_read_as_though_they_had_been_there_and_leave_the_first_as_they_were():
    first, second = parse_turtle(FIRST, "first.ttl"), parse_turtle(SECOND, "second.ttl")
    before, untouched = Statements.of([first]), Statements.of([first])
    more = before.with_more([second, parse_turtle(b'<urn:c> <urn:p> "four" .\n', "third.ttl")])
    assert vars(before) == vars(untouched)
    assert vars(more) == vars(Statements.of([first, second, parse_turtle(b'<urn:c> <urn:p> "four" .\n', "third.ttl")]))
    assert list(more.subjects()) == ["urn:a", "urn:b", "urn:c"]
    assert more.place("urn:a", "urn:q") == ("second.ttl", 2)
