"""Pictures of networks: pyvis builds the network, positions are computed here, our own template and script show it.

pyvis writes pages that run script from labels and fetch from elsewhere, so its pages are not used: only its network,
as data. A picture says nothing that the list beside it does not say.
"""

from leedskg.picture.drawing import draw_freely, draw_routes
from leedskg.picture.model import NODE_LIMIT, NODE_SIZE, Picture, PictureEdge, PictureNode

__all__ = ["NODE_LIMIT", "NODE_SIZE", "Picture", "PictureEdge", "PictureNode", "draw_freely", "draw_routes"]
