"""What programs that answer in words ask of the graph: a few tools, each a function over what the pages use too.

Nothing here knows how it is asked: over stdio, over HTTP or in a test. See docs/agents.md and decision 0200.
"""

from __future__ import annotations

from leedskg.agents.answer import MOST_BYTES, AnswerLine, Rendered, ToolAnswer
from leedskg.agents.graph import AskedGraph
from leedskg.agents.tool_call import call
from leedskg.agents.tools import INSTRUCTIONS, TOOLS, Tool

__all__ = ["INSTRUCTIONS", "MOST_BYTES", "TOOLS", "AnswerLine", "AskedGraph", "Rendered", "Tool", "ToolAnswer", "call"]
