"""Finding tools: by what is known of them, and by words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.web.rest.tools.bodies import ToolSearch
from adapters.web.rest.tools.known import KnownTool

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class ToolFilter:
    """Which tools a list is of; None: of all. `search` is a part of a name, in lower case."""

    names: frozenset[str] | None
    ids: frozenset[str] | None
    types: frozenset[str] | None
    not_types: frozenset[str]
    search: str
    built_in: bool
    custom: bool

    def takes(self, tool: KnownTool) -> bool:
        """Whether a tool is one of them."""
        view = tool.view
        return (
            (self.names is None or tool.name in self.names)
            and (self.ids is None or view["id"] in self.ids)
            and (self.types is None or view["tool_type"] in self.types)
            and view["tool_type"] not in self.not_types
            and self.search in tool.name.lower()
            and (self.built_in if tool.custom is None else self.custom)
        )


def found_tools(tools: Sequence[KnownTool], body: ToolSearch) -> Sequence[Mapping[str, Any]]:
    """The tools that have words of the query in their name or description, most words first; all
    of them where nothing is asked.
    """
    wanted = _words(body.query or "")
    scored = [
        (len(wanted & _words(text)) / len(wanted) if wanted else 1.0, text, each)
        for each in tools
        if (body.tool_types is None or each.view["tool_type"] in body.tool_types)
        and (not body.tags or set(body.tags) & set(each.view["tags"]))
        for text in [f"{each.name}: {each.view['description']}"]
    ]
    hits = sorted((hit for hit in scored if hit[0] > 0), key=lambda hit: -hit[0])[: body.limit]
    return [
        {
            "tool": each.view,
            "embedded_text": text,
            "fts_rank": rank,
            "vector_rank": None,
            "combined_score": score,
        }
        for rank, (score, text, each) in enumerate(hits, start=1)
    ]


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text))
