"""Pictures of the graph, a file a picture: each with a list or table, files, and its state in the address."""

from leedskg.web.pictures import around, communities, members, money, places, result, routes, timeline, whole
from leedskg.web.pictures.frame import blueprint

__all__ = ["around", "blueprint", "communities", "members", "money", "places", "result", "routes", "timeline", "whole"]
