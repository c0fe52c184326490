"""People whose agents hold one block together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agentcore.model import ModelRequest, Prompt
from agentcore.records import ToolCall
from tests.house import House, call

FAMILY = """\
name: family
version: 1
description: A test.
language: en
system: You help a family.
greeting: Hello!
blocks:
  - {label: persona, description: You., value: Calm.}
  - {label: human, description: The person.}
  - {label: list, description: What to buy., value: Bread, shared: shopping, read_only: false}
"""


def family(folder: Path) -> dict[str, Any]:
    """Settings under which all agents share the block `list`."""
    templates = folder / "templates"
    templates.mkdir(exist_ok=True)
    (templates / "family.yaml").write_text(FAMILY)
    return {"templates_dir": templates, "template": "family"}


def note(text: str, *, label: str = "list", call_id: str = "c") -> ToolCall:
    return call("memory_insert", json.dumps({"label": label, "new_string": text}), call_id)


def notes_in(request: ModelRequest) -> list[str]:
    """What the service itself has told the model."""
    return [each.text for each in request.prompt if _is_note(each)]


def _is_note(prompt: Prompt) -> bool:
    return prompt.role == "user" and prompt.text.startswith("[note]")


async def listed(home: House, user: str) -> list[str]:
    return (await home.block(user, "list")).split("\n")
