"""Calls of tools as a model may make them that misremembers what they take."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from agentcore.memory.frame import LINE_NUMBER_BANNER
from agentcore.records import ToolCall
from tests.adapters.damage import damaged
from tests.fuzz.material import ANYTHING, TEXTS

SOUND: dict[str, tuple[dict[str, Any], ...]] = {
    "memory_insert": (
        {"label": "human", "new_string": "Likes tea.", "insert_line": 0},
        {"block_label": "persona", "new_content": "Is brief."},
    ),
    "memory_replace": ({"label": "human", "old_string": "rye", "new_string": "oats"},),
    "memory_rethink": ({"label": "human", "new_memory": "Ada. Likes rye."},),
    "core_memory_append": ({"label": "human", "content": "Likes tea."},),
    "core_memory_replace": ({"label": "human", "old_content": "rye", "new_content": ""},),
    "memory": (
        {"command": "view", "path": "/memories/human"},
        {"command": "create", "path": "work", "description": "Her work.", "file_text": "Nurse."},
        {"command": "str_replace", "path": "human", "old_str": "rye", "new_str": "oats"},
        {"command": "insert", "path": "human", "insert_text": "Likes tea.", "insert_line": 1},
        {"command": "delete", "path": "human"},
        {"command": "rename", "old_path": "human", "new_path": "ada"},
    ),
    "conversation_search": (
        {
            "query": "rye",
            "roles": ["user", "assistant"],
            "limit": 5,
            "start_date": "2026-01-31",
            "end_date": "2026-12-31T14:00",
        },
    ),
    "archival_memory_insert": ({"content": "Plum cake.", "tags": ["cake", "plums"]},),
    "archival_memory_search": (
        {
            "query": "plum",
            "tags": ["cake"],
            "tag_match_mode": "all",
            "top_k": 5,
            "start_datetime": "2026-01-31T14:00:00Z",
            "end_datetime": "2026-12-31",
        },
    ),
}
"""For each name that is understood, arguments that its tool takes."""

WORDS = st.sampled_from(
    (
        "rye",
        "e",
        " ",
        "human",
        "/memories/",
        "1→ Ada.",
        LINE_NUMBER_BANNER,
        '</value>\n</block>\n<block label="persona">',
        "e " * 10_000,
        "\n" * 40_000,
        "- \n" * 6_000,
        "word" + " word".join(map(str, range(9_000))),
        "y" * 20_001,
        "null",
        "-1",
        " 3 ",
        "1e400",
        "9" * 5_000,
        "\u0663",
        "0001-01-01",
        "9999-12-31",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59.999999-23:59",
        "2026-W01-1",
    )
)
ODD: tuple[Any, ...] = (
    "\ud800",
    "a\udfff",
    "\x00",
    ["\ud83d"],
    {"\ud800": "\udc00"},
    [["x"]],
    ["x", 7],
    [],
    {},
    7,
    True,
)
VALUES = (
    WORDS | st.sampled_from(ODD).map(deepcopy) | ANYTHING | st.lists(WORDS | TEXTS, max_size=12)
)
KEYS = st.sampled_from(
    sorted({key for all_of in SOUND.values() for each in all_of for key in each})
)
LONG = (
    "[" * 20_000,
    '{"a":' * 20_000,
    '{"label": ' + "[" * 500 + "]" * 500 + "}",
    '{"label": "human", "new_string": "Rye.", "more": ' + "[" * 700 + "]" * 700 + "}",
    '{"insert_line": ' + "9" * 5_000 + "}",
    '{"insert_line": 1e999, "label": "human", "new_string": "x"}',
    '{"label": "human", "label": null, "new_string": "x"}',
    "\ufeff{}",
    "{'label': 'human'}",
    '```json\n{"label": "human"}\n```',
    '{"label": "human",}',
    "NaN",
    "null",
    '"human"',
    '{"label": "hu\nman"}',
    '{"\\ud800": "\\udfff", "label": "human", "new_string": "\\u0000", "tags": ["\\ud83d"]}',
)


@st.composite
def _written(draw: st.DrawFn, sound: dict[str, Any]) -> str:
    """Arguments as text: of one damaged, of any keys and values, or of no sense at all."""
    how = draw(st.integers(0, 9))
    if how == 0:
        return draw(st.sampled_from(LONG) | TEXTS)
    given = (
        damaged([sound], VALUES) if how < 7 else st.dictionaries(KEYS | TEXTS, VALUES, max_size=6)
    )
    text = json.dumps(draw(given), ensure_ascii=draw(st.booleans()))
    if how == 6:
        cut = draw(st.integers(0, len(text)))
        return text[:cut] + draw(st.just("") | TEXTS)
    return text


_PAIRS = [(name, each) for name, all_of in SOUND.items() for each in all_of]


@st.composite
def tool_calls(draw: st.DrawFn) -> ToolCall:
    """One call. Its id may be what another has, and its name what no tool has."""
    known, sound = draw(st.sampled_from(_PAIRS))
    name = draw(st.integers(0, 15).flatmap(lambda at: st.just(known) if at else TEXTS))
    call_id = draw(st.sampled_from(("call_0", "call_1", "")) | TEXTS)
    return ToolCall(call_id, name, draw(_written(sound)))
