"""What a model answers that was asked for one JSON object. Pure."""

from __future__ import annotations

import json
from typing import Any

from agentcore.errors import MalformedAnswer


def listed_in(answer: str, name: str, *, most: int) -> list[Any]:
    """The object's list of that name. Some put a fence or a sentence around their JSON.

    Raises:
        MalformedAnswer: there is no such list, or it is longer than `most`.
    """
    start, end = answer.find("{"), answer.rfind("}")
    try:
        read = json.loads(answer[start : end + 1]) if start >= 0 else None
    except (ValueError, RecursionError) as error:
        msg = "the answer is no valid JSON"
        raise MalformedAnswer(msg) from error
    listed = read.get(name) if isinstance(read, dict) else None
    if not isinstance(listed, list) or len(listed) > most:
        msg = f"the answer has no list of at most {most} {name}"
        raise MalformedAnswer(msg)
    return listed
