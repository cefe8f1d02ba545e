"""Who matters in the network: brokers, single points of failure, communities, potential partners and gaps.

All of it is worked out once for a generation and kept, over relationships alone: place and theme are no ties. Ended
relationships count as well. What a measure cannot be worked out for exactly at a size says so.

ties        the network as a graph of numbers, which the measures are defined on
brokers     betweenness and constraint; cutting: who alone connects others to the rest
communities, partners, gaps
tables      all of these for one generation; keeping: in a file, for every process
"""

from __future__ import annotations

from leedskg.analysis.brokers import Broker
from leedskg.analysis.communities import Community
from leedskg.analysis.cutting import CutPoint
from leedskg.analysis.gaps import ThemeGap
from leedskg.analysis.keeping import file_of, kept_or_made
from leedskg.analysis.partners import PotentialPartners
from leedskg.analysis.tables import Analysis, NeedProviders, analyse, read_analysis
from leedskg.analysis.ties import TieGraph

__all__ = [
    "Analysis",
    "Broker",
    "Community",
    "CutPoint",
    "NeedProviders",
    "PotentialPartners",
    "ThemeGap",
    "TieGraph",
    "analyse",
    "file_of",
    "kept_or_made",
    "read_analysis",
]
