"""Which clients ask: some answers have another form for those of the older generation, or of OpenAI."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Request

_NAMED = re.compile(r"\bletta-client/(\d+)\.")
_OPENAI = re.compile(r"(Async)?OpenAI/")


async def _is_legacy(request: Request) -> bool:
    """Whether it isn't of the 1.0 generation: that one says so, or says nothing of itself."""
    headers = request.headers
    agent = headers.get("user-agent")
    if "x-stainless-package-version" in headers or not agent:
        return False
    named = _NAMED.search(agent)
    return named is None or int(named[1]) < 1


async def _is_openai(request: Request) -> bool:
    """Whether it is a client of OpenAI's API that asks, which all of them say."""
    return _OPENAI.match(request.headers.get("user-agent", "")) is not None


LegacyHere = Annotated[bool, Depends(_is_legacy)]
"""Whether the client is of the generation before 1.0."""
OpenAiHere = Annotated[bool, Depends(_is_openai)]
"""Whether the client is one of OpenAI's API."""
