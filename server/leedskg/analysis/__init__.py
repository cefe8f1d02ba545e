"""Who matters in the network: brokers, single points of failure, communities, potential partners and gaps.

All of it is worked out once for a generation and kept, over relationships alone: place and theme are no ties. Ended
relationships count as well. What a measure cannot be worked out for exactly at a size says so.

ties        the network as a graph of numbers, which the measures are defined on
brokers     betweenness and constraint; cutting: who alone connects others to the rest
communities, partners, gaps
tables      all of these for one generation
"""

from __future__ import annotations

from leedskg.analysis.brokers import Broker, CutPoint
from leedskg.analysis.communities import Community
from leedskg.analysis.partners import PartnerReason, PotentialPartners, suggested
from leedskg.analysis.tables import Analysis, NeedProviders, analyse, read_analysis
from leedskg.analysis.ties import ThemeGap, TieGraph

__all__ = [
    "Analysis",
    "Broker",
    "Community",
    "CutPoint",
    "NeedProviders",
    "PartnerReason",
    "PotentialPartners",
    "ThemeGap",
    "TieGraph",
    "analyse",
    "read_analysis",
    "suggested",
]
