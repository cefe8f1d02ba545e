"""Pictures of the graph, a file a picture: each with its list or table, its files, and all of its state in its address."""

from leedskg.web.pictures import around, communities, index, money, places, timeline
from leedskg.web.pictures.frame import blueprint

__all__ = ["around", "blueprint", "communities", "index", "money", "places", "timeline"]
