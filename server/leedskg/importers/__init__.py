"""Open data on its way in: a publisher's file becomes a table of records in our own columns, and records statements.

`model` says what a record, a row and a source are; `mapping` what becomes of a publisher's columns; `table` is an
import as it is kept; `difference` compares two; `report` is what reading a file has to say. Each publisher is a module
of `sources`.
"""

from __future__ import annotations
