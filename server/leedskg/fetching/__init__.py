"""What publishers' services have of the scope of an import, for those who have internet (decision 0222).

Only the command `leedskg import SOURCE --fetch` uses this room. The server never does: a test holds it to that.
"""
