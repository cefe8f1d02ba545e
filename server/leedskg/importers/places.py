"""Local authorities by name, for publishers that print the name and not the code."""

from __future__ import annotations

#: The districts of West Yorkshire with their GSS codes: what the region is unless a setting says otherwise.
WEST_YORKSHIRE = {
    "E08000032": "Bradford",
    "E08000033": "Calderdale",
    "E08000034": "Kirklees",
    "E08000035": "Leeds",
    "E08000036": "Wakefield",
}
_CODES = {name.casefold(): code for code, name in WEST_YORKSHIRE.items()}


def authority_code(name: str) -> str:
    """Return the GSS code of a local authority of the region; of another, its name as it stands."""
    told = " ".join(name.split())
    return _CODES.get(told.casefold().removesuffix(" city council").removesuffix(" council"), told)
