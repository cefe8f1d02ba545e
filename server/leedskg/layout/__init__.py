"""Where the parts of a picture stand: in layers, freely around a middle, or by the ten thousand.

Distances are in units of the drawing, a pixel each at its own size. The same input has the same places. Nothing here
knows of a library that draws.
"""

from leedskg.layout.free import Body, by_communities, spread_out
from leedskg.layout.layered import Box, LayeredLine, Layers, Placement, carrier, layered, place

__all__ = [
    "Body",
    "Box",
    "LayeredLine",
    "Layers",
    "Placement",
    "by_communities",
    "carrier",
    "layered",
    "place",
    "spread_out",
]
