"""A colleague's spreadsheet: a table of any form, what its columns mean, and the tables of ours that it comes to.

`grid` finds the headings, `guesses` proposes what columns and values mean, `mapping` keeps what a person said,
`dates` and `cells` read what is written in many styles, `mapped` makes the tables that `drafting` reads.
"""
