"""Who can help: each need of innovators with who helps, through what and where, and at which stage if a source says.

model      needs, offers and all of them together
wording    which needs a person's own words may mean
reading    all of it from the published graph
"""

from leedskg.support.model import Need, Offer, Support
from leedskg.support.reading import read_support
from leedskg.support.wording import Meaning

__all__ = ["Meaning", "Need", "Offer", "Support", "read_support"]
