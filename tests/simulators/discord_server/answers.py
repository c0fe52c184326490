"""What goes back to the client: a status, a body and headers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from tests.simulators.discord_server.refusals import Refused


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def with_headers(self, headers: dict[str, str]) -> Answer:
        return replace(self, headers=headers | self.headers)


def json_answer(body: Any, status: int = 200) -> Answer:
    """A JSON body; none for 204. The library wants the content type bare."""
    if status == 204:
        return Answer(204)
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


def html_answer(status: int) -> Answer:
    page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
    return Answer(status, page.encode(), {"Content-Type": "text/html"})


def refusal(refused: Refused) -> Answer:
    answer = json_answer(refused.body, refused.status)
    after = refused.more.get("retry_after")
    if after is None:
        return answer
    waits = {"Retry-After": str(round(after + 0.5)), "X-RateLimit-Scope": "shared"}
    return answer.with_headers(waits | {"Via": "1.1 google"})
